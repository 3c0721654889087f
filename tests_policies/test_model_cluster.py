"""What runs is judged by the same functions as what is written: objects as a cluster's API gives them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies.catalogue import OWN, catalogue
from policies.platform import Platform
from policies.verdict import Outcome, Verdict, cases, judge

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
Object = dict[str, Any]


@pytest.fixture(scope="module")
def reference() -> Platform:
    """The reference platform, built once."""
    platform = Platform.open(REFERENCE)
    assert all(item.documents for item in platform.deployed)
    return platform


def applied(platform: Platform, overlay: str) -> list[Object]:
    """Give an overlay's objects as `kubectl get -o json` shows them once they run: with defaults, status, and what controllers made."""
    (item,) = (item for item in platform.deployed if item.place.name == overlay)
    objects = [defaulted(json.loads(json.dumps(document.body))) for document in item.documents]
    made = [one for deployment in objects if deployment["kind"] == "Deployment" for one in controlled(deployment)]
    ours = {"namespace": "ticketing", "uid": "0", "resourceVersion": "1"}
    root = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {**ours, "name": "kube-root-ca.crt"},
        "data": {"ca.crt": CERTIFICATE},
    }
    token = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {**ours, "name": "token"},
        "data": {"token": "ZXlKaGJHY2lPaUpJVXpJMU5pSjk="},
    }
    return [*objects, *made, root, token]


CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIWnEXMkBdSuMwDQYJKoZIhvcNAQELBQAwFTETMBEGA1UE\n-----END CERTIFICATE-----\n"


def defaulted(body: Object) -> Object:
    """Add what an API server adds."""
    metadata = body["metadata"]
    shown = json.dumps({"kind": body["kind"], "metadata": {"name": metadata["name"]}, "data": "password=hunter2"})
    metadata["annotations"] = {
        **metadata.get("annotations", {}),
        "kubectl.kubernetes.io/last-applied-configuration": shown,
    }
    metadata.update(
        uid=f"uid-{body['kind']}-{metadata['name']}",
        resourceVersion="4711",
        creationTimestamp="2026-01-31T00:00:00Z",
        generation=1,
    )
    metadata["managedFields"] = [
        {"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:data": {"f:PASSWORD": {}}}}
    ]
    spec = body.get("spec", {})
    if body["kind"] == "Deployment":
        spec.setdefault("replicas", 1)
        spec.update(progressDeadlineSeconds=600, revisionHistoryLimit=10)
        template = spec["template"]["spec"]
        template.update(dnsPolicy="ClusterFirst", restartPolicy="Always", schedulerName="default-scheduler")
        for container in template["containers"]:
            container.update(imagePullPolicy="IfNotPresent", terminationMessagePath="/dev/termination-log")
        body["status"] = {"conditions": [{"type": "Available", "status": "True", "message": "password: hunter2"}]}
    elif body["kind"] == "Service":
        address = body["spec"].get("clusterIP") or "10.96.0.10"
        spec.update(clusterIP=address, clusterIPs=[address], internalTrafficPolicy="Cluster", sessionAffinity="None")
        body["status"] = {"loadBalancer": {}}
    return body


def controlled(deployment: Object) -> list[Object]:
    """Give the ReplicaSet and the pod that a Deployment's controllers make, each owned by what made it."""
    name, namespace = deployment["metadata"]["name"], deployment["metadata"]["namespace"]
    template = copy.deepcopy(deployment["spec"]["template"])
    owner = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": name,
        "uid": deployment["metadata"]["uid"],
        "controller": True,
    }
    replicas = {
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": {"replicas": 1, "selector": deployment["spec"]["selector"], "template": template},
        "metadata": {"name": f"{name}-5d8", "namespace": namespace, "uid": f"uid-rs-{name}", "ownerReferences": [owner]},
    }  # fmt: skip
    owner = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": f"{name}-5d8",
        "uid": f"uid-rs-{name}",
        "controller": True,
    }
    pod = {
        "apiVersion": "v1", "kind": "Pod", "spec": {**copy.deepcopy(template["spec"]), "nodeName": "node-1"},
        "metadata": {"name": f"{name}-5d8-x7", "namespace": namespace, "ownerReferences": [owner]},
        "status": {"containerStatuses": [{"name": name, "image": "docker.io/library/other:latest", "imageID": "sha256:0", "ready": True, "restartCount": 0}]},
    }  # fmt: skip
    return [replicas, pod]


def judged(folder: Path, reference: Platform, overlay: str, objects: list[Object]) -> list[Verdict]:
    """Write the objects as a dump and judge the platform with it; give the verdicts on the cluster alone."""
    file = folder / "objects.json"
    file.write_text(
        json.dumps({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": objects}),
        encoding="utf-8",
    )
    builds = {item.build.overlay: item.build for item in reference.deployed if item.build is not None}
    platform = Platform.open(REFERENCE, cluster_objects=((overlay, file),), builds=builds)
    requirements = catalogue(OWN)
    verdicts = [judge(case) for item in requirements for case in cases(item, platform)]
    alone = [judge(case) for item in requirements for case in cases(item, reference)]
    on_files = {
        (item.requirement, item.subject) for item in verdicts if not item.place.startswith("cluster") and is_bad(item)
    }
    assert on_files <= {(item.requirement, item.subject) for item in alone if is_bad(item)}
    return [item for item in verdicts if item.place.startswith("cluster")]


def is_bad(verdict: Verdict) -> bool:
    """Whether a verdict is a failure or an error."""
    return verdict.outcome in (Outcome.FAILED, Outcome.ERROR)


def bad(verdicts: list[Verdict]) -> list[tuple[str, str]]:
    """Give requirement and place of each failure."""
    assert not [item for item in verdicts if item.outcome is Outcome.ERROR]
    return [
        (item.requirement, ", ".join(map(str, item.locations))) for item in verdicts if item.outcome is Outcome.FAILED
    ]


def find(objects: list[Object], kind: str, name: str) -> Object:
    """Give the object of this kind whose name begins so."""
    return next(item for item in objects if item["kind"] == kind and item["metadata"]["name"].startswith(name))


@pytest.mark.parametrize("overlay", ["prod", "kind"])
def test_what_runs_as_written_keeps_every_requirement(tmp_path: Path, reference: Platform, overlay: str) -> None:
    """What an API adds (defaults, status, field managers, tokens, certificates) is no finding."""
    assert set(bad(judged(tmp_path, reference, overlay, applied(reference, overlay)))) <= WAIVED


def test_owned_pods_are_not_counted_again(tmp_path: Path, reference: Platform) -> None:
    """A Deployment, its ReplicaSet and its pods are one workload."""
    objects = applied(reference, "prod")
    images = [item.subject for item in judged(tmp_path, reference, "prod", objects) if item.requirement == "BASE-02b"]
    assert sorted(images) == sorted(
        f"cluster prod:ticketing/{item['kind']}/{item['metadata']['name']}/{container['name']}"
        for item in objects
        if item["kind"] in ("Deployment", "StatefulSet", "Job")
        for container in item["spec"]["template"]["spec"]["containers"]
    )


def test_pods_without_their_controller_are_judged(tmp_path: Path, reference: Platform) -> None:
    """A pod whose controller is not in the dump, or that has none, is a workload of its own."""
    objects = [item for item in applied(reference, "prod") if item["kind"] == "Pod"]
    del objects[0]["metadata"]["ownerReferences"]
    verdicts = judged(tmp_path, reference, "prod", objects)
    assert sum(item.requirement == "BASE-02b" for item in verdicts) == len(objects)


def _image(image: str) -> Callable[[list[Object]], None]:
    def change(objects: list[Object]) -> None:
        find(objects, "Deployment", "frontend")["spec"]["template"]["spec"]["containers"][0]["image"] = image

    return change


def _password(objects: list[Object]) -> None:
    variables = find(objects, "Deployment", "gateway-service")["spec"]["template"]["spec"]["containers"][0]["env"]
    variables[3] = {"name": "VAULT_PASSWORD", "value": "correct-horse"}


def _address(objects: list[Object]) -> None:
    find(objects, "ConfigMap", "app-config")["data"]["REDIS_URL"] = "redis://:correct-horse@redis-0.redis:6379"


def _by_hand(objects: list[Object]) -> None:
    pod = copy.deepcopy(find(objects, "Pod", "frontend"))
    pod["metadata"] = {"name": "debug", "namespace": "ticketing"}
    pod["spec"]["containers"][0]["image"] = "busybox"
    objects.append(pod)


WAIVED = {("BASE-04e", "DaemonSet ticketing-logs/promtail spec.template.spec.volumes[0].hostPath")}
"""What the reference platform's owners accept, as it looks in a cluster."""

SETTING = "ConfigMap ticketing/app-config data.GATEWAY_SERVICE_URL"
ALONE = {
    ("NET-04a", f"{SETTING}, NetworkPolicy ticketing/allow-dns-egress spec.podSelector"),
    ("NET-04b", f"{SETTING}, NetworkPolicy ticketing/gateway-service-ingress spec.ingress[0].from[0]"),
    ("NET-09b", "Pod ticketing/debug metadata.labels"),
}
"""A pod without labels is none of those that policies let through to what its configuration names."""

FIELD = "Deployment ticketing/frontend spec.template.spec.containers[0].image"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_image("YOUR_ECR_URI/frontend:1"), {("BASE-02b", FIELD), ("BASE-03a", FIELD)}),
        (_image("ticketing/frontend:latest"), {("BASE-03a", FIELD), ("BASE-03c", FIELD)}),
        (
            _password,
            {("KIND-05", "Deployment ticketing/gateway-service spec.template.spec.containers[0].env[3].value")},
        ),
        (
            _by_hand,
            {*((id, "Pod ticketing/debug spec.containers[0].image") for id in ("BASE-03a", "BASE-03c")), *ALONE},
        ),
    ],
    ids=["placeholder", "latest", "literal credential", "pod by hand"],
)
def test_defect_of_what_runs_is_found(
    tmp_path: Path, reference: Platform, change: Callable[[list[Object]], None], expected: set[tuple[str, str]]
) -> None:
    """The functions that judge files judge what runs, and blame the API's object and field; the files stay as good as they are."""
    objects = applied(reference, "prod")
    change(objects)
    generated = find(objects, "ConfigMap", "app-config")["metadata"]["name"]
    found = bad(judged(tmp_path, reference, "prod", objects))
    assert {(id, where.replace(generated, "app-config")) for id, where in found} == expected


def test_address_with_a_password_in_a_config_map_is_found(tmp_path: Path, reference: Platform) -> None:
    """A ConfigMap that runs is looked through like one in a file, and the message does not hold the password."""
    objects = applied(reference, "prod")
    _address(objects)
    verdicts = judged(tmp_path, reference, "prod", objects)
    name = find(objects, "ConfigMap", "app-config")["metadata"]["name"]
    assert bad(verdicts) == [("KIND-05", f"ConfigMap ticketing/{name} data.REDIS_URL")]
    assert not [item for item in verdicts if "correct-horse" in repr(item)]


def test_node_port_in_development_is_found(tmp_path: Path, reference: Platform) -> None:
    """A Service that was opened by hand in the kind cluster is a NodePort that nobody stated and kind does not map."""
    objects = applied(reference, "kind")
    spec = find(objects, "Service", "grafana")["spec"]
    spec["type"] = "NodePort"
    spec["ports"][0]["nodePort"] = 31000
    where = "Service ticketing/grafana spec.ports[0].nodePort"
    found = set(bad(judged(tmp_path, reference, "kind", objects))) - WAIVED
    # No policy lets anybody in from outside, so that it is of no use either.
    blocked = "Service ticketing/grafana spec.ports[0], NetworkPolicy ticketing/grafana-ingress spec.podSelector"
    assert found == {("KIND-02b", where), ("KIND-02e", where), ("NET-04b", blocked)}


KUBERNETES = {"BUILD", "BASE", "KIND", "PROD", "NET", "CFG", "SECRET"}
"""The chapters whose subjects an API of Kubernetes gives."""


def test_what_exists_only_in_files_is_not_asked_of_a_cluster(tmp_path: Path, reference: Platform) -> None:
    """Keys, examples, build errors and port mappings are no objects: no case of theirs is on a cluster."""
    asked = {
        item.requirement
        for overlay in ("prod", "kind")
        for item in judged(tmp_path, reference, overlay, applied(reference, overlay))
    }
    of_kubernetes = [item for item in catalogue(OWN) if item.chapter in KUBERNETES]
    only = {item.id for item in of_kubernetes if item.subject.only_in_files}
    assert asked
    assert not asked & only
    # Those three have nothing to look at in this platform.
    assert asked & {item.id for item in of_kubernetes} == {item.id for item in of_kubernetes} - only - {
        *("BUILD-03f", "BUILD-03k", "BUILD-03v"),
    }
