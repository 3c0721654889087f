"""Which autoscaler scales which workload, and how many pods there are at least."""

from __future__ import annotations

from policies.deployed import Deployed
from policies.model.configuration.serving import number, workloads
from policies.model.workloads.pods import mapping
from policies.read.documents import Document

AUTOSCALER = "HorizontalPodAutoscaler"
SCALERS = (AUTOSCALER, "ScaledObject")
"""KEDA's ScaledObject makes a HorizontalPodAutoscaler."""


def scalers_of(item: Deployed, workload: Document) -> tuple[Document, ...]:
    """Give the autoscalers whose target is this workload (a ScaledObject's target is a Deployment where it states no kind)."""
    every = (document for document in item.documents if document.kind in SCALERS)
    return tuple(one for one in every if target_of(item, one) is workload)


def target_of(item: Deployed, scaler: Document) -> Document | None:
    """Give the workload that an autoscaler scales, where it is in the place."""
    target = mapping(scaler.get("spec", "scaleTargetRef"))
    wanted = (str(target.get("kind") or "Deployment"), str(target.get("name")), scaler.namespace)
    return next((one for one in workloads(item) if (one.kind, one.name, one.namespace) == wanted), None)


def least_replicas(item: Deployed, workload: Document) -> int | None:
    """Give how many pods a workload has at least: its autoscaler's minimum, or what it states; None where that cannot be said."""
    for scaler in scalers_of(item, workload):
        field, default = ("minReplicaCount", 0) if scaler.kind == "ScaledObject" else ("minReplicas", 1)
        stated = scaler.get("spec", field)
        return default if stated is None else number(stated)
    if workload.kind in ("DaemonSet", "Job", "CronJob"):
        return None
    stated = workload.get("spec", "replicas")
    return 1 if stated is None else number(stated)
