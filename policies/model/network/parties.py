"""Who takes part in connections, by the name that reports call them: workloads, the cluster's DNS, addresses outside, nodes, strangers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from policies.model.configuration.serving import number
from policies.model.network.address_ranges import EVERY_ADDRESS, addresses, parse_network, spell_addresses
from policies.model.network.endpoints import Endpoint, NamedPort, Node, Outside, Pod, Several
from policies.model.network.intervals import Intervals
from policies.model.network.labels import Labels
from policies.model.network.ports import PROTOCOLS
from policies.model.workloads.controller_labels import added
from policies.model.workloads.pods import PodTemplate, listed, mapping

DEFAULT_NAMESPACE = "default"
"""Where kubectl puts what states no namespace (`metadata.namespace`)."""


@dataclass(frozen=True)
class Party:
    """One end of connections; `template` is there for a workload."""

    name: str
    endpoint: Endpoint
    template: PodTemplate | None = field(default=None, compare=False, repr=False)

    @property
    def pod(self) -> Pod | None:
        """Its pods as the network sees them, where it has any."""
        return self.endpoint if isinstance(self.endpoint, Pod) else None

    @property
    def pods(self) -> frozenset[Pod]:
        """Its pods where it is one workload or several."""
        if isinstance(self.endpoint, Several):
            return self.endpoint.pods
        return frozenset({self.endpoint}) if isinstance(self.endpoint, Pod) else frozenset()

    @property
    def is_single(self) -> bool:
        """Whether it is one pod at most: what calls it then calls no other of its own kind."""
        if self.template is None or self.template.document.kind not in (
            "Pod",
            "Deployment",
            "StatefulSet",
            "ReplicaSet",
        ):
            return False
        replicas = self.template.document.get("spec", "replicas")
        return self.template.document.kind == "Pod" or number(1 if replicas is None else replicas) in (0, 1)

    @property
    def declared(self) -> tuple[tuple[str, str, int], ...]:
        """Name (or nothing), protocol and number of the ports that its containers declare, and its sidecars'."""
        return tuple(_ports(self.template)) if self.template is not None else ()

    def numbers(self, protocol: str, port: Any) -> tuple[int, ...]:
        """Give the number of a port, which may be a name of its pods' ports; nothing where they have none called so."""
        found = number(port)
        if found is not None:
            return (found,)
        # The first counts, as for the controller of endpoints (`FindPort`); a pod that has a name twice fails in BUILD-03r.
        return tuple(value for name, other, value in self.declared if (name, other) == (port, protocol))[:1]

    def __str__(self) -> str:
        return self.name


DNS = Party(
    "the cluster's DNS",
    Pod(
        "kube-system",
        frozenset({("k8s-app", "kube-dns")}),
        frozenset({NamedPort("dns", "UDP", 53), NamedPort("dns-tcp", "TCP", 53)}),
    ),
)
"""The pods of the cluster's DNS, by the labels and port names that CoreDNS' manifests have in kubeadm, kind, EKS, AKS and k3s."""

STRANGER = Party("any other pod of the cluster", Pod("another-namespace"))
"""A pod that is none of the platform's: whom it may reach, any pod of the cluster may."""

NODE = Party("the node", Node())
ANYWHERE = Party("outside", Outside(EVERY_ADDRESS))


def outside(networks: tuple[str, ...], name: str = "") -> Party:
    """Give addresses outside as a party. Raises ValueError for what is no network."""
    found = addresses(parse_network(text) for text in networks)
    return Party(name or spell_addresses(found), Outside(found))


def party(template: PodTemplate, networks: Intervals | None) -> Party:
    """Give a workload as a party; `networks` is where pods have their addresses from, None where that is not known."""
    document = template.document
    namespace = f"{document.namespace}/" if document.namespace else ""
    on_host = template.spec.get("hostNetwork") is True
    pod = Pod(
        document.namespace or DEFAULT_NAMESPACE,
        labels_of(template.labels),
        frozenset(NamedPort(*port) for port in _ports(template) if port[0]),
        on_host,
        _addresses(template) or (None if on_host else networks),
        added(document, template.labels),
    )
    return Party(f"{namespace}{document}", pod, template)


def _addresses(template: PodTemplate) -> Intervals | None:
    status = mapping(template.document.get("status")) if template.document.kind == "Pod" else {}
    known = [status.get("podIP"), *(one.get("ip") for _, one in listed(status.get("podIPs")))]
    try:
        found = [parse_network(address) for address in known if isinstance(address, str) and address]
    except ValueError:
        return None
    return addresses(found) if found else None


def labels_of(found: Any) -> Labels:
    """Give labels as pairs; what is no text is no label (BUILD-02 fails for it)."""
    return frozenset((str(key), value) for key, value in mapping(found).items() if isinstance(value, str))


def _ports(template: PodTemplate) -> Iterator[tuple[str, str, int]]:
    for container in template.containers:
        stays = container.path[-2] == "containers" or container.body.get("restartPolicy") == "Always"
        for _, port in listed(container.body.get("ports")) if stays else ():
            found, protocol = number(port.get("containerPort")), str(port.get("protocol") or "TCP")
            if found is not None and 0 < found < 65536 and protocol in PROTOCOLS:
                yield str(port.get("name") or ""), protocol, found
