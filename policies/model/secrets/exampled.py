"""Files that an example stands for and that code, or the owners, read a secret from, as subjects."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.errors import SourceError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.intent.intent import FILE
from policies.model.secrets.code import CODE, SETTINGS
from policies.model.secrets.credential_names import names_credential
from policies.platform import Platform
from policies.read.git import IgnoreRule
from policies.read.tree import is_below

ENDING = ".example"
_KEY = re.compile(r"(?m)^[ \t]*(?:export +|- +)?[{,]?[ \t]*[\"']?(?P<name>[A-Za-z][\w.-]{0,99})[\"']?[ \t]*[:=]")


@dataclass(frozen=True)
class ExampledFile:
    """A file with secrets that an example stands for, and that no Secret is made from.

    `example` is the example's first line with a credential, `reader` where the file is read. `ignored` is the rule by which git ignores
    the real file, `tracked` whether git holds it; a gap where git could not be asked.
    """

    noun: ClassVar[str] = "file with secrets that an example stands for"
    only_in_files: ClassVar[bool] = True

    path: str
    example: Location
    reader: Location
    ignored: IgnoreRule | Gap | None
    tracked: bool | Gap
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """The real file's path."""
        return self.path

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its example, and where it is read, as the places."""
        return Evidence(message.format(*values), (self.example, self.reader))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ExampledFile | Gap]:
        """Yield every real file of an example with credentials that somebody reads; those of kustomizations are subjects of their own."""
        generated = {entry.target for item in platform.deployed if item.sources for entry in item.sources.entries}
        read = {}
        for example in platform.tree.files:
            path = example.removesuffix(ENDING)
            if path == example or path in generated:
                continue
            try:
                text = platform.tree.read(example).decode(errors="replace")
            except SourceError as error:
                yield Gap(example, str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
                continue
            line = next(
                (_line(text, one.start("name")) for one in _KEY.finditer(text) if names_credential(one["name"])), None
            )
            reader = _reader(platform, path, holds=line is not None)
            if reader is not None:
                read[path] = (Location(example, line or 1), reader)
        rules = platform.ignore_rules(tuple(read)) if read else {}
        tracked = platform.tracked if read else ()
        for path, places in read.items():
            yield cls(
                path,
                *places,
                rules if isinstance(rules, Gap) else rules.get(path),
                tracked if isinstance(tracked, Gap) else path in tracked,
            )


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _reader(platform: Platform, path: str, *, holds: bool) -> Location | None:
    """Give where the owners state the file, or, if it holds a credential, the first line of code beside or below it that names it."""
    edge = platform.intent.edge
    if edge is not None and edge.secret is not None and edge.secret.file == path:
        return Location(FILE)
    if not holds:
        return None
    folder, name = posixpath.split(path)
    named = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    for file in platform.tree.files:
        if not is_below(file, folder or ".") or not file.endswith((*CODE, *SETTINGS)) or file == path:
            continue
        try:
            text = platform.tree.read(file).decode(errors="replace")
        except SourceError:
            continue
        for number, line in enumerate(text.splitlines(), start=1) if name in text else ():
            if named.search(line) and not line.lstrip().startswith(("#", "//", "*", "/*", "--")):
                return Location(file, number)
    return None
