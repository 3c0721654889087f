"""What may be reached from outside a cluster: what is stated as exposed, and what is by a port of the nodes or a route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.intent.intent import FILE
from policies.model.configuration.node_ports import is_stated, node_ports
from policies.model.workloads.pods import not_looked_at
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document


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
class ExternallyAddressed:
    """A Service of a development place, and the addresses beside its own by which nodes take in for it (`ServiceSpec.externalIPs`).

    `stated` says whether `platform.toml` states the Service as exposed, None where it states nothing.
    """

    noun: ClassVar[str] = "Service of a development place"
    only_in_files: ClassVar[bool] = False

    place: Place
    service: Document
    stated: bool | None
    key: str

    @property
    def id(self) -> str:
        """Place and Service."""
        return identify(self.place, self.service)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its external addresses."""
        listed = self.service.get("spec", "externalIPs")
        return tuple(map(str, listed)) if isinstance(listed, list) else ()

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its external addresses as the place."""
        return Evidence(message.format(*values), (self.service.origin.locate(("spec", "externalIPs")),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ExternallyAddressed | Gap]:
        """Yield every Service of every development place."""
        for item in platform.deployed:
            if not item.place.released:
                yield from not_looked_at(item)
                services = (document for document in item.documents if document.kind == "Service")
                key = f"[{item.key}] exposed"
                yield from (cls(item.place, service, is_stated(item, service), key) for service in services)


def exposed_services(item: Deployed) -> list[str]:
    """Give the Services of a place that may be reached from outside, by their names before anything renamed them."""
    services = [document for document in item.documents if document.kind == "Service"]
    opened = {document.name for document, _ in node_ports(item)}
    routed = {service.name for service in services if _route(item, service.name) is not None}
    return sorted({service.origin.source_name for service in services if service.name in opened | routed})


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
