"""What an API server would give of the little platform `cluster/tests/town`, made from its manifests: defaults filled in, everything well."""

from __future__ import annotations

import copy
import importlib.util
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from policies.catalogue import OWN
from policies.deployed import Deployed
from policies.live.running import Snapshot
from policies.model.drift.comparison import Comparison
from policies.platform import Platform
from policies.read.documents import Document
from policies.requirement import Requirement, requirement_of
from policies.verdict import Outcome, Verdict, cases, judge

TOWN = OWN.parent / "cluster" / "tests" / "town"
REQUIREMENTS = OWN.parent / "tests_live"
DIGEST = "sha256:" + "0123456789abcdef" * 4

Objects = dict[str, dict[str, Any]]
"""Objects by kind and name: `Deployment/web`."""


def requirements(*files: str) -> tuple[Requirement, ...]:
    """Give the requirements of files of `tests_live`, without loading what else stands there."""
    found = []
    for file in files:
        specification = importlib.util.spec_from_file_location(f"live_{Path(file).stem}", REQUIREMENTS / file)
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        found += [one for one in map(requirement_of, vars(module).values()) if one is not None]
    return tuple(found)


PINNED = f"turnstile.local/busybox:1@{DIGEST}"


@cache
def town() -> Deployed:
    """Give the town as it is declared, but for the tool's image, which is declared by digest: no image of a local cluster can be."""
    item = Platform.open(TOWN).deployed[0]
    return replace(item, documents=tuple(map(_pinned, item.documents)))


def _pinned(document: Document) -> Document:
    if str(document) != "Deployment/tool":
        return document
    body = copy.deepcopy(dict(document.body))
    body["spec"]["template"]["spec"]["containers"][0]["image"] = PINNED
    return Document(body, document.origin)


def running() -> Objects:
    """Give its objects as a server that has made them all would."""
    found: Objects = {}
    for document in town().documents:
        body = copy.deepcopy(dict(document.body))
        body["metadata"] |= {"uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z"}
        found[f"{document.kind}/{document.name}"] = body
    for name, kind in (("web", "Deployment"), ("tool", "Deployment"), ("broker", "StatefulSet")):
        body = found[f"{kind}/{name}"]
        count = body["spec"]["replicas"]
        body["status"] = {"replicas": count, "readyReplicas": count, "observedGeneration": 1}
        spec = body["spec"]["template"]["spec"]
        spec |= {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler"}
        spec["containers"][0] |= {"terminationMessagePath": "/dev/termination-log"}
        for index in range(count):
            found[f"Pod/{name}-{index}"] = _pod(name, body)
            found[f"Pod/{name}-{index}"]["metadata"]["name"] = f"{name}-{index}"
    web = found["Deployment/web"]["spec"]["template"]["spec"]
    del web["hostNetwork"]
    del web["containers"][0]["readinessProbe"]["initialDelaySeconds"]
    del web["containers"][0]["env"][0]["value"]
    web["containers"][0]["resources"] = {
        "requests": {"cpu": "10m", "memory": "8Mi"},
        "limits": {"cpu": "1", "memory": "64Mi"},
    }
    web["volumes"][0]["emptyDir"]["sizeLimit"] = "1Mi"
    found["Secret/keys"]["data"] = dict.fromkeys(found["Secret/keys"].pop("stringData"), "")
    found["Service/web"]["spec"] |= {"clusterIP": "10.96.0.7", "sessionAffinity": "None"}
    found["Service/web"]["spec"]["ports"][0] |= {"protocol": "TCP"}
    found["Service/broker"]["spec"] |= {"type": "ClusterIP"}
    found["PodDisruptionBudget/web"]["status"] = {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1}
    found["HorizontalPodAutoscaler/web"]["status"] = {
        "conditions": [{"type": "AbleToScale", "status": "True"}, {"type": "ScalingActive", "status": "True"}]
    }
    found["NetworkPolicy/web"]["spec"] |= {"policyTypes": ["Ingress"]}
    found["NetworkPolicy/web"]["spec"]["ingress"][0]["ports"] = [{"protocol": "TCP", "port": "http"}]
    found["ConfigMap/kube-root-ca.crt"] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "kube-root-ca.crt", "namespace": "town"},
    }
    return found


def _pod(name: str, workload: dict[str, Any]) -> dict[str, Any]:
    template = workload["spec"]["template"]
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{name}-1", "controller": True}
    metadata = {"namespace": "town", "labels": template["metadata"]["labels"], "ownerReferences": [owner]}
    status = {"containerStatuses": [{"name": name, "imageID": f"turnstile.local/busybox@{DIGEST}"}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": copy.deepcopy(template["spec"]),
        "status": status,
    }


def compared(
    objects: Objects, *, secrets_read: bool = True, unserved: frozenset[tuple[str, str]] = frozenset()
) -> Comparison:
    """Hold objects against the town's manifests."""
    snapshot = Snapshot("town", list(objects.values()), [], set(unserved), {("v1", "Namespace")}, secrets_read)
    return snapshot.compared_with(town())


def verdicts(comparison: object, judged: tuple[Requirement, ...]) -> list[Verdict]:
    """Judge what was compared."""
    platform = Platform(TOWN, observations=(comparison,))
    return [judge(case) for requirement in judged for case in cases(requirement, platform)]


def failed(found: list[Verdict]) -> set[str]:
    """Give the requirements that failed; an error counts as nothing else does."""
    assert not [one for one in found if one.outcome is Outcome.ERROR], [one.message for one in found]
    return {one.requirement for one in found if one.outcome is Outcome.FAILED}
