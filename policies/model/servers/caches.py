"""Redis clusters: the nodes that owners state, the command that makes them a cluster, their settings (https://redis.io/docs/latest/operate/oss_and_stack/management/scaling/)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

from policies.deployed import Deployed
from policies.evidence import Evidence
from policies.intent.places import Redis
from policies.model.configuration.serving import replicas_of
from policies.model.configuration.settings import Setting
from policies.model.servers.cluster_commands import written_commands
from policies.model.servers.stated import StatedCluster, serving, whole
from policies.model.workloads.placement import is_below, lasting_mounts

LEAST_MASTERS = 3
"""A cluster with fewer cannot elect a master in the place of one that is gone (Redis Cluster specification)."""

IMAGES = frozenset({"redis", "redis-cluster", "redis-stack-server", "valkey", "valkey-cluster", "keydb"})
"""What images of such nodes are called."""


@dataclass(frozen=True)
class Nodes(StatedCluster):
    """The Redis nodes of a release, as stated and as they are; `workload` is None where there is none of the name."""

    noun: ClassVar[str] = "Redis of a release"
    released: ClassVar[bool] = True
    table: ClassVar[str] = "redis"
    images: ClassVar[frozenset[str]] = IMAGES
    what: ClassVar[str] = "how its Redis is set"

    stated: Redis

    @classmethod
    def find(cls, item: Deployed) -> Self | None:
        """Find the nodes by their image where a command makes them a cluster: six of them, a replica for each master (1.3e), or more."""
        workload, commands = serving(item, cls.images), tuple(written_commands(item))
        if workload is None or not commands:
            return None
        replicas = max(1, *(whole(one.replicas or "") for one in commands))
        count = max(LEAST_MASTERS * (1 + replicas), replicas_of(workload) or 0)
        return cls(
            item, Redis(workload=workload.name, nodes=count, cluster_replicas=replicas), workload, is_assumed=True
        )

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

    def blame_setting(self, name: str, message: str, *values: object) -> Evidence:
        """Give a setting as the place; where it is not set, the workload."""
        setting = self.setting(name)
        return setting.evidence(message, *values) if setting is not None else self.blame((), message, *values)
