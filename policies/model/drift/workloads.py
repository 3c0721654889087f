"""Workloads as they run, as subjects: the image of each container, how many pods are wanted, and how many are ready."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap
from policies.model.configuration.serving import named, number
from policies.model.drift.comparison import Compared, Comparison, comparisons
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.scalers import AUTOSCALER, scalers_of
from policies.model.workloads.selection import selects
from policies.model.workloads.workload import Container, containers, is_workload
from policies.platform import Platform
from policies.read.documents import Document

COUNTED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
"""Kinds that state how many pods they want (`spec.replicas`, 1 by default)."""


def workload_pairs(comparison: Comparison) -> Iterator[Compared]:
    """Yield the declared workloads that run."""
    return (pair for pair in comparison.pairs if is_workload(pair.declared))


def stated_servers(comparison: Comparison) -> dict[str, tuple[str, int]]:
    """Give the workloads that `platform.toml` states as brokers or Redis nodes: what they are called there, and how many."""
    statement = comparison.item.statement
    kafka, redis = (statement.kafka, statement.redis) if statement is not None else (None, None)
    found = {kafka.workload: ("brokers", kafka.brokers)} if kafka is not None else {}
    return {**found, redis.workload: ("nodes", redis.nodes)} if redis is not None else found


def _is_server(comparison: Comparison, document: Document) -> bool:
    return any(named(document, name) for name in stated_servers(comparison))


@dataclass(frozen=True, eq=False)
class DeclaredContainer(Compared):
    """A container of a workload, as it is declared and as the workload that runs has it; `there` is None where it has none of the name."""

    noun: ClassVar[str] = "container of a workload that runs"
    only_in_files: ClassVar[bool] = False

    container: Container
    there: Container | None

    @property
    def id(self) -> str:
        """Workload and container."""
        return f"{super().id}/{self.container.name}"

    @property
    def image(self) -> Any:
        """The image that is declared."""
        return self.container.body.get("image")

    @property
    def running_image(self) -> Any:
        """The image that the workload has."""
        return self.there.body.get("image") if self.there is not None else None

    @property
    def digest(self) -> str:
        """The digest by which the workload that runs names the image; empty where it does not."""
        return str(self.running_image or "").partition("@")[2]

    @cached_property
    def pulled(self) -> tuple[tuple[str, str], ...]:
        """Each pod of the workload that has the container, and the image that its node runs."""
        found = []
        for pod in self._pods:
            statuses = listed(pod.get("status", "containerStatuses")) + listed(
                pod.get("status", "initContainerStatuses")
            )
            found += [
                (pod.name, str(one["imageID"]))
                for _, one in statuses
                if one.get("name") == self.container.name and one.get("imageID")
            ]
        return tuple(found)

    @property
    def _pods(self) -> Iterator[Document]:
        selector = self.running.get("spec", "selector")
        for document in self.comparison.running:
            if document.kind != "Pod" or document.namespace != self.running.namespace:
                continue
            if document is self.running or selects(selector, mapping(document.metadata.get("labels"))):
                yield document

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the container as it runs, and the line that declares it, as the places."""
        declared = self.container.locate("image")
        there = self.there.locate("image") if self.there is not None else self.running.origin.locate()
        return Evidence(message.format(*values), (there, declared))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeclaredContainer | Gap]:
        """Yield each container of the declared workloads that run."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            for pair in workload_pairs(one):
                there = {container.name: container for container in containers(one.place, [pair.running])}
                for container in containers(one.place, [pair.declared]):
                    yield cls(one, pair.declared, pair.running, container, there.get(container.name))


class PinnedContainer(DeclaredContainer):
    """A container whose image the workload that runs names by digest."""

    noun: ClassVar[str] = "container that runs by digest"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeclaredContainer | Gap]:
        """Yield each such container."""
        for one in super().collect(platform):
            if isinstance(one, Gap) or one.digest:
                yield one


@dataclass(frozen=True, eq=False)
class DeclaredCount(Compared):
    """A workload that states how many pods it wants; `scaler` is the declared HorizontalPodAutoscaler or ScaledObject that decides it, if any."""

    noun: ClassVar[str] = "workload that counts its pods"
    only_in_files: ClassVar[bool] = False

    scaler: Document | None

    @property
    def least_and_most(self) -> tuple[int | None, int | None]:
        """How many pods may be wanted as declared; None where that is no number."""
        if self.scaler is None:
            stated = self.declared.get("spec", "replicas")
            count = 1 if stated is None else number(stated)
            return count, count
        if self.scaler.kind == AUTOSCALER:
            least, most = self.scaler.get("spec", "minReplicas"), self.scaler.get("spec", "maxReplicas")
            return number(1 if least is None else least), number(most)
        least, most = self.scaler.get("spec", "minReplicaCount"), self.scaler.get("spec", "maxReplicaCount")
        return number(0 if least is None else least), number(100 if most is None else most)

    @property
    def wanted(self) -> int:
        """How many pods the workload that runs wants."""
        return number(self.running.get("spec", "replicas")) or 0

    @property
    def is_as_declared(self) -> bool:
        """Whether that many are declared."""
        least, most = self.least_and_most
        return least is not None and most is not None and least <= self.wanted <= most

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the count as the place."""
        decides = self.scaler if self.scaler is not None else self.declared
        path = ("spec", "replicas" if self.scaler is None else "minReplicas")
        return Evidence(
            message.format(*values), (self.running.origin.locate(("spec", "replicas")), decides.origin.locate(path))
        )

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeclaredCount | Gap]:
        """Yield each such workload that is no stated broker or node."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            for pair in workload_pairs(one):
                if pair.declared.kind in COUNTED and not _is_server(one, pair.declared):
                    scalers = scalers_of(one.item, pair.declared)
                    yield cls(one, pair.declared, pair.running, scalers[0] if scalers else None)


class RunningWorkload(Compared):
    """A workload that keeps pods running, and how many of them are ready, by its own status."""

    noun: ClassVar[str] = "workload that keeps pods running"
    only_in_files: ClassVar[bool] = False

    @property
    def wanted(self) -> int:
        """How many pods it wants."""
        if self.running.kind == "DaemonSet":
            return number(self.running.get("status", "desiredNumberScheduled")) or 0
        return number(self.running.get("spec", "replicas")) or 0

    @property
    def ready(self) -> int:
        """How many of them are ready."""
        field = "numberReady" if self.running.kind == "DaemonSet" else "readyReplicas"
        return number(self.running.get("status", field)) or 0

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the status as the place."""
        return self.blame(("status",), message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RunningWorkload | Gap]:
        """Yield each such workload that is no stated broker or node."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            for pair in workload_pairs(one):
                if pair.declared.kind in (*COUNTED, "DaemonSet") and not _is_server(one, pair.declared):
                    yield cls(one, pair.declared, pair.running)


@dataclass(frozen=True, eq=False)
class RunningServers(RunningWorkload):
    """The brokers or Redis nodes that `platform.toml` states, and how many of them are ready."""

    noun: ClassVar[str] = "stated brokers or nodes that run"

    what: str
    stated: int

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RunningWorkload | Gap]:
        """Yield each stated cluster whose workload runs."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            for name, (what, count) in stated_servers(one).items():
                for pair in workload_pairs(one):
                    if named(pair.declared, name):
                        yield cls(one, pair.declared, pair.running, what, count)
