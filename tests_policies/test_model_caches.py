"""Redis clusters: their settings, and the command that makes them, in the forms in which people write it."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, service, subjects, workload

from policies.model.servers.caches import Nodes
from policies.model.servers.clustering import ClusterCommand
from policies.platform import Platform

STATED = '[manifests.shop.redis]\nworkload = "redis"\nnodes = 6\ncluster-replicas = 1\n'
SIX = " ".join(f"redis-{index}.redis:6379" for index in range(6))


def redis(tmp_path: Path, more: str = "", container: str = "", pod: str = "") -> Platform:
    """A release with six nodes."""
    nodes = workload("StatefulSet", "redis", container, "serviceName: redis, replicas: 6", pod)
    return plain_platform(tmp_path, nodes + service("redis", "{port: 6379}", 'clusterIP: "None"') + more, STATED)


@pytest.mark.parametrize(
    ("container", "configured", "value"),
    [
        ('args: [redis-server, --appendonly, "yes"]', True, "yes"),
        ('args: ["--appendonly", "no"]', True, "no"),
        ('command: [sh, -c, "exec redis-server --appendonly yes --cluster-enabled yes"]', True, "yes"),
        ('args: ["--cluster-enabled", "yes"]', True, None),
        ('args: ["--port", "6379"]', False, None),
    ],
)
def test_settings(tmp_path: Path, container: str, configured: bool, value: str | None) -> None:
    """On the command line or in a script."""
    [found] = subjects(Nodes, redis(tmp_path, container=container))
    setting = found.setting("appendonly")
    assert (found.is_configured, setting.value if setting else None) == (configured, value)


def test_settings_of_a_file(tmp_path: Path) -> None:
    """Directives of a mounted redis.conf, the last of a name."""
    file = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata:\n"
    file += "  redis.conf: |\n    appendonly no\n    dir /data\n    appendonly yes\n"
    platform = redis(
        tmp_path,
        file,
        "command: [redis-server, /v/redis.conf], volumeMounts: [{name: v, mountPath: /v}]",
        "volumes: [{name: v, configMap: {name: c}}]",
    )
    [found] = subjects(Nodes, platform)
    setting = found.setting("appendonly")
    assert setting is not None
    assert (setting.value, found.fleeting) == ("yes", "/data")


def job(container: str) -> str:
    """Write a Job of one container."""
    return workload("Job", "create", container).replace("apps/v1", "batch/v1")


def script(text: str, env: str = "") -> str:
    """Write a script as a ConfigMap, and a Job that runs it with these variables."""
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    held = (
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: make, namespace: shop}}\ndata:\n  make.sh: |\n{lines}"
    )
    mount = f"env: [{env}], volumeMounts: [{{name: v, mountPath: /v}}]"
    made = job(mount).replace("hostIPC: false", "volumes: [{name: v, configMap: {name: make}}]")
    return held + made


@pytest.mark.parametrize(
    ("more", "replicas", "nodes"),
    [
        (job(f'command: [sh, -c, "redis-cli --cluster create {SIX} --cluster-replicas 1 --cluster-yes"]'), "1", 6),
        (job(f"command: [redis-cli, --cluster, create, {SIX.replace(' ', ', ')}, --cluster-replicas, '1']"), "1", 6),
        (job(f'command: [sh, -c, "redis-cli --cluster create {SIX}"]'), "0", 6),
        (
            job(
                f'env: [{{name: ALL, value: "{SIX}"}}], command: [sh, -c, "redis-cli --cluster create $ALL --cluster-replicas $N"]'
            ),
            None,
            6,
        ),
        (script(f"redis-cli --cluster create \\\n  {SIX} \\\n  --cluster-replicas 2"), "2", 6),
        (script(f'NODES="{SIX}"\nredis-cli --cluster create $NODES --cluster-replicas "1"'), "1", 6),
        (
            script(
                'n=${COUNT:?how many}\nwhile [ "$i" -lt "$n" ]; do list="$list x"; done\nredis-cli --cluster create $list --cluster-replicas "$R"',
                '{name: COUNT, value: "6"}, {name: R, value: "1"}',
            ),
            "1",
            6,
        ),
        (
            script("for i in $(seq 0 5); do list=x; done\nredis-cli --cluster create $(all) --cluster-replicas 1"),
            "1",
            6,
        ),
        (script("for i in {0..5}; do :; done\nredis-cli --cluster create $list --cluster-replicas 1"), "1", 6),
        (script('for i in 0 1 2 3 4; do n="$n redis-$i.redis:6379"; done\nredis-cli --cluster create $n'), "0", 5),
        (
            script(
                'n=""\nd=redis\nfor i in $(seq 0 5); do\n  host="redis-$i.$d"\n  until redis-cli -h "$host" ping; do sleep 2; done\n'
                '  n="$n $host:6379"\ndone\nif healthy; then exit 0; fi\nredis-cli --cluster create $n --cluster-replicas 1'
            ),
            "1",
            6,
        ),
        (
            script(
                'for i in 1 2 3; do sleep 1; done\nfor i in 0 1; do n="$n $(address $i):1"; done\nredis-cli --cluster create $n'
            ),
            "0",
            None,
        ),
        (script("redis-cli --cluster create $(getent hosts redis) --cluster-replicas 1"), "1", None),
    ],
)
def test_command_that_makes_the_cluster(tmp_path: Path, more: str, replicas: str | None, nodes: int | None) -> None:
    """Its replicas and its nodes, through variables and loops; what is worked out when it runs is not known."""
    [found] = subjects(ClusterCommand, redis(tmp_path, more))
    assert (found.replicas, found.nodes) == (replicas, nodes)
    line = found.evidence("").locations[0].line or 0
    assert "--cluster" in (tmp_path / "shop" / "all.yaml").read_text(encoding="utf-8").splitlines()[line - 1]
