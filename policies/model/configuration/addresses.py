"""Addresses in values: URLs, JDBC strings, lists of brokers, hosts with ports, hosts and ports in two keys. Pure functions over text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.model.configuration.keynames import names_host

DEFAULT_PORTS = {
    "http": 80,
    "ws": 80,
    "https": 443,
    "wss": 443,
    "grpc": 443,
    "grpcs": 443,
    "ldap": 389,
    "ldaps": 636,
    "redis": 6379,
    "rediss": 6379,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "amqp": 5672,
    "amqps": 5671,
    "nats": 4222,
    "sqlserver": 1433,
    "smtp": 25,
    "smtps": 465,
    "ftp": 21,
    "sftp": 22,
    "ssh": 22,
    "memcached": 11211,
    "cassandra": 9042,
    "clickhouse": 9000,
}
"""The port that a URL of this scheme means where it gives none: IANA's registry of services, and the drivers' documentation."""

_NO_HOST = frozenset(
    [
        *(
            "file",
            "classpath",
            "classpath*",
            "data",
            "urn",
            "mailto",
            "s3",
            "s3a",
            "s3n",
            "gs",
            "abfs",
            "abfss",
            "wasb",
        ),
        *("hdfs", "lb", "arn", "unix", "spiffe", "oci", "docker", "jar", "cid", "secret", "secretsmanager", "vault"),
        *("mem", "memory", "sqlite", "mongodb+srv", "dns+srv"),
    ]
)
"""Schemes behind which no host stands, or a name that something else than DNS knows (`lb://` asks a registry of services)."""

_VARIABLE = r"\$\([^()\s]*\)|\$\{[^{}\s]*\}|\{\{[^{}]*\}\}|\$[A-Za-z_]\w*"
_URL = re.compile(
    r"(?<![\w+.-])(?P<scheme>[a-zA-Z][\w+.*-]{0,60}+(?::[a-zA-Z][\w+.-]{0,60}+){0,3}+)://"
    rf"(?P<authority>(?:{_VARIABLE}|,(?![a-zA-Z][\w+.-]{{0,60}}://)|[^\s/?#\"'<>\\`|;,])*+)",
    re.ASCII,
)
_ORACLE = re.compile(r"(?P<scheme>jdbc:oracle:\w{1,20}):[^\s@\"']{0,200}@(?://)?(?P<authority>[\w.-]{1,253}:\d{1,5})")
_HOST = rf"(?:\[[0-9A-Fa-f:.]{{2,45}}\]|(?:{_VARIABLE}|[A-Za-z0-9_.-]++)++)"
_PAIR = re.compile(rf"(?<![\w.@/:$%\])-])(?:\d+@)?(?P<host>{_HOST}):(?P<port>\d{{1,5}})(?![\w.:@-])", re.ASCII)
_PLAIN = re.compile(rf"(?=[\w$\[{{])(?P<host>{_HOST})\Z", re.ASCII)
"""Quantifiers give nothing back: a text of a mebibyte without an address in it is read once."""
_NUMBERS = re.compile(r"[\d._-]+\Z")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\Z")

_REFERENCE = re.compile(
    r"(?P<escape>\$)?\$(?:\((?P<name>[A-Za-z_][\w.-]*)\)|\{(?P<braced>[A-Za-z_][\w.-]*)(?::[-=?]?(?P<default>[^{}]*))?\})"
)
_UNRESOLVED = re.compile(r"\$\(([^()\s]*)\)|\$\{([^{}:\s]*)[^{}]*\}|\$([A-Za-z_]\w*)|\{\{([^{}]*)\}\}|(%[sdv])")


@dataclass(frozen=True, slots=True)
class Address:
    """A host that a text names: `text[start:end]` is where. `port` is the scheme's own where none is written, None where there is none.

    The host is as it is written, in small letters, without brackets and a last dot; what could not be resolved stays in it.
    """

    start: int
    end: int
    scheme: str
    host: str
    port: int | None
    written_port: str = ""

    @property
    def unknown(self) -> str:
        """The variable that stands in its host or port and is not known; empty where there is none."""
        found = _UNRESOLVED.search(self.host) or _UNRESOLVED.search(self.written_port)
        return next((group.strip() for group in found.groups() if group), "?") if found else ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def addresses_in(text: str) -> Iterator[Address]:
    """Yield the addresses of URLs and of pairs of host and port, in their order; userinfo is passed over."""
    found: list[Address] = []
    rest = text
    for pattern in (_URL, _ORACLE):
        found += [address for match in pattern.finditer(text) for address in _of_url(match)]
        rest = pattern.sub(lambda match: "@" * len(match[0]), rest)  # A pair does not begin behind it.
    for match in _PAIR.finditer(rest):
        if _PLAIN.match(match["host"]) and not _is_number(match["host"]) and 0 < int(match["port"]) < 65536:
            address = Address(
                match.start("host"), match.end(), "", _normal(match["host"]), int(match["port"]), match["port"]
            )
            found.append(address)
    yield from sorted(found, key=lambda address: address.start)


def _of_url(match: re.Match[str]) -> Iterator[Address]:
    scheme = match["scheme"].lower()
    driver = scheme.split(":")[1 if scheme.startswith("jdbc:") else -1] if ":" in scheme else scheme
    if scheme in _NO_HOST or driver in _NO_HOST:
        return
    authority, start = match["authority"], match.start("authority")
    skipped = authority.rfind("@") + 1
    position = start + skipped
    for part in authority[skipped:].split(","):
        text = part.rstrip(").:!]}" if not part.startswith("[") and "$" not in part else ".:!")
        host, port = _split(text)
        if host:
            number = int(port) if port.isdigit() and 0 < int(port) < 65536 else None
            yield Address(
                position, position + len(text), scheme, host, number if port else DEFAULT_PORTS.get(driver), port
            )
        position += len(part) + 1


def _split(text: str) -> tuple[str, str]:
    """Take `host:port` apart; a `:` inside `$(…)`, `${…}` or `[…]` parts nothing."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += (text[index] in ")}]") - (text[index] in "({[")
        if text[index] == ":" and depth == 0:
            return _normal(text[:index]), text[index + 1 :]
    return _normal(text), ""


def _normal(host: str) -> str:
    plain = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    return plain.rstrip(".") if "$" in plain or "{" in plain else plain.rstrip(".").lower()


def _is_number(host: str) -> bool:
    return bool(_NUMBERS.match(host)) and not _IPV4.match(host)


def in_setting(name: str, value: str) -> Iterator[Address]:
    """Yield the addresses in the value of a key: those that are evident, and, where the key's name says host, hosts without a port."""
    found = tuple(addresses_in(value))
    yield from found
    if found or not names_host(name):
        return
    for match in re.finditer(r"[^\s,;]+", value):
        plain = _PLAIN.match(match[0].strip("\"'"))
        if plain and not _is_number(plain["host"]):
            yield Address(match.start(), match.end(), "", _normal(plain["host"]), None)


def expand(text: str, known: Mapping[str, str], braces: bool = True) -> str:
    """Put values for `$(NAME)` and, with `braces`, `${NAME}`; `${NAME:-default}` gives its default where the name is not known.

    Source: Kubernetes `third_party/forked/golang/expansion` for `$(…)`, where `$$(NAME)` is the text `$(NAME)`; a shell and
    Spring for `${…}`. What is not known stays.
    """

    def put(match: re.Match[str]) -> str:
        if match["braced"] and not braces:
            return match[0]
        if match["escape"]:
            return match[0][1:]
        value = known.get(match["name"] or match["braced"])
        return value if value is not None else match[0] if match["default"] is None else match["default"]

    return _REFERENCE.sub(put, text)
