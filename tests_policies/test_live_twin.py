"""The twin of a network, and what is read of a probe's answers: without a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, workload

from policies.live.errors import LiveError
from policies.live.probe import read, spelled
from policies.live.sampling import outside_parties
from policies.live.twin import OWNER, UNNAMED, Twin, renamed
from policies.model.network.address_ranges import addresses, parse_network
from policies.model.network.flows import Intended, intended
from policies.model.network.intervals import NOTHING
from policies.model.network.labels import NAMESPACE_NAME

POLICY = (
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n"
    "spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, "
    "{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shop, kube-system]}]}}], "
    "ports: [{port: 8000, endPort: 8010}, {protocol: UDP, port: named}]}]}\n"
)


def network(root: Path) -> Intended:
    """A network of a workload with a named port, one in its node's network, and a policy."""
    web = workload("Deployment", "web", "ports: [{name: named, containerPort: 99, protocol: UDP}]")
    platform = plain_platform(root, web + workload("DaemonSet", "agent", pod="hostNetwork: true") + POLICY)
    return intended(platform.deployed[0], platform)


def test_twin_has_the_labels_and_the_ports_of_each_workload(tmp_path: Path) -> None:
    """Labels and named ports decide what policies say; the pods of the node's network are left out, and named."""
    twin = Twin(network(tmp_path), "r1", "image")
    (pod,) = twin.pod_objects()
    assert pod["metadata"]["labels"] == {"app": "web"}
    assert pod["metadata"]["namespace"] == "turnstile-r1-shop"
    assert pod["spec"]["containers"][0]["ports"] == [{"name": "named", "protocol": "UDP", "containerPort": 99}]
    assert [party.name for party in twin.left_out] == ["shop/DaemonSet/agent"]
    assert all(body["metadata"]["labels"][OWNER] == "r1" for body in twin.namespace_objects())


def test_ports_of_interest_are_those_that_somebody_names(tmp_path: Path) -> None:
    """Both ends of a range and their neighbours, container ports, and one that nothing names; over TCP and UDP."""
    ports = Twin(network(tmp_path), "r1", "image").ports
    assert {number for _, number in ports} == {53, 99, 7999, 8000, 8010, 8011, UNNAMED}
    assert {protocol for protocol, _ in ports} == {"TCP", "UDP"}


def test_policies_are_as_rendered_but_for_namespaces_names(tmp_path: Path) -> None:
    """A namespace's name stands in selectors alone; those of others stay."""
    twin = Twin(network(tmp_path), "r1", "image")
    (policy,) = twin.policy_objects()
    peers = policy["spec"]["ingress"][0]["from"]
    assert peers[1]["namespaceSelector"]["matchExpressions"][0]["values"] == ["turnstile-r1-shop", "kube-system"]
    assert renamed(policy["spec"], {new: old for old, new in twin.namespaces.items()}) == network_spec(twin)


def network_spec(twin: Twin) -> object:
    """The spec as it was written."""
    document = twin.intended.site.policies[0].document
    assert document is not None
    return document.body["spec"]


def test_names_are_exchanged_in_labels_too() -> None:
    """`matchLabels` and `matchExpressions`, and nothing that merely looks like it."""
    data = {"matchLabels": {NAMESPACE_NAME: "a", "x": "a"}, "other": ["a"]}
    assert renamed(data, {"a": "b"}) == {"matchLabels": {NAMESPACE_NAME: "b", "x": "a"}, "other": ["a"]}


def test_an_address_of_each_range_outside_is_tried(tmp_path: Path) -> None:
    """Inside a block, in its exception, and beyond it; never of the cluster's own networks."""
    taken = addresses([parse_network("10.244.0.0/16")])
    found = [party.name for party in outside_parties(network(tmp_path), taken)]
    inside = [parse_network(name).subnet_of(parse_network("10.0.0.0/8")) for name in found]  # type: ignore[arg-type]
    excepted = [parse_network(name).subnet_of(parse_network("10.1.0.0/16")) for name in found]  # type: ignore[arg-type]
    assert (True in inside, False in inside, True in excepted) == (True, True, True)
    assert not any(addresses([parse_network(name)]) & taken for name in found)
    assert list(outside_parties(network_without_policies(), NOTHING))


def network_without_policies() -> Intended:
    """An empty network: every address is one range a family."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        platform = plain_platform(Path(folder), workload("Deployment", "web"))
        return intended(platform.deployed[0], platform)


def test_answers_are_read_and_a_missing_one_is_an_error() -> None:
    """What a probe does not say is no refusal."""
    targets = [("10.0.0.1", ("TCP", 80)), ("10.0.0.1", ("UDP", 53))]
    said = "tcp/10.0.0.1/80 open\nudp/10.0.0.1/53 silent\n"
    assert read(targets, said) == {targets[0]: "open", targets[1]: "silent"}
    assert spelled("UDP", "10.0.0.1", 53) == "udp/10.0.0.1/53"
    with pytest.raises(LiveError, match="says nothing of 1 of 2 connections"):
        read(targets, "tcp/10.0.0.1/80 open\n")
