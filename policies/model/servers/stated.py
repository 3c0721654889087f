"""A cluster of one kind of server that owners state of a place (`[overlays.NAME.kafka]`, `.redis`), and the workload that it is."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

from policies.deployed import Deployed
from policies.evidence import PLATFORM, Evidence, Gap, Place
from policies.model.configuration.serving import replicas_of, workload_named, workloads
from policies.model.configuration.settings import Setting
from policies.model.objects.inventory import inventory_of, is_custom, maker_named
from policies.model.servers.started import started_with
from policies.model.stated import places_of, stated
from policies.model.workloads.images import Image
from policies.model.workloads.placement import is_spread, spread_path
from policies.model.workloads.workload import Container, containers
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class StatedCluster:
    """What is stated, and as it is; `workload` is None where there is none of the name.

    Where no place states one, it is found by what it runs, and what the specification says of it is assumed.
    """

    noun: ClassVar[str]
    only_in_files: ClassVar[bool] = False
    released: ClassVar[bool]
    table: ClassVar[str]
    what: ClassVar[str]
    images: ClassVar[frozenset[str]]

    item: Deployed
    stated: Any
    workload: Document | None
    is_assumed: bool = False

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.item.place

    @property
    def key(self) -> str:
        """What states it: a table of `platform.toml`, or for want of that the specification."""
        table = f"[{self.item.key}.{self.table}]"
        return f"the specification (else {table})" if self.is_assumed else table

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

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What the servers start with."""
        return self._parted[0]

    @cached_property
    def _parted(self) -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
        return started_with(self.item, self.workload) if self.workload is not None else ((), ())

    @staticmethod
    def name_of(setting: Setting) -> str:
        """Give a setting's name as the servers know it, in small letters with `_`."""
        return setting.canonical

    def unsettled(self, *names: str) -> str | None:
        """Say why it is not known how something is set, where it is set in a file alone that nothing shows the servers to read."""
        if any(self.name_of(one) in names for one in self.settings):
            return None
        for one in self._parted[1]:
            if self.name_of(one) in names:
                file = f"{one.holder} of {one.document.kind}/{one.document.origin.source_name}"
                return f"{one.name} is set in {file}, and nothing shows that {self.workload} starts with that file"
        return None

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

    def blame_missing(self, names: frozenset[str], message: str, *values: object) -> Evidence:
        """Give, where something is not set, the file that sets others of these names as the place; else the workload."""
        for one in self.settings:
            if one.document.kind == "ConfigMap" and one.holder and self.name_of(one) in names:
                return Evidence(message.format(*values), (one.document.origin.locate(one.path),))
        return self.blame((), message, *values)

    def blame_spread(self, message: str, *values: object) -> Evidence:
        """Give what spreads the servers as the place."""
        return self.blame(spread_path(self.workload) if self.workload is not None else (), message, *values)

    @classmethod
    def find(cls, item: Deployed) -> Self | None:
        """Find one in a place by what it runs, with what the specification says of such a one."""
        raise NotImplementedError

    @classmethod
    def found(cls, platform: Platform) -> Iterator[Self]:
        """Yield those that are found where no place of either stage states any."""
        if any(getattr(item.statement, cls.table, None) is not None for item in platform.deployed):
            return
        for item in platform.deployed:
            one = cls.find(item) if item.place.released is cls.released else None
            if one is not None:
                yield one

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Self | Gap]:
        """Yield the stated cluster of each place of the stage, or those that are found; where there is neither, that is said."""
        found = tuple(cls.found(platform))
        yield from found
        if absent := cls._absent(platform):
            yield Gap(f"no stated {cls.table}", absent, PLATFORM)
            return
        for one in stated(platform, cls.table, cls.what, cls.released, table=True) if not found else ():
            if isinstance(one, Gap):
                yield one
                continue
            item, table = one
            yield cls(item, table, workload_named(item, table.workload))

    @classmethod
    def _absent(cls, platform: Platform) -> str | None:
        """Say that no place of the stage has one, where none is stated and nothing there may be one or make one."""
        items = [item for item in platform.deployed if item.place.released is cls.released]
        if not items or any(getattr(item.statement, cls.table, None) is not None for item in items):
            return None
        if any(item.gap or inventory_of(item).incomplete or _may_run(item, cls.table, cls.images) for item in items):
            return None
        return f"the platform has no {cls.noun}, as far as images tell: [overlays.NAME.{cls.table}] states one"


def _may_run(item: Deployed, name: str, images: frozenset[str]) -> bool:
    """Whether a place runs any such image, or has an object whose operator may make one."""
    if any(is_custom(one) and name in one.kind.lower() for one in item.documents):
        return True
    return any(_name_of(container) in images for container in containers(item.place, item.documents))


def serving(item: Deployed, images: frozenset[str]) -> Document | None:
    """Give the one workload of a place that runs, and goes on running, an image of these names; None where there is none, or several."""
    found = [
        one
        for one in workloads(item)
        if one.kind in ("StatefulSet", "Deployment")
        and any(
            _name_of(container) in images
            for container in containers(item.place, [one])
            if container.path[-2] == "containers"
        )
    ]
    return found[0] if len(found) == 1 else None


def _name_of(container: Container) -> str:
    return posixpath.basename(Image.parse(str(container.body.get("image") or "")).name or "")


def whole(text: str) -> int:
    """Give a whole number that a text is, else 0."""
    return int(text) if text.strip().isdecimal() else 0
