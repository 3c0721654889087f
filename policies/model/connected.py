"""Workloads in the network of their place, as subjects: which policies isolate them, what reaches them, whom they reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.intent import PlaceIntent
from policies.model.connection import Excess
from policies.model.endpoints import Bits
from policies.model.flows import Intended, intended
from policies.model.labels import Selector, unselected
from policies.model.network_policies import Direction, Policy
from policies.model.parties import DEFAULT_NAMESPACE, DNS, Party
from policies.model.pods import PodTemplate, not_looked_at
from policies.model.ports import ports
from policies.model.serving import named
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
    def is_on_host(self) -> bool:
        """Whether it is in its node's network, where no policy is in force."""
        return self.party.pod is not None and self.party.pod.host_network

    @property
    def bits(self) -> Bits:
        """Its pods as a set."""
        return self.intended.universe.bits(self.party.endpoint)

    def is_isolated(self, direction: Direction) -> bool:
        """Whether any policy isolates it."""
        return bool(self.intended.surely.isolated[direction] & self.bits)

    @property
    def reaches_dns(self) -> tuple[str, ...]:
        """The protocols over which its own policies let it ask the cluster's DNS."""
        passing = self.intended.surely.ports(self.party.endpoint, DNS.endpoint)
        return tuple(protocol for protocol in ("UDP", "TCP") if passing & ports(protocol, 53))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the pods' spec as the place."""
        return self.template.evidence(message, *values)

    def blame_labels(self, message: str, *values: object) -> Evidence:
        """Give the pods' labels as the place."""
        path = (*self.template.metadata_path, "labels")
        return Evidence(message.format(*values), (self.template.document.origin.locate(path),))

    def blame_rules(self, found: Iterable[Excess], message: str, *values: object) -> Evidence:
        """Give the rules that let connections pass as the places; where there are none, the pods' spec."""
        lines = (one.policy.locate(one.rule.path) for excess in found for one in excess.rules)
        return Evidence(message.format(*values), tuple(dict.fromkeys(lines)) or self.evidence("").locations)

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


class Backend(Policed):
    """A workload that `platform.toml` states as a backend service."""

    noun: ClassVar[str] = "backend service in the network"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Connected | Gap]:
        """Yield the backend services of each place; not judged where none is stated."""
        stated = platform.intent.services
        if stated is None or not stated.backend:
            for item in platform.deployed[:1]:
                reason = "platform.toml does not state which workloads are backend services: [services] backend"
                yield Gap("backend services", reason, item.place)
            return
        for one in super().collect(platform):
            if isinstance(one, Gap) or any(named(one.template.document, name) for name in stated.backend):
                yield one


@dataclass(frozen=True)
class PolicedNamespace:
    """A namespace that the place's workloads are in. It holds other pods too, some day: those of a Job that somebody starts by hand."""

    noun: ClassVar[str] = "namespace with workloads"
    only_in_files: ClassVar[bool] = False

    intended: Intended
    name: str
    first: PodTemplate

    @property
    def place(self) -> Place:
        """The place that deploys into it."""
        return self.intended.site.place

    @property
    def id(self) -> str:
        """Place and namespace."""
        return f"{self.place.name}:{self.name}"

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Its policies."""
        return tuple(policy for policy in self.intended.site.policies if policy.namespace == self.name)

    def unisolated(self, direction: Direction) -> str | None:
        """Give labels, spelled, with which a pod would not be isolated; None where there are none. Raises OverflowError if that is not known."""
        selectors = [policy.pods for policy in self.policies if direction in policy.directions]
        if any(selector == Selector() for selector in selectors):
            return None
        found = unselected(selectors)
        if found is None:
            return None
        return ", ".join(f"{key}={value}" for key, value in sorted(found.items())) or "no labels"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the policies' selectors as the place; where there are none, the first workload."""
        found = tuple(policy.locate(("spec", "podSelector")) for policy in self.policies[:3])
        return Evidence(message.format(*values), found or (self.first.document.origin.locate(),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[PolicedNamespace | Gap]:
        """Yield every namespace that a place's workloads are in."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            network = intended(item, platform) if item.documents else None
            found: dict[str, PodTemplate] = {}
            for party in network.site.own if network is not None else ():
                if party.template is not None:
                    found.setdefault(party.template.document.namespace or DEFAULT_NAMESPACE, party.template)
            for name, first in found.items():
                assert network is not None  # noqa: S101 (its workloads were found in it)
                yield cls(network, name, first)
