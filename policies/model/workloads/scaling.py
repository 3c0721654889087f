"""HorizontalPodAutoscalers: what they count, between which bounds, and what fights them (`autoscaling/v1`, `autoscaling/v2`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.serving import number
from policies.model.workloads.pods import listed, mapping, not_looked_at
from policies.model.workloads.scalers import AUTOSCALER, is_injected, is_made_by, scalers_of, target_of
from policies.model.workloads.stated import StatedWorkload
from policies.model.workloads.workload import CONTAINERS, Container, containers, identify, pod_spec_path
from policies.platform import Platform
from policies.read.documents import Document


class StatedScaling(StatedWorkload):
    """A workload that `platform.toml` states to scale."""

    noun: ClassVar[str] = "workload stated to scale"
    listed_as: ClassVar[str] = "scales"
    what: ClassVar[str] = "which workloads scale"

    @property
    def scalers(self) -> tuple[str, ...]:
        """Its autoscalers."""
        return self.beside

    @classmethod
    def find_beside(cls, item: Deployed, workload: Document) -> tuple[str, ...]:
        """Give a workload's autoscalers."""
        return tuple(map(str, scalers_of(item, workload)))


@dataclass(frozen=True)
class Autoscaler:
    """A HorizontalPodAutoscaler; `target` is the workload that it scales, None where it is not in the place.

    `others` are autoscalers of the same workload; `injected` says that containers may be put into its pods when they start.
    """

    noun: ClassVar[str] = "HorizontalPodAutoscaler"
    only_in_files: ClassVar[bool] = False

    place: Place
    document: Document
    target: Document | None
    others: tuple[Document, ...]
    injected: bool

    @property
    def id(self) -> str:
        """Place and name."""
        return identify(self.place, self.document)

    @property
    def minimum(self) -> int | None:
        """The fewest replicas; 1 is the API's default."""
        stated = self.document.get("spec", "minReplicas")
        return 1 if stated is None else number(stated)

    @property
    def maximum(self) -> int | None:
        """The most replicas."""
        return number(self.document.get("spec", "maxReplicas"))

    @property
    def has_metrics(self) -> bool:
        """Whether it states what it goes by."""
        return bool(self.document.get("spec", "metrics")) or "targetCPUUtilizationPercentage" in mapping(
            self.document.get("spec")
        )

    @cached_property
    def unset(self) -> tuple[tuple[Container, str], ...]:
        """The containers of the target that lack the request of a resource which is measured against it."""
        found = []
        for resource, name in self._measured():
            for container in containers(self.place, [self.target]) if self.target is not None else ():
                counted = container.path[-2] == CONTAINERS[1] and name in (None, container.name)
                if counted and not _requests(container, resource) and not _pod_requests(container, resource):
                    found.append((container, resource))
        return tuple(found)

    @cached_property
    def absent(self) -> tuple[str, ...]:
        """The containers whose use it measures and which the pods of its target have not (`ContainerResource`)."""
        if self.target is None:
            return ()
        there = {container.name for container in containers(self.place, [self.target])}
        bodies = (
            mapping(metric.get("containerResource")) for _, metric in listed(self.document.get("spec", "metrics"))
        )
        names = (body.get("container") for body in bodies if body)
        return tuple(dict.fromkeys(str(name) for name in names if name is not None and str(name) not in there))

    def _measured(self) -> Iterator[tuple[str, str | None]]:
        """Yield the resources whose use is measured against their requests, and the container where it is one's alone."""
        if "targetCPUUtilizationPercentage" in mapping(self.document.get("spec")):
            yield "cpu", None
        for _, metric in listed(self.document.get("spec", "metrics")):
            for field, alone in (("resource", False), ("containerResource", True)):
                body = mapping(metric.get(field))
                utilization = (
                    mapping(body.get("target")).get("type") == "Utilization" or "targetAverageUtilization" in body
                )
                if body and utilization:
                    yield str(body.get("name")), str(body.get("container")) if alone else None

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the target that it names as the place."""
        return self.blame("scaleTargetRef", message, *values)

    def blame(self, field: str, message: str, *values: object) -> Evidence:
        """Give a field of its spec as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(("spec", field)),))

    def blame_requests(self) -> Evidence:
        """Say which containers lack which request: their resources are the places, and the metrics."""
        told = ", ".join(f"{container.name} ({resource})" for container, resource in self.unset)
        places = tuple(container.locate("resources") for container, _ in self.unset)
        metrics = self.document.origin.locate(("spec", "metrics"))
        return Evidence(f"it measures against requests that are not set: {told}", (*places, metrics))

    def blame_absent(self) -> Evidence:
        """Say which containers are not there: the metrics are the place."""
        told = ", ".join(map(repr, self.absent))
        return self.blame("metrics", "it measures the container {}, which the pods of {} have not", told, self.target)

    def blame_target(self, message: str, *values: object) -> Evidence:
        """Give the replicas that its target states as the place."""
        target = self.target or self.document
        return Evidence(message.format(*values), (target.origin.locate(("spec", "replicas")),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Autoscaler | Gap]:
        """Yield every HorizontalPodAutoscaler of every place."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            for document in item.documents:
                if document.kind == AUTOSCALER:
                    target = target_of(item, document)
                    every = scalers_of(item, target) if target is not None else ()
                    others = tuple(one for one in every if one is not document and not is_made_by(document, one))
                    injected = target is not None and is_injected(item, target)
                    yield cls(item.place, document, target, others, injected)


class ReleasedAutoscaler(Autoscaler):
    """A HorizontalPodAutoscaler of a release."""

    noun: ClassVar[str] = "HorizontalPodAutoscaler of a release"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Autoscaler | Gap]:
        """Yield those of releases."""
        yield from (one for one in super().collect(platform) if one.place.released)


class FileAutoscaler(Autoscaler):
    """A HorizontalPodAutoscaler in files: what an API gives has its count filled in by the autoscaler itself."""

    noun: ClassVar[str] = "HorizontalPodAutoscaler in files"
    only_in_files: ClassVar[bool] = True

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Autoscaler | Gap]:
        """Yield those of files."""
        clusters = {item.place for item in platform.clusters}
        yield from (one for one in super().collect(platform) if one.place not in clusters)


def _requests(container: Container, resource: str) -> Any:
    """Whether a container requests a resource; a limit without a request is its request (the API's defaulting)."""
    resources = mapping(container.body.get("resources"))
    return mapping(resources.get("requests")).get(resource) or mapping(resources.get("limits")).get(resource)


def _pod_requests(container: Container, resource: str) -> Any:
    spec = mapping(container.document.get(*(pod_spec_path(container.document) or ())))
    return mapping(mapping(spec.get("resources")).get("requests")).get(resource)
