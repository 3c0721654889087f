"""Which autoscaler scales which workload, and how many pods there are at least."""

from __future__ import annotations

from policies.deployed import Deployed
from policies.model.configuration.serving import number, workloads
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.workload import pod_spec_path
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


def is_made_by(scaler: Document, other: Document) -> bool:
    """Whether KEDA keeps a HorizontalPodAutoscaler for a ScaledObject: it made it, or was given it (`transfer-hpa-ownership`)."""
    if other.kind == AUTOSCALER:
        return False
    owners = (mapping(owner).get("name") for _, owner in listed(scaler.metadata.get("ownerReferences")))
    named = mapping(mapping(other.get("spec", "advanced")).get("horizontalPodAutoscalerConfig")).get("name")
    return other.name in owners or scaler.name == (named or f"keda-hpa-{other.name}")


def is_injected(item: Deployed, workload: Document) -> bool:
    """Whether a label or an annotation of an injector asks for containers that the workload's files do not have (Istio, Linkerd, Vault)."""
    path = pod_spec_path(workload)
    namespaces = (one for one in item.documents if one.kind == "Namespace" and one.name == workload.namespace)
    asking = [one.metadata for one in namespaces]
    asking += [mapping(workload.get(*path[:-1], "metadata"))] if path is not None else []
    keys = [str(key) for one in asking for field in ("labels", "annotations") for key in mapping(one.get(field))]
    return any("inject" in key or key == "istio.io/rev" for key in keys)


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
