"""With which mounted files a server starts: those that something names; one that is only mounted says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, service, subjects, workload

from policies.evidence import Gap
from policies.model.servers.broker_settings import ReleasedFactor
from policies.model.servers.brokers import ReleasedBrokers
from policies.model.servers.caches import Nodes
from policies.model.servers.quorum import Voters
from policies.platform import Platform

REDIS = '[manifests.shop.redis]\nworkload = "redis"\nnodes = 6\ncluster-replicas = 1\n'
KAFKA = '[manifests.shop.kafka]\nworkload = "kafka"\nbrokers = 3\nreplication-factor = 3\nmin-insync-replicas = 2\n'
FILE = "appendonly yes\ncluster-enabled yes\ndir /data"
PROPERTIES = "process.roles=broker\ndefault.replication.factor=3\nlog.dirs=/data\ncontroller.quorum.voters=0@kafka:9093"


def config_map(files: dict[str, str]) -> str:
    """Write a ConfigMap called c."""
    keys = "".join(
        f"  {name}: |\n" + "".join(f"    {line}\n" for line in text.splitlines()) for name, text in files.items()
    )
    return f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: shop}}\ndata:\n{keys}"


def started(
    tmp_path: Path,
    name: str,
    container: str,
    files: dict[str, str],
    mount: str = "mountPath: /etc/own",
    pod: str = "volumes: [{name: v, configMap: {name: c}}]",
    image: str = "a:1",
) -> Platform:
    """A release whose servers mount a ConfigMap."""
    inside = f"volumeMounts: [{{name: v, {mount}}}]{', ' + container if container else ''}"
    made = workload("StatefulSet", name, inside, f"serviceName: {name}, replicas: 3", pod).replace(
        "image: a:1", f"image: {image}"
    )
    stated = REDIS if name == "redis" else KAFKA
    return plain_platform(tmp_path, made + service(name, "{port: 1}", 'clusterIP: "None"') + config_map(files), stated)


def is_read(tmp_path: Path, container: str, files: dict[str, str] | None = None, **more: str) -> bool:
    """Whether Redis starts with the mounted redis.conf; where not, that is said."""
    [nodes] = subjects(Nodes, started(tmp_path, "redis", container, {"redis.conf": FILE} | (files or {}), **more))
    found = nodes.setting("appendonly") is not None
    assert found or nodes.unsettled("appendonly") or nodes.bare
    return found


@pytest.mark.parametrize(
    "container",
    [
        "command: [redis-server, /etc/own/redis.conf]",
        "args: [/etc/own/redis.conf]",
        'command: [sh, -c, "exec redis-server /etc/own/redis.conf --port 1"]',
        'command: [sh, -c, "cp /etc/own/* /run && redis-server /run/redis.conf"]',
        'command: [sh, -c, "cd /etc/own; redis-server redis.conf"]',
        'command: [sh, -c, "D=/etc/own\\nredis-server $D/redis.conf"]',
        'command: [sh, -c, "redis-server \\"$D\\"/redis.conf"], env: [{name: D, value: /etc/own}]',
        "command: [redis-server, $(FILE)], env: [{name: FILE, value: /etc/own/redis.conf}]",
        "command: [redis-server, redis.conf], workingDir: /etc/own",
        'command: [redis-server, "--include", /etc/own/redis.conf]',
    ],
)
def test_file_that_is_named(tmp_path: Path, container: str) -> None:
    """By its path or its folder, in the command, an argument, a script, a variable."""
    assert is_read(tmp_path, container)


@pytest.mark.parametrize(
    "container",
    [
        "",
        "command: [/start]",
        "command: [redis-server, /etc/redis.conf]",
        "command: [redis-server, /etc/own/redis.conf.old]",
        "command: [redis-server, /opt/etc/own/redis.conf]",
        'command: [sh, -c, "# /etc/own/redis.conf\\nredis-server /x.conf"]',
        'command: [sh, -c, "D=/opt/redis; redis-server $D/redis.conf"]',
        "command: [redis-server]",
    ],
)
def test_file_that_nothing_names(tmp_path: Path, container: str) -> None:
    """It is mounted, and nobody is known to read it."""
    assert not is_read(tmp_path, container)


@pytest.mark.parametrize(
    ("script", "read"),
    [
        ("cp /etc/own/redis.conf /run/\nexec redis-server /run/redis.conf", True),
        ('exec redis-server "$(dirname "$0")/redis.conf"', True),
        ("# cp /etc/own/redis.conf /run/\nexec redis-server /run/redis.conf", False),
        ("cp /opt/redis/redis.conf /run/\nexec redis-server /run/redis.conf", False),
    ],
)
def test_script_that_is_run(tmp_path: Path, script: str, read: bool) -> None:
    """What a mounted script names counts where the script is run."""
    assert is_read(tmp_path, "command: [sh, /etc/own/start.sh]", {"start.sh": script}) is read


def test_script_that_is_not_run(tmp_path: Path) -> None:
    """A script beside it names the file, and nobody runs the script."""
    assert not is_read(tmp_path, "command: [/start]", {"start.sh": "redis-server /etc/own/redis.conf"})


@pytest.mark.parametrize(
    ("mount", "pod", "path"),
    [
        ("mountPath: /x.conf, subPath: redis.conf", "volumes: [{name: v, configMap: {name: c}}]", "/x.conf"),
        (
            "mountPath: /x",
            "volumes: [{name: v, configMap: {name: c, items: [{key: redis.conf, path: a/b}]}}]",
            "/x/a/b",
        ),
        ("mountPath: /x", "volumes: [{name: v, projected: {sources: [{configMap: {name: c}}]}}]", "/x/redis.conf"),
    ],
)
def test_where_a_file_is_mounted(tmp_path: Path, mount: str, pod: str, path: str) -> None:
    """By a part of the volume, under another name, among others."""
    assert is_read(tmp_path, f"command: [redis-server, {path}]", mount=mount, pod=pod)


def test_container_that_comes_first(tmp_path: Path) -> None:
    """An init container copies the file to where the server looks."""
    first = (
        "initContainers: [{name: first, command: [cp, /i/redis.conf, /run/], volumeMounts: [{name: v, mountPath: /i}]}]"
    )
    assert is_read(
        tmp_path,
        "command: [redis-server, /run/redis.conf]",
        pod=f"{first}, volumes: [{{name: v, configMap: {{name: c}}}}]",
    )


@pytest.mark.parametrize(
    ("image", "mount", "container", "read"),
    [
        ("bitnami/redis-cluster:8", "mountPath: /opt/bitnami/redis/etc", "", True),
        ("redis/redis-stack-server:7", "mountPath: /redis-stack.conf, subPath: redis.conf", "", True),
        ("bitnami/redis-cluster:8", "mountPath: /opt/bitnami/redis/etc", "command: [redis-server]", False),
        ("redis:8", "mountPath: /usr/local/etc/redis", "", False),
    ],
)
def test_image_that_looks_for_a_file(tmp_path: Path, image: str, mount: str, container: str, read: bool) -> None:
    """Some images look at a place by themselves, when their own start is what runs; Redis' own image looks nowhere."""
    assert is_read(tmp_path, container, image=image, mount=mount) is read


@pytest.mark.parametrize(
    ("container", "image", "field"),
    [
        ("command: [redis-server]", "a:1", "command"),
        ('command: [redis-server, "--port", "6379"]', "a:1", "command"),
        ('command: [/usr/bin/valkey-server], args: ["--port", "6379"]', "a:1", "command"),
        ('command: [sh, -c, "sleep 1; exec redis-server --port 6379"]', "a:1", "command"),
        ("", "redis:8", "image"),
        ('args: ["--port", "6379"]', "redis:8", "args"),
        ("", "a:1", None),
        ("", "registry.example.net/redis:8", None),
        ("command: [redis-server, /x.conf]", "a:1", None),
        ('command: [redis-server, "-"]', "a:1", None),
        ("command: [redis-server, $(X)]", "a:1", None),
        ('command: [redis-server, "--include", /x.conf]', "a:1", None),
        ('command: [sh, -c, "echo redis-server; start"]', "a:1", None),
        ('command: [sh, -c, "redis-server --port 1 || redis-server /x.conf"]', "a:1", None),
    ],
)
def test_start_without_a_file(tmp_path: Path, container: str, image: str, field: str | None) -> None:
    """Then Redis has its defaults; where a file may be given it is not known."""
    [nodes] = subjects(Nodes, started(tmp_path, "redis", container, {"redis.conf": FILE}, image=image))
    assert (nodes.bare and nodes.bare[-1]) == field
    assert (nodes.is_configured, nodes.unsettled("appendonly") is None) == (field is not None, field is not None)


def test_file_that_is_copied_and_not_given(tmp_path: Path) -> None:
    """A script copies the file, and starts the server without it: what its options say is all that holds."""
    files = {"redis.conf": FILE, "start.sh": "cp /etc/own/redis.conf /run/\nexec redis-server --cluster-enabled yes"}
    [nodes] = subjects(Nodes, started(tmp_path, "redis", "command: [sh, /etc/own/start.sh]", files))
    assert nodes.setting("appendonly") is None
    assert [nodes.setting("cluster_enabled") is None, nodes.unsettled("appendonly")] == [False, None]


def test_brokers_that_start_with_another_file(tmp_path: Path) -> None:
    """Nothing is said of their settings, neither of the file's nor of Kafka's defaults."""
    files = {"server.properties": PROPERTIES, "start.sh": "exec run /opt/kafka/config/server.properties"}
    env = "command: [bash, /etc/own/start.sh], env: [{name: KAFKA_HEAP_OPTS, value: -Xmx1g}]"
    platform = started(tmp_path, "kafka", env, files)
    [brokers] = subjects(ReleasedBrokers, platform)
    why = "is set in server.properties of ConfigMap/c, and nothing shows that StatefulSet/kafka starts with that file"
    assert brokers.unsettled("log_dirs", "log_dir") == f"log.dirs {why}"
    for kind in (ReleasedFactor, Voters):
        found = list(kind.collect(platform))
        assert found
        assert all(isinstance(one, Gap) and one.reason.endswith(why) for one in found)


def test_brokers_that_start_with_the_file(tmp_path: Path) -> None:
    """Their settings count, and what is missing is missing in the file."""
    env = "command: [kafka-server-start.sh, /etc/own/server.properties]"
    platform = started(tmp_path, "kafka", env, {"server.properties": PROPERTIES.replace("default", "#")})
    [missing] = [one for one in subjects(ReleasedFactor, platform) if one.name == "default_replication_factor"]
    assert missing.setting is None
    line = missing.evidence("").locations[0].line or 0
    assert (tmp_path / "shop" / "all.yaml").read_text(encoding="utf-8").splitlines()[
        line - 1
    ].strip() == "server.properties: |"
