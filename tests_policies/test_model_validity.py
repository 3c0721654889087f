"""Validity: what the schemas and limits of a version refuse, what is not judged, and that nothing in a manifest is too strange."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mutation import REFERENCE
from test_model_pods import platform, workload

from policies.catalogue import OWN, catalogue
from policies.evidence import Gap
from policies.model.objects.api_limits import LIMITS
from policies.model.objects.api_versions import REMOVALS, removal
from policies.model.objects.validity import Schemas, ValidatedObject, schemas_of
from policies.platform import Platform
from policies.verdict import Outcome, cases, judge

VERSIONS = [f"1.{minor}" for minor in range(25, 38)]


def told(folder: Path, body: dict[str, Any], statement: str = 'kubernetes = "1.34"') -> list[str]:
    """Give what is refused of an object, or why it is not judged."""
    found = ValidatedObject.collect(platform(folder, body, statement=statement))
    return [
        text
        for item in found
        for text in ([item.reason] if isinstance(item, Gap) else [fault.text for fault in item.faults])
    ]


def secret(**fields: Any) -> dict[str, Any]:
    """Give a Secret."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, **fields}


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (secret(data={"key": "aGk="}), []),
        (secret(data={"key": "hunter2!"}), ["data.key is a text of 8 characters, which must be of the format byte"]),
        (secret(stringData={"key": 12345}), ["stringData.key is a number, and a text is expected"]),
        (secret(data=None), []),
        (secret(datas={}), ["datas is no field of the API; did you mean data?"]),
        ({**secret(), "metadata": {"name": "a_b"}}, ['metadata.name is "a_b", which no Secret may be called (RFC 1123)']),
        (workload({"containers": []}), ["spec.template.spec.containers is a list, which must be at least 1 of them"]),
    ],
)  # fmt: skip
def test_refusal(tmp_path: Path, body: dict[str, Any], refused: list[str]) -> None:
    """A refusal names field, value and what would be allowed, and never a value that may be a secret."""
    assert told(tmp_path, body) == refused


@pytest.mark.parametrize(
    ("field", "value", "valid"),
    [
        ("containerPort", 0, False), ("containerPort", 65535, True), ("containerPort", 65536, False), ("containerPort", "80", False),
        ("protocol", "tcp", False), ("protocol", "SCTP", True), ("protocol", None, True),
        ("name", "a-name-of-sixteen", False), ("name", "http-2", True), ("name", "8080", False), ("name", "a--b", False),
    ],
)  # fmt: skip
def test_limits_of_a_port(tmp_path: Path, field: str, value: Any, valid: bool) -> None:
    """What the schema leaves open, the server's own limits do not."""
    port = {"containerPort": 80, field: value}
    assert (told(tmp_path, workload({"containers": [{"name": "c", "ports": [port]}]})) == []) == valid


@pytest.mark.parametrize("schedule", ["*/5 * * * *", "@hourly", "@every 5m", "0 3 * * MON-FRI"])
def test_schedule_is_taken(tmp_path: Path, schedule: str) -> None:
    """The server reads five fields, or a word."""
    job = {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c"}]}}}
    body: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "j"},
        "spec": {"schedule": schedule, "jobTemplate": {"spec": job}},
    }
    assert told(tmp_path, body) == []
    body["spec"]["schedule"] = "* * * *"
    assert len(told(tmp_path, body)) == 1


def test_what_is_not_known_is_said_once_a_kind(tmp_path: Path) -> None:
    """Of custom kinds each is named once, by the same words everywhere."""
    custom = [{"apiVersion": "example.dev/v1", "kind": "Thing", "metadata": {"name": name}} for name in "ab"]
    found = list(ValidatedObject.collect(platform(tmp_path, *custom)))
    assert [item.reason for item in found if isinstance(item, Gap)] == [
        "example.dev/v1 Thing is no kind of Kubernetes itself, so its schema is not known"
    ]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("", 'platform.toml does not state the version of Kubernetes: kubernetes = "1.35"'),
        ('kubernetes = "1.99"', "the schemas of Kubernetes 1.99 are not known; kubernetes-validate has 1.25 to 1."),
        ('kubernetes = "1.24"', "the schemas of Kubernetes 1.24 are not known; kubernetes-validate has 1.25 to 1."),
    ],
)
def test_version_that_is_not_known(tmp_path: Path, statement: str, reason: str) -> None:
    """Without a version that is known nothing is judged, and it says why."""
    assert [text[: len(reason)] for text in told(tmp_path, secret(datas={}), statement)] == [reason]


@pytest.mark.parametrize("version", VERSIONS)
def test_removed_apis_are_as_published(version: str) -> None:
    """Each version's schemas have just those APIs of the table that it still serves."""
    schemas = schemas_of(version)
    assert isinstance(schemas, Schemas)
    for api, row in REMOVALS.items():
        found = removal(*api, version)
        assert not (found and api in schemas.names), (api, version)
        if int(version[2:]) == row.since - 1:
            assert api in schemas.names, (api, version)
        if found and "/" in found.instead:
            assert (found.instead, api[1]) in schemas.names, (found, version)


def test_limits_are_of_fields_that_there_are() -> None:
    """A misspelt definition or field would limit nothing."""
    schemas = schemas_of("1.34")
    assert isinstance(schemas, Schemas)
    unknown = [
        (name, field)
        for name, fields in LIMITS.items()
        for field in fields
        if field not in schemas.definitions[name]["properties"]
    ]
    assert unknown == []


def test_library_of_schemas_is_loaded_late() -> None:
    """Whoever judges something else does not wait for it."""
    code = "import sys, policies.model.objects.validity; sys.exit('jsonschema' in sys.modules or 'kubernetes_validate' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


JUNK: tuple[Any, ...] = (
    None,
    0,
    -1,
    2**70,
    0.5,
    True,
    "",
    "x",
    "a/b",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": None},
    {"name": []},
    {"x": {"y": 1}},
)


def _spoiled(data: Any, chance: random.Random) -> Any:
    """Give a copy of JSON data with junk at one place."""
    if isinstance(data, (dict, list)) and data and chance.random() < 0.93:
        key = chance.choice(list(data) if isinstance(data, dict) else range(len(data)))
        copy = data.copy()
        copy[key] = _spoiled(data[key], chance)
        return copy
    return chance.choice(JUNK)


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    """Every object of the reference platform as it is rendered, and some of kinds that it does not have."""
    rendered = [dict(document.body) for item in Platform.open(REFERENCE).deployed for document in item.documents]
    binding = {"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "ServiceAccount", "name": "a"}]}
    route = {
        "rules": [
            {"backendRefs": [{"name": "s", "port": 80}], "filters": [{"requestMirror": {"backendRef": {"name": "s"}}}]}
        ]
    }
    volumes = [{"name": "v", "projected": {"sources": [{"secret": {"name": "s", "items": [{"key": "k"}]}}]}}]
    more = (
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b"}, **binding},
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "h"}, "spec": route},
        workload({"containers": [{"name": "c", "lifecycle": {"preStop": {"exec": {"command": ["sleep", "1"]}}}}], "volumes": volumes}),
        {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": [{"type": "Container", "default": {}}]}},
    )  # fmt: skip
    return [*rendered, *more]


def _ours() -> Iterator[Any]:
    return (item for item in catalogue(OWN) if item.family in ("BUILD-02", "BUILD-03", "BASE-04"))


def test_nothing_in_a_manifest_is_too_strange(tmp_path: Path, objects: list[dict[str, Any]]) -> None:
    """Whatever stands where something else should, every case ends in a verdict and none in an error of ours."""
    for seed in range(6):
        chance = random.Random(seed)  # noqa: S311 (for tests)
        strange = [_strange(body, chance) for body in objects]
        judged = platform(tmp_path, *strange)
        verdicts = [judge(case) for item in _ours() for case in cases(item, judged)]
        errors = [verdict for verdict in verdicts if verdict.outcome is Outcome.ERROR]
        assert not errors, "".join(
            f"\n{one.requirement} {one.subject}: {one.message}\n{one.detail}" for one in errors[:3]
        )


def _strange(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Spoil an object in three places; what is no object then is left out of all that reads manifests, so it stays as it was."""
    for _ in range(3):
        spoiled = _spoiled(body, chance)
        if isinstance(spoiled, dict) and isinstance(spoiled.get("kind"), str):
            body = spoiled
    return body
