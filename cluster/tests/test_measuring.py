"""The measurement on a real cluster: every policy mutant is seen by connections and by the prediction alike, and an enforcer that is off is found out.

Needs a local cluster (root, Go, Debian's packages); where it cannot be had these tests fail with the reason, for they run only where they were asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from running_town import failed, requirements, verdicts

from policies.live.access import Cluster, reached
from policies.live.local_cluster import LocalCluster, build, local_cluster, unavailable
from policies.live.local_vantage import prepared
from policies.live.measuring import Measurement
from policies.live.placing import remove_twins
from policies.live.probe import IMAGE
from policies.live.twin import Twin
from policies.model.network.flows import intended
from policies.model.network.observation import OPEN, Observation
from policies.model.network.observed import PairAsReadBack, TriedPair
from policies.platform import Platform

PODS = "".join(
    f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\n"
    f"spec: {{containers: [{{name: main, image: a:1, ports: [{{name: http, containerPort: {port}}}]}}]}}\n"
    for name, port in (("web", 8080), ("api", 8081), ("db", 5432))
)
DENY = "podSelector: {}, policyTypes: [Ingress, Egress]"
DNS = (
    "podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, "
    "podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}]"
)
IN = "podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: http}]}]"
OUT = "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 8081}]}]"
WORLD = (
    "podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress], "
    "ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}], ports: [{port: 5432}]}]"
)
# It selects nobody; what it names is tried from whichever other policy is changed.
NAMED = "podSelector: {matchLabels: {app: nobody}}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 203.0.113.128/25}}]}]"
POLICIES = {"deny": DENY, "dns": DNS, "in": IN, "out": OUT, "world": WORLD, "named": NAMED}

MUTANTS = {
    "as it is": {},
    "default deny is dropped": {"deny": ""},
    "a port is widened": {
        "in": IN.replace("port: http", "port: 8000, endPort: 9000"),
        "out": OUT.replace("port: 8081", "port: 8000, endPort: 9000"),
    },
    "egress is opened": {"out": "podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{}]"},
    "DNS is without TCP": {"dns": DNS.replace(", {protocol: TCP, port: 53}", "")},
    "the peer is everybody": {
        "in": IN.replace("{podSelector: {matchLabels: {app: web}}}", "{namespaceSelector: {}}"),
        "out": OUT.replace("podSelector: {matchLabels: {app: web}}, policyTypes", "podSelector: {}, policyTypes"),
    },
    "the exception is gone": {"world": WORLD.replace(", except: [203.0.113.128/25]", "")},
    "rules list no ports": {
        "in": IN.replace(", ports: [{port: http}]", ""),
        "out": OUT.replace(", ports: [{port: 8081}]", ""),
    },
}


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    reason = unavailable()
    assert reason is None, f"these tests need a local cluster: {reason}"
    build(_quiet)


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[LocalCluster, Cluster]]:
    """A cluster for all tests of the module."""
    with local_cluster("turnstile-tests", denied="reject") as local, reached(local.kubeconfig, None) as access:
        yield local, access


def _quiet(text: str) -> None:
    del text


def observe(root: Path, local: LocalCluster, access: Cluster, changed: dict[str, str]) -> tuple[Platform, Observation]:
    """Measure the network of the three pods with some policies changed; an empty one is dropped."""
    policies = "".join(
        f"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}}}\n"
        for name, spec in {**POLICIES, **changed}.items()
        if spec
    )
    (root / "all.yaml").write_text(PODS + policies, encoding="utf-8")
    platform = Platform.open(root)
    twin = Twin(intended(platform.deployed[0], platform), f"t{abs(hash(str(root))) % 10**6}", IMAGE)
    return platform, Measurement(access, twin, prepared(local), _quiet).observe()


def disagreements(observation: Observation) -> list[str]:
    """Tell every disagreement, by the manifests and by what was read back."""
    platform = Platform(Path(), observations=(observation,))
    pairs = [
        pair for kind in (TriedPair, PairAsReadBack) for pair in kind.collect(platform) if isinstance(pair, TriedPair)
    ]
    return [pair.blame().message for pair in pairs if pair.disagreements]


def seen(observation: Observation) -> set[tuple[str, str, str, int]]:
    """Give the connections that were seen open."""
    return {
        (one.source.name, one.target.name, *port)
        for one in observation.attempts
        for port, outcome in one.outcomes.items()
        if outcome == OPEN
    }


@pytest.mark.parametrize("name", MUTANTS)
def test_connections_and_prediction_agree_on_every_mutant(
    tmp_path: Path,
    cluster: tuple[LocalCluster, Cluster],
    name: str,
    seen_before: dict[str, set[tuple[str, str, str, int]]],
) -> None:
    """Real connections show exactly what the policies say, and each mutant shows something else than the unbroken network."""
    _, observation = observe(tmp_path, *cluster, MUTANTS[name])
    assert disagreements(observation) == []
    assert failed(verdicts(observation, requirements("test_connections.py"))) == set()
    assert observation.open_before[0] == observation.open_before[1]
    seen_before[name] = seen(observation)
    assert name == "as it is" or seen_before[name] != seen_before["as it is"]


@pytest.fixture(scope="module")
def seen_before() -> dict[str, set[tuple[str, str, str, int]]]:
    """What was seen of each mutant so far."""
    return {}


def test_nothing_is_left_of_a_twin(cluster: tuple[LocalCluster, Cluster]) -> None:
    """Its namespaces are gone, or going."""
    _, access = cluster
    left = [body for body in access.list("v1", "Namespace") if body["metadata"]["name"].startswith("turnstile-")]
    assert all(body["status"]["phase"] == "Terminating" for body in left)
    assert set(remove_twins(access)) <= {body["metadata"]["name"] for body in left}


def test_an_enforcer_that_is_off_is_found_out(tmp_path: Path) -> None:
    """Policies that are accepted and not enforced: every denied connection is a disagreement."""
    with local_cluster("turnstile-open", enforce=False) as local, reached(local.kubeconfig, None) as access:
        _, observation = observe(tmp_path, local, access, {})
    found = disagreements(observation)
    assert any("shop/Pod/api -> shop/Pod/web" in text and "predicted that it does not pass" in text for text in found)
    assert failed(verdicts(observation, requirements("test_connections.py"))) == {"LIVE-NETa", "LIVE-NETb"}
