"""Redis' passwords and its memory: what is asked for, what replicas give, what is not known."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, service, subjects, workload

from policies.model.servers.caches import Nodes
from policies.model.servers.memory import amount, limited
from policies.model.servers.passwords import asks, clients, hidden, is_given, rules

STATED = '[manifests.shop.redis]\nworkload = "redis"\nnodes = 6\ncluster-replicas = 1\n'
KEPT = "valueFrom: {secretKeyRef: {name: s, key: REDIS_PASSWORD}}"


def nodes(tmp_path: Path, container: str, more: str = "", pod: str = "", image: str = "redis:8") -> Nodes:
    """Six nodes of a release."""
    made = workload("StatefulSet", "redis", container, "serviceName: redis, replicas: 6", pod).replace("a:1", image)
    platform = plain_platform(tmp_path, made + service("redis", "{port: 6379}", 'clusterIP: "None"') + more, STATED)
    [found] = subjects(Nodes, platform)
    return found


def config(*lines: str) -> str:
    """Write a redis.conf as a ConfigMap."""
    text = "".join(f"    {line}\n" for line in lines)
    return (
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: shop}}\ndata:\n  redis.conf: |\n{text}"
    )


MOUNTED = "command: [redis-server, /v/redis.conf], volumeMounts: [{name: v, mountPath: /v}]"
VOLUME = "volumes: [{name: v, configMap: {name: c}}]"


@pytest.mark.parametrize(
    ("line", "asked", "given"),
    [
        ("--requirepass $(P) --masterauth $(P)", True, True),
        ("--requirepass $(P)", True, False),
        ("--masterauth $(P)", False, True),
        ("--appendonly yes", False, False),
        ("--requirepass \\'\\'", False, False),
    ],
)
def test_passwords_of_a_command(tmp_path: Path, line: str, asked: bool, given: bool) -> None:
    """As words of a list, and in one text for a shell."""
    words = ", ".join(f'"{word}"' for word in line.replace("\\'", "'").split())
    found = nodes(tmp_path, f"command: [redis-server, {words}], env: [{{name: P, {KEPT}}}]")
    assert (asks(found), is_given(found), hidden(found)) == (asked, given, None)
    (tmp_path / "b").mkdir()
    text = line.replace("\\'", "''")
    shell = nodes(tmp_path / "b", f"command: [sh, -c, 'exec redis-server /c {text}']")
    assert (asks(shell), is_given(shell)) == (asked, given)


def test_passwords_of_a_file(tmp_path: Path) -> None:
    """Directives count, comments do not."""
    found = nodes(tmp_path, MOUNTED, config("# masterauth x", "requirepass x", "#requirepass y"), VOLUME)
    assert (asks(found), is_given(found), hidden(found)) == (True, False, None)


def test_a_file_that_nobody_reads(tmp_path: Path) -> None:
    """A server that starts without a file asks for no password, whatever is mounted."""
    unread = MOUNTED.replace(", /v/redis.conf", "")
    assert not asks(nodes(tmp_path, unread, config("requirepass x", "port 1"), VOLUME))


@pytest.mark.parametrize(
    ("container", "lines", "pod", "image", "reason"),
    [
        (MOUNTED, ("include /more.conf",), VOLUME, "redis:8", "another file is included"),
        (
            MOUNTED,
            ("port 1",),
            "volumes: [{name: v, secret: {secretName: c}}]",
            "redis:8",
            "a Secret is mounted into main",
        ),
        ("args: [--appendonly, 'yes']", (), "", "redis:8", None),
        (
            "args: [--appendonly, 'yes']",
            (),
            "",
            "bitnami/redis-cluster:8",
            "how StatefulSet/redis starts Redis cannot be read",
        ),
        ("command: [/start]", (), "", "redis:8", "how StatefulSet/redis starts Redis cannot be read"),
    ],
)
def test_what_may_be_hidden(
    tmp_path: Path, container: str, lines: tuple[str, ...], pod: str, image: str, reason: str | None
) -> None:
    """Secrets, included files, images of their own kind."""
    assert hidden(nodes(tmp_path, container, config(*lines) if lines else "", pod, image)) == reason


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("port 6379", None),
        ("aclfile /users.acl", "aclfile"),
        ("user default on >x ~* +@all", "user"),
        ("requirepass ''", "requirepass"),
    ],
)
def test_other_rules(tmp_path: Path, line: str, word: str | None) -> None:
    """An ACL asks for passwords too."""
    assert rules(nodes(tmp_path, MOUNTED, config(line), VOLUME)) == word


def test_clients(tmp_path: Path) -> None:
    """Who gets a password of Redis, but for what ends."""
    more = workload("Deployment", "web", f"env: [{{name: SPRING_DATA_REDIS_PASSWORD, {KEPT}}}]")
    more += workload("Deployment", "till", f"env: [{{name: DB_PASSWORD, {KEPT}}}, {{name: REDIS_HOST, value: redis}}]")
    more += workload("Job", "make", f"env: [{{name: REDISCLI_AUTH, {KEPT}}}]").replace("apps/v1", "batch/v1")
    assert clients(nodes(tmp_path, f"env: [{{name: REDIS_PASSWORD, {KEPT}}}]", more)) == ("web/main",)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("100", 100),
        ("1k", 1000),
        ("1KB", 1024),
        ("3gb", 3 * 2**30),
        ("2G", 2 * 10**9),
        ("5b", 5),
        ("70%", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_amounts(text: str, size: int | None) -> None:
    """In the units of redis.conf."""
    assert amount(text) == size


def test_limit(tmp_path: Path) -> None:
    """The limit is that of the container of Redis that reads the file; without one nothing is said."""
    found = nodes(
        tmp_path, f"{MOUNTED}, resources: {{limits: {{memory: 2Gi}}}}", config("maxmemory 1gb", "port 1"), VOLUME
    )
    own = limited(found)
    assert own is not None
    assert (own[1], int(own[2])) == ("2Gi", 2 * 2**30)
    (tmp_path / "b").mkdir()
    assert limited(nodes(tmp_path / "b", MOUNTED, config("maxmemory 1gb", "port 1"), VOLUME)) is None
