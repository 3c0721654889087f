"""Pods: the Pod Security Standards by the API's own precedence, resources, probes, tokens and an orderly end."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from policies.evidence import Gap
from policies.model.workloads import baseline as pod_baseline
from policies.model.workloads import quantities
from policies.model.workloads import restricted as pod_restricted
from policies.model.workloads.operation import ProbedContainer, ResourcedContainer, ServingContainer
from policies.model.workloads.pods import PodTemplate
from policies.model.workloads.stops import StoppingPod
from policies.model.workloads.tokens import TokenMount
from policies.platform import Platform

TIGHT = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def platform(folder: Path, *objects: dict[str, Any], statement: str = 'kubernetes = "1.34"') -> Platform:
    """Give a platform of one folder of plain manifests."""
    text = "".join(f"---\n{json.dumps(item, indent=1)}\n" for item in objects)
    (folder / "all.yaml").write_text(text, encoding="utf-8")
    (folder / "platform.toml").write_text(statement, encoding="utf-8")
    return Platform.open(folder)


def workload(spec: dict[str, Any], kind: str = "Deployment", name: str = "web") -> dict[str, Any]:
    """Give a workload with a pod's spec."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": spec}
    inner: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template}
    if kind == "CronJob":
        inner = {"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": inner}


def only(platform: Platform, subject: Any) -> Any:
    """Give the one subject that is no gap."""
    found = [item for item in subject.collect(platform) if not isinstance(item, Gap)]
    assert len(found) == 1
    return found[0]


def template(folder: Path, pod: dict[str, Any], *bodies: dict[str, Any], field: str = "containers") -> PodTemplate:
    """Give the pods of a workload."""
    named = [{"name": f"c{index}", **body} for index, body in enumerate(bodies or ({},))]
    containers = {"containers": [{"name": "main"}], field: named} if field != "containers" else {field: named}
    found = only(platform(folder, workload({**pod, **containers})), PodTemplate)
    assert isinstance(found, PodTemplate)
    return found


@pytest.mark.parametrize(
    ("of_pod", "of_container", "faults"),
    [
        (True, None, 0), (None, True, 0), (False, True, 0), (True, False, 1), (None, None, 1), ("true", None, 1),
        (True, "false", 1), (1, None, 1), ([True], None, 1),
    ],
)  # fmt: skip
def test_container_goes_before_its_pod(tmp_path: Path, of_pod: Any, of_container: Any, faults: int) -> None:
    """RunAsNonRoot is the container's, or else the pod's; a value that is no truth value is not true."""
    pod = template(
        tmp_path, {"securityContext": {"runAsNonRoot": of_pod}}, {"securityContext": {"runAsNonRoot": of_container}}
    )
    assert len(list(pod_restricted.maybe_root(pod))) == faults


@pytest.mark.parametrize("field", ["containers", "initContainers", "ephemeralContainers"])
def test_every_kind_of_container_counts(tmp_path: Path, field: str) -> None:
    """Init and ephemeral containers are held to the standards as well."""
    pod = template(tmp_path, {}, {"securityContext": {"privileged": True}}, field=field)
    assert [fault.text for fault in pod_baseline.privileged(pod)] == ["container c0: privileged is true"]


@pytest.mark.parametrize(
    ("control", "pod", "container", "faults"),
    [
        ("host_namespaces", {"hostNetwork": True, "hostIPC": True}, {}, 2),
        ("host_namespaces", {"hostPID": False}, {}, 0),
        ("undropped_capabilities", {}, {"securityContext": {"capabilities": {"drop": ["NET_RAW", "ALL"]}}}, 0),
        ("undropped_capabilities", {}, {"securityContext": {"capabilities": {"drop": ["all"]}}}, 1),
        ("undropped_capabilities", {"os": {"name": "windows"}}, {}, 0),
        ("added_capabilities", {}, {"securityContext": {"capabilities": {"add": "SYS_ADMIN"}}}, 1),
        ("added_capabilities", {}, {"securityContext": {"capabilities": {"add": []}}}, 0),
        ("host_ports", {}, {"ports": [{"containerPort": 1, "hostPort": 0}]}, 0),
        ("host_probes", {}, {"lifecycle": {"postStart": {"httpGet": {"host": "h"}}}}, 1),
        ("host_probes", {}, {"livenessProbe": {"tcpSocket": {"host": ""}}}, 0),
        ("apparmor", {}, {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}, 1),
        ("selinux", {"securityContext": {"seLinuxOptions": {"user": "u", "role": "r", "type": "t"}}}, {}, 3),
        ("seccomp", {"securityContext": TIGHT}, {"securityContext": {"seccompProfile": {"type": "Localhost"}}}, 0),
        ("seccomp", {}, {"securityContext": {"seccompProfile": "RuntimeDefault"}}, 1),
        ("sysctls", {"securityContext": {"sysctls": [{"name": {}}]}}, {}, 1),
        ("escalation", {}, {}, 1),
        ("root_users", {"securityContext": {"runAsUser": 0}}, {"securityContext": {"runAsUser": 1}}, 1),
        ("host_paths", {"volumes": [{"name": "v", "hostPath": {}}]}, {}, 1),
        ("other_volumes", {"volumes": [{"name": "v", "hostPath": {}}, {"name": "w", "image": {}}]}, {}, 0),
        ("other_volumes", {"volumes": [{"name": "v", "gitRepo": {}}, 7]}, {}, 1),
        ("host_processes", {"securityContext": {"windowsOptions": {"hostProcess": True}}}, {}, 1),
    ],
)  # fmt: skip
def test_control(tmp_path: Path, control: str, pod: dict[str, Any], container: dict[str, Any], faults: int) -> None:
    """Each control finds what the standards do not allow, and nothing else."""
    assert (
        len(
            list(
                getattr(pod_restricted if hasattr(pod_restricted, control) else pod_baseline, control)(
                    template(tmp_path, pod, container)
                )
            )
        )
        == faults
    )


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("100m", "0.1"), ("1", "1"), (2, "2"), (0.5, "0.5"), ("1Ki", "1024"), ("1.5Gi", "1610612736"), ("1e3", "1000"), ("1E", "1e18"),
        ("1MB", None), ("", None), (True, None), (None, None), ("Mi", None), ([], None), ("١", None),
    ],
)  # fmt: skip
def test_quantity(text: Any, amount: str | None) -> None:
    """Quantities are read as the API reads them."""
    found = quantities.parse(text)
    assert found is None if amount is None else found == Decimal(amount)


@pytest.mark.parametrize(
    ("resources", "of_pod", "lacks"),
    [
        ({"requests": {"cpu": "1"}}, {}, False), ({"limits": {"cpu": "1"}}, {}, False), ({}, {"requests": {"cpu": 1}}, False),
        ({}, {}, True), ({"requests": {"cpu": 0}}, {}, True), ({"requests": {"cpu": "some"}}, {}, True), ("none", {}, True),
    ],
)  # fmt: skip
def test_request(tmp_path: Path, resources: Any, of_pod: dict[str, Any], lacks: bool) -> None:
    """A request is stated, or follows from the limit or from the pod's own; 0 and what is no amount are none."""
    pod = workload({"resources": of_pod, "containers": [{"name": "c", "resources": resources}]})
    assert (only(platform(tmp_path, pod), ResourcedContainer).lacks("requests", "cpu") is not None) == lacks


@pytest.mark.parametrize(
    ("kind", "pod", "serving"),
    [
        ("Deployment", {}, ["c"]), ("CronJob", {}, []), ("Job", {}, []), ("Pod", {"restartPolicy": "Never"}, []),
        ("Deployment", {"initContainers": [{"name": "i"}, {"name": "s", "restartPolicy": "Always"}]}, ["s", "c"]),
        ("Rollout", {}, ["c"]),
    ],
)  # fmt: skip
def test_who_serves(tmp_path: Path, kind: str, pod: dict[str, Any], serving: list[str]) -> None:
    """Containers and sidecars of what keeps running serve; init containers and jobs do not."""
    spec = {**pod, "containers": [{"name": "c"}]}
    body = (
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec}
        if kind == "Pod"
        else workload(spec, kind)
    )
    found = ServingContainer.collect(platform(tmp_path, body))
    assert [item.name for item in found if not isinstance(item, Gap)] == serving


@pytest.mark.parametrize(
    ("ports", "port", "faults"),
    [
        ([{"name": "http", "containerPort": 80}], "http", 0), ([{"name": "http", "containerPort": 80}], 80, 0),
        ([{"containerPort": 80}], "http", 1), ([{"containerPort": 80}], 81, 1), ([], 81, 0), (None, "http", 1), ("x", [], 0),
    ],
)  # fmt: skip
def test_probed_port(tmp_path: Path, ports: Any, port: Any, faults: int) -> None:
    """A name must be a port of the container; a number must be declared where ports are."""
    pod = workload({"containers": [{"name": "c", "ports": ports, "livenessProbe": {"httpGet": {"port": port}}}]})
    assert len(list(only(platform(tmp_path, pod), ProbedContainer).unserved)) == faults


@pytest.mark.parametrize(
    ("hook", "longest", "known"),
    [
        ({"sleep": {"seconds": 9}}, 9, True),
        ({"exec": {"command": ["sleep", "9"]}}, 9, True),
        ({"exec": {"command": ["/bin/sleep", "1m"]}}, 60, True),
        ({"exec": {"command": ["sh", "-c", "sleep 9"]}}, 9, True),
        ({"exec": {"command": ["sh", "-c", "sleep 9 && nginx -s quit; sleep 2"]}}, 11, False),
        ({"exec": {"command": ["sh", "-c", "while busy; do sleep 9; done"]}}, 0, False),
        ({"exec": {"command": ["sh", "-c", "sleep $WAIT"]}}, 0, False),
        ({"exec": {"command": ["/wait"]}}, 0, False),
        ({"httpGet": {"path": "/stop"}}, 0, False),
    ],
)
def test_pre_stop(tmp_path: Path, hook: dict[str, Any], longest: float, known: bool) -> None:
    """What a hook sleeps is read from it; what cannot be read is said to be unknown."""
    pod = workload({"containers": [{"name": "c", "lifecycle": {"preStop": hook}}]})
    found = only(platform(tmp_path, pod), StoppingPod)
    assert (found.longest, not found.unknown, found.grace) == (longest, known, 30)


@pytest.mark.parametrize(
    ("of_pod", "of_account", "off"),
    [(None, None, False), (False, True, True), (True, False, False), (None, False, True), ("false", None, False)],
)
def test_token(tmp_path: Path, of_pod: Any, of_account: Any, off: bool) -> None:
    """The pod's word goes before its ServiceAccount's."""
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "a"},
        "automountServiceAccountToken": of_account,
    }
    pod = {"serviceAccountName": "a", "automountServiceAccountToken": of_pod, "containers": [{"name": "c"}]}
    assert only(platform(tmp_path, account, workload(pod)), TokenMount).is_off == off


@pytest.mark.parametrize(
    ("folder", "token", "off"),
    [
        ("/var/run/secrets/kubernetes.io/serviceaccount", {"path": "token"}, False),
        ("/var/run/secrets/kubernetes.io/", {"path": "serviceaccount/token"}, False),
        ("/var/run/secrets/kubernetes.io/serviceaccount", {"path": "token", "audience": "vault"}, True),
        ("/var/run/secrets/tokens", {"path": "token"}, True),
    ],
)
def test_token_that_a_volume_mounts(tmp_path: Path, folder: str, token: dict[str, str], off: bool) -> None:
    """One in its usual place is the token, whatever the pod says; one for another audience, or elsewhere, is not."""
    volume = {"name": "t", "projected": {"sources": [{"serviceAccountToken": token}]}}
    container = {"name": "c", "volumeMounts": [{"name": "t", "mountPath": folder}]}
    pod = {"automountServiceAccountToken": False, "containers": [container], "volumes": [volume]}
    assert only(platform(tmp_path, workload(pod)), TokenMount).is_off == off
