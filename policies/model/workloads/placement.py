"""Where the pods of one workload may stand together, and what stays of them: spread over nodes, storage that lasts."""

from __future__ import annotations

import posixpath

from policies.evidence import Place
from policies.model.configuration.serving import pod_labels
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.selection import selects
from policies.model.workloads.workload import Container, containers, pod_spec_path
from policies.read.documents import Document
from policies.read.yaml import FieldPath

HOST = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
"""Well-known labels of nodes (https://kubernetes.io/docs/reference/labels-annotations-taints/)."""


def is_spread(workload: Document) -> bool:
    """Whether no two of a workload's pods can be on one node: a required anti-affinity by node or zone, or a strict spread by node."""
    spec = mapping(workload.get(*(pod_spec_path(workload) or ())))
    anti = mapping(mapping(spec.get("affinity")).get("podAntiAffinity"))
    for _, term in listed(anti.get("requiredDuringSchedulingIgnoredDuringExecution")):
        if term.get("topologyKey") in (HOST, ZONE) and selects(term.get("labelSelector"), pod_labels(workload)):
            return True
    for _, constraint in listed(spec.get("topologySpreadConstraints")):
        strict = constraint.get("whenUnsatisfiable") == "DoNotSchedule" and constraint.get("maxSkew") == 1
        if (
            strict
            and constraint.get("topologyKey") == HOST
            and selects(constraint.get("labelSelector"), pod_labels(workload))
        ):
            return True
    return False


def spread_path(workload: Document) -> FieldPath:
    """Give the field of a workload that spreads its pods, or the pods' spec."""
    spec = pod_spec_path(workload) or ()
    for field in ("affinity", "topologySpreadConstraints"):
        if workload.get(*spec, field) is not None:
            return (*spec, field)
    return spec


def lasting_mounts(place: Place, workload: Document) -> tuple[tuple[Container, str], ...]:
    """Give the containers of a StatefulSet with the paths at which a claim of the pod's own is mounted (`volumeClaimTemplates`)."""
    templates = listed(workload.get("spec", "volumeClaimTemplates"))
    claims = {str(mapping(template.get("metadata")).get("name")) for _, template in templates}
    return tuple(
        (container, str(mount.get("mountPath")))
        for container in containers(place, [workload])
        for _, mount in listed(container.body.get("volumeMounts"))
        if str(mount.get("name")) in claims and not mount.get("readOnly")
    )


def is_below(path: str, mount: str) -> bool:
    """Whether a directory is on what is mounted at `mount`."""
    inside, above = posixpath.normpath(path), posixpath.normpath(mount)
    return inside == above or inside.startswith(above.rstrip("/") + "/")
