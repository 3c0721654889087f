"""Folders of a run for what must not outlive it, a kubeconfig above all: named after its process, so that one which was killed is known by them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = re.compile(r"turnstile-live-(?P<process>[0-9]+)-")


@contextmanager
def own_folder() -> Iterator[Path]:
    """Give a folder of mode 700 for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix=f"turnstile-live-{os.getpid()}-") as folder:
        yield Path(folder)


def left_folders() -> list[Path]:
    """Give the folders of this user's runs whose process is no more."""
    found = []
    for folder in sorted(Path(tempfile.gettempdir()).glob("turnstile-live-*")):
        name = _NAME.match(folder.name)
        if name is not None and not is_alive(int(name["process"])) and folder.lstat().st_uid == os.getuid():
            found.append(folder)
    return found


def remove(folder: Path) -> None:
    """Remove such a folder; one that is gone is fine."""
    shutil.rmtree(folder, ignore_errors=True)


def is_alive(process: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
