"""References: what resolves, what does not, and what is not known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_model_pods import only, platform, workload

from policies.evidence import Gap
from policies.model.configuration.key_references import ConfigMapKey, SecretKey
from policies.model.configuration.service_ports import NamedTargetPort
from policies.model.objects.inventory import Made
from policies.model.objects.references import ClaimReference, ConfigMapReference, SecretReference
from policies.model.workloads.selection import selects
from policies.model.workloads.targets import ServiceSelector
from policies.platform import Platform


def config_map(name: str, namespace: str | None = None) -> dict[str, Any]:
    """Give a ConfigMap with the key KEY."""
    metadata = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"KEY": "x"}}


def taking(kind: str, **reference: Any) -> dict[str, Any]:
    """Give a workload that takes the key of a ConfigMap or Secret."""
    env = [{"name": "X", "valueFrom": {f"{kind}KeyRef": reference}}]
    return workload({"containers": [{"name": "c", "env": env}]})


def test_reference_and_key_have_readable_ids(tmp_path: Path) -> None:
    """An id names the place, who refers, and to what."""
    built = platform(tmp_path, config_map("settings"), taking("configMap", name="settings", key="KEY"))
    place = built.deployed[0].place.name
    assert only(built, ConfigMapReference).id == f"{place}:Deployment/web:ConfigMap/settings"
    assert only(built, ConfigMapKey).id == f"{place}:Deployment/web/c:ConfigMap/settings#KEY"
    assert only(built, ConfigMapKey).keys == {"KEY"}


def test_namespace_that_only_one_side_states_decides_nothing(tmp_path: Path) -> None:
    """Where the one is applied to is not known: neither a pass nor a failure."""
    built = platform(tmp_path, config_map("settings", "shop"), taking("configMap", name="settings", key="KEY"))
    assert "only one of the two states its namespace" in str(only(built, ConfigMapReference).found)


def test_other_namespace_is_another_object(tmp_path: Path) -> None:
    """A pod sees the ConfigMaps of its own namespace."""
    pod = taking("configMap", name="settings", key="KEY")
    pod["metadata"]["namespace"] = "shop"
    assert only(platform(tmp_path, config_map("settings", "bank"), pod), ConfigMapReference).found is None


MAKERS: list[tuple[dict[str, Any], set[str] | None]] = [
    ({"kind": "ExternalSecret", "spec": {"data": [{"secretKey": "a"}]}}, {"a"}),
    (
        {"kind": "ExternalSecret", "spec": {"data": [{"secretKey": "a"}], "target": {"template": {"data": {"b": ""}}}}},
        {"b"},
    ),
    ({"kind": "ExternalSecret", "spec": {"dataFrom": []}}, None),
    ({"kind": "SealedSecret", "spec": {"encryptedData": {"a": "x"}}}, {"a"}),
    ({"kind": "Certificate", "spec": {"secretName": "made"}}, {"tls.crt", "tls.key", "ca.crt"}),
    (
        {"kind": "SecretProviderClass", "spec": {"secretObjects": [{"secretName": "made", "data": [{"key": "a"}]}]}},
        {"a"},
    ),
    ({"kind": "VaultStaticSecret", "spec": {"destination": {"name": "made"}}}, None),
]


@pytest.mark.parametrize(("maker", "keys"), MAKERS)
def test_secret_that_something_makes(tmp_path: Path, maker: dict[str, Any], keys: set[str] | None) -> None:
    """A Secret that a custom object makes is there, with the keys that it says."""
    made = {"apiVersion": "example.dev/v1", "metadata": {"name": "made"}, **maker}
    found = only(platform(tmp_path, made, taking("secret", name="made", key="a")), SecretKey)
    assert isinstance(found.found, Made)
    assert found.keys == (None if keys is None else frozenset(keys))


def test_secret_of_an_operator_is_not_known(tmp_path: Path) -> None:
    """What a controller makes of an object that it knows by name cannot be seen."""
    cluster = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "db"}}
    found = only(platform(tmp_path, cluster, taking("secret", name="db-app", key="password")), SecretReference)
    assert "its controller's affair" in str(found.found)


def test_no_secret_in_a_place_says_nothing_about_secrets(tmp_path: Path) -> None:
    """Where nothing makes a Secret they all come from elsewhere; where something does, a missing one is missing."""
    alone = only(platform(tmp_path, taking("secret", name="s", key="k")), SecretReference)
    assert "they come from elsewhere" in str(alone.found)
    other = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "t"}}
    assert only(platform(tmp_path, other, taking("secret", name="s", key="k")), SecretReference).found is None


def test_claims_of_stateful_sets_are_there(tmp_path: Path) -> None:
    """A StatefulSet makes a claim of each template for each of its pods."""
    made = workload({"containers": [{"name": "c"}]}, "StatefulSet", "db")
    made["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    user = workload({"containers": [{"name": "c"}], "volumes": volumes})
    assert isinstance(only(platform(tmp_path, made, user), ClaimReference).found, Made)


def test_dump_without_a_kind_says_nothing_about_it(tmp_path: Path) -> None:
    """Of an API's objects only those that were asked for are there."""
    (tmp_path / "empty").mkdir()
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps(taking("secret", name="s", key="k")), encoding="utf-8")
    found = only(Platform.open(tmp_path / "empty", (("", dump),)), SecretReference)
    assert found.found == "the dump holds no Secret"
    assert found.evidence("").locations[0].field.endswith("secretKeyRef.name")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True), (None, False), ({"matchLabels": {"a": "1"}}, True), ({"matchLabels": {"a": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Gt"}]}, False),
    ],
)  # fmt: skip
def test_label_selector(selector: Any, expected: bool) -> None:
    """Every operator means what the API says; one that there is not selects nothing."""
    assert selects(selector, {"a": "1"}) == expected


@pytest.mark.parametrize(
    ("field", "port", "protocol", "offered"),
    [
        ("containers", {"name": "web", "containerPort": 1}, None, True),
        ("containers", {"name": "web", "containerPort": 1, "protocol": "UDP"}, None, False),
        ("containers", {"name": "web", "containerPort": 1, "protocol": "UDP"}, "UDP", True),
        ("initContainers", {"name": "web", "containerPort": 1}, None, False),
    ],
)
def test_named_port(tmp_path: Path, field: str, port: dict[str, Any], protocol: str | None, offered: bool) -> None:
    """A name is sought among containers that stay, with the protocol."""
    spec = {"containers": [{"name": "main"}], field: [{"name": "c", "ports": [port]}]}
    ports = [{"port": 80, "targetPort": "web", "protocol": protocol}]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s"},
        "spec": {"selector": {"app": "web"}, "ports": ports},
    }
    assert only(platform(tmp_path, workload(spec), service), NamedTargetPort).is_offered == offered


def test_service_of_another_api_is_no_service(tmp_path: Path) -> None:
    """Knative's Service has the kind's name alone in common."""
    knative = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "s"},
        "spec": {"selector": {"a": "b"}},
    }
    assert all(isinstance(item, Gap) for item in ServiceSelector.collect(platform(tmp_path, knative)))
