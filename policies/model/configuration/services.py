"""What a host's name means in a place: a Service of it, a pod of a StatefulSet, a host that is stated as external, or nothing.

Source: the Kubernetes DNS specification (kubernetes/dns, `docs/specification.md`) and a pod's search list: `name`, `name.namespace`,
`name.namespace.svc`, `name.namespace.svc.ZONE`, and before each of them a pod's own name where a headless Service governs it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from policies.deployed import Deployed
from policies.intent.places import External
from policies.model.configuration.hosts import is_address, is_local, is_within
from policies.model.configuration.serving import backing, number, workloads
from policies.model.kept import kept
from policies.model.objects.inventory import inventory_of
from policies.model.workloads.pods import listed
from policies.model.workloads.workload import containers, is_from_api
from policies.platform import Platform
from policies.read.documents import Document


class Meaning(Enum):
    """What a host's name leads to."""

    SERVICE = "a Service"
    POD = "a pod of a StatefulSet"
    EXTERNAL = "a host that is stated as external"
    ITSELF = "the pod itself"
    OUTSIDE = "a host outside"
    UNKNOWN = "what is not known here"
    ABSENT = "nothing"


@dataclass(frozen=True)
class Target:
    """What a host leads to: the Service, and the ports that answer there; None where that cannot be said. `reason` says why it is nothing.

    `external` is what is stated of a host outside.
    """

    meaning: Meaning
    service: Document | None = None
    ports: frozenset[int] | None = None
    reason: str = ""
    external: External | None = None


@dataclass(frozen=True)
class Directory:
    """The names that pods of a place can look up. `neighbours` are places that can run beside it, in namespaces of their own."""

    item: Deployed
    neighbours: tuple[Deployed, ...]
    externals: tuple[External, ...]

    def look_up(self, host: str, namespace: str) -> Target:
        """Say what a host means to a pod of a namespace."""
        if is_local(host):
            return Target(Meaning.ITSELF)
        stated = self._stated(host)
        if stated is not None:
            return Target(Meaning.EXTERNAL, ports=frozenset(stated.ports) or None, external=stated)
        if is_address(host):
            return Target(Meaning.OUTSIDE)
        labels = host.split(".")
        if "svc" in labels[2:]:
            return self._in_cluster(labels[: labels.index("svc", 2)])
        if len(labels) == 1:
            return self._find(host, namespace) or self._absent(host, namespace)
        here = {document.namespace for document in self.item.documents}
        for count in (1, 2):
            if len(labels) == count + 1 and (labels[-1] in here or self._in_neighbour(labels[-1])):
                return self._in_cluster(labels)
        pod = self._find_pod(labels[0], labels[1], namespace) if len(labels) == 2 else None
        return pod or Target(Meaning.OUTSIDE)

    def _in_cluster(self, labels: list[str]) -> Target:
        namespace = labels[-1]
        found = self._find(labels[0], namespace) if len(labels) == 2 else None
        if len(labels) == 3:
            found = self._find_pod(labels[0], labels[1], namespace)
        if found is not None:
            return found
        places = [self.item, *self.neighbours]
        if not any(document.namespace in (namespace, "") for place in places for document in place.documents):
            return Target(Meaning.UNKNOWN, reason=f"the namespace {namespace} is not of this platform")
        return self._absent(labels[-2] if len(labels) > 1 else labels[0], namespace)

    def _in_neighbour(self, namespace: str) -> bool:
        return any(document.namespace == namespace for place in self.neighbours for document in place.documents)

    def _find(self, name: str, namespace: str) -> Target | None:
        for place in (self.item, *self.neighbours):
            known = _services(place)
            service = known.get((namespace, name)) or known.get(("", name))
            if service is not None:
                return Target(Meaning.SERVICE, service, served_ports(place, service))
        return None

    def _find_pod(self, pod: str, name: str, namespace: str) -> Target | None:
        found = self._find(name, namespace)
        if found is None or found.service is None:
            return None
        for place in (self.item, *self.neighbours):
            for workload in workloads(place):
                if workload.kind == "StatefulSet" and workload.get("spec", "serviceName") == found.service.name:
                    names = pod_names(workload)
                    if pod in names and workload.namespace == found.service.namespace:
                        return Target(Meaning.POD, found.service, _container_ports(place, (workload,)) or found.ports)
                    if pod.startswith(f"{workload.name}-"):
                        reason = f"the StatefulSet {workload.name} has {len(names)} pods, and none called {pod}"
                        return Target(Meaning.ABSENT, reason=reason)
        return Target(Meaning.ABSENT, reason=f"no StatefulSet of the Service {name} has a pod {pod}")

    def _absent(self, name: str, namespace: str) -> Target:
        """Nothing has the name; where an operator's object could have made the Service it is not known."""
        maker = inventory_of(self.item).may_make(namespace, name, "Service")
        if maker is not None:
            return Target(Meaning.UNKNOWN, reason=maker)
        where = f" in the namespace {namespace}" if namespace else ""
        return Target(Meaning.ABSENT, reason=f"there is no Service {name}{where}")

    def _stated(self, host: str) -> External | None:
        for external in self.externals:
            if fnmatch.fnmatchcase(host, external.host.lower()) or (
                is_address(host) and is_within(host, external.cidr)
            ):
                return external
        return None


def directory(platform: Platform, item: Deployed) -> Directory:
    """Give the names of a place. What runs beside it is of the same stage; a cluster's dump holds all that there is."""
    others = [other for other in platform.deployed if other is not item and not is_from_api(other)]
    beside = (
        ()
        if is_from_api(item)
        else tuple(other for other in others if other.place.stage is item.place.stage and _is_apart(item, other))
    )
    return Directory(item, beside, platform.intent.external)


def _is_apart(item: Deployed, other: Deployed) -> bool:
    mine, theirs = ({document.namespace for document in workloads(place)} for place in (item, other))
    return not mine & theirs


@kept
def _services(item: Deployed) -> Mapping[tuple[str, str], Document]:
    return {(document.namespace, document.name): document for document in item.documents if document.kind == "Service"}


def services(item: Deployed) -> tuple[Document, ...]:
    """Give the Services of a place."""
    return tuple(_services(item).values())


def is_headless(service: Document) -> bool:
    """Whether a Service's name leads to its pods and not to an address of its own."""
    return bool(service.get("spec", "clusterIP") == "None")


def served_ports(item: Deployed, service: Document) -> frozenset[int] | None:
    """Give the ports that answer under a Service's name: its own, of a headless one its pods'. None where that cannot be said."""
    ports = [port for _, port in listed(service.get("spec", "ports"))]
    if service.get("spec", "type") == "ExternalName":
        return None
    if not is_headless(service):
        return _numbers(one.get("port") for one in ports)
    targets = _numbers(one.get("targetPort", one.get("port")) for one in ports)
    found = _container_ports(item, backing(service, workloads(item))) | targets
    return found or None


def _container_ports(item: Deployed, made_by: tuple[Document, ...]) -> frozenset[int]:
    every = (port for container in containers(item.place, made_by) for _, port in listed(container.body.get("ports")))
    return _numbers(port.get("containerPort") for port in every)


def _numbers(values: Iterable[Any]) -> frozenset[int]:
    return frozenset(found for value in values if (found := number(value)) is not None)


def pod_names(workload: Document) -> tuple[str, ...]:
    """Give the names of a StatefulSet's pods (`spec.replicas`, by default 1; `spec.ordinals.start`, by default 0)."""
    replicas, start = number(workload.get("spec", "replicas")), number(workload.get("spec", "ordinals", "start")) or 0
    return tuple(f"{workload.name}-{start + index}" for index in range(min(1 if replicas is None else replicas, 1000)))
