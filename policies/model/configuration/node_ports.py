"""Ports that every node opens for a Service, and the mappings of kind that lead to them from the machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.model.configuration.kind_clusters import kind_cluster, stated_number
from policies.model.workloads.workload import identify, is_from_api
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath, YamlDocument


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
            found = list(node_ports(item))
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
                    item.place, service, path, number, is_stated(item, service), f"[{item.key}] exposed",
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
                opened = {_key(service, path) for service, path in node_ports(item)}
                file, mappings = mapping
                document = platform.plain.kind_clusters[file]
                yield from (
                    cls(item.place, file, document, path, number, protocol, (number, protocol) in opened)
                    for path, number, protocol in mappings
                )


def node_ports(item: Deployed) -> Iterator[tuple[Document, FieldPath]]:
    """Yield each port of a Service that every node opens: the Service, and the port's place in it (`ServiceSpec.type`)."""
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
    return stated_number(service.get(*path, "nodePort")) or None


def _port_of(service: Document, path: FieldPath) -> str:
    return f"{service}:{service.get(*path, 'name') or service.get(*path, 'port')}"


def is_stated(item: Deployed, service: Document) -> bool | None:
    """Whether `platform.toml` states a Service as exposed; None where it states nothing."""
    if item.statement is None or item.statement.exposed is None:
        return None
    return bool({service.name, service.origin.source_name}.intersection(item.statement.exposed))
