"""Pods as workloads describe them, and their containers, as subjects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.model.kept import kept
from policies.model.workloads.workload import Container, containers, identify, own_documents, pod_spec_path
from policies.platform import Platform
from policies.read.documents import Document, value_at
from policies.read.yaml import FieldPath

_ENDS = frozenset({"Job", "CronJob"})
"""Kinds whose pods run to their end: nobody waits for them to be ready."""


@dataclass(frozen=True)
class Fault:
    """A field that is not as it has to be: its path in the object, and what is wrong, in words."""

    path: FieldPath
    text: str


def blame(document: Document, faults: Iterable[Fault]) -> Evidence:
    """Give every fault, each with its line."""
    told = tuple(faults)
    locations = dict.fromkeys(document.origin.locate(fault.path) for fault in told)
    return Evidence("; ".join(fault.text for fault in told), tuple(locations))


def show(value: Any) -> str:
    """Spell a value as a manifest does, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def mapping(value: Any) -> dict[str, Any]:
    """Give what should be a mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """Give the mappings in what should be a list of them, with their positions."""
    items = value if isinstance(value, list) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, dict)]


def not_looked_at(item: Deployed) -> Iterator[Gap]:
    """Yield why a place has no objects, as a case that is not judged: BUILD-01 fails for it already."""
    if item.gap is not None:
        yield replace(item.gap, promised=False, unreadable=False)


@dataclass(frozen=True)
class PodTemplate:
    """The pods of a workload; `path` is where their spec stands in it."""

    noun: ClassVar[str] = "workload"
    only_in_files: ClassVar[bool] = False

    place: Place
    document: Document
    path: FieldPath

    @property
    def id(self) -> str:
        """Place and workload."""
        return identify(self.place, self.document)

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The spec of its pods (`PodSpec`)."""
        return mapping(self.document.get(*self.path))

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """Its containers, init containers and ephemeral containers."""
        return tuple(containers(self.place, (self.document,)))

    @cached_property
    def metadata_path(self) -> FieldPath:
        """Where the pods' own metadata stand; a Pod's are the object's."""
        return (*self.path[:-1], "metadata")

    @cached_property
    def labels(self) -> dict[str, Any]:
        """The labels of its pods."""
        return mapping(self.document.get(*self.metadata_path, "labels"))

    @property
    def is_windows(self) -> bool:
        """Whether it states that it runs on Windows (`PodSpec.os`), where the controls of Linux do not apply."""
        return mapping(self.spec.get("os")).get("name") == "windows"

    @property
    def runs_to_its_end(self) -> bool:
        """Whether its pods finish: those of a Job, and those that are not restarted (`PodSpec.restartPolicy`)."""
        return self.document.kind in _ENDS or self.spec.get("restartPolicy") in ("Never", "OnFailure")

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the pods' spec as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(self.path),))

    def blame(self, faults: Iterable[Fault]) -> Evidence:
        """Give every fault with its line."""
        return blame(self.document, faults)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[PodTemplate | Gap]:
        """Yield every workload of every place."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            yield from templates(item)


@kept
def templates(item: Deployed) -> tuple[PodTemplate, ...]:
    """Give the workloads of a place; what a controller among its objects made is not counted again."""
    found = ((document, pod_spec_path(document)) for document in own_documents(item))
    return tuple(PodTemplate(item.place, document, path) for document, path in found if path is not None)


@dataclass(frozen=True)
class PodContainer:
    """A container of a workload, and the pods that it is in."""

    noun: ClassVar[str] = "container"
    only_in_files: ClassVar[bool] = False

    pod: PodTemplate
    container: Container

    @property
    def place(self) -> Place:
        """Where it is deployed."""
        return self.container.place

    @property
    def id(self) -> str:
        """Place, workload and container."""
        return f"{self.pod.id}/{self.container.name}"

    @property
    def name(self) -> str:
        """Its name; its position where it has none."""
        return self.container.name

    @property
    def body(self) -> dict[str, Any]:
        """Its fields."""
        return self.container.body

    @property
    def field(self) -> str:
        """The field of the pod's spec that lists it."""
        return str(self.container.path[-2])

    @property
    def is_sidecar(self) -> bool:
        """Whether it is an init container that runs as long as the pod does (`restartPolicy: Always`)."""
        return self.field == "initContainers" and self.body.get("restartPolicy") == "Always"

    def get(self, *path: str | int) -> Any:
        """Give the value at a path in it, or None."""
        return value_at(self.body, path)

    def locate(self, *path: str | int) -> Location:
        """Give the place that decided a field of it."""
        return self.container.locate(*path)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its first line as the place."""
        return Evidence(message.format(*values), (self.locate(),))

    def evidence_at(self, path: FieldPath, message: str, *values: object) -> Evidence:
        """Give a field of it as the place."""
        return Evidence(message.format(*values), (self.locate(*path),))

    def blame(self, faults: Iterable[Fault]) -> Evidence:
        """Give every fault with its line."""
        return blame(self.container.document, faults)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[PodContainer | Gap]:
        """Yield every container of every place that `counts`."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            for pod in templates(item):
                every = (cls(pod, container) for container in pod.containers)
                yield from (container for container in every if container.counts)

    @property
    def counts(self) -> bool:
        """Whether it is a subject; ephemeral containers, which only a debugger adds, are none."""
        return self.field != "ephemeralContainers"
