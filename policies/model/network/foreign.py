"""Pods of namespaces that nobody knows, where a rule takes pods of any namespace by labels: who gives a pod the labels is let through.

Source: `NetworkPolicyPeer.namespaceSelector` ("if present but empty, it selects all namespaces"), beside a podSelector.
"""

from __future__ import annotations

from collections.abc import Iterable

from policies.model.network.connected import Connected
from policies.model.network.connection import Excess
from policies.model.network.engine import Allowance, Network
from policies.model.network.flow import Flow
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.labels import Selector
from policies.model.network.parties import ANYWHERE, DNS, STRANGER
from policies.model.network.policies import Direction, PeerClause, Rule
from policies.model.network.ports import ALL_PORTS, every_port, ports

_QUESTIONS = ports("UDP", 53) | ports("TCP", 53)


def foreign(subject: Connected, direction: Direction, network: Network, meant: Iterable[Flow]) -> tuple[Excess, ...]:
    """Give, for each selector of pods of any namespace, what passes between a workload and pods that have such labels elsewhere.

    Left out is what any other pod may do, who needs no labels for it; what is meant from or to anywhere; and questions to the DNS.
    """
    known = _of_anybody(subject, direction, network)
    for flow in meant:
        if ANYWHERE in (flow.source, flow.target):
            known |= flow.ports
    parts: dict[Selector, list[tuple[Intervals, Allowance, PeerClause]]] = {}
    for policy, rule, peer in subject.intended.labelled_peers:
        if rule.direction is not direction or not network.selected(policy) & subject.bits:
            continue
        assert peer.pods is not None  # noqa: S101 (a peer without a block has it)
        left = _ports(subject, network, rule) - known
        others = network.peer(policy, peer)
        if direction is Direction.EGRESS and others & network.universe.bits(DNS.endpoint):
            left = left - _QUESTIONS
        ends = (others, subject.bits) if direction is Direction.INGRESS else (subject.bits, others)
        if left:
            parts.setdefault(peer.pods, []).append((left, Allowance(policy, rule, *ends, left), peer))
    return tuple(_excess(selector, found) for selector, found in parts.items())


def _excess(selector: Selector, found: list[tuple[Intervals, Allowance, PeerClause]]) -> Excess:
    passing = NOTHING
    for left, _, _ in found:
        passing |= left
    lines = (
        allowance.policy.locate(allowance.rule.peer_path((allowance.rule.peers or ()).index(peer)))
        for _, allowance, peer in found
    )
    rules = tuple(dict.fromkeys(allowance for _, allowance, _ in found))
    return Excess(f"any pod of any other namespace with {selector}", passing, rules, tuple(dict.fromkeys(lines)))


def _of_anybody(subject: Connected, direction: Direction, network: Network) -> Intervals:
    """Give the ports on which a pod without labels passes."""
    universe = network.universe
    ends = (STRANGER.endpoint, subject.party.endpoint)
    source, target = ends if direction is Direction.INGRESS else ends[::-1]
    found = NOTHING
    for bits, passing in network.reaching(universe.index(target)):
        if bits & universe.bits(source):
            found |= passing
    return found


def _ports(subject: Connected, network: Network, rule: Rule) -> Intervals:
    """Give the ports of a rule; what another's pod calls by a name may be any of its ports."""
    if rule.ports is None:
        return ALL_PORTS
    found = NOTHING
    for clause in rule.ports:
        if clause.numbers is not None:
            found |= clause.numbers
        elif rule.direction is Direction.EGRESS:
            found |= every_port(clause.protocol)
        for number, pods in network.named(clause).items() if rule.direction is Direction.INGRESS else ():
            found |= ports(clause.protocol, number) if pods & subject.bits else NOTHING
    return found
