"""Workloads that state how many pods they have, and whether that is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.serving import replicas_of, workloads
from policies.model.stated import no_release
from policies.model.workloads.pods import mapping, not_looked_at
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document

COUNTED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})
"""Kinds of Kubernetes that make as many pods as `spec.replicas` states."""

_NAMING = ("scaleTargetRef", "targetRef", "workloadRef")
"""Where another controller names the workload that it counts: an autoscaler's, Flagger's Canary, Argo's Rollout."""

_RESOURCES_ALONE = "VerticalPodAutoscaler"
"""It names a workload, and leaves its count alone."""


def runs_none(item: Deployed, workload: Document) -> bool:
    """Whether a workload states that it has no pods, and nothing in its place that names it could start some."""
    return workload.kind in COUNTED and replicas_of(workload) == 0 and not _is_counted_by_another(item, workload)


def _is_counted_by_another(item: Deployed, workload: Document) -> bool:
    names = {workload.name, workload.origin.source_name}
    for document in item.documents:
        if document.kind == _RESOURCES_ALONE or document.namespace != workload.namespace:
            continue
        references = (mapping(document.get("spec", field)) for field in _NAMING)
        # A ScaledObject's target is a Deployment where it states no kind.
        if any(one.get("name") in names and one.get("kind", "Deployment") == workload.kind for one in references):
            return True
    return False


@dataclass(frozen=True)
class CountedWorkload:
    """A workload of a release whose kind has `spec.replicas`; `none` says that it runs nothing."""

    noun: ClassVar[str] = "workload of a release with a count of pods"
    only_in_files: ClassVar[bool] = False

    place: Place
    document: Document
    none: bool

    @property
    def id(self) -> str:
        """Place and workload."""
        return identify(self.place, self.document)

    @property
    def is_known(self) -> bool:
        """Whether its count is a number."""
        return replicas_of(self.document) is not None

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its count as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(("spec", "replicas")),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CountedWorkload | Gap]:
        """Yield every such workload of every release."""
        for item in platform.deployed:
            if item.place.released:
                yield from not_looked_at(item)
                counted = (workload for workload in workloads(item) if workload.kind in COUNTED)
                yield from (cls(item.place, workload, runs_none(item, workload)) for workload in counted)
        yield from no_release(platform)
