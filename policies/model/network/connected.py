"""Workloads in the network of their place, as subjects: which policies isolate them, what reaches them, whom they reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.intent.places import PlaceIntent
from policies.model.assumed import services_of
from policies.model.configuration.serving import named
from policies.model.network.bits import Bits
from policies.model.network.connection import Excess
from policies.model.network.flows import Intended, intended
from policies.model.network.parties import DNS, Party
from policies.model.network.policies import Direction
from policies.model.network.ports import ports
from policies.model.workloads.pods import PodTemplate, not_looked_at
from policies.platform import Platform


@dataclass(frozen=True)
class Connected:
    """A workload and the network that it is in."""

    noun: ClassVar[str] = "workload in the network"
    only_in_files: ClassVar[bool] = False

    intended: Intended
    party: Party
    template: PodTemplate

    @property
    def place(self) -> Place:
        """Where it is deployed."""
        return self.template.place

    @property
    def id(self) -> str:
        """Place and workload."""
        return self.template.id

    @property
    def name(self) -> str:
        """Kind and name."""
        return str(self.template.document)

    @property
    def statement(self) -> PlaceIntent | None:
        """What `platform.toml` states of its place."""
        return self.intended.site.item.statement

    @property
    def key(self) -> str:
        """The table of `platform.toml` for its place."""
        return f"[{self.intended.site.item.key}]"

    @property
    def incomplete(self) -> str | None:
        """What its place was rendered without: policies may be in that. Or by which policies it is not known whether they select it."""
        return self.intended.undecided(self.bits)

    @property
    def is_on_host(self) -> bool:
        """Whether it is in its node's network, where no policy is in force."""
        return self.party.pod is not None and self.party.pod.host_network

    @property
    def bits(self) -> Bits:
        """Its pods as a set."""
        return self.intended.universe.bits(self.party.endpoint)

    def is_isolated(self, direction: Direction) -> bool:
        """Whether any policy isolates all of its pods for sure."""
        return bool(self.intended.possibly.isolated[direction] & self.bits)

    @property
    def reaches_dns(self) -> tuple[str, ...]:
        """The protocols over which its own policies let it ask the cluster's DNS."""
        passing = self.intended.surely.ports(self.party.endpoint, DNS.endpoint)
        return tuple(protocol for protocol in ("UDP", "TCP") if passing & ports(protocol, 53))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the pods' spec as the place."""
        return self.template.evidence(message, *values)

    def blame_host(self, message: str, *values: object) -> Evidence:
        """Give the field that puts it in its node's network as the place."""
        return Evidence(
            message.format(*values), (self.template.document.origin.locate((*self.template.path, "hostNetwork")),)
        )

    def blame_labels(self, message: str, *values: object) -> Evidence:
        """Give the pods' labels as the place."""
        path = (*self.template.metadata_path, "labels")
        return Evidence(message.format(*values), (self.template.document.origin.locate(path),))

    def blame_rules(self, found: Iterable[Excess], message: str, *values: object) -> Evidence:
        """Give the rules that let connections pass as the places; where there are none, the pods' spec."""
        lines = dict.fromkeys(line for excess in found for line in excess.lines)
        return Evidence(message.format(*values), tuple(lines) or self.evidence("").locations)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Connected | Gap]:
        """Yield the workloads of each place that count."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            network = intended(item, platform) if item.documents else None
            for party in network.site.own if network is not None else ():
                if network is not None and party.template is not None:
                    found = cls(network, party, party.template)
                    yield from (found,) if found.counts else ()

    @property
    def counts(self) -> bool:
        """Whether it is a subject."""
        return True


class Policed(Connected):
    """A workload that policies can isolate: one of its node's network is none."""

    noun: ClassVar[str] = "workload that policies can isolate"

    @property
    def counts(self) -> bool:
        """Whether it has a network of its own."""
        return not self.is_on_host


class Resolver(Policed):
    """A workload that may ask the cluster's DNS, over whatever protocol."""

    noun: ClassVar[str] = "workload that may ask the DNS"

    @property
    def counts(self) -> bool:
        """Whether its policies let any question out."""
        return not self.is_on_host and bool(self.reaches_dns)

    def blame(self, message: str, *values: object) -> Evidence:
        """Give the ports of the rules that let its questions out as the places."""
        dns = self.intended.universe.bits(DNS.endpoint)
        asked = ports("UDP", 53) | ports("TCP", 53)
        found = (
            one.policy.locate((*one.rule.port_path(0), "port"))
            for one in self.intended.surely.allowances[Direction.EGRESS]
            if one.sources & self.bits and one.targets & dns and one.ports & asked
        )
        return Evidence(message.format(*values), tuple(dict.fromkeys(found)) or self.evidence("").locations)


class Backend(Policed):
    """A workload that `platform.toml` states as a backend service, or that is assumed to be one."""

    noun: ClassVar[str] = "backend service in the network"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Connected | Gap]:
        """Yield the backend services of each place; not judged where none is stated."""
        stated = services_of(platform)
        if stated is None or not stated.backend:
            for item in platform.deployed[:1]:
                reason = "platform.toml does not state which workloads are backend services: [services] backend"
                yield Gap("backend services", reason, item.place)
            return
        for one in super().collect(platform):
            if isinstance(one, Gap) or any(named(one.template.document, name) for name in stated.backend):
                yield one
