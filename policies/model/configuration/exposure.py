"""What may be reached from outside a cluster: NodePorts, what states them, and kind's port mappings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.intent.intent import FILE
from policies.model.workloads.workload import identify, is_from_api
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath, YamlDocument


@dataclass(frozen=True)
class StatedService:
    """A Service that `platform.toml` states as exposed in a development place; `service` is None where there is none of its name."""

    noun: ClassVar[str] = "Service stated as exposed"
    only_in_files: ClassVar[bool] = False

    place: Place
    name: str
    key: str
    service: Document | None
    route: Document | None
    nearest: tuple[Location, ...]

    @property
    def id(self) -> str:
        """Place and name."""
        return f"{self.place.name}:{self.name}"

    @property
    def type(self) -> str:
        """The Service's type; ClusterIP is the API's default (`ServiceSpec.type`)."""
        return str((self.service and self.service.get("spec", "type")) or "ClusterIP")

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the Service's type as the place."""
        locations = (self.service.origin.locate(("spec", "type")),) if self.service else self.nearest
        return Evidence(message.format(*values), locations)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[StatedService | Gap]:
        """Yield each stated Service of each development place."""
        for item in platform.deployed:
            if item.place.released:
                continue
            if item.gap is not None:
                yield item.gap
            elif item.statement is None or item.statement.exposed is None:
                yield _unstated(item)
            else:
                for name in item.statement.exposed:
                    yield cls(
                        item.place,
                        name,
                        f"[{item.key}] exposed",
                        _service(item, name),
                        _route(item, name),
                        _nearest(item),
                    )


@dataclass(frozen=True)
class NodePort:
    """A port of a Service that every node opens, in a development place.

    `number` is None where the cluster is to choose it (0 says so too). `stated` says whether `platform.toml` states the Service as exposed, None
    where it states nothing. `others` are the ports of Services of the place with the same number and protocol. `mapped` says whether
    kind's cluster file maps the number, None where there is no such file, a gap where it was promised.
    """

    noun: ClassVar[str] = "NodePort"
    only_in_files: ClassVar[bool] = False

    place: Place
    service: Document
    path: FieldPath
    number: Any
    stated: bool | None
    key: str
    others: tuple[str, ...]
    mapped: bool | Gap | None
    cluster_file: str

    @property
    def id(self) -> str:
        """Place, Service and port."""
        return f"{identify(self.place, self.service)}:{self.service.get(*self.path, 'name') or self.service.get(*self.path, 'port')}"

    @property
    def protocol(self) -> str:
        """Its protocol; TCP is the API's default (`ServicePort.protocol`)."""
        return _key(self.service, self.path)[1]

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the port's number as the place."""
        return Evidence(message.format(*values), (self.service.origin.locate((*self.path, "nodePort")),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[NodePort | Gap]:
        """Yield every NodePort of every development place."""
        for item in platform.deployed:
            if item.place.released:
                continue
            found = list(_node_ports(item))
            promised = bool(item.statement and item.statement.exposed)
            if not found:
                yield item.gap or Gap(item.place.name, f"{item.folder} has no NodePort", item.place, promised=promised)
            mapping = kind_cluster(platform, item)
            mapped = (
                {(number, protocol) for _, number, protocol in mapping[1]} if isinstance(mapping, tuple) else mapping
            )
            users: dict[tuple[Any, str], list[tuple[Document, FieldPath]]] = {}
            for service, path in found:
                users.setdefault(_key(service, path), []).append((service, path))
            for service, path in found:
                number = _number(service, path)
                same = users[_key(service, path)] if number is not None else []
                others = tuple(_port_of(other, where) for other, where in same if (other, where) != (service, path))
                yield cls(
                    item.place, service, path, number, _is_stated(item, service), f"[{item.key}] exposed",
                    others, _key(service, path) in mapped if isinstance(mapped, set) else mapped, mapping[0] if isinstance(mapping, tuple) else "",
                )  # fmt: skip


@dataclass(frozen=True)
class PortMapping:
    """A port that kind's cluster file brings from the machine to a node, and whether a Service opens it there."""

    noun: ClassVar[str] = "port mapping of kind"
    only_in_files: ClassVar[bool] = True

    place: Place
    file: str
    document: YamlDocument
    path: FieldPath
    number: Any
    protocol: str
    opened: bool

    @property
    def id(self) -> str:
        """File, number and protocol."""
        return f"{self.file}:{self.number}/{self.protocol}"

    @property
    def meaning(self) -> str:
        """Place, number and protocol, whatever the file is called."""
        return f"{self.place.name}:{self.number}/{self.protocol}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the mapping's line as the place."""
        return Evidence(message.format(*values), (Location(self.file, self.document.line_of(self.path)),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[PortMapping | Gap]:
        """Yield every port mapping of the cluster file that belongs to a development overlay."""
        for item in platform.deployed:
            mapping = None if item.place.released or is_from_api(item) else kind_cluster(platform, item)
            if isinstance(mapping, Gap):
                yield mapping
            elif mapping is not None:
                opened = {_key(service, path) for service, path in _node_ports(item)}
                file, mappings = mapping
                document = platform.plain.kind_clusters[file]
                yield from (
                    cls(item.place, file, document, path, number, protocol, (number, protocol) in opened)
                    for path, number, protocol in mappings
                )


def kind_cluster(platform: Platform, item: Deployed) -> tuple[str, tuple[tuple[FieldPath, Any, str], ...]] | Gap | None:
    """Give kind's cluster file of a development overlay with its mappings (path, number, protocol): the stated one, or the only one."""
    clusters = platform.plain.kind_clusters
    stated = item.statement.kind_cluster if item.statement else None
    if stated is not None and stated not in clusters:
        reason = f"platform.toml states {stated} as kind's cluster file ([{item.key}] kind-cluster), and it is none"
        return Gap(f"{item.place.name}:{stated}", reason, item.place, (Location(FILE),), promised=True)
    file = stated or (next(iter(clusters)) if len(clusters) == 1 and item.is_overlay else None)
    if file is None:
        return None
    document = clusters[file]
    found: list[tuple[FieldPath, Any, str]] = []
    nodes = document.data.get("nodes")
    for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
        mappings = node.get("extraPortMappings") if isinstance(node, dict) else None
        for position, mapping in enumerate(mappings if isinstance(mappings, list) else ()):
            if isinstance(mapping, dict):
                path: FieldPath = ("nodes", index, "extraPortMappings", position, "containerPort")
                found.append(
                    (path, _scalar(mapping.get("containerPort")), str(mapping.get("protocol") or "TCP").upper())
                )
    return file, tuple(found)


def _node_ports(item: Deployed) -> Iterator[tuple[Document, FieldPath]]:
    for document in item.documents:
        if document.kind != "Service" or document.get("spec", "type") not in ("NodePort", "LoadBalancer"):
            continue
        if (
            document.get("spec", "type") == "LoadBalancer"
            and document.get("spec", "allocateLoadBalancerNodePorts") is False
        ):
            continue
        ports = document.get("spec", "ports")
        yield from (
            (document, ("spec", "ports", index))
            for index, port in enumerate(ports if isinstance(ports, list) else ())
            if isinstance(port, dict)
        )


def _key(service: Document, path: FieldPath) -> tuple[Any, str]:
    return _number(service, path), str(service.get(*path, "protocol") or "TCP")


def _number(service: Document, path: FieldPath) -> Any:
    return _scalar(service.get(*path, "nodePort")) or None


def _scalar(value: Any) -> Any:
    """Give what a manifest has where a number should be: it may be anything."""
    return str(value) if isinstance(value, (list, dict)) else value


def _port_of(service: Document, path: FieldPath) -> str:
    return f"{service}:{service.get(*path, 'name') or service.get(*path, 'port')}"


def _is_stated(item: Deployed, service: Document) -> bool | None:
    if item.statement is None or item.statement.exposed is None:
        return None
    return bool({service.name, service.origin.source_name}.intersection(item.statement.exposed))


def _service(item: Deployed, name: str) -> Document | None:
    services = [document for document in item.documents if document.kind == "Service"]
    return next((document for document in services if name in (document.name, document.origin.source_name)), None)


def _route(item: Deployed, name: str) -> Document | None:
    """Give an Ingress or a route of the Gateway API that leads to a Service."""
    service = _service(item, name)
    if service is None:
        return None
    routes = (document for document in item.documents if document.kind in _ROUTES)
    return next((document for document in routes if service.name in set(_backends(document.get("spec")))), None)


_ROUTES = frozenset({"Ingress", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"})


def _backends(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        service = data.get("service")
        if isinstance(service, dict) and isinstance(service.get("name"), str):
            yield service["name"]
        for key, value in data.items():
            if key == "backendRefs" and isinstance(value, list):
                yield from (str(reference.get("name")) for reference in value if isinstance(reference, dict))
            yield from _backends(value)
    elif isinstance(data, list):
        for value in data:
            yield from _backends(value)


def _unstated(item: Deployed) -> Gap:
    return Gap(
        item.place.name,
        f"platform.toml does not state what may be reached from outside: [{item.key}] exposed",
        item.place,
    )


def _nearest(item: Deployed) -> tuple[Location, ...]:
    return (
        (Location(FILE), Location(item.sources.by_depth[0].file, 1))
        if item.sources
        else (Location(FILE), Location(item.folder))
    )


def exposed_services(item: Deployed) -> list[str]:
    """Give the Services of a place that may be reached from outside, by their names before anything renamed them."""
    services = [document for document in item.documents if document.kind == "Service"]
    opened = {document.name for document, _ in _node_ports(item)}
    routed = {service.name for service in services if _route(item, service.name) is not None}
    return sorted({service.origin.source_name for service in services if service.name in opened | routed})
