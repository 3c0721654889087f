"""Files of secrets: their examples, what git makes of them, and files that hold a secret without being called one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.errors import SourceError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.credentials import literal_credential, names_credential
from policies.model.workloads import containers_of
from policies.platform import Deployed, Platform
from policies.read.environment import Declaration
from policies.read.git import IgnoreRule
from policies.read.kustomization import Entry, Use


@dataclass(frozen=True)
class SecretFile:
    """A file that an overlay makes a Secret from.

    `example_keys` are the keys of its example, `real_keys` those of the real file where it is there, `read_keys` those that
    workloads take from the Secret by name. `ignored` is the rule by which git ignores the real file, `tracked` whether git holds
    it; a gap where git could not be asked.
    """

    noun: ClassVar[str] = "file that a Secret is made from"
    only_in_files: ClassVar[bool] = True

    place: Place
    entry: Entry
    example_keys: tuple[str, ...]
    real_keys: tuple[str, ...] | None
    read_keys: frozenset[str]
    ignored: IgnoreRule | None | Gap
    tracked: bool | Gap

    @property
    def path(self) -> str:
        """The real file's path."""
        return self.entry.target

    @property
    def id(self) -> str:
        """Place and path."""
        return f"{self.place.name}:{self.path}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the generator's entry as the place."""
        return Evidence(message.format(*values), (Location(self.entry.kustomization, self.entry.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[SecretFile | Gap]:
        """Yield every file that a `secretGenerator` reads."""
        listed = [(item, entry) for item in platform.deployed if item.sources for entry in item.sources.entries if entry.generates_secret]
        if not listed:
            return
        rules = platform.ignore_rules(tuple(dict.fromkeys(entry.target for _, entry in listed)))
        tracked = platform.tracked
        for item, entry in listed:
            sources = item.sources
            if sources is None:
                continue
            parsed = sources.environments.get(entry.target)
            yield cls(
                item.place, entry, parsed.keys if parsed and entry.example else (), sources.real_keys.get(entry.target), _read_keys(item, entry),
                rules if isinstance(rules, Gap) else rules.get(entry.target), tracked if isinstance(tracked, Gap) else entry.target in tracked,
            )  # fmt: skip


@dataclass(frozen=True)
class ExampleValue:
    """A value of a secret file's example."""

    noun: ClassVar[str] = "value in an example of secrets"
    only_in_files: ClassVar[bool] = True

    place: Place
    declaration: Declaration

    @property
    def id(self) -> str:
        """File and key."""
        return f"{self.declaration.file}:{self.declaration.key}"

    @property
    def is_placeholder(self) -> bool:
        """Whether nobody could take it for the real value: it is empty, or says that it is to be replaced."""
        return is_placeholder(self.declaration.value)

    @property
    def is_public(self) -> bool:
        """Whether its name says that it is no secret (a user, a host) and its value holds none."""
        key, value = self.declaration.key, self.declaration.value
        return bool(_PUBLIC.search(key)) and not names_credential(key) and literal_credential(key, value) is None

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        return Evidence(message.format(*values), (Location(self.declaration.file, self.declaration.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ExampleValue]:
        """Yield every value of every example."""
        seen: set[str] = set()
        for item in platform.deployed:
            for entry in item.sources.entries if item.sources else ():
                if entry.generates_secret and entry.example and entry.use is Use.ENVIRONMENT and entry.example not in seen and item.sources:
                    seen.add(entry.example)
                    yield from (cls(item.place, declaration) for declaration in item.sources.environments[entry.target].declarations)


_PUBLIC = re.compile(r"(?i)(?:^|[_.-])(?:user|username|login|email|host|hostname|port|database|db|db_?name|region|bucket|client_?id|account|issuer|audience|url|uri|endpoint|name)$")

_PLACEHOLDER = re.compile(
    r"(?ix) change[-_ ]?(?:me|it|this) | replace | place-?_?holder | (?:^|[^a-z])your(?:[^a-z]|$) | example | sample | dummy | todo | fixme | fill[-_ ]?(?:in|me) | insert"
    r" | secret[-_ ]?here | goes[-_ ]?here | to[-_ ]?be[-_ ]?set | x{3,} | \*{3,} | ^<.*>$ | ^\$\{.*\}$ | ^\[.*\]$ | not[-_ ]?(?:a[-_ ]?)?(?:real|secret) | (?:^|[^a-z])(?:set|generate)[-_ ]?me | ^\.\.\.$"
)


def is_placeholder(value: str) -> bool:
    """Whether a value only holds the place of another: `CHANGE_ME`, `<password>`, nothing at all."""
    text = value.strip().strip("\"'")
    return not text or bool(_PLACEHOLDER.search(text))


def _read_keys(item: Deployed, entry: Entry) -> frozenset[str]:
    """The keys that workloads take by name from the Secret that this file makes."""
    sources = item.sources
    generator = next((one.data[entry.position[0]][entry.position[1]] for one in sources.by_depth if one.file == entry.kustomization), {}) if sources else {}
    name = generator.get("name") if isinstance(generator, dict) else None
    rendered = {document.name for document in item.documents if document.kind == "Secret" and document.origin.source_name == name}
    keys = set()
    for container in containers_of(item):
        variables = container.body.get("env")
        for variable in variables if isinstance(variables, list) else ():
            reference = (variable.get("valueFrom") or {}).get("secretKeyRef") if isinstance(variable, dict) else None
            if isinstance(reference, dict) and reference.get("name") in rendered and not reference.get("optional"):
                keys.add(str(reference.get("key")))
    return frozenset(keys)


_SUSPECT = re.compile(
    r"(?i)(?:^|/)(?:\.?env(?:\..*)?|.*\.env(?:\..*)?|.*\.properties|.*\.(?:pem|key|p12|pfx|jks|keystore|ppk)|id_(?:rsa|dsa|ecdsa|ed25519)|\.?npmrc|\.?netrc|\.?pgpass|\.?dockercfg"
    r"|\.?dockerconfigjson|credentials(?:\.[a-z]+)?|kubeconfig.*|.*\.tfvars|.*\.tfstate(?:\.backup)?|secrets?\.(?:ya?ml|json|toml|ini|txt))$"
)
"""Names under which secrets are kept: each such file that git tracks is looked into."""

_KEY_STORE = re.compile(r"(?i)\.(?:p12|pfx|jks|keystore|ppk)$")


@dataclass(frozen=True)
class TrackedFile:
    """A file that git tracks and that is named as files of configuration and secrets are; `held` says where a secret stands in it."""

    noun: ClassVar[str] = "tracked file that might hold a secret"
    only_in_files: ClassVar[bool] = True

    path: str
    held: tuple[tuple[int, str], ...]
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """Its path."""
        return self.path

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the lines that hold a secret as the place."""
        return Evidence(message.format(*values), tuple(Location(self.path, line) for line, _ in self.held) or (Location(self.path, 1),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TrackedFile | Gap]:
        """Yield every such file, with what it holds."""
        tracked = platform.tracked
        if isinstance(tracked, Gap):
            yield tracked
            return
        for path in tracked:
            if _SUSPECT.search(path):
                try:
                    content = platform.read_tracked(path)
                except SourceError as error:
                    yield Gap(path, str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
                    continue
                if content is not None:
                    yield cls(path, tuple(_held(path, content)))


def _held(path: str, content: bytes) -> Iterator[tuple[int, str]]:
    if _KEY_STORE.search(path):
        yield 1, "it is a store of keys"
        return
    if b"\0" in content:
        return
    text = content.decode(errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        name, separator, value = line.strip().removeprefix("export ").partition("=") if "=" in line else line.strip().partition(":")
        name, value = name.strip().strip("\"'"), value.strip().strip("\"',")
        if line.lstrip().startswith(("#", "//", ";")) or is_placeholder(value if separator else line):
            continue
        literal = literal_credential(name, value if separator else line)
        if literal is not None:
            yield number, f"{name or posixpath.basename(path)} is {literal}"

