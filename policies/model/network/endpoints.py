"""Who can stand at the ends of a connection: pods that no policy tells apart, addresses outside, a pod's own node."""

from __future__ import annotations

from dataclasses import dataclass

from policies.model.network.intervals import Intervals
from policies.model.network.labels import Labels
from policies.model.workloads.pod_labels import Added


@dataclass(frozen=True, slots=True)
class NamedPort:
    """A container's port that has a name (`ContainerPort.name`), by which policies may call it."""

    name: str
    protocol: str
    number: int


@dataclass(frozen=True, slots=True)
class Pod:
    """Pods that policies see as one: of one namespace, with the same labels and the same named ports.

    `added` are the labels that their controller puts on each, by which policies can tell them apart; `addresses` is where their addresses
    are, None where nothing is known of them. A pod of the host's network has its node's address: no selector finds it and no policy
    isolates it (https://kubernetes.io/docs/concepts/services-networking/network-policies, the second and most common of the two
    behaviours described there).
    """

    namespace: str
    labels: Labels = frozenset()
    ports: frozenset[NamedPort] = frozenset()
    host_network: bool = False
    addresses: Intervals | None = None
    added: Added = frozenset()


@dataclass(frozen=True, slots=True)
class Outside:
    """Addresses that are no pod's and no node's of the cluster."""

    addresses: Intervals


@dataclass(frozen=True, slots=True)
class Node:
    """The node that a pod runs on: its kubelet, and what comes over its address."""


@dataclass(frozen=True, slots=True)
class Several:
    """Any of several pods: a fact about fifty thousand pairs is then one fact."""

    pods: frozenset[Pod]


Endpoint = Pod | Several | Outside | Node
