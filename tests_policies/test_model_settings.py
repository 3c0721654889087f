"""Settings: found wherever they are written, with those who read them; and where their addresses lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, service, subjects, workload

from policies.model.configuration.destinations import Destination
from policies.model.configuration.environments import environments_of
from policies.model.configuration.services import Meaning, directory
from policies.model.configuration.settings import settings_of
from policies.model.configuration.texts import arguments_in, options_in, settings_in
from policies.model.configuration.values import ReleasedValue
from policies.model.secrets.leftovers import CookieSetting, Mode, ReleasedAddress, ReleasedSetting, TracingRate
from policies.model.terraform.variable_references import VariableReference
from policies.platform import Platform


def config_map(data: str) -> str:
    """Write a ConfigMap called settings; `data` is the inside of a mapping, indented by two."""
    return f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: shop}}\ndata:\n{data}"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.properties", "a.b=1\n# c=2\n\nd : 3", [(0, "a.b", "1"), (3, "d", "3")]),
        ("a.ini", "[x]\n; y = 1\nz = 'q'", [(2, "z", "q")]),
        ("redis.conf", "port 6379\nsave 900 1\n#dir /x", [(0, "port", "6379"), (1, "save", "900 1")]),
        ("a.yaml", "a:\n  b: 1\n  c: [x]\n  d: yes", [(1, "a.b", "1"), (2, "a.c.0", "x"), (3, "a.d", "true")]),
        ("a.yaml", "a: [", []),
        ("a.yaml", "{{ template }}", []),
        ("a.json", '{"a": {"b": null}}', [(0, "a.b", "")]),
        ("run.sh", "export A=1\nb --c d --e=f", [(0, "A", "1"), (1, "c", "d"), (1, "e", "f")]),
        ("site", "server http://web", [(0, "line 1", "server http://web")]),
    ],
)
def test_settings_of_a_text(name: str, text: str, expected: list[tuple[int, str, str]]) -> None:
    """Each with its line; how they are written the file's name tells, and a broken file has none."""
    assert list(settings_in(name, text)) == expected


def test_options_and_arguments() -> None:
    """`--a=b`, `--a b`, `A=b`; an option behind an option is no value."""
    assert list(options_in("x --a=b --c 'd e' --f --g h")) == [("a", "b"), ("c", "d e"), ("g", "h")]
    assert list(options_in("java -Dx.y=z --override a.b=1")) == [("x.y", "z"), ("override", "a.b=1"), ("a.b", "1")]
    assert list(arguments_in(["--a=b", "--c", "d", "--e", "--f", "g=h"])) == [
        *((0, "a", "b"), (2, "c", "d"), (5, "f", "g=h"), (5, "g", "h")),
    ]


def test_environment_is_as_the_kubelet_makes_it(tmp_path: Path) -> None:
    """`envFrom` first, `env` over it; `$(NAME)` sees what stands above, and a Secret's value is not known."""
    container = (
        "envFrom: [{configMapRef: {name: settings}, prefix: P_}, {secretRef: {name: gone}}], env: [{name: A, value: $(B)}, "
        "{name: B, value: $(P_HOST):1}, {name: C, valueFrom: {configMapKeyRef: {name: settings, key: HOST}}}, "
        "{name: D, valueFrom: {secretKeyRef: {name: x, key: y}}}, {name: E, value: $$(B)}, {name: P_OVER, value: new}]"
    )
    platform = plain_platform(
        tmp_path, workload("Deployment", "web", container) + config_map("  HOST: db\n  OVER: old\n")
    )
    [environment] = environments_of(platform.deployed[0]).values()
    known = {"P_HOST": "db", "P_OVER": "new", "A": "$(B)", "B": "db:1", "C": "db", "E": "$(B)"}
    assert environment.known == known
    assert environment.variables["D"].value is None
    assert environment.missing == ("Secret gone",)


def test_settings_know_their_readers(tmp_path: Path) -> None:
    """A key that is taken by name is not read by who takes another; a mounted file is."""
    one = workload("Deployment", "one", "env: [{name: X, valueFrom: {configMapKeyRef: {name: settings, key: A}}}]")
    two = workload(
        "Deployment",
        "two",
        "volumeMounts: [{name: v, mountPath: /v}]",
        pod="volumes: [{name: v, configMap: {name: settings}}]",
    )
    platform = plain_platform(tmp_path, one + two + config_map("  A: '1'\n  b.properties: |\n    c=1\n    d=2\n"))
    readers = {
        item.name: sorted(one.document.name for one in item.readers) for item in settings_of(platform.deployed[0])
    }
    assert readers == {"A": ["one", "two"], "X": ["one"], "c": ["two"], "d": ["two"]}
    written = (tmp_path / "shop" / "all.yaml").read_text(encoding="utf-8").splitlines()
    lines = {item.name: written[(item.location.line or 0) - 1].strip() for item in settings_of(platform.deployed[0])}
    assert lines == {"A": "A: '1'", "X": "A: '1'", "c": "c=1", "d": "d=2"}


@pytest.mark.parametrize(
    ("kind", "key", "variable", "value", "judged"),
    [
        (TracingRate, "SHARE", "MANAGEMENT_TRACING_SAMPLING_PROBABILITY", "1.0", "variable"),
        (TracingRate, "OTEL_TRACES_SAMPLER", "QUARKUS_OTEL_TRACES_SAMPLER", "always_on", "key"),
        (CookieSetting, "TLS", "SERVER_SERVLET_SESSION_COOKIE_SECURE", "false", "variable"),
        (Mode, "PROFILES", "SPRING_PROFILES_ACTIVE", "dev", "variable"),
        (ReleasedAddress, "PLACE", "CATALOG_HOST", "localhost", "variable"),
        (ReleasedAddress, "PLACE_URL", "CATALOG_URL", "http://localhost", "key"),
        (Destination, "PLACE", "CATALOG_HOST", "catalog", "variable"),
        (Destination, "PLACE_URL", "CATALOG_URL", "http://catalog", "key"),
    ],
)
def test_variable_that_has_a_keys_value(
    tmp_path: Path,
    kind: type[ReleasedSetting | Destination],
    key: str,
    variable: str,
    value: str,
    judged: str,
) -> None:
    """A program reads the name that it is given: it is judged by that where the key's own says nothing; once, at the key's line."""
    taken = f"env: [{{name: {variable}, valueFrom: {{configMapKeyRef: {{name: settings, key: {key}}}}}}}]"
    both = workload("Deployment", "web", taken) + workload("Deployment", "other", taken)
    [found] = subjects(kind, plain_platform(tmp_path, both + config_map(f"  {key}: '{value}'\n")))
    assert found.setting.name == {"key": key, "variable": variable}[judged]
    assert [one.document.name for one in found.setting.readers] == ["web", "other"]
    written = (tmp_path / "shop" / "all.yaml").read_text(encoding="utf-8").splitlines()
    assert written[(found.setting.location.line or 0) - 1].strip() == f"{key}: '{value}'"


def test_variable_behind_a_prefix(tmp_path: Path) -> None:
    """`envFrom` with a prefix makes names of its own; one that only spells the key in another way is no other name."""
    taken = "envFrom: [{configMapRef: {name: settings}, prefix: SPRING_}], env: [{name: COOKIE_SECURE, valueFrom: KEY}]"
    taken = taken.replace("KEY", "{configMapKeyRef: {name: settings, key: cookie.secure}}")
    manifests = workload("Deployment", "web", taken) + config_map("  PROFILES_ACTIVE: dev\n  cookie.secure: 'no'\n")
    platform = plain_platform(tmp_path, manifests)
    assert [one.name for one in subjects(Mode, platform)] == ["SPRING_PROFILES_ACTIVE"]
    assert [one.name for one in subjects(CookieSetting, platform)] == ["cookie.secure"]


@pytest.fixture
def names(tmp_path: Path) -> Platform:
    """A place with a Service, a headless one with its StatefulSet, and another namespace."""
    return plain_platform(
        tmp_path,
        workload("Deployment", "web", "ports: [{containerPort: 8080}]")
        + service("web", "{port: 80, targetPort: 8080}")
        + workload("StatefulSet", "db", "ports: [{containerPort: 5432}]", "serviceName: db, replicas: 2")
        + service("db", "{port: 5432}", 'clusterIP: "None"')
        + service("mail", "", "type: ExternalName, externalName: mail.example.net")
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: back}\n",
        '[[external]]\nhost = "*.amazonaws.com"\nports = [443]\n[[external]]\nhost = "bank"\ncidr = ["10.1.0.0/16"]\n',
    )


@pytest.mark.parametrize(
    ("host", "meaning", "ports"),
    [
        ("web", Meaning.SERVICE, {80}),
        ("web.shop", Meaning.SERVICE, {80}),
        ("web.shop.svc", Meaning.SERVICE, {80}),
        ("web.shop.svc.cluster.local", Meaning.SERVICE, {80}),
        ("db", Meaning.SERVICE, {5432}),
        ("db-0.db", Meaning.POD, {5432}),
        ("db-1.db.shop.svc.cluster.local", Meaning.POD, {5432}),
        ("db-2.db", Meaning.ABSENT, None),
        ("dbx-0.db", Meaning.ABSENT, None),
        ("mail", Meaning.SERVICE, None),
        ("cache", Meaning.ABSENT, None),
        ("web.back.svc", Meaning.ABSENT, None),
        ("web.back", Meaning.ABSENT, None),
        ("web.elsewhere.svc.cluster.local", Meaning.UNKNOWN, None),
        ("web.elsewhere", Meaning.OUTSIDE, None),
        ("www.ticketing.net", Meaning.OUTSIDE, None),
        ("sqs.eu-west-1.amazonaws.com", Meaning.EXTERNAL, {443}),
        ("10.1.2.3", Meaning.EXTERNAL, None),
        ("10.2.2.3", Meaning.OUTSIDE, None),
        ("localhost", Meaning.ITSELF, None),
        ("127.0.0.1", Meaning.ITSELF, None),
        ("::1", Meaning.ITSELF, None),
        ("::", Meaning.ITSELF, None),
    ],
)
def test_host_means(names: Platform, host: str, meaning: Meaning, ports: set[int] | None) -> None:
    """A name is looked up as a pod of the namespace would, and leads to the ports that answer there."""
    target = directory(names, names.deployed[0]).look_up(host, "shop")
    assert target.meaning is meaning
    assert target.ports == (None if ports is None else frozenset(ports))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("A_URL: http://web:80", ["web:80"]),
        ("A: http://web:81", ["web:81"]),
        ("A: web:80", ["web:80"]),
        ("IMAGE: nginx:80", []),
        ("A_SERVERS: nginx:80", ["nginx:80"]),
        ("CORS_ORIGINS: http://web:80", []),
        ("A_HOST: web", ["web:8080"]),
        ("A: http://localhost:80", []),
        (
            "application.properties: |\n    page=https://www.ticketing.net\n    pay.url=https://www.bank.net\n",
            ["www.bank.net:443"],
        ),
    ],
)
def test_destinations_of_a_setting(tmp_path: Path, setting: str, expected: list[str]) -> None:
    """What is evidently an address is one; a name with a number where a Service is called so."""
    manifests = (
        workload("Deployment", "web") + service("web", "{port: 80}") + config_map(f"  A_PORT: '8080'\n  {setting}\n")
    )
    found = subjects(Destination, plain_platform(tmp_path, manifests))
    assert [str(one.address) for one in found] == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('for i in 0 1; do\n  all="$all db-$i.db:5432"\ndone', ["db-0.db:5432", "db-1.db:5432"]),
        ('for i in 0 1; do\n  host=db-$i.db\n  all="$all $host:5432"\ndone', ["db-0.db:5432", "db-1.db:5432"]),
        ('for i in $(names); do\n  all="$all db-$i.db:5432"\ndone', []),
        ("host=$(name)\nrun --server $host:5432", []),
        ("set -e\nrun --server $HOSTNAME:5432", ["$HOSTNAME:5432"]),
    ],
)
def test_destinations_of_a_script(tmp_path: Path, script: str, expected: list[str]) -> None:
    """What a loop over a plain list gives is followed; what the script works out itself is no setting."""
    lines = "".join(f"    {line}\n" for line in script.splitlines())
    manifests = workload("StatefulSet", "db", "", "serviceName: db, replicas: 2")
    manifests += service("db", "{port: 5432}", 'clusterIP: "None"') + config_map(f"  run.sh: |\n{lines}")
    found = subjects(Destination, plain_platform(tmp_path, manifests))
    assert [str(one.address) for one in found] == expected


def test_reference_to_a_variable(tmp_path: Path) -> None:
    """Defined above, below, by the link of a Service, by a shell, or not at all."""
    container = (
        'env: [{name: A, value: "$(B) $(WEB_SERVICE_HOST) $(KUBERNETES_PORT_443_TCP)"}, {name: B, value: $(A)}], '
        'command: [sh, -c, "echo $(date) $(B) $(NONE) $$(NO)"]'
    )
    found = subjects(
        VariableReference, plain_platform(tmp_path, workload("Deployment", "web", container) + service("web"))
    )
    told = {one.name: (one.defined, one.below) for one in found}
    assert told == {
        "B": (True, False),
        "WEB_SERVICE_HOST": (True, False),
        "KUBERNETES_PORT_443_TCP": (True, False),
        "A": (True, False),
        "NONE": (False, False),
    }
    assert [one.below for one in found if one.name == "B"] == [True, False]


def released(tmp_path: Path, data: str, container: str = "", pod: str = "") -> Platform:
    """A release whose one container takes these settings."""
    taken = f"envFrom: [{{configMapRef: {{name: settings}}}}]{', ' + container if container else ''}"
    return plain_platform(tmp_path, workload("Deployment", "web", taken, pod=pod) + config_map(data))


@pytest.mark.parametrize(
    ("setting", "everything"),
    [
        *(("TRACING_SAMPLING_PROBABILITY: '1.0'", True), ("management.tracing.sampling.probability: '0.1'", False)),
        *(("OTEL_TRACES_SAMPLER: always_on", True), ("OTEL_TRACES_SAMPLER: parentbased_traceidratio", False)),
        *(
            ("OTEL_TRACES_SAMPLER_ARG: '1'", True),
            ("SENTRY_TRACES_SAMPLE_RATE: '1'", True),
            ("ZIPKIN_SAMPLE_RATE: 100%", True),
        ),
        *(("mesh.tracing.sampling: '100'", True), ("mesh.tracing.sampling: '1'", False)),
        *(("AUDIO_SAMPLE_RATE: '1'", None), ("SENTRY_SAMPLE_RATE: '1'", None), ("TRACE_ID: '1'", None)),
    ],
)
def test_tracing_rate(tmp_path: Path, setting: str, everything: bool | None) -> None:
    """Every trace, a share of them, or nothing of the kind."""
    assert [one.is_everything for one in subjects(TracingRate, released(tmp_path, f"  {setting}\n"))] == (
        [] if everything is None else [everything]
    )


@pytest.mark.parametrize(
    ("setting", "insecure"),
    [
        *(
            ("COOKIE_SECURE: 'false'", True),
            ("server.servlet.session.cookie.secure: 'true'", False),
            ("SESSION_COOKIE_SECURE: '0'", True),
        ),
        *(
            ("GF_SECURITY_COOKIE_SECURE: 'off'", True),
            ("ALLOW_INSECURE_COOKIES: 'true'", True),
            ("COOKIE_SAMESITE: 'false'", None),
        ),
    ],
)
def test_cookie_setting(tmp_path: Path, setting: str, insecure: bool | None) -> None:
    """Secure or not, in every spelling."""
    assert [one.is_insecure for one in subjects(CookieSetting, released(tmp_path, f"  {setting}\n"))] == (
        [] if insecure is None else [insecure]
    )


@pytest.mark.parametrize(
    ("setting", "container", "pod", "excused"),
    [
        ("A_URL: http://localhost:9411", "", "", False),
        ("A_URL: http://localhost:9411", "ports: [{containerPort: 9411}]", "", True),
        ("A_URL: http://localhost:9411", "", "initContainers: [{name: agent, restartPolicy: Always}]", True),
        ("A_URL: http://localhost:9411", "", "initContainers: [{name: once}]", False),
        ("A_URL: http://localhost:9411", "", "hostNetwork: true", True),
        ("CORS_ORIGINS: http://localhost:9411", "ports: [{containerPort: 9411}]", "", False),
    ],
)
def test_local_address(tmp_path: Path, setting: str, container: str, pod: str, excused: bool) -> None:
    """Only where somebody in the pod may answer is it one's own; what browsers get never is."""
    [address] = subjects(ReleasedAddress, released(tmp_path, f"  {setting}\n", container, pod))
    assert address.local
    assert address.excused is excused


@pytest.mark.parametrize(
    ("setting", "developers"),
    [
        *(
            ("SPRING_PROFILES_ACTIVE: prod", False),
            ("SPRING_PROFILES_ACTIVE: prod,local", True),
            ("NODE_ENV: development", True),
        ),
        *(
            ("DEBUG: 'true'", True),
            ("DEBUG: 'false'", False),
            ("JAVA_TOOL_OPTIONS: -agentlib:jdwp=x", True),
            ("JAVA_OPTS: -Xmx1g", False),
        ),
        *(("ENVIRONMENT: prod-test-plan", True), ("TEST_ENVIRONMENT_NAME: dev", None)),
    ],
)
def test_mode(tmp_path: Path, setting: str, developers: bool | None) -> None:
    """A mode for developers, another mode, or none."""
    assert [one.is_for_developers for one in subjects(Mode, released(tmp_path, f"  {setting}\n"))] == (
        [] if developers is None else [developers]
    )


@pytest.mark.parametrize(
    "value",
    [
        "<queue-name>.fifo",
        "https://sqs/<account>/q",
        "app<env>",
        "CHANGE_ME",
        "change-me",
        "<queue>",
        "xxx",
        "TODO",
        "your-bucket",
        "__HOST__",
        "http://api.example.com",
        "...",
    ],
)
def test_value_is_a_placeholder(tmp_path: Path, value: str) -> None:
    """What nobody has filled in."""
    assert [one.placeholder is None for one in subjects(ReleasedValue, released(tmp_path, f"  A: '{value}'\n"))] == [
        False
    ]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "todos",
        "Your tickets",
        "replace",
        "xx",
        "(?P<user_id>x)(?<user_id>x)",
        "Tickets <no-reply@ticketing.net>",
        "%<user_id>",
        "see <queue-name> there",
        "<my-tag>x</my-tag>",
        "List<String>",
        "__address__",
        "${HOST}",
        "a<b",
        "https://example.ticketing.net",
        "exchange me",
    ],
)
def test_value_is_filled_in(tmp_path: Path, value: str) -> None:
    """What only sounds like it."""
    assert [one.placeholder for one in subjects(ReleasedValue, released(tmp_path, f"  A: '{value}'\n"))] == [None]
