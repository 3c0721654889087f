"""The generators of kustomizations, which of them made an object, and which line of theirs gave one of its keys."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.evidence import Location
from policies.read.documents import value_at
from policies.read.kustomization import Kustomization, Sources, Use, mappings
from policies.read.kustomize_names import Affixes
from policies.read.yaml import FieldPath

_FIELDS = {"Secret": "secretGenerator", "ConfigMap": "configMapGenerator"}


@dataclass(frozen=True)
class Generator:
    """One generator: its kustomization, its position in it, and what it says."""

    kustomization: Kustomization
    position: FieldPath
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name that it gives, before prefixes, suffixes and hashes."""
        return str(self.data.get("name"))

    @property
    def creates(self) -> bool:
        """Whether it makes an object, rather than merge into one or take its place (`behavior`)."""
        return bool(self.data.get("behavior", "create") == "create")

    def locate(self, *position: str | int) -> Location:
        """Give its line, or that of a field of it."""
        line = self.kustomization.line_of(*self.position, *position)
        return Location(self.kustomization.file, line, via="generator")


def generators_of(sources: Sources, kind: str, name: str, affixes: Affixes) -> tuple[Generator, ...]:
    """Give the generators that make or merge into an object, the overlay's own first."""
    field = _FIELDS.get(kind)
    if field is None:
        return ()
    every = (
        Generator(kustomization, (field, index), item)
        for kustomization in sources.by_depth
        for index, item in mappings(kustomization.data, field)
    )
    found = [((affixes.fit(name, one.name, generated=True), len(one.name)), one) for one in every if one.name in name]
    best = max((score for score, _ in found), default=None)
    return tuple(one for score, one in found if score == best)


def in_generators(sources: Sources, generators: tuple[Generator, ...], path: FieldPath) -> Location | None:
    """Find what gave a key of an object its value: a literal, a file, or a line of an environment file."""
    if len(path) != 2 or path[0] not in ("data", "stringData", "binaryData"):
        return None
    for generator in generators:
        found = _declared(sources, generator, str(path[1]))
        if found is not None:
            return found
    return None


def _declared(sources: Sources, generator: Generator, key: str) -> Location | None:
    literals = generator.data.get("literals")
    for index, literal in reversed(list(enumerate(literals if isinstance(literals, list) else ()))):
        if str(literal).partition("=")[0] == key:
            return generator.locate("literals", index)
    kustomization = generator.kustomization
    for entry in reversed(sources.entries_by_file.get(kustomization.file, {}).values()):
        if entry.position[:2] != generator.position:
            continue
        if entry.use is Use.CONTENT:
            written = str(value_at(kustomization.data, entry.position))
            if (written.partition("=")[0] if "=" in written else posixpath.basename(written)) == key:
                return Location(entry.target, 1, via="generator")
            continue
        environment = sources.environments.get(entry.target)
        for declaration in reversed(environment.declarations if environment else ()):
            if declaration.key == key:
                return Location(declaration.file, declaration.line, via="generator")
    return None
