"""What runs, held against what is declared: every drift is found by the requirement that is named for it, and by no other. Without a cluster."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from running_town import DIGEST, PINNED, Objects, compared, failed, requirements, running, town, verdicts

from policies.evidence import Place
from policies.live.running import Snapshot, _without_values
from policies.model.drift.comparison import NotCompared
from policies.model.drift.contents import policy_parts
from policies.model.drift.differences import MISSING, Difference, differences
from policies.verdict import Outcome

REQUIREMENTS = requirements("test_drift.py")
OTHER = "sha256:" + "fedcba9876543210" * 4


NO_METRICS = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric", "message": "none"}


def put(name: str, *path: str | int, value: Any) -> Callable[[Objects], None]:
    """Give a change of one field of one object."""

    def change(objects: Objects) -> None:
        target: Any = objects[name]
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return change


def gone(name: str, *path: str | int) -> Callable[[Objects], None]:
    """Give the removal of an object, or of a field of it."""

    def change(objects: Objects) -> None:
        target: Any = objects[name] if path else objects
        for step in path[:-1]:
            target = target[step]
        del target[path[-1] if path else name]

    return change


def new(kind: str, name: str, labels: dict[str, str], version: str = "v1", **rest: Any) -> Callable[[Objects], None]:
    """Give a further object."""
    metadata = {"name": name, "namespace": "town", "labels": labels}
    return lambda objects: objects.update(
        {f"{kind}/{name}": {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}}
    )


POD = ("spec", "template", "spec")
CONTAINER = (*POD, "containers", 0)
DEPLOYMENT, POLICY = "Deployment/web", "NetworkPolicy/web"
OPEN: dict[str, Any] = {"podSelector": {}, "ingress": [{}]}

MUTANTS: dict[str, tuple[set[str], list[Callable[[Objects], None]], str]] = {
    "nothing": (set(), [], ""),
    "a policy was removed": (
        {"LIVE-K8Sa"},
        [gone("NetworkPolicy/deny")],
        "NetworkPolicy/deny is declared, and there is none",
    ),
    "a Secret was removed": ({"LIVE-K8Sa"}, [gone("Secret/keys")], "Secret/keys is declared"),
    "another image": (
        {"LIVE-K8Sb"},
        [put(DEPLOYMENT, *CONTAINER, "image", value="turnstile.local/busybox:2")],
        "busybox:1 is declared, and turnstile.local/busybox:2 runs",
    ),
    "the same image without its digest": (
        {"LIVE-K8Sb"},
        [put("Deployment/tool", *CONTAINER, "image", value="turnstile.local/busybox:1")],
        PINNED,
    ),
    "a container has another name": (
        {"LIVE-K8Sb", "LIVE-K8Sm"},
        [put(DEPLOYMENT, *CONTAINER, "name", value="other")],
        "no container of the name runs",
    ),
    "a node runs another digest": (
        {"LIVE-K8Sc"},
        [put("Pod/tool-0", "status", "containerStatuses", 0, "imageID", value=f"turnstile.local/busybox@{OTHER}")],
        "tool-0 runs turnstile.local/busybox@sha256:fedc",
    ),
    "replicas 0": (
        {"LIVE-K8Sd"},
        [
            put("Deployment/tool", "spec", "replicas", value=0),
            put("Deployment/tool", "status", "readyReplicas", value=0),
        ],
        "1 pods are declared, and 0 are wanted",
    ),
    "more than the autoscaler may": (
        {"LIVE-K8Sd"},
        [put(DEPLOYMENT, "spec", "replicas", value=4), put(DEPLOYMENT, "status", "readyReplicas", value=4)],
        "2 to 3 pods are declared, and 4 are wanted",
    ),
    "as many as the autoscaler may": (
        set(),
        [put(DEPLOYMENT, "spec", "replicas", value=3), put(DEPLOYMENT, "status", "readyReplicas", value=3)],
        "",
    ),
    "a pod is not ready": (
        {"LIVE-K8Se"},
        [put(DEPLOYMENT, "status", "readyReplicas", value=1)],
        "1 of 2 pods are ready",
    ),
    "no status at all": ({"LIVE-K8Se"}, [gone("Deployment/tool", "status")], "0 of 1 pods"),
    "no metrics": (
        {"LIVE-K8Sf"},
        [put("HorizontalPodAutoscaler/web", "status", "conditions", 1, value=NO_METRICS)],
        "ScalingActive is False: FailedGetResourceMetric",
    ),
    "an autoscaler that has said nothing": (
        {"LIVE-K8Sf"},
        [gone("HorizontalPodAutoscaler/web", "status")],
        "AbleToScale is not known yet",
    ),
    "no pod may go": (
        {"LIVE-K8Sg"},
        [put("PodDisruptionBudget/web", "status", "disruptionsAllowed", value=0)],
        "no pod may go: 2 are healthy, and 1 must be",
    ),
    "a broker is not ready": (
        {"LIVE-K8Sh"},
        [put("StatefulSet/broker", "status", "readyReplicas", value=0)],
        "1 brokers are stated, and 0 are ready",
    ),
    "brokers were scaled to none": (
        {"LIVE-K8Sh"},
        [
            put("StatefulSet/broker", "spec", "replicas", value=0),
            put("StatefulSet/broker", "status", "readyReplicas", value=0),
        ],
        "1 brokers are stated, and 0 are ready",
    ),
    "another NodePort": (
        {"LIVE-K8Si"},
        [put("Service/web", "spec", "ports", 0, "nodePort", value=30099)],
        "nodePort is declared 30081, and 30099 runs",
    ),
    "a Service was opened": (
        {"LIVE-K8Si"},
        [put("Service/broker", "spec", "type", value="LoadBalancer")],
        'declared "ClusterIP", and "LoadBalancer" runs',
    ),
    "an external address": (
        {"LIVE-K8Si"},
        [put("Service/web", "spec", "externalIPs", value=["203.0.113.9"])],
        "203.0.113.9",
    ),
    "a key changed": (
        {"LIVE-K8Sj"},
        [put("ConfigMap/settings", "data", "LOG_LEVEL", value="debug")],
        'data.LOG_LEVEL is declared "info", and "debug" runs',
    ),
    "a key was added": (
        {"LIVE-K8Sj"},
        [put("ConfigMap/settings", "data", "NEW", value="1")],
        "data.NEW is declared nothing",
    ),
    "a key was removed": ({"LIVE-K8Sj"}, [gone("ConfigMap/settings", "data", "LOG_LEVEL")], "and nothing runs"),
    "a policy lets a namespace in": (
        {"LIVE-K8Sk"},
        [put(POLICY, "spec", "ingress", 0, "from", value=[{"podSelector": {}}])],
        "the ingress rule",
    ),
    "a policy lets every port": ({"LIVE-K8Sk"}, [gone(POLICY, "spec", "ingress", 0, "ports")], "the ingress rule"),
    "a policy has a further rule": (
        {"LIVE-K8Sk"},
        [put(POLICY, "spec", "ingress", value=[copy.deepcopy(running()[POLICY]["spec"]["ingress"][0]), {}])],
        "runs, and is not declared",
    ),
    "a policy stops egress no more": (
        {"LIVE-K8Sk"},
        [put("NetworkPolicy/deny", "spec", "policyTypes", value=["Ingress"])],
        "policyTypes",
    ),
    "a policy selects others": (
        {"LIVE-K8Sk"},
        [put(POLICY, "spec", "podSelector", value={"matchLabels": {"app": "x"}})],
        "the selector",
    ),
    "a policy that nobody declared": (
        {"LIVE-K8Sl"},
        [new("NetworkPolicy", "debug", {}, "networking.k8s.io/v1", spec=OPEN)],
        "NetworkPolicy/debug runs",
    ),
    "a pod that nobody declared": (
        {"LIVE-K8Sl"},
        [new("Pod", "debug", {"app": "web"}, spec={"containers": []})],
        "Pod/debug runs",
    ),
    "a Service of the platform's own label": (
        {"LIVE-K8Sl"},
        [new("Service", "debug", {"app.kubernetes.io/part-of": "town"}, spec={})],
        "Service/debug runs",
    ),
    "another's pod beside it": (set(), [new("Pod", "theirs", {"app": "theirs"}, spec={"containers": []})], ""),
    "what a generator made before": (
        set(),
        [new("ConfigMap", "generated-2bcdf4gh6k", {"app.kubernetes.io/part-of": "town"}, data={})],
        "",
    ),
    "a limit was raised": (
        {"LIVE-K8Sm"},
        [put(DEPLOYMENT, *CONTAINER, "resources", "limits", "memory", value="1Gi")],
        'limits.memory is declared "64Mi", and "1Gi" runs',
    ),
    "the token is mounted": (
        {"LIVE-K8Sm"},
        [gone("ServiceAccount/web", "automountServiceAccountToken")],
        "automountServiceAccountToken is declared false, and nothing runs",
    ),
    "a variable was added": (
        {"LIVE-K8Sm"},
        [
            lambda objects: objects[DEPLOYMENT]["spec"]["template"]["spec"]["containers"][0]["env"].append(
                {"name": "DEBUG", "value": "hunter2"}
            )
        ],
        "'DEBUG' runs, and is not declared",
    ),
    "a variable was changed": (
        {"LIVE-K8Sm"},
        [put(DEPLOYMENT, *CONTAINER, "env", 0, "value", value="hunter2")],
        "env[0].value is not as declared",
    ),
    "the host's network": (
        {"LIVE-K8Sm"},
        [put(DEPLOYMENT, *POD, "hostNetwork", value=True)],
        "hostNetwork is declared false, and true runs",
    ),
    "a sidecar was added": (
        {"LIVE-K8Sm"},
        [
            lambda objects: objects[DEPLOYMENT]["spec"]["template"]["spec"]["containers"].append(
                {"name": "shell", "image": "x"}
            )
        ],
        "'shell' runs, and is not declared",
    ),
    "a Service leads elsewhere": (
        {"LIVE-K8Sm"},
        [put("Service/web", "spec", "selector", value={"app": "tool"})],
        'spec.selector.app is declared "web", and "tool" runs',
    ),
    "a budget asks for more": (
        {"LIVE-K8Sm"},
        [put("PodDisruptionBudget/web", "spec", "minAvailable", value=2)],
        "minAvailable",
    ),
    "a key of a Secret is gone": ({"LIVE-K8Sn"}, [gone("Secret/keys", "data", "pin")], "it lacks pin"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_drift_is_found_by_its_requirement_alone(name: str) -> None:
    """Exactly the requirements that are named for it fail, and say what is declared and what runs."""
    broken, changes, said = MUTANTS[name]
    objects = running()
    for change in changes:
        change(objects)
    found = verdicts(compared(objects), REQUIREMENTS)
    told = "; ".join(one.message for one in found if one.outcome is Outcome.FAILED)
    assert failed(found) == broken, told
    assert said in told
    assert "hunter2" not in told, "a variable's value may be a password"
    assert all(one.locations for one in found if one.outcome is Outcome.FAILED)


def test_every_requirement_on_drift_has_a_mutant() -> None:
    """A requirement that was never seen to fail proves nothing, and one that was never seen to pass neither."""
    assert {one.id for one in REQUIREMENTS} == {id for broken, _, _ in MUTANTS.values() for id in broken}
    passed = {one.requirement for one in verdicts(compared(running()), REQUIREMENTS) if one.outcome is Outcome.PASSED}
    assert {one.id for one in REQUIREMENTS} == passed


def test_a_kind_that_the_cluster_does_not_know_is_found() -> None:
    """An object whose definition is not installed runs nowhere."""
    objects = {name: body for name, body in running().items() if body["kind"] != "PodDisruptionBudget"}
    found = verdicts(compared(objects, unserved=frozenset({("policy/v1", "PodDisruptionBudget")})), REQUIREMENTS)
    assert failed(found) == {"LIVE-K8Sa"}
    assert "knows no kind PodDisruptionBudget of policy/v1" in next(
        one.message for one in found if one.outcome is Outcome.FAILED
    )


def test_secrets_that_were_not_read_are_not_judged() -> None:
    """Without --read-secrets nothing is said of them, neither well nor ill."""
    objects = running()
    del objects["Secret/keys"]
    found = verdicts(compared(objects, secrets_read=False), REQUIREMENTS)
    assert failed(found) == set()
    silent = {one.requirement: one.message for one in found if one.outcome is Outcome.NOT_JUDGED}
    assert "--read-secrets" in silent["LIVE-K8Sa"]
    assert "LIVE-K8Sn" in silent


def test_where_nothing_was_compared_nothing_is_judged() -> None:
    """What the run itself created cannot have drifted, and that is said."""
    found = verdicts(NotCompared(Place("town"), "the run itself made this"), REQUIREMENTS)
    assert {one.outcome for one in found} == {Outcome.NOT_JUDGED}
    assert {one.requirement for one in found} == {one.id for one in REQUIREMENTS}
    assert {one.message for one in found} == {"the run itself made this"}


def test_job_that_removes_itself_is_not_missed() -> None:
    """Whether it ran is not known, so it is not judged."""
    snapshot = Snapshot("town", list(running().values()), secrets_read=True)
    snapshot.unnamespaced.add(("v1", "Namespace"))
    comparison = snapshot.compared_with(town())
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j", "namespace": "town"},
        "spec": {"ttlSecondsAfterFinished": 9},
    }
    document = type(comparison.running[0])(job, comparison.running[0].origin)
    vars(comparison)["declared"] = {**comparison.declared, comparison.key(document): document}
    found = verdicts(comparison, REQUIREMENTS)
    assert failed(found) == set()
    assert [one.subject for one in found if one.requirement == "LIVE-K8Sa" and one.outcome is Outcome.NOT_JUDGED] == [
        "cluster town:town/Job/j"
    ]


@pytest.mark.parametrize(
    ("declared", "runs"),
    [
        ({"cpu": 1}, {"cpu": "1"}),
        ({"limits": {"cpu": "1000m"}}, {"limits": {"cpu": 1}}),
        ({"port": 80}, {"port": "80"}),
        ({"a": None, "b": "", "c": []}, {}),
        ({"tty": False, "hostPort": 0}, {}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([{"name": "x"}, {"name": "y"}], [{"name": "y", "z": 1}, {"name": "x"}]),
    ],
)
def test_what_the_server_writes_otherwise_is_no_difference(declared: Any, runs: Any) -> None:
    """Quantities, numbers as texts, what is empty, what it adds, and the order of what has names."""
    assert not list(differences(declared, runs))


@pytest.mark.parametrize(
    ("declared", "runs", "told"),
    [
        ({"cpu": "1000m"}, {"cpu": "1"}, 'cpu is declared "1000m", and "1" runs'),
        ({"privileged": False}, {}, "privileged is declared false, and nothing runs"),
        ({"replicas": 0}, {}, "replicas is declared 0, and nothing runs"),
        ({"emptyDir": {}}, {"hostPath": {"path": "/"}}, "emptyDir is declared {}, and nothing runs"),
        ({"on": True}, {"on": 1}, "on is declared true, and 1 runs"),
        (["a", "b"], ["b", "a"], '[0] is declared "a", and "b" runs; [1] is declared "b", and "a" runs'),
        (["a"], ["a", "b"], ' is declared ["a"], and ["a", "b"] runs'),
        ({"dbPassword": "x"}, {"dbPassword": "y"}, "dbPassword is not as declared (its values are not shown)"),
        ({"url": "amqp://a:b@c"}, {"url": "amqp://a:c@c"}, "url is not as declared (its values are not shown)"),
    ],
)
def test_difference_is_told_with_both_values_unless_it_may_be_a_secret(declared: Any, runs: Any, told: str) -> None:
    """A field that is gone, or another, is drift; a credential's value is in no report."""
    assert "; ".join(map(str, differences(declared, runs))) == told


def test_missing_is_told_as_nothing() -> None:
    """What is not there has no value to show."""
    assert str(Difference(("data", "k"), MISSING, "v")) == 'data.k is declared nothing, and "v" runs'


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"podSelector": {}}, {"podSelector": {"matchLabels": {}}, "policyTypes": ["Ingress"]}, True),
        ({"egress": [{}]}, {"egress": [{}], "policyTypes": ["Egress", "Ingress"]}, True),
        (
            {"ingress": [{"from": [], "ports": [{"port": 1}]}]},
            {"ingress": [{"ports": [{"port": 1, "protocol": "TCP"}]}]},
            True,
        ),
        ({"ingress": [{"from": [{"podSelector": {}}]}]}, {"ingress": [{"from": [{"namespaceSelector": {}}]}]}, False),
        (
            {"ingress": [{"from": [{"podSelector": {}}]}]},
            {"ingress": [{"from": [{"podSelector": {}, "namespaceSelector": {}}]}]},
            False,
        ),
        ({"ingress": []}, {"ingress": [{}]}, False),
        ({"egress": []}, {"egress": [], "policyTypes": ["Ingress", "Egress"]}, False),
    ],
)
def test_policies_are_the_same_where_the_api_means_the_same(one: Any, other: Any, same: bool) -> None:
    """Defaults filled in and empty lists say nothing; an empty selector selects everything, and so says something."""
    assert (policy_parts(one) == policy_parts(other)) is same


def test_secrets_values_are_dropped_when_they_are_read() -> None:
    """Neither a value, nor an annotation that quotes one, is kept."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "annotations": {"last": "hunter2"}, "managedFields": ["hunter2"]},
        "data": {"k": "hunter2"},
        "stringData": {"l": "hunter2"},
    }
    assert "hunter2" not in repr(_without_values(body))
    assert _without_values(body)["data"] == {"k": ""}


def test_pod_that_was_not_pulled_yet_proves_nothing() -> None:
    """A digest that no node has named is not judged."""
    objects = running()
    objects["Pod/tool-0"]["status"] = {}
    found = [one for one in verdicts(compared(objects), REQUIREMENTS) if one.requirement == "LIVE-K8Sc"]
    assert [one.outcome for one in found] == [Outcome.NOT_JUDGED]
    assert DIGEST in PINNED
