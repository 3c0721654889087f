"""Credentials in manifests: what a name or a value says is one, and whether it is written there in full."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.workloads import CONTAINERS, Container, containers_of, identify, pod_spec_path, without_owned
from policies.platform import Deployed, Platform
from policies.read.documents import ApiOrigin, Document, spell
from policies.read.provenance import RenderedOrigin
from policies.read.yaml import FieldPath, fields

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")

_SECRET_WORDS = frozenset(
    [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "pass",
        "secret",
        "secrets",
        "credential",
        "credentials",
        "token",
        "apikey",
        "pat",
        "requirepass",
        "masterauth",
    ]
)
_SECRET_ENDINGS = (
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "authtoken",
    "accesstoken",
    "secretkey",
    "accesskey",
    "privatekey",
)
"""Words run together: `PGPASSWORD`, `accesstoken`."""
_SECRET_PAIRS = frozenset(
    {
        *(
            (word, "key")
            for word in [
                "api",
                "access",
                "private",
                "secret",
                "signing",
                "encryption",
                "account",
                "auth",
                "license",
                "client",
                "master",
                "hmac",
                "shared",
                "jwt",
            ]
        ),
        ("pass", "word"),
        ("erlang", "cookie"),
        ("rediscli", "auth"),
    }
)
_PASSWORDS = frozenset(["password", "passwd", "passphrase", "pwd", "pass", "requirepass", "masterauth"])
"""What is a secret however short it is."""
_ABOUT_ONE = frozenset(
    [
        "file",
        "path",
        "dir",
        "directory",
        "name",
        "names",
        "namespace",
        "id",
        "ids",
        "arn",
        "url",
        "uri",
        "urls",
        "endpoint",
        "endpoints",
        "host",
        "issuer",
        "audience",
        "header",
        "headers",
        "ttl",
        "expiry",
        "expiration",
        "expires",
        "expire",
        "seconds",
        "minutes",
        "hours",
        "ms",
        "millis",
        "duration",
        "lifetime",
        "lifespan",
        "validity",
        "valid",
        "age",
        "length",
        "size",
        "min",
        "max",
        "limit",
        "limits",
        "count",
        "enabled",
        "enable",
        "disabled",
        "required",
        "policy",
        "rotation",
        "rotate",
        "algorithm",
        "alg",
        "type",
        "kind",
        "format",
        "version",
        "provider",
        "ref",
        "reference",
        "store",
        "backend",
        "manager",
        "service",
        "server",
        "mount",
        "prefix",
        "suffix",
        "claim",
        "claims",
        "scope",
        "scopes",
        "location",
        "user",
        "username",
        "class",
        "days",
        "timeout",
        "interval",
        "retries",
        "retry",
        "attempts",
        "encoding",
        "encoder",
        "encryption",
        "hash",
        "hasher",
        "cost",
        "rounds",
        "per",
        "rate",
        "bucket",
        "buckets",
        "field",
        "param",
        "parameter",
        "attribute",
        "label",
        "annotation",
        "selector",
        "command",
        "cmd",
        "script",
        "helper",
        "hook",
        "reset",
        "strength",
        "complexity",
        "history",
        "validator",
        "checker",
        "generator",
        "cache",
        "topic",
        "queue",
        "table",
        "column",
        "review",
    ]
)
"""Words after which a name speaks about a credential and does not hold one: `JWT_SECRET_NAME`, `TOKEN_TTL`, `PASSWORD_FILE`."""
_ASKS = frozenset(
    [
        "enable",
        "enabled",
        "disable",
        "disabled",
        "use",
        "require",
        "requires",
        "allow",
        "skip",
        "has",
        "is",
        "max",
        "min",
        "num",
        "number",
    ]
)
"""First words of a name that switches or counts: `ENABLE_TOKEN_AUTH`, `MAX_TOKEN`."""
_NOT_ONE = frozenset({"PWD", "OLDPWD"})
"""A shell's names for directories."""

_IN_URL = re.compile(r"(?<![a-zA-Z0-9+.-])[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s:@?#]*:(?P<password>[^/\s@?#]+)@")
_IN_DSN = re.compile(r"(?:^|[\s\"'=])[^:/\s@\"'=]+:(?P<password>[^/\s@]+)@(?:tcp|unix)\(")
_IN_CONNECTION = re.compile(
    r"(?i)(?:^|[;&?,\s])(?:password|passwd|pwd|sasl\.password|secret(?:_?key)?|access_?token|account_?key|shared_?access_?key|client_?secret)"
    r"\s*=\s*[\"']?(?P<password>[^;&,\s\"']+)"
)
_IN_COMMAND = re.compile(
    r"(?:^|[\s;\"'(])(?:--?(?P<option>[A-Za-z][\w.-]*)(?:=|[ \t]+(?!-))|(?P<variable>[A-Za-z_][\w.]*)=)(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s;\"']+)"
)
"""`--requirepass x`, `-Djavax.net.ssl.keyStorePassword=x` and `PGPASSWORD=x psql` in what a shell or a JVM is given."""
_KNOWN_FORM = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{22,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bglpat-[\w-]{20,}|\bnpm_[A-Za-z0-9]{36}\b|\b[sr]k_live_[A-Za-z0-9]{16,}|\bAIza[\w-]{35}\b|(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
)
"""Forms that are credentials whatever they are called: private keys, keys of AWS, GitHub, Slack, GitLab, npm, Stripe, Google, and JWTs."""

_REFERENCE = re.compile(
    r"\A\s*(?:\$\([^)]+\)|\$\{[^}:]+(?::\?[^}]*)?\}|\$(?:[A-Z_][A-Z0-9_]*|[0-9])|\$__(?:env|file|vault)\{[^}]+\}|\{\{.*\}\}|%\([^)]+\)s|<[^>]+>|ENC\[.*\]"
    r"|(?:secret|vault|ssm|awssm|file|env|ref\+\w+)[:/].*|/(?:[\w.-]+/)+[\w.-]+)\s*\Z",
    re.DOTALL,
)
"""A value that says where the credential is, or is encrypted: `$(VAR)`, `${VAR}`, a template, a vault's address, a mounted file, SOPS."""
_DEFAULT = re.compile(r"\A\s*\$\{[^}:]+:(?![?+])[-=]?(?P<default>(?:[^{}]|\{[^{}]*\})*)\}\s*\Z")
"""`${VAR:-default}` of a shell, `${VAR:default}` of Spring: the default is what is written."""

_HARMLESS = frozenset(
    {"", "true", "false", "none", "null", "yes", "no", "on", "off", "{}", "[]", "{", "[", "|", ">", "|-", ">-"}
)

_ARGUMENT = re.compile(r"\A--?(?P<name>[A-Za-z][\w.-]*)(?:=(?P<value>.*))?\Z", re.DOTALL)
_SETTING = re.compile(r"\A[ \t]*(?:- +)?[\"']?(?P<name>[A-Za-z][\w.-]*)[\"']?[ \t]*[:=][ \t]*(?P<value>.*)\Z")
_DIRECTIVE = re.compile(r"\A[ \t]*(?P<name>requirepass|masterauth|primaryauth)[ \t]+(?P<value>\S+)\Z")
"""Redis writes its configuration without a sign between name and value."""
_COMMENT = ("#", ";", "//", "--", "*")

_PUBLIC = re.compile(
    r"(?i)(?:^|[_.-])(?:user|username|login|email|host|hostname|port|database|db|db_?name|region|bucket|client_?id|account|issuer|audience"
    r"|url|uri|endpoint|name|servers?|realm)$|\.(?:crt|cer)$"
)
"""Names of what stands beside a credential and is none: a user, a host, a certificate."""


def names_credential(name: str) -> bool:
    """Whether a name says that its value is a credential: `DB_PASSWORD`, `apiKey`; not `TOKEN_TTL` nor `PASSWORD_FILE`."""
    words = _words(name)
    last = _last_secret(words)
    if last is None or name in _NOT_ONE or words[0] in _ASKS:
        return False
    return not _ABOUT_ONE.intersection(words[last + 1 :])


def is_public(name: str, value: str) -> bool:
    """Whether a name says that its value is no secret (a user, a host), and the value holds none."""
    return bool(_PUBLIC.search(name)) and not names_credential(name) and literal_credential(name, value) is None


def _words(name: str) -> list[str]:
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    return words


def _last_secret(words: list[str]) -> int | None:
    """Give the position of the last word that says credential."""
    found = [position for position, word in enumerate(words) if word in _SECRET_WORDS or word.endswith(_SECRET_ENDINGS)]
    found += [position for position, pair in enumerate(pairwise(words), start=1) if pair in _SECRET_PAIRS]
    return max(found, default=None)


def literal_credential(name: str, value: str) -> str | None:
    """Say in what way a value holds a credential in full, or None; never with the credential itself."""
    if _KNOWN_FORM.search(value):
        return "a key or a token, by its form"
    for pattern, what in (
        (_IN_URL, "an address with a password in it"),
        (_IN_DSN, "an address with a password in it"),
        (_IN_CONNECTION, "a text with a password in it"),
    ):
        if any(not is_reference(match["password"]) for match in pattern.finditer(value)):
            return what
    if names_credential(name) and (told := _literal(name, value)) is not None:
        return told
    for match in _IN_COMMAND.finditer(value):
        inner = match["option"] or match["variable"]
        if (
            names_credential(inner)
            and not match["value"].startswith("-")
            and _literal(inner, match["value"]) is not None
        ):
            return f"a text with a literal {inner} in it"
    return None


def _literal(name: str, value: str) -> str | None:
    """Say how long a value is that a credential's name has, or None where it is no secret: a reference, a switch, a number about one."""
    text = value.strip().rstrip(",").strip("\"'")
    default = _DEFAULT.match(text)
    if default is not None and not is_reference(text):
        return f"the default of a variable, a literal of {len(default['default'])} characters"
    if text.lower() in _HARMLESS or is_reference(text):
        return None
    if text.isdigit():
        words = _words(name)
        password = words[-1] in _PASSWORDS or words[-1].endswith(_SECRET_ENDINGS[:3])
        ends_so = _last_secret(words) == len(words) - 1
        return f"a literal of {len(text)} digits" if password or (ends_so and len(text) > 3) else None
    return f"a literal of {len(text)} characters"


def is_reference(value: str) -> bool:
    """Whether a value says where the credential is and holds none."""
    default = _DEFAULT.match(value)
    if default is not None:
        return default["default"].lower() in _HARMLESS or is_reference(default["default"])
    return bool(_REFERENCE.match(value))


def literals_in(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the credentials in a text of settings (properties, ini, YAML, JSON, a script): the line from 0, the name or nothing, in what way."""
    for number, line in enumerate(text.splitlines()):
        if line.lstrip().startswith(_COMMENT) and not _KNOWN_FORM.search(line):
            continue
        match = _SETTING.match(line) or _DIRECTIVE.match(line)
        name, value = (match["name"], _without_comment(match["value"])) if match else ("", line)
        if name and re.search(r"[\w)][(\[]", value) and not value.startswith(('"', "'")) and not _IN_URL.search(value):
            name = ""  # Code that computes or reads it.
        literal = literal_credential(name, value)
        if literal is not None:
            yield number, name, literal


def _without_comment(value: str) -> str:
    return value if value.startswith(('"', "'")) else re.split(r"\s#", value, maxsplit=1)[0]


@dataclass(frozen=True)
class Credential:
    """A value of a manifest that is called a credential, or is one: an environment variable, an argument, a setting.

    `literal` says in what way it is written in full; None where it is taken from a Secret or said to be elsewhere. `account` is where
    the user is written whose it is.
    """

    noun: ClassVar[str] = "credential"
    only_in_files: ClassVar[bool] = False

    place: Place
    document: Document
    holder: str
    name: str
    path: FieldPath
    literal: str | None
    offset: int | None = None
    account: FieldPath | None = None

    @property
    def id(self) -> str:
        """Place, object, what holds it, its name."""
        holder = f"/{self.holder}" if self.holder else ""
        return f"{identify(self.place, self.document)}{holder}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        location = self.document.origin.locate(self.path)
        if self.offset is not None and location.line is not None:
            # A block scalar begins on the line below its key, the content of a generator's file on the file's first.
            line = location.line + self.offset + (location.via != "generator")
            location = Location(location.source, line, location.field, location.via)
        account = (self.document.origin.locate(self.account),) if self.account else ()
        return Evidence(message.format(*values), (location, *account))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Credential | Gap]:
        """Yield the credentials of every place."""
        for item in platform.deployed:
            if item.gap is not None:
                yield item.gap
            yield from _in_containers(item)
            for document in without_owned(item.documents):
                if document.kind == "ConfigMap":
                    yield from _in_config_map(item.place, document)
                elif document.kind == "Secret":
                    yield from _in_secret(item, document)
                elif document.kind not in _NOT_LOOKED_INTO:
                    yield from _elsewhere(item.place, document)


_NOT_LOOKED_INTO = frozenset({"CustomResourceDefinition", "SealedSecret", "Event"})
"""A schema describes values and has none; a sealed secret is encrypted; events repeat what objects say."""


def _in_containers(item: Deployed) -> Iterator[Credential]:
    for container in containers_of(item):
        listed = container.body.get("env")
        for index, variable in enumerate(listed if isinstance(listed, list) else ()):
            if not isinstance(variable, dict):
                continue
            name, value = str(variable.get("name")), variable.get("value")
            literal = literal_credential(name, str(value)) if value is not None else None
            if literal is not None or names_credential(name):
                path = (*container.path, "env", index, *(("value",) if value is not None else ()))
                account = _account(container, name) if literal is not None else None
                yield Credential(item.place, container.document, container.name, name, path, literal, account=account)
        for field in ("command", "args"):
            listed = container.body.get(field)
            arguments = [str(argument) for argument in listed] if isinstance(listed, list) else []
            for index, name, value in _arguments(arguments):
                literal = literal_credential(name.lstrip("-"), value)
                if literal is not None:
                    shown = (
                        name
                        if name.startswith("--") or arguments[index].startswith(f"{name}=")
                        else f"{field}[{index}]"
                    )
                    yield Credential(
                        item.place, container.document, container.name, shown, (*container.path, field, index), literal
                    )


def _account(container: Container, name: str) -> FieldPath | None:
    """Find the user that a literal credential is of, where it is a literal too: `ADMIN_USER` beside `ADMIN_PASSWORD`."""
    listed = container.body.get("env")
    for index, variable in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(variable, dict) and variable.get("value"):
            stem, separator, last = str(variable.get("name")).rpartition("_")
            if (
                separator
                and last in _ACCOUNTS
                and stem == name.rpartition("_")[0]
                and not is_reference(str(variable["value"]))
            ):
                return (*container.path, "env", index, "value")
    return None


_ACCOUNTS = frozenset({"USER", "USERNAME", "LOGIN", "ACCOUNT", "ID"})


def _arguments(arguments: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield position, name and value of `--name=value` and `--name value`; a lone argument has no name."""
    for index, argument in enumerate(arguments):
        match = _ARGUMENT.match(argument)
        if match is None:
            if index == 0 or _ARGUMENT.match(arguments[index - 1]) is None or "=" in arguments[index - 1]:
                yield index, "", argument
        elif match["value"] is not None:
            yield index, argument.partition("=")[0], match["value"]
        elif index + 1 < len(arguments) and not arguments[index + 1].startswith("-"):
            yield index + 1, argument, arguments[index + 1]


def _in_config_map(place: Place, document: Document) -> Iterator[Credential]:
    data = document.get("data")
    for key, value in data.items() if isinstance(data, dict) else ():
        text = str(value if value is not None else "")
        if "\n" not in text.strip():
            literal = literal_credential(key, text)
            if literal is not None or names_credential(key):
                yield Credential(place, document, "", key, ("data", key), literal)
            continue
        for number, name, literal in literals_in(text):
            yield Credential(
                place, document, key, name or f"line {number + 1} of {key}", ("data", key), literal, number
            )


def _in_secret(item: Deployed, document: Document) -> Iterator[Credential]:
    """A Secret written as a manifest holds its values in full: base64 hides nothing. One that is made from a file is judged by it."""
    if isinstance(document.origin, ApiOrigin):
        return  # A Secret of an API is where a credential belongs.
    made = isinstance(document.origin, RenderedOrigin) and document.origin.path is None
    kustomizations = {kustomization.file for kustomization in item.sources.by_depth} if made and item.sources else set()
    for field in ("data", "stringData"):
        data = document.get(field)
        for key, value in data.items() if isinstance(data, dict) else ():
            if made and document.origin.locate((field, key)).source not in kustomizations:
                continue
            text = str(value if value is not None else "")
            text, how = _decoded(text) if field == "data" else (text, "")
            harmless = not text.strip() or is_reference(text) or is_public(key, text)
            literal = None if harmless else f"a literal of {len(text)} characters{'' if made else how}"
            yield Credential(item.place, document, "", key, (field, key), literal)


def _decoded(text: str) -> tuple[str, str]:
    try:
        return base64.b64decode(text, validate=True).decode(), ", which base64 does not hide"
    except ValueError:
        return text, ""


def _elsewhere(place: Place, document: Document) -> Iterator[Credential]:
    """Yield what is a literal credential in any other field: a header of a probe, an annotation, a password in a custom resource."""
    spec = pod_spec_path(document)
    for path, value in fields(document.body):
        if not isinstance(value, str) or path[0] == "status" or "managedFields" in path or path[-1] in _NO_VALUES:
            continue
        if _is_of_container(path, spec):
            continue  # Judged above, with what its container is called.
        name = str(next((step for step in reversed(path) if isinstance(step, str)), ""))
        if name == "value" and isinstance(sibling := document.get(*path[:-1], "name"), str):
            name = sibling
        password = _words(name)[-1:] and _words(name)[-1] in _PASSWORDS
        if name.lower() == "authorization" and re.match(r"(?i)(?:basic|bearer|token)\s+\S+\s*\Z", value):
            literal: str | None = f"a literal of {len(value)} characters"
        else:
            literal = literal_credential(name if password else "", value)
        if literal is not None:
            yield Credential(
                place, document, spell(path), name if password or name != path[-1] else spell(path[-2:]), path, literal
            )


def _is_of_container(path: FieldPath, spec: FieldPath | None) -> bool:
    """Whether a path leads to a variable, a command or an argument of one of a workload's containers."""
    if spec is None or path[: len(spec)] != spec or path[len(spec)] not in CONTAINERS:
        return False
    return path[len(spec) + 2 : len(spec) + 3] in (("env",), ("command",), ("args",))


_NO_VALUES = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})
