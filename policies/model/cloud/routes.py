"""Where Ingresses and the routes of the Gateway API lead to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from policies.evidence import Evidence
from policies.model.objects.inventory import Found
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.targets import Link
from policies.read.documents import Document
from policies.read.yaml import FieldPath

_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"})

_ACTION = "use-annotation"
"""The port's name by which the AWS Load Balancer Controller takes a backend from an annotation: it is then no Service's."""


class Backend(Link):
    """A backend of an Ingress or a route: the Service and the port that it names."""

    noun: ClassVar[str] = "backend of an Ingress or a route"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield the backends that are Services: the mapping that holds name and port."""
        if document.kind == "Ingress":
            for path in _of_ingress(document):
                service = document.get(*path)
                if isinstance(service, dict) and mapping(service.get("port")).get("name") != _ACTION:
                    yield path
        elif document.kind in _ROUTES:
            for path in _of_route(document):
                reference = mapping(document.get(*path))
                if reference.get("kind", "Service") == "Service" and reference.get("group", "") == "":
                    yield path

    @property
    def id(self) -> str:
        """Place, route, Service and port."""
        return f"{super().id}:{self.name}:{self.port}"

    @property
    def name(self) -> str:
        """The Service's name."""
        return str(mapping(self.value).get("name"))

    @property
    def port(self) -> Any:
        """The Service's port, by number or by name; None where it is not stated."""
        port = mapping(self.value).get("port")
        return port.get("number", port.get("name")) if isinstance(port, dict) else port

    @property
    def found(self) -> Found:
        """What the name leads to."""
        namespace = str(mapping(self.value).get("namespace") or self.document.namespace)
        return self.inventory.find("Service", namespace, self.name)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the Service's name as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate((*self.path, "name")),))

    @property
    def ports(self) -> tuple[Any, ...]:
        """The ports of the Service, by number and by name."""
        service = self.found
        every = listed(service.get("spec", "ports")) if isinstance(service, Document) else ()
        return tuple(value for _, port in every for value in (port.get("port"), port.get("name")) if value is not None)


class Entrance(Backend):
    """A backend that names a port."""

    noun: ClassVar[str] = "backend that names a port"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield those that name one."""
        yield from (path for path in super().paths(document) if mapping(document.get(*path)).get("port") is not None)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the port as the place."""
        port = mapping(self.value).get("port")
        inner = tuple(field for field in ("number", "name") if isinstance(port, dict) and field in port)[:1]
        return Evidence(message.format(*values), (self.document.origin.locate((*self.path, "port", *inner)),))


def _of_ingress(document: Document) -> Iterator[FieldPath]:
    yield ("spec", "defaultBackend", "service")
    for rule, body in listed(document.get("spec", "rules")):
        for index, _ in listed(mapping(body.get("http")).get("paths")):
            yield ("spec", "rules", rule, "http", "paths", index, "backend", "service")


def _of_route(document: Document) -> Iterator[FieldPath]:
    for rule, body in listed(document.get("spec", "rules")):
        for index, backend in listed(body.get("backendRefs")):
            yield ("spec", "rules", rule, "backendRefs", index)
            for at, filter_ in listed(backend.get("filters")):
                if "requestMirror" in filter_:
                    yield ("spec", "rules", rule, "backendRefs", index, "filters", at, "requestMirror", "backendRef")
        for at, filter_ in listed(body.get("filters")):
            if "requestMirror" in filter_:
                yield ("spec", "rules", rule, "filters", at, "requestMirror", "backendRef")
