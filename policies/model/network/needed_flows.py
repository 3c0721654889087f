"""Flows that must pass, as subjects: each connection that a workload is meant to make, and each Service port that has a client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.network.blocked import Blocked, narrowest
from policies.model.network.decisions import Side, decide
from policies.model.network.endpoints import Pod
from policies.model.network.entrances import entering
from policies.model.network.flow import Flow
from policies.model.network.flows import Intended, intended
from policies.model.network.parties import ANYWHERE, DNS, NODE, Party
from policies.model.network.policies import Direction
from policies.model.network.ports import ports
from policies.model.network.site import Site
from policies.model.workloads.pods import listed, not_looked_at
from policies.model.workloads.targets import is_service
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document

_QUESTIONS = ports("UDP", 53) | ports("TCP", 53)


@dataclass(frozen=True)
class NeededFlow:
    """A flow that is demanded, in the network of its place."""

    noun: ClassVar[str] = "flow that is meant"
    only_in_files: ClassVar[bool] = False
    direction: ClassVar[Direction] = Direction.EGRESS

    intended: Intended
    flow: Flow

    @property
    def place(self) -> Place:
        """Where it is needed."""
        return self.intended.site.place

    @property
    def id(self) -> str:
        """Place, source, target and port."""
        return f"{self.place.name}:{self.flow}"

    @cached_property
    def side(self) -> Side:
        """What decides at this end."""
        decision = decide(self.intended.surely, self.flow.source.endpoint, self.flow.target.endpoint, self.flow.ports)
        return decision.egress if self.direction is Direction.EGRESS else decision.ingress

    @property
    def passes(self) -> bool:
        """Whether this end lets it pass: all of it, and of `outside`, which is anybody, at least some."""
        if self.side.free or not self.side.allowing:
            return self.side.passes
        covered = 0
        for allowance in self.side.allowing:
            covered |= allowance.targets if self.direction is Direction.EGRESS else allowance.sources
        universe = self.intended.universe
        other = self.flow.target if self.direction is Direction.EGRESS else self.flow.source
        wanted = universe.bits(other.endpoint)
        return bool(wanted & covered) if other == ANYWHERE else not wanted & ~covered

    @property
    def incomplete(self) -> str | None:
        """What its place was rendered without: policies may be in that. Or by which policies it is not known whether they select its ends."""
        universe = self.intended.universe
        return self.intended.undecided(
            universe.bits(self.flow.source.endpoint) | universe.bits(self.flow.target.endpoint)
        )

    @property
    def is_told_of_dns(self) -> bool:
        """Whether it is a question to the DNS over one protocol, and over the other one it passes: NET-06 tells that."""
        if self.flow.target != DNS or self.direction is not Direction.EGRESS:
            return False
        return bool(self.intended.surely.ports(self.flow.source.endpoint, DNS.endpoint) & _QUESTIONS)

    def blame(self) -> Evidence:
        """Say what isolates this end, and the policy that would let it pass."""
        return Blocked(self.intended, self.flow, self.side).evidence()

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give what leads there as the place."""
        return Evidence(message.format(*values), self.flow.locations)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[NeededFlow | Gap]:
        """Yield every flow that is demanded and that policies could stop at this end; and why a flow cannot be said."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            if not item.documents:
                continue
            network = intended(item, platform)
            yield from cls.gaps(network)
            own = set(network.site.own)
            for flow in network.demanded:
                end = flow.source if cls.direction is Direction.EGRESS else flow.target
                if flow.source != NODE and isinstance(end.endpoint, Pod) and end in own:
                    yield cls(network, flow)

    @classmethod
    def gaps(cls, network: Intended) -> Iterator[Gap]:
        """Yield why a flow cannot be said: each once, those from outside where they come in."""
        entrances = [one for one in entering(network.site, network.site.item) if isinstance(one, Gap)]
        yield from (one for one in network.gaps if (one in entrances) == (cls.direction is Direction.INGRESS))


class EnteringFlow(NeededFlow):
    """A flow that is demanded, at the end that it comes in."""

    direction: ClassVar[Direction] = Direction.INGRESS


@dataclass(frozen=True)
class UsedPort:
    """A port of a Service that somebody is meant to call, and the port of the pods behind it."""

    noun: ClassVar[str] = "Service port that has a client"
    only_in_files: ClassVar[bool] = False

    intended: Intended
    service: Document
    index: int
    target: Party
    protocol: str
    number: int

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.intended.site.place

    @property
    def id(self) -> str:
        """Place, Service, port, and the workload behind it."""
        port = self.service.get("spec", "ports", self.index, "port")
        return f"{identify(self.place, self.service)}:{port} -> {self.target} {self.protocol} {self.number}"

    @property
    def incomplete(self) -> str | None:
        """What its place was rendered without: policies may be in that. Or by which policies it is not known whether they select its pods."""
        return self.intended.undecided(self.intended.universe.bits(self.target.endpoint))

    @property
    def is_allowed(self) -> bool:
        """Whether any rule lets anybody in there, or nothing isolates the pods."""
        universe, network = self.intended.universe, self.intended.surely
        bits = universe.bits(self.target.endpoint)
        if not bits & network.isolated[Direction.INGRESS]:
            return True
        asked = Flow(NODE, self.target, self.protocol, self.number, "").ports
        return any(one.targets & bits and one.ports & asked for one in network.allowances[Direction.INGRESS])

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the Service's port and the pods' own policy as the places."""
        where = self.service.origin.locate(("spec", "ports", self.index))
        return Evidence(message.format(*values), (where, *narrowest(self.intended, Direction.INGRESS, self.target)))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[UsedPort | Gap]:
        """Yield every port of a Service whose pods somebody is meant to call there."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            if not item.documents:
                continue
            network = intended(item, platform)
            called = {(flow.target, flow.protocol, flow.port) for flow in network.demanded if flow.source != NODE}
            for service in filter(is_service, item.documents):
                yield from (
                    cls(network, service, *found) for found in _ports(network.site, service) if found[1:] in called
                )


def _ports(site: Site, service: Document) -> Iterator[tuple[int, Party, str, int]]:
    for index, port in listed(service.get("spec", "ports")):
        for found in dict.fromkeys(site.reached(service, port.get("port"))):
            if found[1] == str(port.get("protocol") or "TCP"):
                yield (index, *found)
