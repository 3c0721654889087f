"""Labels that controllers put on pods: what policies select by them, held against the pods that the controllers would make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import naive_network as naive
import pytest
from generated_clusters import Question, asked_clusters, pods
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from naive_network import Object
from plain_platform import plain_platform, service, subjects, workload

from policies.evidence import Place
from policies.model.network.connected import Policed
from policies.model.network.endpoints import Pod
from policies.model.network.engine import Network
from policies.model.network.excess import Entered
from policies.model.network.labels import DOES_NOT_EXIST, EXISTS, IN, NOT_IN, Expression, Selector
from policies.model.network.needed_flows import NeededFlow
from policies.model.network.parties import labels_of, party
from policies.model.network.policies import Direction, PeerClause, Policy, Rule, blocks
from policies.model.network.policy_peers import RulePeer
from policies.model.network.policy_rules import NetworkPolicy
from policies.model.network.policy_schema import read_policy
from policies.model.network.ports import ports
from policies.model.network.universe import Universe
from policies.model.network.unsettled import unsettled
from policies.model.workloads.controller_labels import added
from policies.model.workloads.pod_labels import Found, found
from policies.model.workloads.pods import PodTemplate
from policies.model.workloads.workload import pod_spec_path
from policies.platform import Platform
from policies.read.documents import ApiOrigin, Document

POD_NAME, HASH = "statefulset.kubernetes.io/pod-name", "pod-template-hash"


def _document(body: Object) -> Document:
    return Document(body, ApiOrigin(body["kind"], body["metadata"].get("namespace", ""), body["metadata"]["name"]))


def _made(kind: str, spec: Object, name: str = "w") -> dict[str, list[str]]:
    body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}
    return {key: sorted(values) for key, values in added(_document(body), ())}


def test_each_controller_adds_its_own() -> None:
    """By their pages: what is known of a value is written down, what only the controller knows is left open."""
    assert _made("Pod", {}) == _made("ReplicaSet", {}) == {}
    assert _made("Deployment", {}) == {HASH: []}
    assert _made("DaemonSet", {}) == {"controller-revision-hash": [], "pod-template-generation": []}
    names = {POD_NAME: ["w-5", "w-6"], "apps.kubernetes.io/pod-index": ["5", "6"], "controller-revision-hash": []}
    assert _made("StatefulSet", {"replicas": 2, "ordinals": {"start": 5}}) == names
    assert _made("StatefulSet", {}) == {key: [] for key in names}
    job = {"batch.kubernetes.io/job-name": ["w"], "job-name": ["w"]}
    ids: dict[str, list[str]] = {"batch.kubernetes.io/controller-uid": [], "controller-uid": []}
    assert _made("Job", {}) == {**job, **ids}
    assert _made("CronJob", {"jobTemplate": {"spec": {}}}) == {**{key: [] for key in job}, **ids}
    assert _made("Job", {"manualSelector": True}) == {}
    indexed = _made("Job", {"completionMode": "Indexed", "completions": 2, "manualSelector": True})
    assert indexed == {"batch.kubernetes.io/job-completion-index": ["0", "1"]}


def test_a_label_that_is_written_too_is_the_controllers_but_a_jobs() -> None:
    """Deployments, StatefulSets and DaemonSets write over what the template has (`CloneAndAddLabel`); a Job that has its labels keeps them."""
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "w", "namespace": "shop"}, "spec": {}}
    assert added(_document(body), [HASH, "app"]) == {(HASH, frozenset())}
    job = {**body, "apiVersion": "batch/v1", "kind": "Job"}
    kept = {"batch.kubernetes.io/job-name", "job-name", "batch.kubernetes.io/controller-uid", "controller-uid"}
    assert added(_document(job), kept) == frozenset()


def test_rules_that_are_not_in_force_leave_nothing_unsettled() -> None:
    """A peer by a hash in an egress rule beside policyTypes of Ingress alone decides nothing."""
    peer = PeerClause(Selector((Expression(HASH, IN, frozenset({"1"})),)))
    pod = Pod("shop", added=frozenset({(HASH, frozenset())}))
    rules = (Rule(Direction.EGRESS, 0, (peer,)),)
    for directions, expected in (({Direction.INGRESS}, 0), ({Direction.EGRESS}, 1)):
        policy = Policy("shop", "p", Selector(), frozenset(directions), rules)
        assert len(list(unsettled(Universe((pod,), {}), [policy]))) == expected


@pytest.mark.parametrize(
    ("demands", "expected"),
    [
        ([("name", IN, "a b")], Found.ALL),
        ([("name", IN, "a")], Found.SOME),
        ([("name", IN, "c")], Found.NONE),
        ([("name", NOT_IN, "a")], Found.SOME),
        ([("name", NOT_IN, "c")], Found.ALL),
        ([("name", NOT_IN, "a b")], Found.NONE),
        ([("name", EXISTS, "")], Found.ALL),
        ([("name", DOES_NOT_EXIST, "")], Found.NONE),
        ([("hash", IN, "1")], Found.PERHAPS),
        ([("hash", NOT_IN, "1")], Found.PERHAPS),
        ([("hash", EXISTS, "")], Found.ALL),
        ([("name", IN, "a"), ("index", IN, "1")], Found.PERHAPS),  # the pod called a may be the one with the index 0
        ([("name", IN, "a"), ("app", IN, "x")], Found.SOME),
        ([("name", IN, "a"), ("app", IN, "y")], Found.NONE),
        ([("hash", IN, "1"), ("app", IN, "y")], Found.NONE),
        ([], Found.ALL),
    ],
)
def test_selector_finds_all_some_or_perhaps_any(demands: list[tuple[str, str, str]], expected: Found) -> None:
    """By the values that a workload's pods have among them."""
    made = {"name": frozenset("ab"), "index": frozenset("01"), "hash": frozenset[str]()}
    selector = Selector(
        tuple(Expression(key, operator, frozenset(values.split())) for key, operator, values in demands)
    )
    assert found(selector, {"app": "x"}, made) is expected


# Against the pods that there would be

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
KEYS = {POD_NAME: ("w0-0", "w1-1"), "apps.kubernetes.io/pod-index": ("0", "1"), HASH: ("5d8f", "77aa"),
        "controller-revision-hash": ("77aa",), "job-name": ("w0", "w2", "w3"), "batch.kubernetes.io/job-name": ("w1",)}  # fmt: skip


def _asking(selector: Object, random: Random) -> Object:
    """Add to a selector a demand on a controller's label, of any operator."""
    key = random.choice(list(KEYS))
    operator = random.choice(OPERATORS)
    values = (
        {"values": random.sample(KEYS[key], random.randint(1, len(KEYS[key])))} if operator in OPERATORS[:2] else {}
    )
    return {**selector, "matchExpressions": [*(selector.get("matchExpressions") or ()), {"key": key, "operator": operator, **values}]}  # fmt: skip


def _with_demands(objects: list[Object], random: Random) -> list[Object]:
    """Ask in some selectors of pods for labels of a controller's making."""

    def changed(value: object) -> object:
        if isinstance(value, dict):
            return {
                key: _asking(changed(one) or {}, random)  # type: ignore[arg-type]
                if key == "podSelector" and random.random() < 0.4
                else changed(one)
                for key, one in value.items()
            }
        return [changed(one) for one in value] if isinstance(value, list) else value

    return [changed(one) if one["kind"] == "NetworkPolicy" else one for one in objects]  # type: ignore[misc]


def _real(workload_: Object, stand_in: Object, random: Random) -> Iterator[Object]:
    """Write the pods that a controller makes of a workload: each as the one that stands for them, with the labels of its own."""
    kind, name = workload_["kind"], workload_["metadata"]["name"]
    count = workload_["spec"].get("replicas") or 1 if kind == "StatefulSet" else 2
    shared = random.choice(["5d8f", "77aa", "0000"])
    for index in range(count):
        given_ = {
            "Deployment": {HASH: shared},
            "DaemonSet": {"controller-revision-hash": shared, "pod-template-generation": "1"},
            "StatefulSet": {"controller-revision-hash": shared, POD_NAME: f"{name}-{index}", "apps.kubernetes.io/pod-index": str(index)},
            "Job": dict.fromkeys(("job-name", "batch.kubernetes.io/job-name"), name) | {"controller-uid": "1"},
            "CronJob": dict.fromkeys(("job-name", "batch.kubernetes.io/job-name"), random.choice([f"{name}-29", "w2"])),
        }.get(kind, {})  # fmt: skip
        metadata = {**stand_in["metadata"], "name": f"{stand_in['metadata']['name']}-{index}"}
        yield {**stand_in, "metadata": {**metadata, "labels": {**(metadata.get("labels") or {}), **given_}}}


@settings(max_examples=1500, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(asked_clusters(10), st.randoms(use_true_random=False))
def test_what_is_sure_holds_for_every_pod_and_what_is_not_possible_for_none(
    asked: tuple[list[Object], list[Question]], random: Random
) -> None:
    """Whatever hash a controller makes up, and whichever of a workload's pods connect."""
    objects, questions = asked
    for one in objects:
        if one["kind"] == "StatefulSet":
            one["spec"]["replicas"] = random.randint(1, 2)
    objects = _with_demands(objects, random)
    made: dict[tuple[str, str], Pod] = {}
    real: dict[tuple[str, str], list[naive.Pod]] = {}
    plain = [one for one in objects if one["kind"] in ("Namespace", "NetworkPolicy")]
    by_name = {(one["metadata"].get("namespace", "default"), one["metadata"]["name"]): one for one in objects}
    for stand_in in pods(objects):
        name = (stand_in["metadata"]["namespace"], stand_in["metadata"]["name"])
        source = by_name[name]
        path = pod_spec_path(_document(source))
        assert path is not None
        pod = party(PodTemplate(Place("x"), _document(source), path), None).endpoint
        assert isinstance(pod, Pod)
        made[name] = Pod(name[0], pod.labels, pod.ports, pod.host_network, ports("TCP", 1) - ports("TCP", 1), pod.added)
        several = [stand_in] if source["kind"] == "Pod" else list(_real(source, stand_in, random))
        plain += several
        real[name] = [naive.Pod(name[0], one["metadata"]["name"]) for one in several]
    policies = tuple(read_policy(_document(one)) for one in objects if one["kind"] == "NetworkPolicy")
    spaces = {one["metadata"]["name"]: labels_of(one["metadata"].get("labels")) for one in objects if one["kind"] == "Namespace"}  # fmt: skip
    universe = Universe(
        tuple(dict.fromkeys(made.values())), spaces, tuple(block.addresses for block in blocks(policies))
    )
    surely, possibly = (Network(universe, policies, doubtful) for doubtful in (False, True))
    for question in questions:
        if not all(isinstance(end, naive.Pod) for end in question[:2]):
            continue
        source_, target = ((end.namespace, end.name) for end in question[:2])  # type: ignore[union-attr]
        asked_ports = ports(question.protocol, question.port)
        sure, possible = (bool(one.ports(made[source_], made[target]) & asked_ports) for one in (surely, possibly))
        on_host = made[source_].host_network or made[target].host_network
        for a in real[source_]:
            for b in real[target]:
                if a != b:
                    truth = naive.allowed(plain, a, b, question.protocol, question.port)
                    event(f"{sure} {possible} {truth}")
                    assert not sure or truth, (question, a, b)
                    assert not truth or possible or on_host, (question, a, b)


# What requirements make of it

ALL = workload("StatefulSet", "redis", "ports: [{containerPort: 6379}]", "serviceName: redis, replicas: 2")
APP = workload("Deployment", "app", "env: [{name: REDIS_URL, value: 'redis://redis'}], ports: [{containerPort: 80}]")
SERVICES = service("redis", "{port: 6379}", "clusterIP: None")


def _policy(name: str, spec: str) -> str:
    return f"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n"


def _policed(platform: Platform, name: str, direction: Direction = Direction.INGRESS) -> tuple[bool, str | None]:
    (one,) = (one for one in subjects(Policed, platform) if one.party.template and one.party.template.document.name == name)  # fmt: skip
    return one.is_isolated(direction), one.incomplete


def test_a_policy_for_one_pod_of_a_set_is_found_and_does_not_isolate_the_set(tmp_path: Path) -> None:
    """It selects a pod (NET-08a); the others stay open, and that the set is isolated is not said (NET-01a)."""
    platform = plain_platform(
        tmp_path, ALL + _policy("one", f"{{podSelector: {{matchLabels: {{{POD_NAME}: redis-0}}}}}}")
    )
    (policy,) = subjects(NetworkPolicy, platform)
    assert policy.selected
    isolated, why = _policed(platform, "redis")
    assert not isolated
    assert why == f"NetworkPolicy/one selects by {POD_NAME}, in which the pods of a workload differ"


def test_a_policy_for_each_pod_of_a_set_isolates_it(tmp_path: Path) -> None:
    """By name, and by a key that is always there."""
    every = f"{{podSelector: {{matchExpressions: [{{key: {POD_NAME}, operator: In, values: [redis-0, redis-1]}}]}}}}"
    assert _policed(plain_platform(tmp_path, ALL + _policy("all", every)), "redis") == (True, None)


def test_a_policy_for_a_pod_that_the_set_does_not_have_selects_none(tmp_path: Path) -> None:
    """The number of pods is stated, and it is none of them."""
    platform = plain_platform(
        tmp_path, ALL + _policy("none", f"{{podSelector: {{matchLabels: {{{POD_NAME}: redis-2}}}}}}")
    )
    (policy,) = subjects(NetworkPolicy, platform)
    assert (policy.selected, policy.unknown) == (0, None)


def test_a_hash_is_not_known_and_is_named(tmp_path: Path) -> None:
    """Neither that the policy selects, nor that it does not."""
    platform = plain_platform(tmp_path, APP + _policy("old", f"{{podSelector: {{matchLabels: {{{HASH}: 5d8f}}}}}}"))
    (policy,) = subjects(NetworkPolicy, platform)
    assert not policy.selected
    told = f"NetworkPolicy/old selects by {HASH}, whose value only the pods' controller knows"
    assert policy.unknown == told
    assert _policed(platform, "app") == (False, told)


def test_a_peer_by_hash_neither_passes_nor_is_missing(tmp_path: Path) -> None:
    """The flow from the workload is not known to pass (NET-04), the peer not known to be dead (NET-08b), nothing is in excess (NET-05a)."""
    closed = _policy("closed", "{podSelector: {}, policyTypes: [Ingress]}")
    peer = f"{{podSelector: {{matchLabels: {{{HASH}: a}}}}}}"
    ingress = (
        f"{{podSelector: {{matchLabels: {{app: redis}}}}, ingress: [{{from: [{peer}], ports: [{{port: 6379}}]}}]}}"
    )
    platform = plain_platform(tmp_path, ALL + SERVICES + APP + closed + _policy("by-hash", ingress))
    (found_,) = subjects(RulePeer, platform)
    assert not found_.found
    assert found_.unknown is not None
    (flow,) = (one for one in subjects(NeededFlow, platform) if "redis" in str(one.flow.target))
    assert flow.incomplete is not None
    (redis,) = (one for one in subjects(Entered, platform) if "redis" in one.id)
    assert not redis.excess


def test_jobs_are_selected_by_their_names(tmp_path: Path) -> None:
    """Kubernetes calls the label by both its old and its new key."""
    job = workload("Job", "migrate").replace("apps/v1", "batch/v1")
    for number, key in enumerate(("job-name", "batch.kubernetes.io/job-name")):
        folder = tmp_path / str(number)
        folder.mkdir()
        platform = plain_platform(
            folder, job + _policy("jobs", f"{{podSelector: {{matchLabels: {{{key}: migrate}}}}}}")
        )
        assert _policed(platform, "migrate") == (True, None)
