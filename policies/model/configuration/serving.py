"""Workloads of a place by their owners' names, the labels of their pods, and the Services that select them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policies.deployed import Deployed
from policies.model.kept import kept
from policies.model.workloads.pods import mapping
from policies.model.workloads.selection import equals
from policies.model.workloads.workload import own_documents, pod_spec_path
from policies.read.documents import Document


@kept
def workloads(item: Deployed) -> tuple[Document, ...]:
    """Give what makes pods in a place."""
    return tuple(document for document in own_documents(item) if pod_spec_path(document) is not None)


def pod_labels(workload: Document) -> dict[str, Any]:
    """Give the labels of the pods that a workload makes; none where it makes none."""
    spec = pod_spec_path(workload)
    return mapping(workload.get(*spec[:-1], "metadata", "labels")) if spec is not None else {}


def backing(service: Document, documents: Iterable[Document]) -> tuple[Document, ...]:
    """Give the workloads whose pods a Service selects; one without a selector selects none."""
    selector = mapping(service.get("spec", "selector"))
    if not selector:
        return ()
    return tuple(one for one in documents if one.namespace == service.namespace and equals(selector, pod_labels(one)))


def named(document: Document, name: str) -> bool:
    """Whether an object is the one that owners call so: by its name, or by that which it had before anything renamed it."""
    return name in (document.name, document.origin.source_name)


def workload_named(item: Deployed, name: str) -> Document | None:
    """Give the workload of a place that owners call so, or None."""
    return next((document for document in workloads(item) if named(document, name)), None)


def number(value: Any) -> int | None:
    """Give what a manifest has where a number should be, or None for anything else (`true` is no number)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def replicas_of(workload: Document) -> int | None:
    """Give how many pods a workload states, by default 1 (`spec.replicas`); None for one that counts nodes, or states no number."""
    if workload.kind == "DaemonSet":
        return None
    stated = workload.get("spec", "replicas")
    return 1 if stated is None else number(stated)
