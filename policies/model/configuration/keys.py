"""Configuration: the keys of environment files, as the generators that read them see them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.errors import SourceError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.platform import Platform
from policies.read.documents import value_at
from policies.read.environment import Declaration
from policies.read.kustomization import Entry, Sources
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class EnvironmentKey:
    """A key of the environment files and literals that make one ConfigMap or Secret, with each place that declares it."""

    noun: ClassVar[str] = "key of an environment file"
    only_in_files: ClassVar[bool] = True

    place: Place
    key: str
    declarations: tuple[Declaration, ...]

    @property
    def id(self) -> str:
        """The first file that declares it, by its name in the place (by its path where it is in no one place), and the key."""
        file = self.declarations[0].file
        return f"{file if self.place == PLATFORM else f'{self.place.name}/{posixpath.basename(file)}'}:{self.key}"

    @property
    def meaning(self) -> str:
        """Place and key, whatever the file is called."""
        return f"{self.place.name}:{self.key}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give every declaration's line as the place; the values stay out of it, for they may be secret."""
        return Evidence(message.format(*values), tuple(Location(item.file, item.line) for item in self.declarations))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[EnvironmentKey | Gap]:
        """Yield every key of every generator of every overlay, a base's once, and of the files that no generator reads."""
        seen: set[tuple[str, FieldPath]] = set()
        for item in platform.deployed:
            if item.sources is None:
                continue
            for file, position in _generators(item.sources):
                if (file, position) not in seen:
                    seen.add((file, position))
                    yield from cls._of(platform.place_of_source(file), item.sources, file, position)

        for environment in platform.loose_environments:
            if isinstance(environment, SourceError):
                location = Location(environment.file, environment.line)
                yield Gap(environment.file, str(environment), PLATFORM, (location,), unreadable=True)
            else:
                yield from cls._by_key(PLATFORM, environment.declarations)

    @classmethod
    def _of(cls, place: Place, sources: Sources, file: str, position: FieldPath) -> Iterator[EnvironmentKey]:
        yield from cls._by_key(place, _declarations(sources, file, position))

    @classmethod
    def _by_key(cls, place: Place, declarations: Iterable[Declaration]) -> Iterator[EnvironmentKey]:
        by_key: dict[str, list[Declaration]] = {}
        for declaration in declarations:
            by_key.setdefault(declaration.key, []).append(declaration)
        yield from (cls(place, key, tuple(every)) for key, every in by_key.items())


def _generators(sources: Sources) -> Iterator[tuple[str, FieldPath]]:
    for kustomization in sources.by_depth:
        for field in ("configMapGenerator", "secretGenerator"):
            listed = kustomization.data.get(field)
            yield from (
                (kustomization.file, (field, index))
                for index, _ in enumerate(listed if isinstance(listed, list) else ())
            )


def _declarations(sources: Sources, file: str, position: FieldPath) -> Iterator[Declaration]:
    for entry in _entries(sources, file, position):
        environment = sources.environments.get(entry.target)
        if environment is not None:
            yield from environment.declarations
    kustomization = next(item for item in sources.by_depth if item.file == file)
    generator = value_at(kustomization.data, position)
    literals = generator.get("literals") if isinstance(generator, dict) else None
    for index, literal in enumerate(literals if isinstance(literals, list) else ()):
        key, _, value = str(literal).partition("=")
        yield Declaration(key, value, file, kustomization.line_of(*position, "literals", index))


def _entries(sources: Sources, file: str, position: FieldPath) -> Iterator[Entry]:
    yield from (entry for entry in sources.entries if entry.kustomization == file and entry.position[:2] == position)
