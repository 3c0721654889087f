"""What keeps pods in operation: resources, probes, and an end that waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from policies.evidence import Gap
from policies.model.workloads import quantities
from policies.model.workloads.baseline import PROBES
from policies.model.workloads.pods import Fault, PodContainer, listed, mapping, not_looked_at, show, templates
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class ResourcedContainer(PodContainer):
    """A container, with what the LimitRanges of its namespace give it where it states nothing (`LimitRangeItem`)."""

    ranges: tuple[Document, ...] = ()

    def lacks(self, bound: str, resource: str) -> Fault | None:
        """Say what keeps a request or a limit from being more than 0, or give None."""
        found = self._stated(self.body, bound, resource) or self._stated(self.pod.spec, bound, resource)
        if found is None:
            if any(resource in mapping(given.get(field)) for given in self._defaults for field in _DEFAULTS[bound]):
                return None
            return Fault((*self.container.path, "resources"), f"container {self.name} has no {resource} in {bound}")
        holder, value = found
        if (quantities.parse(value) or 0) > 0:
            return None
        path = (*(self.container.path if holder is self.body else self.pod.path), "resources", bound, resource)
        return Fault(path, f"container {self.name}: {resource} in {bound} is {show(value)}")

    def _stated(self, holder: dict[str, Any], bound: str, resource: str) -> tuple[dict[str, Any], Any] | None:
        resources = mapping(holder.get("resources"))
        # "If Requests is omitted for a container, it defaults to Limits if that is explicitly specified" (ResourceRequirements).
        for name in (bound, "limits"):
            value = mapping(resources.get(name)).get(resource)
            if value is not None:
                return holder, value
        return None

    @cached_property
    def _defaults(self) -> tuple[dict[str, Any], ...]:
        every = (limit for document in self.ranges for _, limit in listed(document.get("spec", "limits")))
        return tuple(limit for limit in every if limit.get("type") == "Container")

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[PodContainer | Gap]:
        """Yield every container of every place, with the LimitRanges of its namespace."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            ranges = [document for document in item.documents if document.kind == "LimitRange"]
            for pod in templates(item):
                own = tuple(document for document in ranges if document.namespace == pod.document.namespace)
                every = (cls(pod, container, own) for container in pod.containers)
                yield from (container for container in every if container.counts)


_DEFAULTS = {"requests": ("defaultRequest", "default"), "limits": ("default",)}
"""The fields of a LimitRange that give a request and a limit."""


class ServingContainer(PodContainer):
    """A container that serves for as long as its pod lives: no init container but a sidecar, and none of a Job."""

    noun: ClassVar[str] = "container that keeps running"

    @property
    def counts(self) -> bool:
        """Whether it keeps running."""
        return (self.field == "containers" or self.is_sidecar) and not self.pod.runs_to_its_end


class ProbedContainer(PodContainer):
    """A container with a probe that asks a port."""

    noun: ClassVar[str] = "container with a probe on a port"

    @property
    def counts(self) -> bool:
        """Whether a probe of it names a port."""
        return bool(self.probed)

    @cached_property
    def probed(self) -> tuple[tuple[FieldPath, Any], ...]:
        """The ports that its probes ask, each with its path in the container."""
        found: list[tuple[FieldPath, Any]] = []
        for probe in PROBES:
            for action in ("httpGet", "tcpSocket", "grpc"):
                port = mapping(mapping(self.body.get(probe)).get(action)).get("port")
                if port is not None:
                    found.append(((probe, action, "port"), port))
        return tuple(found)

    @property
    def declares_ports(self) -> bool:
        """Whether any container of its pod declares a port: to declare them is information, and many do not (`Container.ports`)."""
        return any(listed(container.body.get("ports")) for container in self.pod.containers)

    @property
    def unserved(self) -> Iterator[Fault]:
        """The ports that its probes ask and that are not there: a name is looked up in the container itself, a number in its pod."""
        names = [port.get("name") for _, port in listed(self.body.get("ports"))]
        every = (port for container in self.pod.containers for _, port in listed(container.body.get("ports")))
        numbers = [port.get("containerPort") for port in every]
        for path, port in self.probed:
            if isinstance(port, str):
                if port not in names:
                    text = (
                        f"{path[0]} of container {self.name} asks the port {port!r}, which the container does not have"
                    )
                    yield Fault((*self.container.path, *path), text)
            elif numbers and port not in numbers:
                text = (
                    f"{path[0]} of container {self.name} asks port {show(port)}, which no container of the pod declares"
                )
                yield Fault((*self.container.path, *path), text)
