"""NetworkPolicy one connection at a time: the documentation's sentences, one function each, to hold the engine against.

Shares nothing with the engine and computes no sets. «API» below is the field reference of NetworkPolicy networking.k8s.io/v1,
«concept» the page https://kubernetes.io/docs/concepts/services-networking/network-policies/. Of the objects only Namespaces, Pods and
NetworkPolicies are looked at: who asks has made pods of the workloads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, TypeAlias

Object: TypeAlias = dict[str, Any]
NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Pod:
    """A pod of the cluster."""

    namespace: str
    name: str


@dataclass(frozen=True)
class Outside:
    """An IP address, v4 or v6, that is no pod's."""

    address: str


@dataclass(frozen=True)
class Node:
    """The node that the pod at the other end runs on."""


Peer: TypeAlias = Pod | Outside | Node
PodAddresses: TypeAlias = Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True)
class Connection:
    """One attempt: who, whom, and the port that the receiver is asked on (a container's, not a Service's)."""

    source: Peer
    target: Peer
    protocol: str
    port: int


@dataclass(frozen=True)
class Cluster:
    """What is there: raw objects, and the pods' addresses as far as they are known."""

    objects: Sequence[Object]
    pod_addresses: PodAddresses


def allowed(
    objects: Sequence[Object],
    source: Peer,
    target: Peer,
    protocol: str,
    port: int,
    *,
    pod_addresses: PodAddresses | None = None,
) -> bool:
    """Concept: both the egress policy on the source and the ingress policy on the destination need to allow it."""
    egress, ingress = directions(objects, source, target, protocol, port, pod_addresses=pod_addresses)
    return egress and ingress


def directions(
    objects: Sequence[Object],
    source: Peer,
    target: Peer,
    protocol: str,
    port: int,
    *,
    pod_addresses: PodAddresses | None = None,
) -> tuple[bool, bool]:
    """Answer for each end by itself: does the source's egress allow it, does the target's ingress allow it."""
    cluster = Cluster(objects, pod_addresses or {})
    connection = Connection(source, target, protocol, port)
    refuse_senseless(cluster, connection)
    if source == target:  # concept: "a pod cannot block access to itself"
        return True, True
    if isinstance(source, Node) or isinstance(target, Node):
        # concept: "traffic to and from the node where a Pod is running is always allowed"
        return True, True
    egress = not isinstance(source, Pod) or end_allows(cluster, "Egress", source, connection)
    ingress = not isinstance(target, Pod) or end_allows(cluster, "Ingress", target, connection)
    return egress, ingress


def refuse_senseless(cluster: Cluster, connection: Connection) -> None:
    """Refuse a question about something that is not there: a wrong question must not look like an answer."""
    if connection.protocol not in {"TCP", "UDP", "SCTP"}:
        raise ValueError(f"{connection.protocol}: NetworkPolicy knows TCP, UDP and SCTP")
    if not 1 <= connection.port <= 65535:
        raise ValueError(f"{connection.port}: a port is 1 to 65535")
    for end in (connection.source, connection.target):
        if isinstance(end, Pod):
            running_pod(cluster, end)
        if isinstance(end, Outside):
            of_pods = [ip_address(one) for known in cluster.pod_addresses.values() for one in known]
            if ip_address(end.address) in of_pods:
                raise ValueError(f"{end.address} is a pod's address")


def running_pod(cluster: Cluster, end: Pod) -> Object:
    """status.phase: a pod that Succeeded or Failed is finished: no process of it runs, and its address is free again."""
    for one in cluster.objects:
        if one["kind"] == "Pod" and one["apiVersion"] == "v1" and namespace_of(one) == end.namespace:
            phase = (one.get("status") or {}).get("phase")
            if one["metadata"]["name"] == end.name and phase not in {"Succeeded", "Failed"}:
                return one
    raise LookupError(f"no running pod {end.namespace}/{end.name}")


def namespace_of(one: Object) -> str:
    """metadata.namespace: 'an empty namespace is equivalent to the "default" namespace'."""
    return one["metadata"].get("namespace") or "default"


def is_on_host_network(pod: Object) -> bool:
    """spec.hostNetwork: the pod has its node's addresses, not one of the pod network."""
    return bool((pod.get("spec") or {}).get("hostNetwork"))


def end_allows(cluster: Cluster, direction: str, subject: Pod, connection: Connection) -> bool:
    """Concept: "the union of what the applicable policies allow"; not isolated where none applies.

    hostNetwork: of the two possibilities that the concept names, "the most common implementation": no policy applies to such
    a pod, no selector finds it, its traffic is that of a node's address. It is taken to be another node's.
    """
    pod = running_pod(cluster, subject)
    if is_on_host_network(pod):
        return True
    applying = [one for one in cluster.objects if is_policy(one) and applies(one, direction, pod)]
    if not applying:
        return True
    return any(
        rule_allows(cluster, policy, direction, rule, connection)
        for policy in applying
        for rule in rules(policy, direction)
    )


def is_policy(one: Object) -> bool:
    """Other groups have a kind of this name too."""
    return bool(one["kind"] == "NetworkPolicy" and one["apiVersion"] == "networking.k8s.io/v1")


def applies(policy: Object, direction: str, pod: Object) -> bool:
    """spec.podSelector: "An empty selector matches all pods in the policy's namespace"; a missing one is an empty one."""
    if namespace_of(policy) != namespace_of(pod):
        return False
    if direction not in policy_types(policy):
        return False
    return selects(spec_of(policy).get("podSelector") or {}, labels_of(pod))


def spec_of(policy: Object) -> Object:
    """Spec is optional: without it the policy isolates the whole namespace for ingress."""
    return policy.get("spec") or {}


def labels_of(one: Object) -> dict[str, str]:
    """metadata.labels."""
    return one["metadata"].get("labels") or {}


def policy_types(policy: Object) -> list[str]:
    """spec.policyTypes: where none is specified, "Ingress will always be set and Egress ... if [it] has any egress rules".

    The API also says that "policies that contain an egress section are assumed to affect egress"; the API server's defaulting
    settles what a section is: `if len(PolicyTypes) == 0 { Ingress; if len(Egress) != 0 { append Egress } }`. So
    `egress: []` is no section (such a policy affects ingress alone), and `policyTypes: []` is the same as none.
    """
    stated: list[str] = spec_of(policy).get("policyTypes") or []
    if len(stated) != 0:
        return stated
    if len(spec_of(policy).get("egress") or []) != 0:
        return ["Ingress", "Egress"]
    return ["Ingress"]


def rules(policy: Object, direction: str) -> list[Object]:
    """spec.ingress, spec.egress: "If this field is empty then this NetworkPolicy does not allow any traffic"."""
    return spec_of(policy).get("ingress" if direction == "Ingress" else "egress") or []


def rule_allows(cluster: Cluster, policy: Object, direction: str, rule: Object, connection: Connection) -> bool:
    """ingress[], egress[]: "The traffic must match both ports and from" (or to)."""
    other_end = connection.source if direction == "Ingress" else connection.target
    peers = rule.get("from" if direction == "Ingress" else "to") or []
    return peers_match(cluster, policy, peers, other_end) and ports_match(cluster, rule.get("ports") or [], connection)


def peers_match(cluster: Cluster, policy: Object, peers: list[Object], other_end: Peer) -> bool:
    """ingress[].from, egress[].to: "empty or missing ... matches all"; "combined using a logical OR"."""
    return len(peers) == 0 or any(peer_matches(cluster, policy, peer, other_end) for peer in peers)


def peer_matches(cluster: Cluster, policy: Object, peer: Object, other_end: Peer) -> bool:
    """from[], to[]: either an ipBlock, or selectors: "if this field is set then neither of the other fields can be"."""
    if peer.get("ipBlock") is not None:
        return block_matches(cluster, peer["ipBlock"], other_end)
    if not isinstance(other_end, Pod):
        return False
    pod = running_pod(cluster, other_end)
    if is_on_host_network(pod):
        return False
    return namespace_matches(cluster, policy, peer, namespace_of(pod)) and pod_matches(peer, pod)


def namespace_matches(cluster: Cluster, policy: Object, peer: Object, namespace: str) -> bool:
    """from[].namespaceSelector: "if present but empty, it selects all namespaces"; absent: "the policy's own namespace"."""
    if peer.get("namespaceSelector") is None:
        return namespace == namespace_of(policy)
    return selects(peer["namespaceSelector"], namespace_labels(cluster, namespace))


def pod_matches(peer: Object, pod: Object) -> bool:
    """from[].podSelector: "if present but empty, it selects all pods"; absent (beside a namespaceSelector): all pods too."""
    if peer.get("podSelector") is None:
        return True
    return selects(peer["podSelector"], labels_of(pod))


def namespace_labels(cluster: Cluster, namespace: str) -> dict[str, str]:
    """Concept: "The control plane sets an immutable label kubernetes.io/metadata.name on all namespaces", written or not."""
    labels: dict[str, str] = {}
    for one in cluster.objects:
        if one["kind"] == "Namespace" and one["apiVersion"] == "v1" and one["metadata"]["name"] == namespace:
            labels.update(labels_of(one))
    labels[NAME_LABEL] = namespace
    return labels


def selects(selector: Object, labels: Mapping[str, str]) -> bool:
    """LabelSelector: "The result of matchLabels and matchExpressions are ANDed. An empty label selector matches all objects"."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if key not in labels or labels[key] != value:
            return False
    return all(expression_holds(one, labels) for one in selector.get("matchExpressions") or [])


def expression_holds(expression: Object, labels: Mapping[str, str]) -> bool:
    """matchExpressions[].operator; NotIn holds of "resources with no labels with the key" as well (concept: Labels)."""
    key, operator = expression["key"], expression["operator"]
    values = expression.get("values") or []
    if operator == "In":
        return key in labels and labels[key] in values
    if operator == "NotIn":
        return key not in labels or labels[key] not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    raise ValueError(f"{operator}: no operator of a label selector")


def block_matches(cluster: Cluster, block: Object, other_end: Peer) -> bool:
    """from[].ipBlock: "cluster-external IPs, since Pod IPs are ephemeral and unpredictable".

    So a pod is met only by an address that is known of it; where several are known, by any of them. This holds for 0.0.0.0/0 too.
    """
    if isinstance(other_end, Outside):
        return address_in_block(other_end.address, block)
    if isinstance(other_end, Pod):
        known = cluster.pod_addresses.get((other_end.namespace, other_end.name), ())
        return any(address_in_block(address, block) for address in known)
    return False


def address_in_block(address: str, block: Object) -> bool:
    """ipBlock.cidr, ipBlock.except: "except describes CIDRs that should not be included within this rule"."""
    if not address_in_cidr(address, block["cidr"]):
        return False
    return not any(address_in_cidr(address, hole) for hole in block.get("except") or [])


def address_in_cidr(address: str, cidr: str) -> bool:
    """An IPv4 address lies in no IPv6 range, nor the other way round; bits behind the prefix are ignored, as the API server does."""
    return ip_address(address) in ip_network(cidr, strict=False)


def ports_match(cluster: Cluster, ports: list[Object], connection: Connection) -> bool:
    """ingress[].ports, egress[].ports: "empty or missing ... matches all ports"; "combined using a logical OR"."""
    return len(ports) == 0 or any(port_matches(cluster, port, connection) for port in ports)


def port_matches(cluster: Cluster, port: Object, connection: Connection) -> bool:
    """ports[].protocol defaults to TCP; without ports[].port it is all ports of the protocol; endPort is inclusive."""
    if connection.protocol != (port.get("protocol") or "TCP"):
        return False
    if port.get("port") is None:
        return True
    if isinstance(port["port"], str):
        return connection.port in numbers_of(cluster, port["port"], connection)
    if port.get("endPort") is not None:
        return bool(port["port"] <= connection.port <= port["endPort"])
    return bool(connection.port == port["port"])


def numbers_of(cluster: Cluster, name: str, connection: Connection) -> list[int]:
    """ports[].port: "a numerical or named port on a pod": on the receiving one, whichever end the policy is on.

    Nothing outside has named ports, nor has a hostNetwork pod, which is a node's address. Of the initContainers those with
    restartPolicy Always run beside the containers; the others are over before the pod is there.
    """
    if not isinstance(connection.target, Pod):
        return []
    pod = running_pod(cluster, connection.target)
    if is_on_host_network(pod):
        return []
    spec = pod.get("spec") or {}
    running = list(spec.get("containers") or [])
    running += [one for one in spec.get("initContainers") or [] if one.get("restartPolicy") == "Always"]
    numbers = []
    for container in running:
        for port in container.get("ports") or []:
            if port.get("name") == name and (port.get("protocol") or "TCP") == connection.protocol:
                numbers.append(port["containerPort"])
    return numbers
