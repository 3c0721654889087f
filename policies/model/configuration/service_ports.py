"""Ports of Services, and the ports of pods that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from policies.model.workloads.pods import PodTemplate, listed, mapping
from policies.model.workloads.targets import Link, ServiceSelector, is_service
from policies.read.documents import Document
from policies.read.yaml import FieldPath


class TargetPort(Link):
    """A port of a Service, and the port of the selected pods that it leads to."""

    noun: ClassVar[str] = "Service port"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield the ports of a Service that selects pods and has them reached through itself."""
        if is_service(document) and mapping(document.get("spec", "selector")):
            yield from (("spec", "ports", index, "targetPort") for index, _ in listed(document.get("spec", "ports")))

    @property
    def port(self) -> dict[str, Any]:
        """The Service's port."""
        return mapping(self.document.get(*self.path[:-1]))

    @property
    def id(self) -> str:
        """Place, Service and port."""
        return f"{super().id}:{self.port.get('name') or self.port.get('port')}"

    @property
    def target(self) -> Any:
        """The pods' port: where it is not stated, the Service's own (`ServicePort.targetPort`)."""
        stated = self.port.get("targetPort")
        return self.port.get("port") if stated in (None, 0, "") else stated

    @property
    def is_named(self) -> bool:
        """Whether it is a port's name."""
        return isinstance(self.target, str)

    @cached_property
    def selected(self) -> tuple[PodTemplate, ...]:
        """The workloads that the Service selects."""
        return ServiceSelector(self.inventory, self.document, ("spec", "selector")).selected

    @cached_property
    def offered(self) -> tuple[dict[str, Any], ...]:
        """The ports that the containers of those workloads declare, init containers that do not stay apart."""
        every = [container for pod in self.selected for container in pod.containers]
        staying = (one for one in every if one.path[-2] == "containers" or one.body.get("restartPolicy") == "Always")
        return tuple(port for container in staying for _, port in listed(container.body.get("ports")))

    @property
    def is_offered(self) -> bool:
        """Whether one of them has this name or number, and the same protocol (TCP where none is stated)."""
        field, protocol = "name" if self.is_named else "containerPort", self.port.get("protocol") or "TCP"
        return any(
            port.get(field) == self.target and (port.get("protocol") or "TCP") == protocol for port in self.offered
        )


class NamedTargetPort(TargetPort):
    """A port of a Service that leads to a port of the pods by its name."""

    noun: ClassVar[str] = "Service port that names its target"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield those whose target is a name."""
        yield from (
            path for path in super().paths(document) if isinstance(document.get(*path), str) and document.get(*path)
        )


class NumberedTargetPort(TargetPort):
    """A port of a Service that leads to a port of the pods by its number."""

    noun: ClassVar[str] = "Service port that numbers its target"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield those whose target is a number, or is not stated."""
        yield from (
            path
            for path in super().paths(document)
            if not (isinstance(document.get(*path), str) and document.get(*path))
        )
