"""Kafka: settings in every spelling, lists that are complete or not, brokers that are spread and keep their log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plain_platform import plain_platform, service, subjects, workload

from policies.model.servers.broker_settings import ReleasedFactor, ReleasedMinimumIsr
from policies.model.servers.brokers import ReleasedBrokers
from policies.model.servers.elections import UncleanElection
from policies.model.servers.quorum import BrokerList, Voters
from policies.platform import Platform

STATED = '[manifests.shop.kafka]\nworkload = "kafka"\nbrokers = 3\nreplication-factor = 3\nmin-insync-replicas = 2\n'
HEADLESS = service("kafka", "{port: 9092}, {port: 9093}", 'clusterIP: "None"')


def kafka(
    tmp_path: Path, env: str = "", more: str = "", container: str = "", pod: str = "", spec: str = ""
) -> Platform:
    """A release with three brokers; `env` is the inside of a list of variables, `more` are further manifests."""
    inside = f"ports: [{{containerPort: 9092}}, {{containerPort: 9093}}], env: [{env}]{', ' + container if container else ''}"
    stateful = f"serviceName: kafka, replicas: 3{', ' + spec if spec else ''}"
    return plain_platform(tmp_path, workload("StatefulSet", "kafka", inside, stateful, pod) + HEADLESS + more, STATED)


def variable(name: str, value: str) -> str:
    """Write a variable."""
    return f'{{name: {name}, value: "{value}"}}'


@pytest.mark.parametrize(
    ("env", "container", "expected"),
    [
        (variable("KAFKA_DEFAULT_REPLICATION_FACTOR", "3"), "", {"default_replication_factor": "3"}),
        (variable("KAFKA_CFG_DEFAULT_REPLICATION_FACTOR", "2"), "", {"default_replication_factor": "2"}),
        (
            variable("KAFKA_X", "1"),
            'args: ["--override", "default.replication.factor=1"]',
            {"default_replication_factor": "1"},
        ),
        (
            variable("KAFKA_X", "1"),
            'args: [sh, -c, "run --override offsets.topic.replication.factor=2"]',
            {"offsets_topic_replication_factor": "2"},
        ),
    ],
)
def test_replication_factors(tmp_path: Path, env: str, container: str, expected: dict[str, str]) -> None:
    """In a variable, an argument or a script; what is not set is Kafka's default."""
    defaults = {
        "default_replication_factor": "1",
        "offsets_topic_replication_factor": "3",
        "transaction_state_log_replication_factor": "3",
    }
    found = {one.name: one.value for one in subjects(ReleasedFactor, kafka(tmp_path, env, container=container))}
    assert found == {**defaults, **expected}


def test_settings_of_a_file_and_of_clients(tmp_path: Path) -> None:
    """A mounted server.properties counts, with its line; of what others read only what is called after Kafka."""
    file = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: broker, namespace: shop}\ndata:\n"
    file += "  server.properties: |\n    # all\n    min.insync.replicas=1\n"
    shop = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop, namespace: shop}\ndata: {KAFKA_STREAMS_MIN_ISR: '9', LOKI_MIN_ISR: '9'}\n"
    mounted = {
        "container": "command: [kafka-server-start.sh, /v/server.properties], volumeMounts: [{name: v, mountPath: /v}]",
        "pod": "volumes: [{name: v, configMap: {name: broker}}]",
    }
    found = subjects(ReleasedMinimumIsr, kafka(tmp_path, more=file + shop, **mounted))
    assert {(one.name, one.value) for one in found} == {
        *(("min_insync_replicas", "1"), ("streams_min_isr", "9"), ("transaction_state_log_min_isr", "2")),
    }
    line = next(one.evidence("").locations[0].line for one in found if one.name == "min_insync_replicas")
    assert (tmp_path / "shop" / "all.yaml").read_text(encoding="utf-8").splitlines()[
        (line or 0) - 1
    ].strip() == "min.insync.replicas=1"


def test_without_any_setting_nothing_is_said(tmp_path: Path) -> None:
    """An image that brings its own settings is not judged by Kafka's defaults."""
    assert not subjects(ReleasedFactor, kafka(tmp_path))


@pytest.mark.parametrize(
    ("env", "container", "value"),
    [
        (variable("KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE", "TRUE"), "", "true"),
        (variable("KAFKA_CFG_UNCLEAN_LEADER_ELECTION_ENABLE", "false"), "", "false"),
        (variable("KAFKA_NODE_ID", "1"), "", "false"),
        ("", 'args: ["--override", "unclean.leader.election.enable=true", "--override", "log.dirs=/d"]', "true"),
    ],
)
def test_unclean_elections(tmp_path: Path, env: str, container: str, value: str) -> None:
    """By a variable or an argument; where nothing says so, Kafka's default."""
    [found] = subjects(UncleanElection, kafka(tmp_path, env, container=container))
    assert found.value == value


ALL = "kafka-0.kafka:9092,kafka-1.kafka:9092,kafka-2.kafka:9092"
VOTERS = "0@kafka-0.kafka:9093,1@kafka-1.kafka:9093,2@kafka-2.kafka:9093"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (ALL, None),
        ("kafka:9092", None),
        ("kafka.shop.svc.cluster.local:9092", None),
        (ALL.replace(".kafka:", ".kafka.shop.svc:"), None),
        ("kafka-0.kafka:9092,kafka-1.kafka:9092", "kafka-2 is missing"),
        (f"{ALL},kafka-2.kafka:9092", "kafka-2 stands twice"),
        (f"{ALL},kafka-3.kafka:9092", "none called kafka-3"),
        ("kafka:9099", "nobody listens on port 9099 at kafka, but on 9092, 9093"),
        ("cache:6379", "cache:6379 does not lead to StatefulSet/kafka"),
        ("nowhere:9092", "there is no Service nowhere"),
    ],
)
def test_bootstrap_servers(tmp_path: Path, value: str, fault: str | None) -> None:
    """Every broker once, or the Service that selects them, at a port that is served."""
    more = workload("Deployment", "web", f"env: [{variable('KAFKA_BOOTSTRAP_SERVERS', value)}]")
    more += workload("Deployment", "cache") + service("cache", "{port: 6379}")
    [found] = subjects(BrokerList, kafka(tmp_path, more=more))
    assert found.unknown is None
    assert (found.fault is None) if fault is None else fault in (found.fault or "")


def test_unknown_lists(tmp_path: Path) -> None:
    """A variable that is not known, and nothing at all, are not judged."""
    more = workload(
        "Deployment", "web", f"env: [{variable('KAFKA_BROKERS', '$(X):9092')}, {variable('KAFKA_SERVERS', '')}]"
    )
    first, second = subjects(BrokerList, kafka(tmp_path, more=more))
    assert first.unknown == "the value of X is not known"
    assert second.unknown == "no address is in the value of KAFKA_SERVERS"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (VOTERS, None),
        ("1@kafka-0.kafka:9093,2@kafka-1.kafka:9093,3@kafka-2.kafka:9093", None),
        ("0@kafka-0.kafka:9093,1@kafka-1.kafka:9093", "kafka-2 is missing"),
        ("0@kafka-0.kafka:9093,0@kafka-1.kafka:9093,2@kafka-2.kafka:9093", "two voters have one id"),
        ("1@kafka-0.kafka:9093,0@kafka-1.kafka:9093,2@kafka-2.kafka:9093", "not in the order of the pods"),
        ("0@kafka:9093", "kafka-0, kafka-1, kafka-2 is missing"),
        (f"{VOTERS},3@kafka:9093", "kafka is no pod of StatefulSet/kafka"),
        ("0@controller-0.controller:9093", None),
        ("0@controller-0.controller:9093,1@controller-1.controller:9093", "none called controller-1"),
    ],
)
def test_voters(tmp_path: Path, value: str, fault: str | None) -> None:
    """The brokers, or controllers of their own, each with its id."""
    more = workload("StatefulSet", "controller", "ports: [{containerPort: 9093}]", "serviceName: controller")
    more += service("controller", "{port: 9093}", 'clusterIP: "None"')
    [found] = subjects(Voters, kafka(tmp_path, variable("KAFKA_CONTROLLER_QUORUM_VOTERS", value), more))
    assert (found.fault is None) if fault is None else fault in (found.fault or "")


@pytest.mark.parametrize(
    ("script", "first", "fault"),
    [
        ("export KAFKA_NODE_ID=${HOSTNAME##*-}; exec run", 0, None),
        ("export KAFKA_NODE_ID=${HOSTNAME##*-}; exec run", 1, "kafka-0 starts with the id 0, and is the voter 1"),
        ('export KAFKA_NODE_ID="${NAME##*-}"; exec run', 1, "kafka-0 starts with the id 0, and is the voter 1"),
        ("export KAFKA_NODE_ID=$((${HOSTNAME##*-} + 1)); exec run", 1, None),
        (
            "export KAFKA_NODE_ID=$((${HOSTNAME##*-}+1)); exec run",
            0,
            "kafka-0 starts with the id 1, and is the voter 0",
        ),
        (
            "exec run --override node.id=$((100 + ${HOSTNAME##*-}))",
            1,
            "kafka-0 starts with the id 100, and is the voter 1",
        ),
        ("ID=${HOSTNAME##*-}\nexport KAFKA_CFG_NODE_ID=$((ID + 1))\nexec run", 0, "kafka-0 starts with the id 1"),
        ("ID=${HOSTNAME##*-}\nexport KAFKA_NODE_ID=$ID\nexec run", 0, None),
        ("ID=${HOSTNAME##*-}\n# KAFKA_NODE_ID=$((ID + 7))\nexport KAFKA_NODE_ID=${ID}\nexec run", 0, None),
        ("export KAFKA_NODE_ID=$((${HOSTNAME##*-} * 2)); exec run", 1, None),
        ("export KAFKA_NODE_ID=$(number); exec run", 1, None),
        ("A && KAFKA_NODE_ID=${HOSTNAME##*-}\nB && KAFKA_NODE_ID=$((${HOSTNAME##*-} + 1))", 1, None),
    ],
)
def test_voters_and_nodes_that_number_themselves(tmp_path: Path, script: str, first: int, fault: str | None) -> None:
    """A node that starts with another id than the voters have for it votes not; a script that is not plain says nothing."""
    voters = ",".join(f"{first + index}@kafka-{index}.kafka:9093" for index in range(3))
    env = variable("KAFKA_CONTROLLER_QUORUM_VOTERS", voters)
    env += ", {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}"
    command = "command: [sh, -c, " + json.dumps(script) + "]"
    [found] = subjects(Voters, kafka(tmp_path, env, container=command))
    assert (found.fault is None) if fault is None else fault in (found.fault or "")


ANTI = "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: KEY, labelSelector: {matchLabels: {app: APP}}}]}}"
SPREAD = "topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: WHEN, labelSelector: {matchLabels: {app: kafka}}}]"


@pytest.mark.parametrize(
    ("pod", "spread"),
    [
        (ANTI.replace("KEY", "kubernetes.io/hostname").replace("APP", "kafka"), True),
        (ANTI.replace("KEY", "topology.kubernetes.io/zone").replace("APP", "kafka"), True),
        (ANTI.replace("KEY", "kubernetes.io/os").replace("APP", "kafka"), False),
        (ANTI.replace("KEY", "kubernetes.io/hostname").replace("APP", "web"), False),
        (SPREAD.replace("WHEN", "DoNotSchedule"), True),
        (SPREAD.replace("WHEN", "ScheduleAnyway"), False),
        (SPREAD.replace("WHEN", "DoNotSchedule").replace("maxSkew: 1", "maxSkew: 2"), False),
        ("", False),
    ],
)
def test_brokers_are_spread(tmp_path: Path, pod: str, spread: bool) -> None:
    """By what is required, of their own pods, by node or zone."""
    [found] = subjects(ReleasedBrokers, kafka(tmp_path, pod=pod))
    assert found.is_spread is spread


@pytest.mark.parametrize(
    ("folder", "mount", "fleeting"),
    [
        ("/data/log", "/data", ()),
        ("/data", "/data/", ()),
        ("/data/a, /logs", "/data", ("/logs",)),
        ("/database", "/data", ("/database",)),
        ("", "/data", ()),
        ("", "", ("log.dirs",)),
    ],
)
def test_logs_that_last(tmp_path: Path, folder: str, mount: str, fleeting: tuple[str, ...]) -> None:
    """A directory lasts where a claim of the pod's own is mounted."""
    claims = "volumeClaimTemplates: [{metadata: {name: d}}]"
    mounts = f"volumeMounts: [{{name: d, mountPath: {mount}}}]" if mount else ""
    env = variable("KAFKA_LOG_DIRS", folder) if folder else ""
    [found] = subjects(ReleasedBrokers, kafka(tmp_path, env, container=mounts, spec=claims))
    assert found.fleeting == fleeting
