"""Kafka: the brokers that owners state, how often they keep a message, where they stand (https://kafka.apache.org/documentation/#configuration)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence
from policies.intent import Kafka
from policies.model.disruption import DisruptionBudget, budgets_of
from policies.model.placement import is_below, lasting_mounts
from policies.model.settings import Setting
from policies.model.stated_clusters import StatedCluster


@dataclass(frozen=True)
class Brokers(StatedCluster):
    """The brokers of a development place, as stated and as they are; `workload` is None where there is none of the name."""

    noun: ClassVar[str] = "Kafka of a development place"
    released: ClassVar[bool] = False
    table: ClassVar[str] = "kafka"
    what: ClassVar[str] = "how its Kafka is set"

    stated: Kafka

    @property
    def budgets(self) -> tuple[DisruptionBudget, ...]:
        """The budgets for drains that select them."""
        return budgets_of(self.item, self.workload) if self.workload is not None else ()

    @cached_property
    def fleeting(self) -> tuple[str, ...]:
        """The directories of the log that do not outlive a pod; where none is configured, `log.dirs` itself if no claim is mounted at all."""
        mounts = lasting_mounts(self.place, self.workload) if self.workload is not None else ()
        stated = [one.value for one in self.settings if kafka_name(one) in ("log_dirs", "log_dir")]
        folders = [folder.strip() for value in stated for folder in value.split(",")]
        if not folders:
            return () if mounts else ("log.dirs",)
        return tuple(folder for folder in folders if not any(is_below(folder, path) for _, path in mounts))

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
