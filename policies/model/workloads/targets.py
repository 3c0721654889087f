"""What objects lead to: autoscalers and budgets to workloads, Services to pods and ports, sets and routes to Services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.objects.inventory import Found, Inventory, group_of, inventory_of
from policies.model.workloads.pods import PodTemplate, mapping, not_looked_at
from policies.model.workloads.selection import equals, labelled, selects
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath

_SCALERS = {
    "HorizontalPodAutoscaler": ("spec", "scaleTargetRef"),
    "VerticalPodAutoscaler": ("spec", "targetRef"),
    "ScaledObject": ("spec", "scaleTargetRef"),
}
"""Kinds that scale a workload, and the field that names it; KEDA's ScaledObject means a Deployment where it states no kind."""


@dataclass(frozen=True)
class Link:
    """An object, the field of it that leads to another, and what it leads to. `place` and `inventory` are where both stand."""

    noun: ClassVar[str] = "link"
    only_in_files: ClassVar[bool] = False

    inventory: Inventory
    document: Document
    path: FieldPath

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.inventory.item.place

    @property
    def id(self) -> str:
        """Place and object."""
        return identify(self.place, self.document)

    @property
    def value(self) -> Any:
        """What the field says."""
        return self.document.get(*self.path)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the field as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(self.path),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Link | Gap]:
        """Yield every such field of every place."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            inventory = inventory_of(item)
            for document in item.documents:
                yield from (cls(inventory, document, path) for path in cls.paths(document))

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield the fields of an object that are such links."""
        raise NotImplementedError

    def near(self, labels: dict[str, Any]) -> Sequence[PodTemplate]:
        """The workloads of its namespace that may have these labels."""
        return labelled(self.inventory.item, self.document.namespace, labels)

    def unseen(self, labels: dict[str, Any]) -> str | None:
        """Say why pods with these labels may be there unseen: a custom object's controller makes them, or not all was rendered."""
        for document in self.inventory.custom:
            if document.namespace == self.document.namespace and document.name in labels.values():
                return f"the pods are those that the controller of {document} makes"
        return self.inventory.incomplete


class ScaleTarget(Link):
    """The workload that an autoscaler scales."""

    noun: ClassVar[str] = "autoscaler"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield the reference of an autoscaler."""
        if document.kind in _SCALERS:
            yield _SCALERS[document.kind]

    @property
    def target(self) -> str:
        """Kind and name of what it scales."""
        reference = mapping(self.value)
        return f"{reference.get('kind') or 'Deployment'}/{reference.get('name')}"

    @property
    def found(self) -> Found:
        """What the reference leads to."""
        kind, _, name = self.target.partition("/")
        version = mapping(self.value).get("apiVersion")
        group = str(version).rpartition("/")[0] if version else "apps"
        return self.inventory.find(kind, self.document.namespace, name, group)


class Budget(Link):
    """A PodDisruptionBudget and the workloads that it selects."""

    noun: ClassVar[str] = "PodDisruptionBudget"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield the selector of a budget."""
        if document.kind == "PodDisruptionBudget":
            yield ("spec", "selector")

    @property
    def selected(self) -> tuple[PodTemplate, ...]:
        """The workloads that it selects."""
        selector = self.value
        near = self.near(mapping(mapping(selector).get("matchLabels")))
        return tuple(pod for pod in near if selects(selector, pod.labels))

    @property
    def unknown(self) -> str | None:
        """Why it is not known which pods it selects, or None."""
        return self.unseen(mapping(mapping(self.value).get("matchLabels")))


class ServiceSelector(Link):
    """A Service with a selector, and the workloads that it selects; one without has its endpoints from elsewhere."""

    noun: ClassVar[str] = "Service with a selector"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield the selector of a Service."""
        if is_service(document) and mapping(document.get("spec", "selector")):
            yield ("spec", "selector")

    @cached_property
    def selected(self) -> tuple[PodTemplate, ...]:
        """The workloads that it selects."""
        wanted = mapping(self.value)
        return tuple(pod for pod in self.near(wanted) if equals(wanted, pod.labels))

    @property
    def unknown(self) -> str | None:
        """Why it is not known which pods it selects, or None."""
        return self.unseen(mapping(self.value))


class GoverningService(Link):
    """The Service that gives a StatefulSet's pods their names (`StatefulSetSpec.serviceName`)."""

    noun: ClassVar[str] = "StatefulSet that names its Service"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield the Service's name."""
        if document.kind == "StatefulSet" and group_of(document) == "apps" and document.get("spec", "serviceName"):
            yield ("spec", "serviceName")

    @property
    def found(self) -> Found:
        """What the name leads to."""
        return self.inventory.find("Service", self.document.namespace, str(self.value))


class GoverningServiceOfSeveral(GoverningService):
    """The Service that names the pods of a StatefulSet of more than one: a single pod needs no name of its own."""

    noun: ClassVar[str] = "StatefulSet of several pods that names its Service"

    @classmethod
    def paths(cls, document: Document) -> Iterator[FieldPath]:
        """Yield the Service's name, where there is not one replica (which is the default)."""
        if document.get("spec", "replicas") not in (None, 0, 1):
            yield from super().paths(document)


def is_service(document: Document) -> bool:
    """Whether it is a Service of Kubernetes itself: others have the kind's name too."""
    return document.kind == "Service" and group_of(document) == ""
