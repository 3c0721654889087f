"""Workloads that owners name in a list of a place (`core`, `scales`), and what stands beside each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.model.configuration.serving import workload_named
from policies.model.stated import places_of, stated
from policies.platform import Platform
from policies.read.documents import Document


@dataclass(frozen=True)
class StatedWorkload:
    """A workload of a list of `platform.toml`; `workload` is None where there is none of the name. `beside` are objects that are for it."""

    noun: ClassVar[str]
    only_in_files: ClassVar[bool] = False
    listed_as: ClassVar[str]
    what: ClassVar[str]

    place: Place
    name: str
    key: str
    workload: Document | None
    beside: tuple[str, ...]
    nearest: tuple[Location, ...]

    @property
    def id(self) -> str:
        """Place and name."""
        return f"{self.place.name}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the workload as the place, or, where there is none, where it is stated."""
        found = (self.workload.origin.locate(),) if self.workload is not None else self.nearest
        return Evidence(message.format(*values), found)

    @classmethod
    def find_beside(cls, item: Deployed, workload: Document) -> tuple[str, ...]:
        """Give the objects of the place that are for a workload."""
        raise NotImplementedError

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Self | Gap]:
        """Yield each stated workload of each place; a release that states none is named."""
        for one in stated(platform, cls.listed_as, cls.what):
            if isinstance(one, Gap):
                if one.place.released:  # A development place need not state it.
                    yield one
                continue
            item, names = one
            for name in names:
                workload = workload_named(item, name)
                beside = cls.find_beside(item, workload) if workload is not None else ()
                yield cls(item.place, name, f"[{item.key}] {cls.listed_as}", workload, beside, places_of(item))
