"""A cluster of one kind of server that owners state of a place (`[overlays.NAME.kafka]`, `.redis`), and the workload that it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

from policies.evidence import Evidence, Gap, Place
from policies.model.inventory import maker_named
from policies.model.placement import is_spread, spread_path
from policies.model.serving import replicas_of, workload_named
from policies.model.settings import Setting, read_by, settings_of
from policies.model.stated import places_of, stated
from policies.platform import Deployed, Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class StatedCluster:
    """What is stated, and as it is; `workload` is None where there is none of the name."""

    noun: ClassVar[str]
    only_in_files: ClassVar[bool] = False
    released: ClassVar[bool]
    table: ClassVar[str]
    what: ClassVar[str]

    item: Deployed
    stated: Any
    workload: Document | None

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.item.place

    @property
    def key(self) -> str:
        """The table of `platform.toml` that states it."""
        return f"[{self.item.key}.{self.table}]"

    @property
    def id(self) -> str:
        """Place and workload."""
        return f"{self.place.name}:{self.stated.workload}"

    @property
    def maker(self) -> Document | None:
        """The custom object of the stated name, where there is one: an operator makes the pods of it."""
        return maker_named(self.item, self.stated.workload)

    @property
    def replicas(self) -> int | None:
        """How many servers there are; None where that cannot be said."""
        return replicas_of(self.workload) if self.workload is not None else 0

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """What the servers' containers get."""
        return read_by(settings_of(self.item), self.workload) if self.workload is not None else ()

    @property
    def is_spread(self) -> bool:
        """Whether no two are on one node of the Kubernetes cluster."""
        return self.workload is not None and is_spread(self.workload)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the count as the place."""
        return self.blame(("spec", "replicas"), message, *values)

    def blame(self, path: FieldPath, message: str, *values: object) -> Evidence:
        """Give a field of the workload as the place; where there is no workload, where it is stated."""
        found = (self.workload.origin.locate(path),) if self.workload is not None else places_of(self.item)
        return Evidence(message.format(*values), found)

    def blame_spread(self, message: str, *values: object) -> Evidence:
        """Give what spreads the servers as the place."""
        return self.blame(spread_path(self.workload) if self.workload is not None else (), message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Self | Gap]:
        """Yield the stated cluster of each place of the stage; where no place states one, that is said."""
        for one in stated(platform, cls.table, cls.what, cls.released, table=True):
            if isinstance(one, Gap):
                yield one
                continue
            item, table = one
            yield cls(item, table, workload_named(item, table.workload))
