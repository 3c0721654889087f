"""Addresses: what in a value is one, whatever stands around it, and what is none."""

from __future__ import annotations

import time

import pytest

from policies.model.configuration.addresses import addresses_in, expand, in_setting
from policies.model.configuration.keynames import canonical, is_of_addresses, is_of_browsers, pairs


def found(text: str) -> list[tuple[str, str, int | None]]:
    """The addresses of a text as scheme, host and port."""
    return [(one.scheme, one.host, one.port) for one in addresses_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://web:8080/path?x=1#y", [("http", "web", 8080)]),
        ("https://Web.Shop/", [("https", "web.shop", 443)]),
        ("http://web", [("http", "web", 80)]),
        ("'http://web:8080'", [("http", "web", 8080)]),
        ('"http://web:8080",', [("http", "web", 8080)]),
        ("see http://web:8080. And (http://api/v1).", [("http", "web", 8080), ("http", "api", 80)]),
        ("http://a:1,http://b:2", [("http", "a", 1), ("http", "b", 2)]),
        ("http://user:pw@web:8080", [("http", "web", 8080)]),
        ("http://user:p,w@web:8080", [("http", "web", 8080)]),
        ("http://[::1]:8080/", [("http", "::1", 8080)]),
        ("http://[fd00::1]/", [("http", "fd00::1", 80)]),
        ("[fd00::1]:6379", [("", "fd00::1", 6379)]),
        ("https://10.90.12.20:8443", [("https", "10.90.12.20", 8443)]),
        ("http://web.shop.svc.cluster.local.:8080/", [("http", "web.shop.svc.cluster.local", 8080)]),
        ("redis://:secret@cache:6379/0", [("redis", "cache", 6379)]),
        ("rediss://cache", [("rediss", "cache", 6379)]),
        ("jdbc:postgresql://db:5432/shop?user=x", [("jdbc:postgresql", "db", 5432)]),
        ("jdbc:postgresql://a,b:5433/shop", [("jdbc:postgresql", "a", 5432), ("jdbc:postgresql", "b", 5433)]),
        (
            "jdbc:mysql:replication://a:3307,b/shop",
            [("jdbc:mysql:replication", "a", 3307), ("jdbc:mysql:replication", "b", 3306)],
        ),
        ("jdbc:sqlserver://db:1433;databaseName=shop", [("jdbc:sqlserver", "db", 1433)]),
        ("jdbc:oracle:thin:@db:1521:shop", [("jdbc:oracle:thin", "db", 1521)]),
        ("jdbc:oracle:thin:@//db:1521/shop", [("jdbc:oracle:thin", "db", 1521)]),
        ("r2dbc:pool:postgresql://db/shop", [("r2dbc:pool:postgresql", "db", 5432)]),
        ("mongodb://u:p@a:27017,b/shop", [("mongodb", "a", 27017), ("mongodb", "b", 27017)]),
        ("a:9092,b:9092", [("", "a", 9092), ("", "b", 9092)]),
        ("a:9092, b:9092;c:1", [("", "a", 9092), ("", "b", 9092), ("", "c", 1)]),
        ("0@kafka-0.kafka:9093,1@kafka-1.kafka:9093", [("", "kafka-0.kafka", 9093), ("", "kafka-1.kafka", 9093)]),
        ("PLAINTEXT://kafka:9092", [("plaintext", "kafka", 9092)]),
        ("user:pw@tcp(db:3306)/shop", [("", "db", 3306)]),
        ("--cache=web-cache:6379", [("", "web-cache", 6379)]),
        ("proxy_pass http://web:8080;", [("http", "web", 8080)]),
        ('{"url":"http://web:8080"}', [("http", "web", 8080)]),
        ("curl http://web:8080/a | sh", [("http", "web", 8080)]),
    ],
)
def test_address_is_found(text: str, expected: list[tuple[str, str, int | None]]) -> None:
    """Every form of it gives scheme, host and port, the port the scheme's own where none is written."""
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "web", "8080", "23:59:59", "2026-01-31T10:30:00Z", "redis:7.4", "web:99999", "web:0", "sha256:5081e2"),
        *("file:///etc/x", "classpath:/x", "s3://bucket/key", "lb://web", "jdbc:h2:mem:shop", "PLAINTEXT://:9092"),
        *("mongodb+srv://cluster/x", "a@b", "/path:80", "http://", "://web", "arn:aws:sqs:eu-west-1:123:q", "::1"),
    ],
)
def test_no_address_is_found(text: str) -> None:
    """Times, versions, digests, files and names that no DNS knows are none."""
    assert found(text) == []


def test_the_span_is_of_the_address() -> None:
    """What stands between start and end is the address, without credentials and path."""
    text = "x redis://u:p@cache:6379/0 y"
    [address] = addresses_in(text)
    assert text[address.start : address.end] == "cache:6379"
    assert "p@" not in repr(address)


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("http://$(HOST):80", "HOST"),
        ("http://web:$(PORT)/", "PORT"),
        ("redis://$(USER):$(PASSWORD)@$(HOST):$(PORT)/0", "HOST"),
        ("redis://$(USER):$(PASSWORD)@cache:6379/0", ""),
        ("${HOST:localhost}:6379", "HOST"),
        ("http://{{ .Host }}:80", ".Host"),
        ("http://%s:80", "%s"),
        ("tcp://$HOST:80", "HOST"),
        ("BROKER://$(POD_NAME).kafka:9092", "POD_NAME"),
    ],
)
def test_unknown_variable_is_named(text: str, variable: str) -> None:
    """What is filled in elsewhere, in the host or the port, is named; in the credentials it does not matter."""
    [address] = addresses_in(text)
    assert address.unknown == variable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(A)", "1"),
        ("$$(A)", "$(A)"),
        ("${A}", "1"),
        ("${A:-2}", "1"),
        ("${B:-2}", "2"),
        ("${B:2}", "2"),
        ("${B:?what}", "what"),
        ("$(B)${B}", "$(B)${B}"),
        ("$A", "$A"),
    ],
)
def test_variables_are_put_in(text: str, expected: str) -> None:
    """Kubernetes' form and a shell's; what is not known stays."""
    assert expand(text, {"A": "1"}) == expected


def test_braces_stay_where_kubernetes_reads() -> None:
    """The kubelet puts in `$(NAME)` alone."""
    assert expand("$(A) ${A}", {"A": "1"}, braces=False) == "1 ${A}"


def test_a_key_of_a_host_may_name_one_alone() -> None:
    """`REDIS_HOST=cache` is an address without a port; `HOST` alone is one to listen on, and `MODE=cache` is none."""
    assert [(one.host, one.port) for one in in_setting("REDIS_HOST", "cache")] == [("cache", None)]
    assert [one.host for one in in_setting("SEED_NODES", "a.b, c")] == ["a.b", "c"]
    assert not list(in_setting("HOST", "cache"))
    assert not list(in_setting("MODE", "cache"))


def test_host_and_port_in_two_keys() -> None:
    """They belong together by what stands before `_HOST` and `_PORT`, however the keys are written."""
    given = {"REDIS_HOST": "a", "REDIS_PORT": "1", "db.host": "b", "db.port": "2", "X_HOST": "c", "X_PORT": "$(P)"}
    assert pairs(given) == {"REDIS_HOST": "REDIS_PORT", "db.host": "db.port"}


def test_keys_are_the_same_in_every_spelling() -> None:
    """As Spring's relaxed binding takes them."""
    names = ("spring.data.redis.host", "SPRING_DATA_REDIS_HOST", "spring.data-redis.host", "springDataRedisHost")
    assert {canonical(name) for name in names} == {"spring_data_redis_host"}


@pytest.mark.parametrize(
    "name", ["CORS_ALLOWED_ORIGINS", "JWT_ISSUER", "spring.x.issuer-uri", "PUBLIC_URL", "$schema", "root_url"]
)
def test_key_is_of_browsers(name: str) -> None:
    """What browsers get, or what is a name and no place."""
    assert is_of_browsers(name)


@pytest.mark.parametrize(
    "name", ["ORIGINAL_URL", "PAYMENT_URL", "FRONTEND_SERVICE_URL", "SCHEMATA_HOST", "DOCKER_HOST"]
)
def test_key_is_not_of_browsers(name: str) -> None:
    """A word inside another word says nothing."""
    assert not is_of_browsers(name)


def test_key_is_of_addresses() -> None:
    """By its last word."""
    assert all(map(is_of_addresses, ("A_URL", "a.endpoint", "BOOTSTRAP_SERVERS", "--join")))
    assert not any(map(is_of_addresses, ("IMAGE", "URL_LENGTH", "HOSTILE")))


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 10**6, "a-" * 500_000, "a:" * 500_000, "a." * 500_000, "a@" * 500_000, "$(" * 500_000, "${a" * 300_000),
        *("a://" * 100_000, "http://" + "a," * 200_000, "[" * 500_000, "{{" * 400_000, "jdbc:oracle:thin:" * 50_000),
        "http://a b:80 " * 50_000,
    ],
    ids=range(13),
)
def test_long_texts_are_read_once(text: str) -> None:
    """A text of a mebibyte, however it is made, takes no more than seconds."""
    started = time.process_time()
    list(addresses_in(text))
    assert time.process_time() - started < 10
