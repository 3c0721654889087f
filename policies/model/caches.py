"""Redis clusters: the nodes that owners state, the command that makes them a cluster, their settings (https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.intent import Redis
from policies.model.inventory import maker_named
from policies.model.placement import is_below, is_spread, lasting_mounts, spread_path
from policies.model.serving import replicas_of, workload_named
from policies.model.settings import Setting, read_by, settings_of
from policies.model.stated import places_of, stated
from policies.platform import Deployed, Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath

LEAST_MASTERS = 3
"""A cluster with fewer cannot elect a master in the place of one that is gone (Redis Cluster specification)."""


@dataclass(frozen=True)
class Nodes:
    """The Redis nodes of a release, as stated and as they are; `workload` is None where there is none of the name."""

    noun: ClassVar[str] = "Redis of a release"
    only_in_files: ClassVar[bool] = False

    item: Deployed
    stated: Redis
    workload: Document | None

    @property
    def place(self) -> Place:
        """Where they are."""
        return self.item.place

    @property
    def key(self) -> str:
        """The table of `platform.toml` that states them."""
        return f"[{self.item.key}.redis]"

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
        """How many nodes there are; None where that cannot be said."""
        return replicas_of(self.workload) if self.workload is not None else 0

    @property
    def is_spread(self) -> bool:
        """Whether no two are on one node of the cluster."""
        return self.workload is not None and is_spread(self.workload)

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """What the nodes' containers get."""
        return read_by(settings_of(self.item), self.workload) if self.workload is not None else ()

    def setting(self, name: str) -> Setting | None:
        """Give the setting of a name; of several the last, which is what Redis takes."""
        found = [one for one in self.settings if one.canonical.removeprefix("redis_") == name]
        return found[-1] if found else None

    @property
    def is_configured(self) -> bool:
        """Whether any setting of Redis' own is found: else the image's may hold."""
        known = (
            "appendonly",
            "cluster_enabled",
            "cluster_config_file",
            "cluster_node_timeout",
            "maxmemory_policy",
            "appendfsync",
        )
        return any(self.setting(name) is not None for name in known)

    @cached_property
    def fleeting(self) -> str | None:
        """The directory of the data, where it does not outlive a pod; where none is configured, `dir` itself if no claim is mounted at all."""
        mounts = lasting_mounts(self.place, self.workload) if self.workload is not None else ()
        folder = self.setting("dir")
        if folder is None:
            return None if mounts else "dir"
        return None if any(is_below(folder.value, path) for _, path in mounts) else folder.value

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the nodes' count as the place."""
        return self.blame(("spec", "replicas"), message, *values)

    def blame(self, path: FieldPath, message: str, *values: object) -> Evidence:
        """Give a field of the workload as the place; where there is no workload, where it is stated."""
        found = (self.workload.origin.locate(path),) if self.workload is not None else places_of(self.item)
        return Evidence(message.format(*values), found)

    def blame_spread(self, message: str, *values: object) -> Evidence:
        """Give what spreads the nodes as the place."""
        return self.blame(spread_path(self.workload) if self.workload is not None else (), message, *values)

    def blame_setting(self, name: str, message: str, *values: object) -> Evidence:
        """Give a setting as the place; where it is not set, the workload."""
        setting = self.setting(name)
        return setting.evidence(message, *values) if setting is not None else self.blame((), message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Nodes | Gap]:
        """Yield the stated nodes of each release; a release that states none is named."""
        for one in stated(platform, "redis", "how its Redis is set", True, table=True):
            if isinstance(one, Gap):
                yield one
                continue
            item, table = one
            yield cls(item, table, workload_named(item, table.workload))
