"""How often Kafka keeps a message, and how many must have it: every setting that says so (https://kafka.apache.org/documentation/#brokerconfigs)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.settings import Setting, called, settings_of
from policies.model.servers.brokers import Brokers, ReleasedBrokers, kafka_name
from policies.platform import Platform

REPLICATION_FACTORS = {
    "default_replication_factor": 1,
    "offsets_topic_replication_factor": 3,
    "transaction_state_log_replication_factor": 3,
}
"""What says how often a message is kept, and Kafka's default for each."""

MINIMUM_ISRS = {"min_insync_replicas": 1, "transaction_state_log_min_isr": 2}
"""What says how many replicas must have a message before it counts, and Kafka's default for each."""


@dataclass(frozen=True)
class BrokerSetting:
    """A number that brokers or their clients are given; `setting` is None where it is not set and Kafka's default holds."""

    noun: ClassVar[str] = "replication factor of a development place's Kafka"
    only_in_files: ClassVar[bool] = False
    of: ClassVar[type[Brokers]] = Brokers
    known: ClassVar[dict[str, int]] = REPLICATION_FACTORS
    endings: ClassVar[tuple[str, ...]] = ("replication_factor",)

    brokers: Brokers
    name: str
    setting: Setting | None

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.brokers.place

    @property
    def id(self) -> str:
        """The setting's, or place, workload and name."""
        return self.setting.id if self.setting is not None else f"{self.brokers.id}:{self.name.replace('_', '.')}"

    @property
    def value(self) -> str:
        """What it is set to, or Kafka's default."""
        return self.setting.value.strip() if self.setting is not None else str(self.known[self.name])

    @property
    def number(self) -> int | None:
        """The value as a number, None where it is none."""
        return int(self.value) if self.value.isdecimal() else None

    @property
    def shown(self) -> str:
        """Name and value in a sentence."""
        if self.setting is None:
            return f"{self.name.replace('_', '.')} is not set, and is {self.value} by Kafka's default"
        return f"{self.setting.name} is {self.value}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value as the place; where it is not set, the file that sets others, or the brokers."""
        if self.setting is not None:
            return self.setting.evidence(message, *values)
        return self.brokers.blame_missing(OF_KAFKA, message, *values)

    @classmethod
    def matches(cls, brokers: Brokers, setting: Setting) -> bool:
        """Whether a setting is such a number, of the brokers or of what is called after Kafka."""
        return kafka_name(setting).endswith(cls.endings) and (
            "kafka" in setting.canonical or any(one is setting for one in brokers.settings)
        )

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[BrokerSetting | Gap]:
        """Yield every such setting of the brokers and of what is called after Kafka, and those that must be set and are not."""
        for brokers in cls.of.collect(platform):
            if isinstance(brokers, Gap):
                yield brokers
                continue
            if brokers.workload is None:
                yield Gap(brokers.id, f"there is no workload {brokers.stated.workload} to look at", brokers.place)
                continue
            own = [one for one in brokers.settings if one.canonical.startswith("kafka_") or kafka_name(one) in OF_KAFKA]
            if not own:
                yield Gap(
                    brokers.id,
                    brokers.unsettled(*OF_KAFKA)
                    or f"no setting of Kafka's is in the environment, the arguments or a file of {brokers.workload}",
                    brokers.place,
                )
                continue
            found = list(called(settings_of(brokers.item), partial(cls.matches, brokers)))
            yield from (cls(brokers, kafka_name(one), one) for one in found)
            names = {kafka_name(one) for one in found}
            for name in cls.known:
                if name not in names:
                    missing, unsettled = cls(brokers, name, None), brokers.unsettled(name)
                    unsettled = unsettled or brokers.unsettled(*OF_KAFKA)
                    yield Gap(missing.id, unsettled, brokers.place) if unsettled else missing


OF_KAFKA = frozenset(
    {
        *REPLICATION_FACTORS,
        *MINIMUM_ISRS,
        "process_roles",
        "node_id",
        "broker_id",
        "log_dirs",
        "controller_quorum_voters",
    }
)
"""Settings by which a file of Kafka's is known."""


class MinimumIsr(BrokerSetting):
    """A least number of replicas in sync, in development."""

    noun: ClassVar[str] = "min ISR of a development place's Kafka"
    known: ClassVar[dict[str, int]] = MINIMUM_ISRS
    endings: ClassVar[tuple[str, ...]] = ("min_insync_replicas", "min_isr")


class ReleasedFactor(BrokerSetting):
    """A replication factor of a release."""

    noun: ClassVar[str] = "replication factor of a release's Kafka"
    of: ClassVar[type[Brokers]] = ReleasedBrokers


class ReleasedMinimumIsr(MinimumIsr):
    """A least number of replicas in sync, in a release."""

    noun: ClassVar[str] = "min ISR of a release's Kafka"
    of: ClassVar[type[Brokers]] = ReleasedBrokers
