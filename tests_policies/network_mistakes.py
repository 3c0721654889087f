"""Mistakes that engines of NetworkPolicies make: each is a function of ours by another that makes it, to be put in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from naive_network import NAME_LABEL

from policies.model.network import policy_schema as schema
from policies.model.network.address_ranges import EVERY_ADDRESS, addresses
from policies.model.network.bits import Bits
from policies.model.network.engine import Network
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.labels import EXISTS, NOT_IN, Expression, Selector
from policies.model.network.policies import AddressBlock, Direction, PeerClause, Policy, PortClause, Rule
from policies.model.network.ports import PROTOCOLS, ports
from policies.model.network.universe import Universe
from policies.read.documents import Document

_rule, _selector, _read_policy = schema._rule, schema._selector, schema.read_policy
_peer, _ports, _isolated = Network.peer, Network._ports, vars(Network)["isolated"]
_within, _labels_of, _select = Universe.within, Universe.labels_of, Universe._select


def _empty_peers_are_nobody(*given: Any) -> Rule:
    return replace(_rule(*given), peers=()) if given[3] == [] else _rule(*given)


def _empty_ports_are_none(*given: Any) -> Rule:
    return replace(_rule(*given), ports=()) if given[4] == [] else _rule(*given)


def _of_every_protocol(document: Document, direction: Direction, index: int, peers: Any, listed: Any) -> Rule:
    found = []
    for one in listed or ():
        stays = one.protocol is not None or one.port is None
        found += [one] if stays else [type(one)(protocol, one.port, one.end_port) for protocol in PROTOCOLS]
    return _rule(document, direction, index, peers, found)


def _not_in_wants_the_key(*given: Any) -> Selector:
    found = _selector(*given).expressions
    return Selector((*found, *(Expression(one.key, EXISTS) for one in found if one.operator == NOT_IN)))


def _of_these(policy: Policy, *directions: Direction) -> Policy:
    return replace(policy, directions=frozenset(directions))


def _egress_rules_alone_are_egress_alone(document: Document) -> Policy:
    policy, types = _read_policy(document), document.get("spec", "policyTypes")
    alone = not types and policy.rules and all(rule.direction is Direction.EGRESS for rule in policy.rules)
    return _of_these(policy, Direction.EGRESS) if alone else policy


def _without_types_both_ways(document: Document) -> Policy:
    policy, types = _read_policy(document), document.get("spec", "policyTypes")
    return policy if types else _of_these(policy, *Direction)


def _always_ingress(document: Document) -> Policy:
    policy = _read_policy(document)
    return _of_these(policy, *policy.directions, Direction.INGRESS)


def _either_selector(self: Network, policy: Policy, peer: PeerClause) -> Bits:
    found = _peer(self, policy, peer)
    if peer.pods is None or peer.namespaces is None or not peer.pods.expressions:
        return found
    return found | self.universe.select(peer.pods, Selector()) | self.universe.select(Selector(), peer.namespaces)


def _pods_of_every_namespace(self: Network, policy: Policy, peer: PeerClause) -> Bits:
    everywhere = peer.namespaces if peer.namespaces is not None or peer.block is not None else Selector()
    return _peer(self, policy, replace(peer, namespaces=everywhere))


def _empty_is_the_own_namespace(self: Network, policy: Policy, peer: PeerClause) -> Bits:
    return _peer(self, policy, replace(peer, namespaces=None) if peer.namespaces == Selector() else peer)


def _name_of_tcp(self: Network, clause: PortClause) -> dict[int, Bits]:
    return self.universe.by_port.get(("TCP", str(clause.port)), {}) if clause.numbers is None else {}


def _name_of_anybody(self: Network, rule: Rule, targets: Bits) -> Iterator[tuple[Bits, Intervals]]:
    yield from _ports(self, rule, targets)
    for clause in rule.ports or ():
        yield from ((targets, ports(clause.protocol, number)) for number in self.named(clause))


def _any_demand(self: Universe, pods: Selector, namespaces: Selector | str) -> Bits:
    found = 0
    for one in pods.expressions:
        found |= _select(self, Selector((one,)), namespaces)
    return found if pods.expressions else _select(self, pods, namespaces)


def _for_ingress_alone(self: Network) -> dict[Direction, Bits]:
    return {**_isolated.func(self), Direction.EGRESS: 0}


def _either_family(self: AddressBlock) -> Intervals:
    return (addresses((self.cidr,)) if self.cidr.prefixlen else EVERY_ADDRESS) - addresses(self.excepts)


def _every_block_holds_pods(self: Universe, block: Intervals, doubtful: bool) -> Bits:
    return _within(self, block, doubtful) | self.all_pods


def _no_label_of_its_name(self: Universe, namespace: str) -> dict[str, str]:
    return {key: value for key, value in _labels_of(self, namespace).items() if key != NAME_LABEL}


def _numbers(self: PortClause, end: bool = True, without: bool = True) -> Intervals | None:
    if isinstance(self.port, str):
        return None
    if self.port is None:
        return ports(self.protocol, 1, 65535) if without else NOTHING
    return ports(self.protocol, self.port, self.end if end else None)


MISTAKES: dict[str, tuple[object, str, object]] = {
    "an empty list of peers is nobody": (schema, "_rule", _empty_peers_are_nobody),
    "an empty list of ports is no port": (schema, "_rule", _empty_ports_are_none),
    "a port without protocol is one of every protocol": (schema, "_rule", _of_every_protocol),
    "NotIn misses what does not have the key": (schema, "_selector", _not_in_wants_the_key),
    "rules of egress alone isolate for egress alone": (schema, "read_policy", _egress_rules_alone_are_egress_alone),
    "without policyTypes a policy isolates both ways": (schema, "read_policy", _without_types_both_ways),
    "policyTypes of Egress alone isolate for ingress too": (schema, "read_policy", _always_ingress),
    "a peer's two selectors are or-ed": (Network, "peer", _either_selector),
    "a podSelector alone finds pods of every namespace": (Network, "peer", _pods_of_every_namespace),
    "an empty namespaceSelector is the policy's own namespace": (Network, "peer", _empty_is_the_own_namespace),
    "a port's name is one of TCP, whatever the protocol": (Network, "named", _name_of_tcp),
    "a port's name means what it means to any pod": (Network, "_ports", _name_of_anybody),
    "the demands of a selector are or-ed": (Universe, "_select", _any_demand),
    "a pod of its node's network is found by its labels": (Universe, "selectable", property(lambda it: it.all_pods)),
    "a block holds pods of which no address is known": (Universe, "within", _every_block_holds_pods),
    "a namespace has no label of its name": (Universe, "labels_of", _no_label_of_its_name),
    "the exceptions of a block are passed over": (
        AddressBlock,
        "addresses",
        property(lambda it: addresses((it.cidr,))),
    ),
    "of a block's exceptions the first counts": (
        AddressBlock,
        "addresses",
        property(lambda it: addresses((it.cidr,)) - addresses(it.excepts[:1])),
    ),
    "a block of every address of one family holds the other's": (AddressBlock, "addresses", property(_either_family)),
    "endPort is passed over": (PortClause, "numbers", property(lambda it: _numbers(it, end=False))),
    "a protocol without port is no port": (PortClause, "numbers", property(lambda it: _numbers(it, without=False))),
    "only the first rule of a policy counts": (
        Policy,
        "of",
        lambda it, way: (one for one in it.rules[:1] if one.direction is way),
    ),
    "where ingress lets pass egress does not matter": (Network, "isolated", property(_for_ingress_alone)),
}
"""By the sentence that is mistaken: where the function stands, its name, and the one that makes the mistake."""
