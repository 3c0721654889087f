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
from policies.model.configuration.texts import is_of_scripts
from policies.model.servers.cluster_commands import written_commands
from policies.model.servers.started import bare_command
from policies.model.servers.stated import StatedCluster, serving, whole
from policies.model.workloads.placement import is_below, lasting_mounts
from policies.read.yaml import FieldPath

LEAST_MASTERS = 3
"""A cluster with fewer cannot elect a master in the place of one that is gone (Redis Cluster specification)."""

IMAGES = frozenset({"redis", "redis-cluster", "redis-stack-server", "valkey", "valkey-cluster", "keydb"})
"""What images of such nodes are called."""

_OF_REDIS = frozenset(
    {"appendonly", "cluster_enabled", "cluster_config_file", "cluster_node_timeout", "maxmemory_policy", "appendfsync"}
)
"""Settings by which it is known that Redis' own are found."""


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

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """What the nodes start with: without a file given to it the server reads none, whoever else does."""
        found = super().settings
        return found if self.bare is None else tuple(one for one in found if not _is_file(one))

    def setting(self, name: str) -> Setting | None:
        """Give the setting of a name; of several the last, which is what Redis takes."""
        found = [one for one in self.settings if self.name_of(one) == name]
        return found[-1] if found else None

    @staticmethod
    def name_of(setting: Setting) -> str:
        """Give a setting's name as Redis knows it, with `_` for `-`."""
        return setting.canonical.removeprefix("redis_")

    @cached_property
    def bare(self) -> FieldPath | None:
        """The field by which they start without a file, where that is plain: then what no option says has Redis' default."""
        return bare_command(self.workload, self.item) if self.workload is not None else None

    @property
    def is_configured(self) -> bool:
        """Whether any setting of Redis' own is found, or that they start without any: else the image's may hold."""
        return self.bare is not None or any(self.setting(name) is not None for name in _OF_REDIS)

    @cached_property
    def fleeting(self) -> str | None:
        """The directory of the data, where it does not outlive a pod; where none is configured, `dir` itself if no claim is mounted at all."""
        mounts = lasting_mounts(self.place, self.workload) if self.workload is not None else ()
        folder = self.setting("dir")
        if folder is None:
            return None if mounts else "dir"
        return None if any(is_below(folder.value, path) for _, path in mounts) else folder.value

    def unsettled(self, *names: str) -> str | None:
        """Say why it is not known how something is set; servers that start without a file have what their options say, or the defaults."""
        return super().unsettled(*names) if self.bare is None else None

    def blame_setting(self, name: str, message: str, *values: object) -> Evidence:
        """Give a setting as the place; where it is not set, the file that sets others, or the command that names none."""
        setting = self.setting(name)
        if setting is not None:
            return setting.evidence(message, *values)
        if self.bare is not None:
            return self.blame(self.bare, message, *values)
        return self.blame_missing(_OF_REDIS, message, *values)

    def blame_folder(self, message: str, *values: object) -> Evidence:
        """Give the setting of the data's directory as the place, and the claims that it should be on."""
        claims, folder = self.blame(("spec", "volumeClaimTemplates"), message, *values), self.setting("dir")
        return Evidence(claims.message, (*([folder.location] if folder is not None else []), *claims.locations))


def _is_file(setting: Setting) -> bool:
    return setting.document.kind == "ConfigMap" and bool(setting.holder) and not is_of_scripts(setting.holder)
