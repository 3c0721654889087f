"""The base: what it registers, what its owners say that it must, and what it forgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.workloads.workload import is_workload
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.kustomization import DefectKind


@dataclass(frozen=True)
class Registered:
    """What the base's kustomization brings in: its file, the line of its resources, its workloads and policies by name, and what it could not."""

    file: str
    line: int
    workloads: frozenset[str]
    policies: frozenset[str]
    unreadable: tuple[str, ...] = ()


def registered(platform: Platform) -> Registered | Gap:
    """Give what the base registers, or why that is not known."""
    sources = platform.base_sources
    if isinstance(sources, Gap):
        return sources
    documents = tuple(platform.base_documents)
    own = sources.by_depth[0]
    return Registered(
        own.file, own.line_of("resources"),
        frozenset(document.name for document in documents if is_workload(document)),
        frozenset(document.name for document in documents if document.kind == "NetworkPolicy"),
        tuple(defect.file for defect in sources.defects if defect.kind is DefectKind.UNREADABLE),
    )  # fmt: skip


@dataclass(frozen=True)
class BackendService:
    """A backend service that `platform.toml` states, and whether the base has a workload of its name."""

    noun: ClassVar[str] = "stated backend service"
    only_in_files: ClassVar[bool] = True

    name: str
    base: Registered
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """Its name."""
        return self.name

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the base's list of resources as the place."""
        return Evidence(message.format(*values), (Location(self.base.file, self.base.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[BackendService | Gap]:
        """Yield each stated backend service."""
        services = platform.intent.services
        names = _named(platform, services.backend if services else (), "backend")
        yield from names if isinstance(names, list) else (cls(name, names[0]) for name in names[1])


@dataclass(frozen=True)
class Frontend(BackendService):
    """A frontend that `platform.toml` states, and whether the base has a workload of its name."""

    noun: ClassVar[str] = "stated frontend"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[BackendService | Gap]:
        """Yield each stated frontend."""
        services = platform.intent.services
        names = _named(platform, services.frontend if services else (), "frontend")
        yield from names if isinstance(names, list) else (cls(name, names[0]) for name in names[1])


def _named(platform: Platform, names: tuple[str, ...], key: str) -> list[Gap] | tuple[Registered, tuple[str, ...]]:
    base = registered(platform)
    if isinstance(base, Gap):
        return [base]
    if not names:
        return [
            Gap(
                f"no stated {key}",
                f"platform.toml does not state which workloads the base must register: [services] {key}",
                PLATFORM,
            )
        ]
    return base, names


@dataclass(frozen=True)
class Base:
    """The base as a whole."""

    noun: ClassVar[str] = "base"
    only_in_files: ClassVar[bool] = True

    folder: str
    registered: Registered
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """Its folder."""
        return self.folder

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the base's list of resources as the place."""
        return Evidence(message.format(*values), (Location(self.registered.file, self.registered.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Base | Gap]:
        """Yield the base."""
        base = registered(platform)
        yield base if isinstance(base, Gap) else cls(platform.base or "", base)


@dataclass(frozen=True)
class ManifestBesideKustomization:
    """A manifest in a kustomization's folder, or in a folder beside one that a kustomization takes manifests from."""

    noun: ClassVar[str] = "manifest beside a kustomization"
    only_in_files: ClassVar[bool] = True

    path: str
    taken: bool
    objects: tuple[str, ...]
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """Its path."""
        return self.path

    @property
    def meaning(self) -> str:
        """Its objects, whatever the file is called; the path of one that is taken, for of that nothing is known here."""
        return ", ".join(self.objects) or self.path

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its first line as the place."""
        return Evidence(message.format(*values), (Location(self.path, 1),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ManifestBesideKustomization]:
        """Yield every manifest and patch that a kustomization takes, those beside them that none takes, and components without a user."""
        for path in sorted(platform.manifests_of_kustomizations):
            yield cls(path, True, ())
        for folder, documents in platform.plain.folders.items():
            if platform.is_beside_kustomization(folder) and not platform.is_stated_as_plain(folder):
                yield from cls._left_out(documents)
        for folder in platform.found.unused:
            yield cls(platform.found.kustomizations[folder].file, False, (f"the component {folder}",))

    @classmethod
    def _left_out(cls, documents: list[Document]) -> Iterator[ManifestBesideKustomization]:
        by_file: dict[str, list[str]] = {}
        for document in documents:
            by_file.setdefault(document.origin.locate().source, []).append(str(document))
        yield from (cls(path, False, tuple(objects)) for path, objects in by_file.items())
