"""What a place brings beside the base: the infrastructure that its owners state, and the base that a release stands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.configuration.services import services
from policies.model.configuration.serving import backing, named, workload_named
from policies.model.stated import no_release, places_of, stated
from policies.model.workloads.pods import not_looked_at
from policies.model.workloads.running import runs_none
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document


@dataclass(frozen=True)
class Infrastructure:
    """A workload that a place is stated to bring; `workload` is None where it has none of the name.

    `none` says that it runs no pods; `served_by` are Services that select them.
    """

    noun: ClassVar[str] = "stated infrastructure of a development place"
    only_in_files: ClassVar[bool] = False
    released: ClassVar[bool] = False

    place: Place
    name: str
    key: str
    workload: Document | None
    none: bool
    served_by: tuple[str, ...]
    nearest: tuple[Location, ...]

    @property
    def id(self) -> str:
        """Place and name."""
        return f"{self.place.name}:{self.name}"

    def blame_count(self, message: str, *values: object) -> Evidence:
        """Give the workload's count of pods as the place."""
        found = (self.workload.origin.locate(("spec", "replicas")),) if self.workload is not None else self.nearest
        return Evidence(message.format(*values), found)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the workload as the place, or, where there is none, where it is stated."""
        return Evidence(
            message.format(*values), (self.workload.origin.locate(),) if self.workload is not None else self.nearest
        )

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Infrastructure | Gap]:
        """Yield each stated workload of each place of the stage."""
        for one in stated(platform, "infrastructure", "which infrastructure it brings", cls.released):
            if isinstance(one, Gap):
                yield one
                continue
            item, names = one
            for name in names:
                workload = workload_named(item, name)
                serving = (
                    service.name for service in services(item) if workload is not None and backing(service, [workload])
                )
                none = workload is not None and runs_none(item, workload)
                key, nearest = f"[{item.key}] infrastructure", places_of(item)
                yield cls(item.place, name, key, workload, none, tuple(serving), nearest)


@dataclass(frozen=True)
class ReleasedInfrastructure(Infrastructure):
    """A workload that a release is stated to bring."""

    noun: ClassVar[str] = "stated infrastructure of a release"
    released: ClassVar[bool] = True


@dataclass(frozen=True)
class ReleaseOverlay:
    """A release overlay: the folder of the base, and the folders that it is made from."""

    noun: ClassVar[str] = "release overlay"
    only_in_files: ClassVar[bool] = True

    place: Place
    file: str
    line: int
    base: str
    made_from: frozenset[str]

    @property
    def id(self) -> str:
        """Its name."""
        return self.place.name

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the overlay's list of resources as the place."""
        return Evidence(message.format(*values), (Location(self.file, self.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ReleaseOverlay | Gap]:
        """Yield every release overlay."""
        if isinstance(platform.base_sources, Gap):
            yield platform.base_sources
            return
        for item in platform.deployed:
            if item.place.released and item.sources is not None:
                own = item.sources.by_depth[0]
                base = platform.base_sources.overlay
                yield cls(item.place, own.file, own.line_of("resources"), base, frozenset(item.sources.kustomizations))


@dataclass(frozen=True)
class ReleasedService:
    """A Service of a release. `stated` says whether `platform.toml` states it as exposed, None where it states nothing."""

    noun: ClassVar[str] = "Service of a release"
    only_in_files: ClassVar[bool] = False

    place: Place
    service: Document
    stated: bool | None
    key: str

    @property
    def id(self) -> str:
        """Place and Service."""
        return identify(self.place, self.service)

    @property
    def type(self) -> Any:
        """Its type; ClusterIP is the API's default."""
        return self.service.get("spec", "type") or "ClusterIP"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the Service's type as the place."""
        return Evidence(message.format(*values), (self.service.origin.locate(("spec", "type")),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ReleasedService | Gap]:
        """Yield every Service of every release."""
        for item in platform.deployed:
            if item.place.released:
                yield from not_looked_at(item)
                exposed = item.statement.exposed if item.statement else None
                for service in services(item):
                    named_there = None if exposed is None else any(named(service, name) for name in exposed)
                    yield cls(item.place, service, named_there, f"[{item.key}] exposed")
        yield from no_release(platform)
