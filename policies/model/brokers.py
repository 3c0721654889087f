"""Kafka: the brokers that owners state, how often they keep a message, where they stand (https://kafka.apache.org/documentation/#configuration)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.intent import Kafka
from policies.model.disruption import DisruptionBudget, budgets_of
from policies.model.inventory import maker_named
from policies.model.placement import is_below, is_spread, lasting_mounts, spread_path
from policies.model.serving import replicas_of, workload_named
from policies.model.settings import Setting, read_by, settings_of
from policies.model.stated import places_of, stated
from policies.platform import Deployed, Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class Brokers:
    """The brokers of a development place, as stated and as they are; `workload` is None where there is none of the name."""

    noun: ClassVar[str] = "Kafka of a development place"
    only_in_files: ClassVar[bool] = False
    released: ClassVar[bool] = False

    item: Deployed
    stated: Kafka
    workload: Document | None

    @property
    def place(self) -> Place:
        """Where they are."""
        return self.item.place

    @property
    def key(self) -> str:
        """The table of `platform.toml` that states them."""
        return f"[{self.item.key}.kafka]"

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
        """How many brokers there are; None where that cannot be said."""
        return replicas_of(self.workload) if self.workload is not None else 0

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """What the brokers' containers get."""
        return read_by(settings_of(self.item), self.workload) if self.workload is not None else ()

    @property
    def budgets(self) -> tuple[DisruptionBudget, ...]:
        """The budgets for drains that select them."""
        return budgets_of(self.item, self.workload) if self.workload is not None else ()

    @property
    def is_spread(self) -> bool:
        """Whether no two are on one node."""
        return self.workload is not None and is_spread(self.workload)

    @cached_property
    def fleeting(self) -> tuple[str, ...]:
        """The directories of the log that do not outlive a pod; where none is configured, `log.dirs` itself if no claim is mounted at all."""
        mounts = lasting_mounts(self.place, self.workload) if self.workload is not None else ()
        stated = [one.value for one in self.settings if kafka_name(one) in ("log_dirs", "log_dir")]
        folders = [folder.strip() for value in stated for folder in value.split(",")]
        if not folders:
            return () if mounts else ("log.dirs",)
        return tuple(folder for folder in folders if not any(is_below(folder, path) for _, path in mounts))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the brokers' count as the place."""
        return self.blame(("spec", "replicas"), message, *values)

    def blame(self, path: FieldPath, message: str, *values: object) -> Evidence:
        """Give a field of the workload as the place; where there is no workload, where it is stated."""
        found = (self.workload.origin.locate(path),) if self.workload is not None else places_of(self.item)
        return Evidence(message.format(*values), found)

    def blame_spread(self, message: str, *values: object) -> Evidence:
        """Give what spreads the brokers as the place."""
        return self.blame(spread_path(self.workload) if self.workload is not None else (), message, *values)

    def blame_budget(self, message: str, *values: object) -> Evidence:
        """Give the budget as the place; where there is none, the workload."""
        return self.budgets[0].evidence(message, *values) if self.budgets else self.blame((), message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Brokers | Gap]:
        """Yield the stated brokers of each place of the stage; a place that states none is named."""
        for one in stated(platform, "kafka", "how its Kafka is set", cls.released, table=True):
            if isinstance(one, Gap):
                yield one
                continue
            item, table = one
            yield cls(item, table, workload_named(item, table.workload))


class ReleasedBrokers(Brokers):
    """The brokers of a release."""

    noun: ClassVar[str] = "Kafka of a release"
    released: ClassVar[bool] = True


def kafka_name(setting: Setting) -> str:
    """Give a setting's name as Kafka knows it: `min_insync_replicas` of `KAFKA_MIN_INSYNC_REPLICAS` and `min.insync.replicas`."""
    return setting.canonical.removeprefix("kafka_").removeprefix("cfg_")
