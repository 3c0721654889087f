"""Peers of NetworkPolicies' rules, as subjects, and whether there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence
from policies.model.network.bits import Bits
from policies.model.network.flows import Intended
from policies.model.network.labels import EVERYTHING, Selector
from policies.model.network.policies import PeerClause, Policy
from policies.model.network.policy_rules import NetworkPolicy, PolicyRule
from policies.model.workloads.pod_labels import Found


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
        """The workloads of which it is any pod for sure."""
        pods = self.peer.pods or EVERYTHING
        return self.intended.universe.select(pods, self._where, Found.SOME)

    @property
    def _where(self) -> Selector | str:
        return self.policy.namespace if self.peer.namespaces is None else self.peer.namespaces

    @property
    def unknown(self) -> str | None:
        """Why it is not known whether there are such pods: in namespaces of others the platform does not see."""
        selected = self.peer.namespaces
        universe, site = self.intended.universe, self.intended.site
        own = {pod.namespace for pod in universe.pods if any(party.pod == pod for party in site.parties)}
        pods = self.peer.pods or EVERYTHING
        if reason := self.unsettled(pods, self._where):
            return reason
        if selected is None:
            name = self.policy.namespace
            return self.on_host(pods, lambda other: other == name) or self.unseen(name)
        if reason := self.on_host(pods, lambda other: selected.selects(universe.labels_of(other))):
            return reason
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
