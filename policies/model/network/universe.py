"""All endpoints of a cluster as one order, and the sets of them that selectors and blocks of addresses find."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from policies.model.network.address_ranges import IPV4, IPV6, parted
from policies.model.network.bits import Bits, bits_of, sets_by_key, union
from policies.model.network.endpoints import Endpoint, Node, Outside, Pod, Several
from policies.model.network.intervals import Intervals
from policies.model.network.labels import DOES_NOT_EXIST, EXISTS, IN, NAMESPACE_NAME, Labels, Selector
from policies.model.workloads.pod_labels import ADDED, Found, found


@dataclass(frozen=True)
class Universe:
    """All endpoints in their order: pods, then addresses outside in the ranges that `known` parts them into, then the node.

    `namespaces` are the labels of those that there are; each has its own name as a label too.
    """

    pods: tuple[Pod, ...]
    namespaces: Mapping[str, Labels]
    known: tuple[Intervals, ...] = ()

    @cached_property
    def outside(self) -> tuple[Outside, ...]:
        """The addresses outside, in ranges."""
        return tuple(map(Outside, parted(self.known)))

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every endpoint, at its index."""
        return (*self.pods, *self.outside, Node())

    @cached_property
    def _indices(self) -> dict[Endpoint, int]:
        return {endpoint: index for index, endpoint in enumerate(self.endpoints)}

    @property
    def node(self) -> Bits:
        """The node alone."""
        return 1 << (len(self.pods) + len(self.outside))

    @cached_property
    def all(self) -> Bits:
        """Every endpoint."""
        return (self.node << 1) - 1

    @property
    def all_pods(self) -> Bits:
        """Every pod."""
        return (1 << len(self.pods)) - 1

    @cached_property
    def every_outside(self) -> Bits:
        """Every address outside."""
        return self.all ^ self.all_pods ^ self.node

    @cached_property
    def on_hosts(self) -> Bits:
        """The pods of the host's network."""
        return bits_of(index for index, pod in enumerate(self.pods) if pod.host_network)

    @cached_property
    def selectable(self) -> Bits:
        """The pods that selectors can find."""
        return self.all_pods & ~self.on_hosts

    def index(self, endpoint: Endpoint) -> int:
        """Give the index of an endpoint. Raises KeyError for one that is none of these."""
        return self._indices[endpoint]

    def bits(self, endpoint: Endpoint) -> Bits:
        """Give an endpoint as a set: addresses as all ranges that hold any of them."""
        if isinstance(endpoint, Several):
            if endpoint not in self._together:
                self._together[endpoint] = bits_of(map(self.index, endpoint.pods))
            return self._together[endpoint]
        if not isinstance(endpoint, Outside):
            return 1 << self.index(endpoint)
        found = 0
        first = len(self.pods)
        for begin, end in endpoint.addresses.spans:
            index = max(0, bisect_left(self._starts, begin + 1) - 1)
            while index < len(self._starts) and self._starts[index] <= end:
                found |= 1 << (first + index)
                index += 1
        return found

    @cached_property
    def _together(self) -> dict[Several, Bits]:
        return {}

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(one.addresses.spans[0][0] for one in self.outside)

    # Selectors

    @cached_property
    def _by_namespace(self) -> dict[str, Bits]:
        return sets_by_key((pod.namespace, index) for index, pod in enumerate(self.pods))

    @cached_property
    def _by_label(self) -> dict[tuple[str, str], Bits]:
        return sets_by_key((label, index) for index, pod in enumerate(self.pods) for label in pod.labels)

    @cached_property
    def _by_key(self) -> dict[str, Bits]:
        return sets_by_key((key, index) for index, pod in enumerate(self.pods) for key, _ in pod.labels)

    @cached_property
    def by_port(self) -> dict[tuple[str, str], dict[int, Bits]]:
        """The pods that call a port so, by protocol and name, then by the number that it has for them; a node's address has no names."""
        found: dict[tuple[str, str], dict[int, list[int]]] = {}
        for index, pod in enumerate(self.pods):
            for port in () if pod.host_network else pod.ports:
                found.setdefault((port.protocol, port.name), {}).setdefault(port.number, []).append(index)
        return {name: {number: bits_of(bits) for number, bits in numbers.items()} for name, numbers in found.items()}

    @cached_property
    def _selections(self) -> dict[tuple[Selector, Selector | str, Found], Bits]:
        return {}

    def select(self, pods: Selector, namespaces: Selector | str, at_least: Found = Found.ALL) -> Bits:
        """Give the pods that a selector finds, in the namespace of a name or in those that another selector finds.

        Where it asks for labels that controllers add: those of which it finds all, or `at_least` some, or perhaps any.
        """
        asks = not ADDED.isdisjoint(demand.key for demand in pods.expressions)
        kind = (pods, namespaces, at_least if asks else Found.ALL)
        known = self._selections.get(kind)
        if known is None:
            known = self._selections[kind] = self._select(pods, namespaces)
            if asks:
                known = self._selections[kind] = self._by_added(known, pods, namespaces, at_least)
        return known

    def _by_added(self, chosen: Bits, pods: Selector, namespaces: Selector | str, at_least: Found) -> Bits:
        """Decide anew about pods with labels that their controller adds."""
        within = self._select(Selector(), namespaces)
        for index, pod in enumerate(self.pods):
            if pod.added and within >> index & 1:
                holds = found(pods, dict(pod.labels), dict(pod.added)) >= at_least
                chosen = chosen | 1 << index if holds else chosen & ~(1 << index)
        return chosen

    def _select(self, pods: Selector, namespaces: Selector | str) -> Bits:
        found = self.selectable
        if isinstance(namespaces, str):
            found &= self._by_namespace.get(namespaces, 0)
        elif namespaces.expressions:
            found &= self._in_namespaces(namespaces)
        for demand in pods.expressions:
            if demand.operator in (EXISTS, DOES_NOT_EXIST):
                holding = self._by_key.get(demand.key, 0)
            else:
                holding = union(self._by_label.get((demand.key, value), 0) for value in demand.values)
            found &= holding if demand.operator in (IN, EXISTS) else ~holding
        return found

    @cached_property
    def _chosen_namespaces(self) -> dict[Selector, Bits]:
        return {}

    def _in_namespaces(self, selector: Selector) -> Bits:
        known = self._chosen_namespaces.get(selector)
        if known is None:
            chosen = (bits for name, bits in self._by_namespace.items() if selector.selects(self.labels_of(name)))
            known = self._chosen_namespaces[selector] = union(chosen)
        return known

    def labels_of(self, namespace: str) -> dict[str, str]:
        """Give the labels of a namespace: those that are known of it, and its name."""
        return {**dict(self.namespaces.get(namespace, ())), NAMESPACE_NAME: namespace}

    def within(self, block: Intervals, doubtful: bool) -> Bits:
        """Give who has an address in a block: addresses outside, and pods that surely have; with `doubtful` those that may have.

        `NetworkPolicyPeer.ipBlock` is meant for addresses outside; that of a pod is seldom known, and for it too the block holds.
        """
        found = self.bits(Outside(block)) & self.every_outside
        for where, pods in self._by_address.items():
            if _may_be_in(where, block) if doubtful else _is_in(where, block):
                found |= pods
        return found

    @cached_property
    def _by_address(self) -> dict[Intervals | None, Bits]:
        return sets_by_key((pod.addresses, index) for index, pod in enumerate(self.pods))


def _is_in(where: Intervals | None, block: Intervals) -> bool:
    """Whether a pod surely has an address in a block: an unknown one is of IPv4 or of IPv6."""
    if where is None:
        return IPV4.is_within(block) or IPV6.is_within(block)
    return bool(where) and where.is_within(block)


def _may_be_in(where: Intervals | None, block: Intervals) -> bool:
    # Of an address of which nothing is known every block would have to count, those of a database's subnet too.
    return _is_in(where, block) if where is None else bool(where & block)
