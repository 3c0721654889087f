"""The blocks that tfparse dies of, found by leaving blocks out: one of them must not hide the rest of a root.

It dies, for one, of `toset([var.name, null])`: a null among strings.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from policies.errors import SourceError
from policies.read import hcl
from policies.read.terraform_copy import FILE, PROBE

MAXIMUM_CULPRITS = 5
"""How many blocks are found before the whole root counts as one that cannot be evaluated."""

_FIRST = ("resource", "data", "output")
_LAST = ("locals", "module", "provider", "variable")
"""What is left out only where leaving out the others does not help: more than themselves goes with them."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """A block of the copy, by its file and the line that it begins on; `start` and `end` are those of its text."""

    type: str
    file: str
    line: int
    start: int
    end: int


def isolate(
    copy: str, folders: Iterable[str], dies: Callable[[str], bool]
) -> tuple[tempfile.TemporaryDirectory[str] | None, tuple[Culprit, ...]]:
    """Give a copy of the copy in which tfparse does not die, and the blocks that were left out of it; None where there is no such.

    `dies` tells whether it dies of a copy.
    """
    texts: dict[str, str] = {}
    left: list[Culprit] = []
    for folder in folders:
        for path in sorted(Path(copy, folder).glob("*.tf")):
            name = posixpath.normpath(posixpath.join(folder, path.name))
            if path.name != FILE:
                texts[name] = path.read_text(encoding="utf-8")
                left += _blocks(name, texts[name])
    other = tempfile.TemporaryDirectory(prefix="turnstile-")
    shutil.copytree(copy, other.name, dirs_exist_ok=True)

    def dies_without(these: Iterable[Culprit]) -> bool:
        _write(other.name, texts, these)
        return dies(other.name)

    found: list[Culprit] = []
    while dies_without(found):
        if len(found) == MAXIMUM_CULPRITS or dies_without([*found, *left]):
            other.cleanup()
            return None, ()
        first = [block for block in left if block.type in _FIRST]
        candidates = list(left) if dies_without([*found, *first]) else first
        while len(candidates) > 1:
            half = candidates[: len(candidates) // 2]
            candidates = candidates[len(half) :] if dies_without([*found, *half]) else half
        found += candidates
        left = [block for block in left if block not in found]
    return other, tuple(found)


def _blocks(file: str, text: str) -> list[Culprit]:
    try:
        source = hcl.read(file, text.encode())
    except SourceError:
        return []
    begins = [0, *(found.end() for found in re.finditer("\n", text))]
    return [
        Culprit(block.type, file, block.line, begins[block.line - 1], block.end + 1)
        for block in source.body.blocks
        if block.type in (*_FIRST, *_LAST)
        and not any(name.startswith(PROBE) for name in block.attributes if block.type == "locals")
    ]


def _write(copy: str, texts: dict[str, str], without: Iterable[Culprit]) -> None:
    blank: dict[str, list[Culprit]] = {name: [] for name in texts}
    for block in without:
        blank[block.file].append(block)
    for name, text in texts.items():
        for block in sorted(blank[name], key=lambda block: -block.start):
            text = text[: block.start] + "\n" * text.count("\n", block.start, block.end) + text[block.end :]
        Path(copy, name).write_text(text, encoding="utf-8")
