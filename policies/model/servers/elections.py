"""Whether Kafka lets a replica lead that lacks what was written (https://kafka.apache.org/documentation/#brokerconfigs_unclean.leader.election.enable)."""

from __future__ import annotations

from typing import ClassVar

from policies.model.servers.broker_settings import BrokerSetting
from policies.model.servers.brokers import Brokers, ReleasedBrokers


class UncleanElection(BrokerSetting):
    """The switch of a release's brokers by which a replica that is not in sync may be elected; Kafka's default is false."""

    noun: ClassVar[str] = "switch for unclean elections in a release's Kafka"
    of: ClassVar[type[Brokers]] = ReleasedBrokers
    known: ClassVar[dict[str, int]] = {"unclean_leader_election_enable": 0}
    endings: ClassVar[tuple[str, ...]] = ("unclean_leader_election_enable",)

    @property
    def value(self) -> str:
        """What it is set to, or Kafka's default."""
        return self.setting.value.strip().lower() if self.setting is not None else "false"
