"""The platform's files, which are untrusted: nothing outside them is read, and nothing that is not a plain file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from policies.errors import MissingSourceError, OutsidePlatformError, SourceError

MAXIMUM_BYTES = 4 * 1024 * 1024
"""A manifest or a configuration file is smaller than this; etcd takes no object above 1.5 MiB."""

MAXIMUM_FILES = 200_000

NOT_SEARCHED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
"""Folders that hold other people's files. Hidden folders (`.git`, `.terraform`, `.venv`) are not searched either."""


@dataclass(frozen=True)
class Tree:
    """A directory of files; every path in and out of it is relative, with `/`."""

    root: Path

    @cached_property
    def _resolved(self) -> str:
        return os.path.realpath(self.root)

    def resolve(self, path: str, seen_from: str = ".") -> str:
        """Give the path relative to the root that `path` means in folder `seen_from`, links followed.

        Raises OutsidePlatformError where it leads out of the root.
        """
        real = os.path.realpath(os.path.join(self._resolved, seen_from, path))
        if real != self._resolved and not real.startswith(self._resolved + os.sep):
            raise OutsidePlatformError(
                path if seen_from == "." else f"{seen_from}/{path}",
                "leads out of the platform and was not read; name a directory that holds it all as --platform",
            )
        return PurePosixPath(os.path.relpath(real, self._resolved)).as_posix()

    def is_file(self, path: str) -> bool:
        """Whether a plain file is there."""
        return os.path.isfile(os.path.join(self._resolved, path))

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        return os.path.isdir(os.path.join(self._resolved, path))

    def read(self, path: str, limit: int = MAXIMUM_BYTES) -> bytes:
        """Give the bytes of a plain file inside the root.

        Raises SourceError for a path that leads out, is missing, is a pipe or a device, or is larger than `limit`.
        """
        inside = self.resolve(path)
        try:
            # Non-blocking, because opening a pipe that nobody writes to would wait for ever.
            descriptor = os.open(os.path.join(self._resolved, inside), os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            raise MissingSourceError(path, "is not there") from None
        except OSError as error:
            raise SourceError(path, f"cannot be opened: {error.strerror}") from None
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SourceError(path, "is not a plain file (a directory, a pipe or a device) and was not read")
            content = stream.read(limit + 1)
        if len(content) > limit:
            raise SourceError(path, f"is larger than {limit:,} bytes ({status.st_size:,}) and was not read")
        return content

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file below the root, sorted, without what `NOT_SEARCHED` names; links to folders are not followed.

        Raises SourceError where there are more than `MAXIMUM_FILES`.
        """
        found = []
        for path in self._walk():
            found.append(path)
            if len(found) > MAXIMUM_FILES:
                raise SourceError(".", f"holds more than {MAXIMUM_FILES:,} files; name a smaller directory as --platform")
        return tuple(sorted(found))

    def _walk(self) -> Iterator[str]:
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(os.path.join(self._resolved, folder)))
            except PermissionError:
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in NOT_SEARCHED and not entry.name.startswith("."):
                        pending.append(path)
                else:
                    yield path
