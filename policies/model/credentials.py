"""Credentials in manifests: what a name or a value says is one, and whether it is written there in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.workloads import containers_of, identify
from policies.platform import Deployed, Platform
from policies.read.documents import Document
from policies.read.provenance import RenderedOrigin
from policies.read.yaml import FieldPath

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")

_SECRET_WORDS = frozenset("password passwd passphrase pwd pass secret secrets credential credentials token apikey pat requirepass masterauth authtoken".split())
_SECRET_PAIRS = frozenset(
    {("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"), ("signing", "key"), ("encryption", "key"), ("account", "key"),
     ("auth", "key"), ("license", "key"), ("client", "key"), ("master", "key"), ("hmac", "key"), ("shared", "key"), ("jwt", "key"), ("pass", "word")}
)  # fmt: skip
_ABOUT_ONE = frozenset(
    """file path dir directory name names id ids arn url uri urls endpoint host issuer audience header headers cookie ttl expiry expiration expires
    expire seconds minutes hours ms millis duration lifetime validity age length size min max limit count enabled enable disabled required policy rotation
    algorithm alg type kind format version provider ref reference key_ref store backend manager mount prefix suffix claim scope scopes location user
    username class days timeout interval retries retry attempts encoding hash cost rounds per rate limits bucket buckets""".split()
)
"""Last words of a name that speaks about a credential and does not hold one: `JWT_SECRET_NAME`, `TOKEN_TTL`, `PASSWORD_FILE`."""

_IN_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s:@]*:(?P<password>[^/\s@]+)@")
_IN_CONNECTION = re.compile(r"(?i)(?:^|[;&?,\s])(?:password|pwd|sasl\.password|secret(?:_?key)?|access_?token)\s*=\s*[\"']?(?P<password>[^;&,\s\"']+)")
_KNOWN_FORM = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bglpat-[\w-]{20,}|\bsk_live_[A-Za-z0-9]{16,}|\bAIza[\w-]{35}\b|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
)
"""Forms that are credentials whatever they are called: private keys, keys of AWS, GitHub, Slack, GitLab, Stripe, Google, and JWTs."""

_REFERENCE = re.compile(
    r"\A\s*(?:\$\([^)]+\)|\$\{[^}]+\}|\$__(?:env|file)\{[^}]+\}|\{\{.*\}\}|%\([^)]+\)s|<[^>]+>|(?:secret|vault|ssm|awssm|file|env|ref\+\w+)[:/].*|/(?:[\w.-]+/)+[\w.-]+)\s*\Z", re.DOTALL
)
"""A value that says where the credential is: `$(VAR)`, `${VAR}`, a template, a vault's address, a mounted file."""

_HARMLESS = frozenset({"", "true", "false", "none", "null", "yes", "no", "on", "off"})

_ARGUMENT = re.compile(r"\A--?(?P<name>[A-Za-z][\w.-]*)(?:=(?P<value>.*))?\Z", re.DOTALL)
_SETTING = re.compile(r"^[ \t]*[\"']?(?P<name>[A-Za-z][\w.-]*)[\"']?[ \t]*[:=][ \t]*(?P<value>[^\n#]*?)[ \t]*(?:[#].*)?\r?$", re.MULTILINE)


def names_credential(name: str) -> bool:
    """Whether a name says that its value is a credential: `DB_PASSWORD`, `apiKey`; not `TOKEN_TTL` nor `PASSWORD_FILE`."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or words[-1] in _ABOUT_ONE:
        return False
    return bool(_SECRET_WORDS.intersection(words)) or bool(_SECRET_PAIRS.intersection(zip(words, words[1:], strict=False)))


def literal_credential(name: str, value: str) -> str | None:
    """Say in what way a value holds a credential in full, or None; never with the credential itself."""
    if _KNOWN_FORM.search(value):
        return "has the form of a key or token"
    for pattern, what in ((_IN_URL, "an address with a password in it"), (_IN_CONNECTION, "a connection string with a password in it")):
        match = pattern.search(value)
        if match and not _REFERENCE.match(match["password"]):
            return what
    text = value.strip().strip("\"'")
    if names_credential(name) and text.lower() not in _HARMLESS and not _REFERENCE.match(text) and not text.isdigit():
        return f"a literal of {len(text)} characters"
    if names_credential(name) and text.isdigit() and len(text) > 3:
        return f"a literal of {len(text)} digits"
    return None


@dataclass(frozen=True)
class Credential:
    """A value of a manifest that is called a credential, or is one: an environment variable, an argument, a setting.

    `literal` says in what way it is written in full; None where it is taken from a Secret or said to be elsewhere.
    """

    noun: ClassVar[str] = "credential"
    only_in_files: ClassVar[bool] = False

    place: Place
    document: Document
    holder: str
    name: str
    path: FieldPath
    literal: str | None
    offset: int = 0

    @property
    def id(self) -> str:
        """Place, object, what holds it, its name."""
        holder = f"/{self.holder}" if self.holder else ""
        return f"{identify(self.place, self.document)}{holder}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        location = self.document.origin.locate(self.path)
        if self.offset and location.line is not None:
            location = Location(location.source, location.line + self.offset, location.field, location.via)
        return Evidence(message.format(*values), (location,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Credential | Gap]:
        """Yield the credentials of every place."""
        for item in platform.deployed:
            if item.gap is not None:
                yield item.gap
            yield from _in_containers(item)
            for document in item.documents:
                if document.kind == "ConfigMap":
                    yield from _in_config_map(item.place, document)
                elif document.kind == "Secret":
                    yield from _in_secret(item.place, document)


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
                yield Credential(item.place, container.document, container.name, name, path, literal)
        for field in ("command", "args"):
            listed = container.body.get(field)
            arguments = [str(argument) for argument in listed] if isinstance(listed, list) else []
            for index, name, value in _arguments(arguments):
                literal = literal_credential(name, value)
                if literal is not None:
                    yield Credential(item.place, container.document, container.name, f"{field} {name}", (*container.path, field, index), literal)


def _arguments(arguments: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield position, name and value of `--name=value` and `--name value`; a lone argument has no name."""
    for index, argument in enumerate(arguments):
        match = _ARGUMENT.match(argument)
        if match is None:
            yield index, "", argument
        elif match["value"] is not None:
            yield index, match["name"], match["value"]
        elif index + 1 < len(arguments) and not arguments[index + 1].startswith("-"):
            yield index + 1, match["name"], arguments[index + 1]


def _in_config_map(place: Place, document: Document) -> Iterator[Credential]:
    data = document.get("data")
    for key, value in data.items() if isinstance(data, dict) else ():
        text = str(value)
        if "\n" not in text.strip():
            literal = literal_credential(key, text)
            if literal is not None or names_credential(key):
                yield Credential(place, document, "", key, ("data", key), literal)
            continue
        for match in _SETTING.finditer(text):
            literal = literal_credential(match["name"], match["value"])
            if literal is not None:
                # A block scalar begins on the line below its key.
                offset = text.count("\n", 0, match.start()) + 1
                yield Credential(place, document, key, match["name"], ("data", key), literal, offset)


def _in_secret(place: Place, document: Document) -> Iterator[Credential]:
    """A Secret written as a manifest holds its values in full: base64 hides nothing. One that a generator made is judged by its source."""
    if isinstance(document.origin, RenderedOrigin) and document.origin.path is None:
        return
    if not document.origin.locate().line:
        return  # From an API: a Secret is where a credential belongs.
    for field in ("data", "stringData"):
        data = document.get(field)
        for key, value in data.items() if isinstance(data, dict) else ():
            text = str(value if value is not None else "")
            literal = None if not text.strip() or _REFERENCE.match(text) else _encoded(field, text)
            yield Credential(place, document, "", key, (field, key), literal)


def _encoded(field: str, text: str) -> str:
    return f"a literal of {len(text)} characters" + (", which base64 does not hide" if field == "data" else "")

