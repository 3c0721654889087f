"""Modules by their interface: what they take and give, which environment they know, where they reach."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.terraform.folders import Folder, Use, Written, folders, modules
from policies.platform import Platform
from policies.read.hcl import Declaration
from policies.read.terraform_scope import string, target_of
from policies.read.tree import is_below

ABOVE_ENVIRONMENTS = frozenset(
    {"environments", "environment", "envs", "env", "live", "stages", "stacks", "deployments", "accounts"}
)
"""How the folder is called in which each root is an environment."""

_FOR_PEOPLE = frozenset({"description", "error_message"})
_PATH = re.compile(r"\"(?P<base>\$\{path\.(?:module|root|cwd)\})?(?P<path>/?(?:\.\.?/|~/)?[^\"${}]*)")
_FILE = re.compile(
    r"\b(?:file|filebase64|filemd5|filesha\w+|filebase64sha\w+|templatefile|fileset|fileexists)\s*\(\s*(?=\")"
)


@dataclass(frozen=True, eq=False)
class Interface:
    """A variable or an output of a module."""

    noun: ClassVar[str] = "part of a module's interface"
    only_in_files: ClassVar[bool] = True
    kind: ClassVar[str] = ""

    folder: Folder
    declared: Declaration

    @property
    def place(self) -> Place:
        """The module's."""
        return self.folder.place

    @property
    def name(self) -> str:
        """Its name."""
        return self.declared.labels[0] if self.declared.labels else ""

    @property
    def id(self) -> str:
        """The module and the name."""
        return f"{self.folder.path}:{self.name}"

    @property
    def is_typed(self) -> bool:
        """Whether it says of what type it is."""
        return "type" in self.declared.attributes

    @property
    def is_described(self) -> bool:
        """Whether it says what it is for."""
        said = self.declared.attributes.get("description")
        return said is not None and said.text.strip('" \t\r\n') != ""

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its block as the place."""
        return Evidence(message.format(*values), (Location(self.declared.file, self.declared.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Interface | Gap]:
        """Yield those of every module."""
        for folder in modules(platform):
            yield from (cls(folder, block) for block in folder.of(cls.kind))


class ModuleVariable(Interface):
    """A variable of a module."""

    noun: ClassVar[str] = "variable of a module"
    kind: ClassVar[str] = "variable"


class ModuleOutput(Interface):
    """An output of a module."""

    noun: ClassVar[str] = "output of a module"
    kind: ClassVar[str] = "output"


@dataclass(frozen=True, eq=False)
class Module(Folder):
    """A module. `environments` are the names of those that its platform has."""

    noun: ClassVar[str] = "module"

    environments: frozenset[str] = frozenset()

    @cached_property
    def known_environments(self) -> tuple[tuple[Location, str], ...]:
        """Where it names an environment, and which."""
        if not self.environments:
            return ()
        word = re.compile(
            rf"(?i)(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, sorted(self.environments)))})(?![A-Za-z0-9])"
        )
        found = [
            (Location(block.file, block.line), named[0])
            for block in self.blocks
            for label in block.labels
            for named in word.finditer(label)
        ]
        for one in self.expressions:
            if one.name in _FOR_PEOPLE and one.chain[0].type in ("variable", "output"):
                continue
            if word.search(one.expression.text):
                found += [(one.at(position), name) for position, name in _in_strings(one, word)]
        return tuple(dict.fromkeys(found))

    @cached_property
    def reaches(self) -> tuple[tuple[Location, str], ...]:
        """Where it reaches out of its own folder, and what for."""
        found = []
        for one in self.expressions:
            if one.name == "source" and one.chain[-1].type == "module":
                target = target_of(one.chain[-1], self.path)
                if target is not None and not is_below(target, self.path):
                    found.append((one.location, string(one.expression) or ""))
            elif "/" in one.expression.text:
                found += list(self._paths(one))
        return tuple(found)

    def _paths(self, one: Written) -> Iterator[tuple[Location, str]]:
        text = one.expression.text
        called = {call.end() for call in _FILE.finditer(text)}
        for match in _PATH.finditer(text):
            path, base = match["path"], match["base"]
            # A string that no function reads is a path only where it says so.
            if match.start() not in called and base is None:
                continue
            if base not in (None, "${path.module}"):
                outside = match.start() in called
            elif path.startswith(("~", "/")) and base is None:
                outside = True
            else:
                outside = posixpath.normpath(path.lstrip("/") or ".").split("/")[0] == ".."
            if outside:
                yield one.at(match.start()), f"{base or ''}{path}"

    def blame(self, lines: list[Location], message: str, *values: object) -> Evidence:
        """Give lines of it as the places."""
        return Evidence(message.format(*values), tuple(dict.fromkeys(lines)))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Module | Gap]:
        """Yield every module."""
        names = environments(platform)
        for folder in modules(platform):
            yield cls(folder.path, folder.use, folder.place, folder.sources, names)


def _in_strings(one: Written, word: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Yield the words that stand in a string, not in a comment nor in a name."""
    code = one.expression.code
    for match in word.finditer(one.expression.text):
        if code[match.start() : match.end()].strip():
            continue
        before, after = code[: match.start()], code[match.end() :]
        if before.count("«") > before.count("»") and after.count("»") > after.count("«"):
            yield match.start(), match[0]


def environments(platform: Platform) -> frozenset[str]:
    """Give the names of a platform's environments, by its own folders.

    A root's folder is called after its environment where it stands among environments, where an overlay is called the same, or where a root
    beside it is made from a module that it is made from as well.
    """
    every = [folder for folder in folders(platform) if folder.use is Use.ROOT and folder.path != "."]
    overlays = {overlay.place.name for overlay in platform.overlays}
    taken: Counter[tuple[str, str]] = Counter()
    targets = {
        folder.path: {target for call in folder.of("module") if (target := target_of(call, folder.path))}
        for folder in every
    }
    for path, found in targets.items():
        taken.update((posixpath.dirname(path), target) for target in found)
    names = set()
    for folder in every:
        parent, name = posixpath.split(folder.path)
        shares = any(taken[parent, target] > 1 for target in targets[folder.path])
        if posixpath.basename(parent) in ABOVE_ENVIRONMENTS or name in overlays or shares:
            names.add(name)
    return frozenset(names)
