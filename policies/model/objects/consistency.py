"""Fields of one object that must fit together, which no schema says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.workloads import quantities
from policies.model.workloads.pods import Fault, PodContainer, PodTemplate, listed, mapping, show
from policies.model.workloads.selection import selects
from policies.platform import Platform

_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})


@dataclass(frozen=True)
class OwnPods:
    """A workload that finds its pods by a selector, which its template must satisfy."""

    noun: ClassVar[str] = "workload with a selector"
    only_in_files: ClassVar[bool] = False

    pod: PodTemplate

    @property
    def place(self) -> Place:
        """Where it is deployed."""
        return self.pod.place

    @property
    def id(self) -> str:
        """Place and workload."""
        return self.pod.id

    @property
    def selected(self) -> bool:
        """Whether its selector selects its own pods."""
        return selects(self.pod.document.get("spec", "selector"), self.pod.labels)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the selector and the pods' labels as the place."""
        paths = (("spec", "selector"), (*self.pod.metadata_path, "labels"))
        return Evidence(message.format(*values), tuple(self.pod.document.origin.locate(path) for path in paths))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[OwnPods | Gap]:
        """Yield every workload with a selector."""
        for pod in PodTemplate.collect(platform):
            if isinstance(pod, Gap):
                yield pod
            elif pod.document.kind in _SELECTING:
                yield cls(pod)


class BoundedContainer(PodContainer):
    """A container that states a request and a limit of the same resource."""

    noun: ClassVar[str] = "container with a request and a limit"

    @property
    def counts(self) -> bool:
        """Whether it states both of any resource."""
        return bool(self._both)

    @property
    def _both(self) -> list[str]:
        resources = mapping(self.body.get("resources"))
        limits = mapping(resources.get("limits"))
        return [name for name in mapping(resources.get("requests")) if name in limits]

    @property
    def exceeded(self) -> Iterator[Fault]:
        """The requests that are more than their limit."""
        resources = mapping(self.body.get("resources"))
        for name in self._both:
            request, limit = resources["requests"][name], resources["limits"][name]
            least, most = quantities.parse(request), quantities.parse(limit)
            if least is not None and most is not None and least > most:
                path = (*self.container.path, "resources", "requests", name)
                text = f"container {self.name} requests {show(request)} of {name}, more than its limit of {show(limit)}"
                yield Fault(path, text)


class MountingContainer(PodContainer):
    """A container that mounts volumes."""

    noun: ClassVar[str] = "container that mounts volumes"

    @property
    def counts(self) -> bool:
        """Whether it mounts any."""
        return bool(listed(self.body.get("volumeMounts")) or listed(self.body.get("volumeDevices")))

    @property
    def dangling(self) -> Iterator[Fault]:
        """The mounts of volumes that its pod does not have."""
        document = self.container.document
        volumes = [volume.get("name") for _, volume in listed(self.pod.spec.get("volumes"))]
        for index, _ in listed(document.get("spec", "volumeClaimTemplates")):
            volumes.append(document.get("spec", "volumeClaimTemplates", index, "metadata", "name"))
        for field in ("volumeMounts", "volumeDevices"):
            for index, mount in listed(self.body.get(field)):
                if mount.get("name") not in volumes:
                    path = (*self.container.path, field, index, "name")
                    yield Fault(
                        path, f"container {self.name} mounts {mount.get('name')!r}, which is no volume of its pod"
                    )
