"""NetworkPolicies and their rules, as subjects: what each selects, lists and names, and whether anything of it is dead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.endpoints import Bits
from policies.model.flows import Intended, intended
from policies.model.intervals import Intervals
from policies.model.inventory import Inventory, is_custom
from policies.model.network_policies import Direction, PeerClause, Policy, PortClause, Rule
from policies.model.parties import Party
from policies.model.pods import not_looked_at
from policies.model.ports import ports
from policies.model.workloads import identify
from policies.platform import Platform
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class NetworkPolicy:
    """A NetworkPolicy of a place."""

    noun: ClassVar[str] = "NetworkPolicy"
    only_in_files: ClassVar[bool] = False

    intended: Intended
    policy: Policy

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.intended.site.place

    @property
    def id(self) -> str:
        """Place and policy."""
        return _identify(self.intended, self.policy)

    @property
    def selected(self) -> Bits:
        """The pods that it selects."""
        return self.intended.universe.select(self.policy.pods, self.policy.namespace)

    def unseen(self, namespace: str) -> str | None:
        """Say why pods may be there unseen in a namespace: a custom object's controller makes them, or not all was rendered."""
        for document in self.intended.site.documents:
            if document.namespace == namespace and is_custom(document):
                return f"{document} may make pods that only its controller knows"
        return Inventory(self.intended.site.item).incomplete

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its selector as the place."""
        return self.blame(("spec", "podSelector"), message, *values)

    def blame(self, path: FieldPath, message: str, *values: object) -> Evidence:
        """Give a field of it as the place."""
        return Evidence(message.format(*values), (self.policy.locate(path),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[NetworkPolicy | Gap]:
        """Yield every policy of every place that the API server takes."""
        for network in _networks(platform):
            if isinstance(network, Gap):
                yield network
                continue
            for policy in _own(network):
                yield from cls.of(network, policy)

    @classmethod
    def of(cls, network: Intended, policy: Policy) -> Iterator[NetworkPolicy]:
        """Yield the subjects of one policy."""
        yield cls(network, policy)


class WrittenPolicy(NetworkPolicy):
    """A NetworkPolicy as it is written: one that the API server would refuse is an error, and not in force."""

    noun: ClassVar[str] = "NetworkPolicy as it is written"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[NetworkPolicy | Gap]:
        """Yield every policy of every place, and an error for each that the API server would refuse."""
        yield from super().collect(platform)
        for item in platform.deployed:
            for error in intended(item, platform).site.refused if item.documents else ():
                name = identify(item.place, error.document)
                if any(document is error.document for document in item.documents):
                    yield Gap(name, str(error), item.place, (error.location,), unreadable=True)


@dataclass(frozen=True)
class PolicyRule(NetworkPolicy):
    """A rule of a policy."""

    noun: ClassVar[str] = "rule of a NetworkPolicy"
    direction: ClassVar[Direction | None] = None

    rule: Rule

    @property
    def id(self) -> str:
        """Policy, direction and position."""
        return f"{super().id}/{self.rule.direction.word}[{self.rule.index}]"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the rule as the place."""
        return self.blame(self.rule.path, message, *values)

    @classmethod
    def of(cls, network: Intended, policy: Policy) -> Iterator[NetworkPolicy]:
        """Yield the rules of one policy."""
        for rule in policy.rules:
            if rule.direction in policy.directions and cls.direction in (None, rule.direction):
                yield cls(network, policy, rule)


class IngressRule(PolicyRule):
    """A rule that lets in."""

    noun: ClassVar[str] = "ingress rule"
    direction: ClassVar[Direction | None] = Direction.INGRESS

    @property
    def lists_ports(self) -> bool:
        """Whether it names ports one by one, or in ranges."""
        return self.rule.ports is not None and all(clause.port is not None for clause in self.rule.ports)


@dataclass(frozen=True)
class RulePeer(PolicyRule):
    """A peer of a rule that is found by labels."""

    noun: ClassVar[str] = "peer of a rule"

    index: int
    peer: PeerClause

    @property
    def id(self) -> str:
        """Rule and position."""
        return f"{super().id}:{self.index}"

    @property
    def found(self) -> Bits:
        """The pods that it is."""
        return self.intended.surely.peer(self.policy, self.peer)

    @property
    def unknown(self) -> str | None:
        """Why it is not known whether there are such pods: in namespaces of others the platform does not see."""
        selected = self.peer.namespaces
        universe, site = self.intended.universe, self.intended.site
        own = {pod.namespace for pod in universe.pods if any(party.pod == pod for party in site.parties)}
        if selected is None:
            return self.unseen(self.policy.namespace)
        if any(selected.selects(universe.labels_of(name)) for name in own):
            return next((why for name in sorted(own) if (why := self.unseen(name))), None)
        return f"namespaces {selected} are none of the platform's"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the peer as the place."""
        return self.blame(self.rule.peer_path(self.index), message, *values)

    @classmethod
    def of(cls, network: Intended, policy: Policy) -> Iterator[NetworkPolicy]:
        """Yield the peers of one policy's rules that are found by labels."""
        for rule in policy.rules:
            for index, peer in enumerate(rule.peers or ()) if rule.direction in policy.directions else ():
                if peer.block is None:
                    yield cls(network, policy, rule, index, peer)


@dataclass(frozen=True)
class RulePort(PolicyRule):
    """A port of a rule, and those that it lets reach: a port of the pods that receive."""

    noun: ClassVar[str] = "port of a rule"

    index: int
    clause: PortClause

    @property
    def id(self) -> str:
        """Rule and port."""
        return f"{super().id}:{self.clause}"

    @property
    def receivers(self) -> tuple[Party, ...]:
        """The workloads that would receive: those that the policy selects, or the peers of an egress rule."""
        universe = self.intended.universe
        bits = self.selected
        if self.rule.direction is Direction.EGRESS:
            bits = self.intended.surely.peers(self.policy, self.rule)
        return tuple(
            party for party in self.intended.parties if party.pod is not None and universe.bits(party.pod) & bits
        )

    @property
    def unknown(self) -> str | None:
        """Why it is not known who serves it: receivers outside, strangers, or pods that declare no port at all."""
        network, universe = self.intended, self.intended.universe
        egress = self.rule.direction is Direction.EGRESS
        peers = network.surely.peers(self.policy, self.rule) if egress else self.selected
        if self.clause.port is None:
            return "it is every port of its protocol (NET-02a)"
        if peers & universe.every_outside:
            return "it is of addresses outside"
        if not peers:
            return "there is nobody to serve it (NET-08a, NET-08b)"
        silent = [party for party in self.receivers if not party.declared]
        return f"{silent[0]} declares no port" if silent and not self.is_served else None

    @property
    def is_served(self) -> bool:
        """Whether a receiver declares a port of it, or a flow is meant to one."""
        numbers = self.clause.numbers
        for party in self.receivers:
            pod = party.pod
            if numbers is None:
                if pod is not None and any(
                    (one.protocol, one.name) == (self.clause.protocol, self.clause.port) for one in pod.ports
                ):
                    return True
            elif numbers & self._served(party):
                return True
        return False

    def _served(self, party: Party) -> Intervals:
        found = Intervals()
        pod_ports = [(one.protocol, one.number) for one in party.pod.ports] if party.pod is not None else []
        declared = [(protocol, number) for _, protocol, number in party.declared]
        called = [(flow.protocol, flow.port) for flow in self.intended.flows if flow.target == party]
        for protocol, number in (*pod_ports, *declared, *called):
            found |= ports(protocol, number)
        return found

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the port as the place."""
        return self.blame(self.rule.port_path(self.index), message, *values)

    @classmethod
    def of(cls, network: Intended, policy: Policy) -> Iterator[NetworkPolicy]:
        """Yield the ports of one policy's rules."""
        for rule in policy.rules:
            if rule.direction in policy.directions and cls.direction in (None, rule.direction):
                yield from (cls(network, policy, rule, index, clause) for index, clause in enumerate(rule.ports or ()))


class IngressPort(RulePort):
    """A port of a rule that lets in."""

    noun: ClassVar[str] = "port of an ingress rule"
    direction: ClassVar[Direction | None] = Direction.INGRESS


class EgressPort(RulePort):
    """A port of a rule that lets out."""

    noun: ClassVar[str] = "port of an egress rule"
    direction: ClassVar[Direction | None] = Direction.EGRESS


def _networks(platform: Platform) -> Iterator[Intended | Gap]:
    for item in platform.deployed:
        yield from not_looked_at(item)
        if item.documents:
            yield intended(item, platform)


def _own(network: Intended) -> Iterator[Policy]:
    """Yield the policies of the place itself, not of those beside it."""
    own = {id(document) for document in network.site.item.documents}
    yield from (policy for policy in network.site.policies if id(policy.document) in own)


def _identify(network: Intended, policy: Policy) -> str:
    return identify(network.site.place, policy.document) if policy.document is not None else str(policy)
