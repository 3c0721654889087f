"""NetworkPolicies as the API server takes them (`networking.k8s.io/v1`): what each selects, isolates and lets pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from policies.evidence import Location
from policies.model.network.address_ranges import Network, addresses
from policies.model.network.intervals import Intervals
from policies.model.network.labels import Selector
from policies.model.network.ports import LAST, every_port, ports, spell_ports
from policies.read.documents import Document
from policies.read.yaml import FieldPath


class Direction(StrEnum):
    """`NetworkPolicySpec.policyTypes`, as a word of the API."""

    INGRESS = "Ingress"
    EGRESS = "Egress"

    @property
    def word(self) -> str:
        """As it stands in a sentence, and as the field of the rules is called."""
        return self.value.lower()


@dataclass(frozen=True, slots=True)
class PortClause:
    """`NetworkPolicyPort`: without a number or name all ports of its protocol; a name is the one of the receiving pod's port."""

    protocol: str = "TCP"
    port: int | str | None = None
    end: int | None = None

    @property
    def numbers(self) -> Intervals | None:
        """The ports that it means, or None for a name, which each pod answers for itself."""
        if isinstance(self.port, str):
            return None
        return every_port(self.protocol) if self.port is None else ports(self.protocol, self.port, self.end)

    def __str__(self) -> str:
        numbers = self.numbers
        return f"{self.protocol} {self.port}" if numbers is None else spell_ports(numbers)


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """`IPBlock`: the addresses of `cidr` without those of `excepts`."""

    cidr: Network
    excepts: tuple[Network, ...] = ()

    @property
    def addresses(self) -> Intervals:
        """The addresses that are left."""
        return addresses((self.cidr,)) - addresses(self.excepts)

    def __str__(self) -> str:
        return f"{self.cidr}" + (f" except {', '.join(map(str, self.excepts))}" if self.excepts else "")


@dataclass(frozen=True, slots=True)
class PeerClause:
    """`NetworkPolicyPeer`: pods by their labels, in the policy's own namespace or in those selected; or a block of addresses."""

    pods: Selector | None = None
    namespaces: Selector | None = None
    block: AddressBlock | None = None

    def __str__(self) -> str:
        if self.block is not None:
            return f"the addresses {self.block}"
        pods = f"pods {self.pods}" if self.pods is not None and self.pods.expressions else "every pod"
        if self.namespaces is None:
            return f"{pods} of the namespace"
        if not self.namespaces.expressions:
            return f"{pods} of every namespace"
        return f"{pods} of namespaces {self.namespaces}"


@dataclass(frozen=True)
class Rule:
    """`NetworkPolicyIngressRule` or `NetworkPolicyEgressRule`: any of its peers on any of its ports.

    `peers` or `ports` of None are a field that is absent or empty: it means all.
    """

    direction: Direction
    index: int
    peers: tuple[PeerClause, ...] | None = None
    ports: tuple[PortClause, ...] | None = None

    @property
    def path(self) -> FieldPath:
        """Where it stands in the policy."""
        return ("spec", self.direction.word, self.index)

    def peer_path(self, index: int) -> FieldPath:
        """Where a peer stands in the policy."""
        return (*self.path, "from" if self.direction is Direction.INGRESS else "to", index)

    def port_path(self, index: int) -> FieldPath:
        """Where a port stands in the policy."""
        return (*self.path, "ports", index)


@dataclass(frozen=True)
class Policy:
    """A NetworkPolicy: it isolates the pods that it selects in each of `directions`, and lets pass what its rules say."""

    namespace: str
    name: str
    pods: Selector
    directions: frozenset[Direction]
    rules: tuple[Rule, ...] = ()
    document: Document | None = field(default=None, compare=False, repr=False)

    def of(self, direction: Direction) -> Iterator[Rule]:
        """Yield the rules of a direction that it isolates; others have no effect."""
        yield from (rule for rule in self.rules if rule.direction is direction and direction in self.directions)

    def locate(self, path: FieldPath = ()) -> Location:
        """Give the line of a field of it."""
        return self.document.origin.locate(path) if self.document is not None else Location(str(self))

    def __str__(self) -> str:
        return f"NetworkPolicy/{self.name}"


def blocks(policies: Any) -> Iterator[AddressBlock]:
    """Yield every block of addresses of policies."""
    for policy in policies:
        for rule in policy.rules:
            yield from (peer.block for peer in rule.peers or () if peer.block is not None)


VALID_PORTS = range(1, LAST + 1)
