"""Ports of NetworkPolicies' rules, as subjects, and who serves them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence
from policies.model.network.flows import Intended
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.parties import Party
from policies.model.network.policies import Direction, Policy, PortClause
from policies.model.network.policy_rules import NetworkPolicy, PolicyRule
from policies.model.network.ports import ports, spell_ports


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
            bits = self.intended.possibly.peers(self.policy, self.rule)
        return tuple(
            party for party in self.intended.parties if party.pod is not None and universe.bits(party.pod) & bits
        )

    @property
    def unknown(self) -> str | None:
        """Why it is not known who serves it: receivers outside, strangers, or pods that declare no port at all."""
        network, universe = self.intended, self.intended.universe
        egress = self.rule.direction is Direction.EGRESS
        peers = network.possibly.peers(self.policy, self.rule) if egress else self.selected
        if self.clause.port is None:
            return "it is every port of its protocol (NET-02a)"
        if peers & universe.every_outside:
            return "who is reached by it is outside, where no ports are declared"
        if not peers:
            return f"there is nobody to serve it ({'NET-08b' if egress else 'NET-08a'})"
        silent = [party for party in self.receivers if not party.declared]
        return f"{silent[0]} declares no port" if silent and self.unserved else None

    @property
    def is_served(self) -> bool:
        """Whether a receiver declares a port of it, or a flow is meant to one."""
        return self.unserved != "it"

    @property
    def unserved(self) -> str:
        """What of it no receiver declares and no flow is meant to, spelled; `it` for the whole."""
        numbers = self.clause.numbers
        if numbers is None:
            called = (self.clause.protocol, self.clause.port)
            pods = (party.pod for party in self.receivers if party.pod is not None)
            return "" if any((one.protocol, one.name) == called for pod in pods for one in pod.ports) else "it"
        left = numbers
        for party in self.receivers:
            left -= self._served(party)
        return "it" if left == numbers else spell_ports(left) if left else ""

    def _served(self, party: Party) -> Intervals:
        found = NOTHING
        pod_ports = [(one.protocol, one.number) for one in party.pod.ports] if party.pod is not None else []
        declared = [(protocol, number) for _, protocol, number in party.declared]
        called = [(flow.protocol, flow.port) for flow in self.intended.into(party)]
        for protocol, number in (*pod_ports, *declared, *called):
            found |= ports(protocol, number)
        return found

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the port as the place."""
        return self.blame((*self.rule.port_path(self.index), "port"), message, *values)

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
