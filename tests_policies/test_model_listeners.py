"""Kafka's advertised listeners: who is sent to itself, in the forms in which people write it."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, service, subjects, workload

from policies.model.servers.listeners import Advertised, ReleasedAdvertised
from policies.platform import Platform

STATED = '[manifests.shop.kafka]\nworkload = "kafka"\nbrokers = 3\nreplication-factor = 3\nmin-insync-replicas = 2\n'
BOTH = "INSIDE://:29092,OUTSIDE://:9092"


def variable(name: str, value: str) -> str:
    """Write a variable."""
    return f"{{name: {name}, value: '{value}'}}"


def kafka(
    tmp_path: Path, env: str, *, script: str = "", replicas: int = 3, asks: str = "", stage: str = "release"
) -> Platform:
    """Brokers with these variables and start script, and a client that asks one address."""
    container = f"ports: [{{name: plain, containerPort: 9092}}, {{containerPort: 29092}}], env: [{env}]"
    if script:
        container += f", command: [sh, -c, '{script}']"
    brokers = workload("StatefulSet", "kafka", container, f"serviceName: kafka, replicas: {replicas}")
    client = (
        workload("Deployment", "web", f"env: [{variable('KAFKA_BOOTSTRAP_SERVERS', asks)}]")
        if asks
        else workload("Deployment", "web")
    )
    ports = "{name: a, port: 9092, targetPort: plain}, {name: b, port: 19092, targetPort: 29092}"
    return plain_platform(tmp_path, brokers + service("kafka", ports) + client, STATED, stage)


@pytest.mark.parametrize(
    ("value", "asks", "misleading"),
    [
        ("PLAINTEXT://localhost:9092", "kafka:9092", ["PLAINTEXT://localhost:9092"]),
        ("PLAINTEXT://127.0.0.1:9092", "", ["PLAINTEXT://127.0.0.1:9092"]),
        ("PLAINTEXT://0.0.0.0:9092", "", ["PLAINTEXT://0.0.0.0:9092"]),
        ("PLAINTEXT://kafka:9092", "kafka:9092", []),
        ("PLAINTEXT://:9092", "kafka:9092", []),
        ("PLAINTEXT://$(HOSTNAME).kafka:9092", "kafka:9092", []),
        ("PLAINTEXT://kafka:9092,CONTROLLER://localhost:9093", "kafka:9092", []),
        ("INSIDE://kafka:29092,OUTSIDE://localhost:9092", "kafka:19092", []),
        ("INSIDE://kafka:29092,OUTSIDE://localhost:9092", "kafka:9092", ["OUTSIDE://localhost:9092"]),
        ("INSIDE://localhost:29092,OUTSIDE://shop.example.com:30092", "", ["INSIDE://localhost:29092"]),
    ],
)
def test_who_is_sent_to_itself(tmp_path: Path, value: str, asks: str, misleading: list[str]) -> None:
    """Everybody, where all is local; of several listeners who asks at one that is, and the other brokers."""
    env = [variable("KAFKA_ADVERTISED_LISTENERS", value), variable("KAFKA_LISTENERS", BOTH)]
    env += [
        variable("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
        variable("KAFKA_INTER_BROKER_LISTENER_NAME", "INSIDE"),
    ]
    [found] = subjects(ReleasedAdvertised, kafka(tmp_path, ", ".join(env), asks=asks))
    assert (found.unknown, [str(one) for one in found.misleading]) == (None, misleading)


@pytest.mark.parametrize(
    ("script", "misleading", "unknown"),
    [
        (
            'export KAFKA_ADVERTISED_LISTENERS="PLAINTEXT://localhost:9092"\nexec run',
            ["PLAINTEXT://localhost:9092"],
            None,
        ),
        ('export KAFKA_ADVERTISED_LISTENERS="PLAINTEXT://${HOSTNAME}.kafka:9092"; exec run', [], None),
        ("export KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://$HOSTNAME:9092; exec run", [], None),
        ('export KAFKA_ADVERTISED_LISTENERS="PLAINTEXT://$(hostname -f):9092"; exec run', [], None),
        (
            'export KAFKA_ADVERTISED_LISTENERS="PLAINTEXT://$WHERE:9092"; exec run',
            [],
            "PLAINTEXT://$WHERE:9092 is worked out in the pod",
        ),
        ("exec run --override advertised.listeners=PLAINTEXT://localhost:9092", ["PLAINTEXT://localhost:9092"], None),
    ],
)
def test_the_script_has_the_last_word(tmp_path: Path, script: str, misleading: list[str], unknown: str | None) -> None:
    """What the start script says holds, whatever the environment says before it."""
    platform = kafka(tmp_path, variable("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://kafka:9092"), script=script)
    [found] = subjects(ReleasedAdvertised, platform)
    assert ([str(one) for one in found.misleading], found.unknown) == (misleading, unknown)


def test_one_broker_for_a_machine_of_its_own(tmp_path: Path) -> None:
    """A developer may reach the one broker through a tunnel: without a client in a pod nothing is said."""
    env = variable("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://localhost:9092")
    [found] = subjects(Advertised, kafka(tmp_path, env, replicas=1, stage="development"))
    assert found.unknown == "one broker sends its clients to their own host, and no client is known to run in a pod"


def test_a_client_in_development(tmp_path: Path) -> None:
    """With a client in a pod that is known, it fails."""
    env = variable("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://localhost:9092")
    [found] = subjects(Advertised, kafka(tmp_path, env, replicas=1, stage="development", asks="kafka:9092"))
    assert (found.unknown, len(found.misleading)) == (None, 1)


def test_several_values(tmp_path: Path) -> None:
    """Which branch of a script runs is not known."""
    script = (
        "A && export KAFKA_ADVERTISED_LISTENERS=A://localhost:1\nB && export KAFKA_ADVERTISED_LISTENERS=A://kafka:1"
    )
    assert not subjects(ReleasedAdvertised, kafka(tmp_path, "", script=script))


def test_not_set(tmp_path: Path) -> None:
    """The image's own is not known."""
    assert not subjects(ReleasedAdvertised, kafka(tmp_path, ""))
