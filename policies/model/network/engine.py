"""What passes between pods, addresses outside and nodes: Kubernetes' own semantics of NetworkPolicies, over sets.

Source: the API reference of `networking.k8s.io/v1` NetworkPolicy and https://kubernetes.io/docs/concepts/services-networking/network-policies.
Policies are read into allowances: sources × targets × ports, whole sets at once. A connection passes where its source is not
isolated for egress or an allowance of egress holds it, and its target likewise for ingress.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.model.network.bits import Bits, members
from policies.model.network.endpoints import Endpoint, Node, Outside, Pod
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.policies import Direction, PeerClause, Policy, PortClause, Rule
from policies.model.network.ports import ALL_PORTS, ports
from policies.model.network.universe import Universe
from policies.model.workloads.pod_labels import Found

Parts = tuple[tuple[Bits, Intervals], ...]
"""Sets of sources that have nothing in common, each with the ports on which it reaches one target."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a rule lets pass: from any of `sources` to any of `targets` on `ports`. A rule with a named port makes one for each number."""

    policy: Policy
    rule: Rule
    sources: Bits
    targets: Bits
    ports: Intervals


@dataclass(frozen=True)
class Network:
    """A cluster's endpoints and the policies in force.

    With `doubtful` a block of addresses holds pods too that may be in it, by the range that is known of their addresses, and a selector
    that asks for labels of a controller's making isolates nobody whom it may miss: what then does not pass never does. Without it, what
    passes always does.
    """

    universe: Universe
    policies: tuple[Policy, ...]
    doubtful: bool = False

    @cached_property
    def isolating(self) -> dict[Direction, tuple[tuple[Policy, Bits], ...]]:
        """The policies of each direction, with the pods that each isolates (`spec.podSelector`, `spec.policyTypes`)."""
        return {
            direction: tuple(
                (policy, self.universe.select(policy.pods, policy.namespace, self._isolates))
                for policy in self.policies
                if direction in policy.directions
            )
            for direction in Direction
        }

    @property
    def _isolates(self) -> Found:
        return Found.ALL if self.doubtful else Found.PERHAPS

    @property
    def _allows(self) -> Found:
        return Found.PERHAPS if self.doubtful else Found.ALL

    @cached_property
    def isolated(self) -> dict[Direction, Bits]:
        """The pods that any policy isolates: policies add up, and one is enough."""
        found = {}
        for direction, policies in self.isolating.items():
            bits = 0
            for _, pods in policies:
                bits |= pods
            found[direction] = bits
        return found

    @cached_property
    def allowances(self) -> dict[Direction, tuple[Allowance, ...]]:
        """What the rules of each direction let pass."""
        return {
            direction: tuple(
                allowance
                for policy in self.policies
                if direction in policy.directions
                for rule in policy.of(direction)
                for allowance in self._allowances(policy, rule)
            )
            for direction in Direction
        }

    def selected(self, policy: Policy) -> Bits:
        """Give the pods whose connections a policy's rules let pass (`spec.podSelector`)."""
        return self.universe.select(policy.pods, policy.namespace, self._allows)

    def _allowances(self, policy: Policy, rule: Rule) -> Iterator[Allowance]:
        pods, peers = self.selected(policy), self.peers(policy, rule)
        ingress = rule.direction is Direction.INGRESS
        sources, targets = (peers, pods) if ingress else (pods, peers)
        for served, found in self._ports(rule, targets):
            if sources and served:
                yield Allowance(policy, rule, sources, served, found)

    def peers(self, policy: Policy, rule: Rule) -> Bits:
        """Give the peers of a rule (`from`, `to`): all where the field is absent or empty."""
        if rule.peers is None:
            return self.universe.all
        found = 0
        for peer in rule.peers:
            found |= self.peer(policy, peer)
        return found

    def peer(self, policy: Policy, peer: PeerClause) -> Bits:
        """Give who a peer is (`podSelector`, `namespaceSelector`, `ipBlock`)."""
        if peer.block is not None:
            return self.universe.within(peer.block.addresses, self.doubtful)
        assert peer.pods is not None  # noqa: S101 (a peer without a block has it)
        where = policy.namespace if peer.namespaces is None else peer.namespaces
        return self.universe.select(peer.pods, where, self._allows)

    def _ports(self, rule: Rule, targets: Bits) -> Iterator[tuple[Bits, Intervals]]:
        """Yield the ports of a rule with the targets on which they are those (`ports[].port`, `endPort`, `protocol`)."""
        if rule.ports is None:
            yield targets, ALL_PORTS
            return
        numbers = NOTHING
        for clause in rule.ports:
            numbers |= clause.numbers or NOTHING
            for number, pods in self.named(clause).items():
                yield targets & pods, ports(clause.protocol, number)
        if numbers:
            yield targets, numbers

    def named(self, clause: PortClause) -> dict[int, Bits]:
        """Give what a named port is, by the receiving pod: addresses outside have no names."""
        return self.universe.by_port.get((clause.protocol, str(clause.port)), {}) if clause.numbers is None else {}

    # One pair

    def ports(self, source: Endpoint, target: Endpoint) -> Intervals:
        """Give the ports on which all of a source reaches all of a target. Two pods are two, also where no policy tells them apart."""
        found = ALL_PORTS
        for index in members(self.universe.bits(target)):
            left = self.universe.bits(source)
            for bits, passing in self.reaching(index):
                if bits & left:
                    found &= passing
                    left &= ~bits
            if left:
                return NOTHING
        return found

    # The whole

    def reaching(self, target: int) -> Parts:
        """Give who reaches a target, by its index in the universe, and on which ports."""
        return self._rows[target]

    @cached_property
    def _rows(self) -> tuple[Parts, ...]:
        """Who reaches each endpoint: targets under the same allowances share the work."""
        known: dict[tuple[object, ...], Parts] = {}
        egress, ingress = (self._by_target(direction) for direction in (Direction.EGRESS, Direction.INGRESS))
        rows = []
        for index, endpoint in enumerate(self.universe.endpoints):
            isolated = bool(self.isolated[Direction.INGRESS] >> index & 1)
            leaving, entering = egress.get(index, ()), ingress.get(index, ())
            kind = endpoint.host_network if isinstance(endpoint, Pod) else type(endpoint)
            under = (kind, isolated, leaving, entering)
            if under not in known:
                known[under] = self._row(endpoint, isolated, leaving, entering)
            rows.append(known[under])
        return tuple(rows)

    def _by_target(self, direction: Direction) -> dict[int, tuple[tuple[Bits, Intervals], ...]]:
        """Give, for each target's index, the sources and ports of the allowances that hold it; what says the same is joined first."""
        joined: dict[tuple[Bits, Intervals], Bits] = {}
        for allowance in self.allowances[direction]:
            key = (allowance.targets, allowance.ports)
            joined[key] = joined.get(key, 0) | allowance.sources
        found: dict[int, list[tuple[Bits, Intervals]]] = {}
        for (targets, passing), sources in joined.items():
            for index in members(targets):
                found.setdefault(index, []).append((sources, passing))
        return {index: tuple(listed) for index, listed in found.items()}

    def _row(self, target: Endpoint, isolated: bool, egress: Parts, ingress: Parts) -> Parts:
        universe = self.universe
        # Traffic between a pod and its own node is always allowed; which node a pod of the host's network is on is not known.
        near = universe.node | (universe.on_hosts if self.doubtful else 0)
        leaving = ((universe.all & ~self.isolated[Direction.EGRESS], ALL_PORTS), *egress)
        if isinstance(target, Node) or (self.doubtful and isinstance(target, Pod) and target.host_network):
            leaving = ((universe.all, ALL_PORTS),)
        entering = ((near, ALL_PORTS), *ingress) if isolated else ((universe.all, ALL_PORTS),)
        who = universe.all_pods if isinstance(target, (Outside, Node)) else universe.all
        return _disjoint(
            (sources & others & who, passing & open_ports)
            for sources, passing in _gathered(leaving)
            for others, open_ports in _gathered(entering)
        )


def _gathered(parts: Iterable[tuple[Bits, Intervals]]) -> tuple[tuple[Bits, Intervals], ...]:
    found: dict[Intervals, Bits] = {}
    for sources, passing in parts:
        found[passing] = found.get(passing, 0) | sources
    return tuple((sources, passing) for passing, sources in found.items())


def _disjoint(parts: Iterable[tuple[Bits, Intervals]]) -> Parts:
    """Part sets that overlap into sets that do not, each with all its ports."""
    found: dict[Intervals, Bits] = {}
    for sources, passing in parts:
        if not sources or not passing:
            continue
        left = sources
        for known, bits in list(found.items()):
            common = bits & left
            if not common:
                continue
            left &= ~common
            both = known | passing
            if both != known:
                found[known] &= ~common
                found[both] = found.get(both, 0) | common
        if left:
            found[passing] = found.get(passing, 0) | left
    return tuple((bits, passing) for passing, bits in found.items() if bits)
