"""Folders of Terraform as they are written: roots, the examples of modules, and modules, each with its blocks and its expressions."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.cloud.roots import roots
from policies.model.kept import kept
from policies.platform import Platform
from policies.read.hcl import Declaration, Expression, Source
from policies.read.terraform import Root
from policies.read.terraform_scope import target_of


class Use(Enum):
    """What a folder is for."""

    ROOT = "root"
    EXAMPLE = "example"
    MODULE = "module"


@dataclass(frozen=True, eq=False)
class Folder:
    """A folder of Terraform. A module stands nowhere in particular: its place is the platform, unless one root alone takes it in."""

    noun: ClassVar[str] = "folder of Terraform"
    only_in_files: ClassVar[bool] = True

    path: str
    use: Use
    place: Place
    sources: tuple[Source, ...]

    @property
    def id(self) -> str:
        """Its path."""
        return self.path

    @cached_property
    def blocks(self) -> tuple[Declaration, ...]:
        """The blocks of its files."""
        return tuple(block for source in self.sources for block in source.body.blocks)

    def of(self, type: str) -> tuple[Declaration, ...]:
        """Give its blocks of a type."""
        return tuple(block for block in self.blocks if block.type == type)

    @cached_property
    def first(self) -> Location:
        """Where it begins: the `terraform` block, or the first block of all."""
        block = next(iter((*self.of("terraform"), *self.blocks)), None)
        return Location(block.file, block.line) if block else Location(self.path)

    @cached_property
    def expressions(self) -> tuple[Written, ...]:
        """Every attribute of every block in it, with the blocks around it."""
        return tuple(_expressions(self.blocks))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where it begins as the place."""
        return Evidence(message.format(*values), (self.first,))

    @staticmethod
    def joined(folder: str, file: str) -> str:
        """Give the path of a file that is named relative to a folder."""
        return posixpath.normpath(posixpath.join(folder, file))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Folder | Gap]:
        """Yield every folder."""
        yield from folders(platform)


@dataclass(frozen=True, eq=False)
class Written:
    """An attribute as it is written: its name, its expression, and the blocks around it, the outermost first."""

    chain: tuple[Declaration, ...]
    name: str
    expression: Expression

    @property
    def location(self) -> Location:
        """The line on which it begins."""
        return Location(self.chain[0].file, self.expression.line)

    def at(self, position: int) -> Location:
        """Give the line of a position in its expression."""
        return Location(self.chain[0].file, self.expression.line + self.expression.text.count("\n", 0, position))


def _expressions(blocks: tuple[Declaration, ...]) -> Iterator[Written]:
    pending: list[tuple[Declaration, ...]] = [(block,) for block in reversed(blocks)]
    while pending:
        chain = pending.pop()
        yield from (Written(chain, name, expression) for name, expression in chain[-1].attributes.items())
        pending.extend((*chain, inner) for inner in reversed(chain[-1].blocks))


@kept
def folders(platform: Platform) -> tuple[Folder, ...]:
    """Give every folder of a platform's Terraform, roots that are not judged left aside."""
    configuration = platform.configuration
    deployed = {one.folder: one for one in roots(platform)}
    users: dict[str, set[Place]] = {}
    for folder, one in deployed.items():
        scope = configuration.scopes[folder][0] if folder in configuration.scopes else None
        for inner in scope.below() if scope is not None else ():
            users.setdefault(inner.folder, set()).add(one.place)
    called = {
        target_of(call, folder)
        for folder in configuration.folders
        for call in configuration.declarations(folder, "module")
    }
    found = []
    for path, sources in configuration.folders.items():
        if not sources:
            continue
        if path in deployed:
            found.append(Folder(path, _use(deployed[path].root), deployed[path].place, sources))
        elif path in called or not _is_run(
            configuration.declarations(path, "provider"), configuration.declarations(path, "terraform")
        ):
            places = users.get(path, set())
            found.append(Folder(path, Use.MODULE, next(iter(places)) if len(places) == 1 else PLATFORM, sources))
    return tuple(found)


def _use(root: Root | None) -> Use:
    if root is None or not (root.is_example or root.is_module):
        return Use.ROOT
    return Use.EXAMPLE if root.is_example else Use.MODULE


def of_sources(path: str, sources: tuple[Source, ...]) -> Folder:
    """Give a folder that belongs to nothing that is judged, to look into its files."""
    return Folder(path, Use.MODULE, PLATFORM, sources)


def _is_run(providers: tuple[Declaration, ...], settings: tuple[Declaration, ...]) -> bool:
    """Whether a folder says that Terraform is run in it, though `platform.toml` does not name it."""
    return bool(providers) or any(block.of("backend") or block.of("cloud") for block in settings)


def modules(platform: Platform) -> tuple[Folder, ...]:
    """Give the modules of a platform."""
    return tuple(folder for folder in folders(platform) if folder.use is Use.MODULE)
