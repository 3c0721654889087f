"""Kafka: the brokers that owners state, how often they keep a message, where they stand (https://kafka.apache.org/documentation/#configuration)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

from policies.deployed import Deployed
from policies.evidence import Evidence
from policies.intent.places import Kafka
from policies.model.configuration.serving import replicas_of
from policies.model.configuration.settings import Setting
from policies.model.servers.started import started_with
from policies.model.servers.stated import StatedCluster, serving, whole
from policies.model.workloads.disruption import DisruptionBudget, budgets_of
from policies.model.workloads.placement import is_below, lasting_mounts

IMAGES = frozenset({"kafka", "cp-kafka", "cp-server", "kafka-native", "redpanda"})
"""What images of brokers are called."""

LOGS = ("log_dirs", "log_dir")
"""What says where the log is: several directories, or one where they are not set."""


@dataclass(frozen=True)
class Brokers(StatedCluster):
    """The brokers of a development place, as stated and as they are; `workload` is None where there is none of the name."""

    noun: ClassVar[str] = "Kafka of a development place"
    released: ClassVar[bool] = False
    table: ClassVar[str] = "kafka"
    images: ClassVar[frozenset[str]] = IMAGES
    what: ClassVar[str] = "how its Kafka is set"

    stated: Kafka

    @classmethod
    def find(cls, item: Deployed) -> Self | None:
        """Find brokers by their image: three of them, each message three times, two in sync (1.3d), or more; for development what the brokers can keep."""
        workload = serving(item, cls.images)
        if workload is None:
            return None
        own = {kafka_name(one): whole(one.value) for one in started_with(item, workload)[0]}
        count = replicas_of(workload) or 1
        factor, least = own.get("default_replication_factor", 0), own.get("min_insync_replicas", 0)
        if cls.released:
            table = Kafka(
                workload=workload.name,
                brokers=max(3, count),
                replication_factor=max(3, factor),
                min_insync_replicas=max(2, least),
            )
        else:
            kept = min(count, max(1, factor))
            table = Kafka(
                workload=workload.name,
                brokers=count,
                replication_factor=kept,
                min_insync_replicas=min(kept, max(1, least)),
            )
        return cls(item, table, workload, is_assumed=True)

    @staticmethod
    def name_of(setting: Setting) -> str:
        """Give a setting's name as Kafka knows it."""
        return kafka_name(setting)

    @property
    def budgets(self) -> tuple[DisruptionBudget, ...]:
        """The budgets for drains that select them."""
        return budgets_of(self.item, self.workload) if self.workload is not None else ()

    @cached_property
    def fleeting(self) -> tuple[str, ...]:
        """The directories of the log that do not outlive a pod; where none is configured, `log.dirs` itself if no claim is mounted at all."""
        mounts = lasting_mounts(self.place, self.workload) if self.workload is not None else ()
        folders = [folder.strip() for one in self.logs for folder in one.value.split(",")]
        if not folders:
            return () if mounts else ("log.dirs",)
        return tuple(folder for folder in folders if not any(is_below(folder, path) for _, path in mounts))

    @property
    def logs(self) -> tuple[Setting, ...]:
        """The settings that say where the log is."""
        return tuple(one for one in self.settings if kafka_name(one) in LOGS)

    def blame_log(self, message: str, *values: object) -> Evidence:
        """Give the settings that say where the log is as the place, and the claims that it should be on."""
        claims = self.blame(("spec", "volumeClaimTemplates"), message, *values)
        return Evidence(claims.message, (*(one.location for one in self.logs), *claims.locations))

    def blame_budget(self, message: str, *values: object) -> Evidence:
        """Give the budget as the place; where there is none, the workload."""
        return self.budgets[0].evidence(message, *values) if self.budgets else self.blame((), message, *values)


class ReleasedBrokers(Brokers):
    """The brokers of a release."""

    noun: ClassVar[str] = "Kafka of a release"
    released: ClassVar[bool] = True


def kafka_name(setting: Setting) -> str:
    """Give a setting's name as Kafka knows it: `min_insync_replicas` of `KAFKA_MIN_INSYNC_REPLICAS` and `min.insync.replicas`."""
    return setting.canonical.removeprefix("kafka_").removeprefix("cfg_")
