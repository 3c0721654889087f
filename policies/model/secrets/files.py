"""Files of secrets: their examples, what git makes of them, and files that hold a secret without being called one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.errors import SourceError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place, lines_of
from policies.model.secrets.credential_values import counted, default_of, is_public, literal_credential
from policies.model.workloads.workload import containers_of, pod_spec_path
from policies.platform import Deployed, Platform
from policies.read.environment import Declaration
from policies.read.git import IgnoreRule
from policies.read.kustomization import Entry, Sources, Use


@dataclass(frozen=True)
class SecretFile:
    """A file that an overlay makes a Secret from.

    `example_keys` are the keys of its example with their lines, `real_keys` those of the real file where it is there, `read_keys` those
    that workloads take from the Secret by name, with every place where one does and without what another file of the Secret has. `ignored`
    is the rule by which git ignores the real file, `tracked` whether git holds it; a gap where git could not be asked.
    """

    noun: ClassVar[str] = "file that a Secret is made from"
    only_in_files: ClassVar[bool] = True

    place: Place
    entry: Entry
    example_keys: Mapping[str, int]
    real_keys: tuple[str, ...] | None
    read_keys: Mapping[str, tuple[Location, ...]]
    ignored: IgnoreRule | Gap | None
    tracked: bool | Gap

    @property
    def path(self) -> str:
        """The real file's path."""
        return self.entry.target

    @property
    def id(self) -> str:
        """Place and path."""
        return f"{self.place.name}:{self.path}"

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that the example lacks."""
        return tuple(sorted({*(self.real_keys or ()), *self.read_keys}.difference(self.example_keys)))

    @property
    def spare(self) -> tuple[str, ...]:
        """The keys that the example has and the real file has not; none where the real file is not here."""
        return tuple(sorted(set(self.example_keys).difference(self.real_keys))) if self.real_keys is not None else ()

    @property
    def agrees(self) -> bool:
        """Whether the example has the keys that are needed, and no other."""
        return not self.missing and not self.spare

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the generator's entry as the place."""
        return Evidence(message.format(*values), (Location(self.entry.kustomization, self.entry.line),))

    def blame_example(self) -> Evidence:
        """Say which keys the example lacks or has without need: it, and where a workload takes them, are the places."""
        told = [f"lacks {', '.join(map(_shown, self.missing))}"] if self.missing else []
        told += [f"has {', '.join(map(_shown, self.spare))}, which the real file has not"] if self.spare else []
        example = self.entry.example or self.path
        lines = [Location(example, self.example_keys[key]) for key in self.spare] or [Location(example, 1)]
        return Evidence(
            f"{example} {' and '.join(told)}",
            (*lines, *(place for key in self.missing for place in self.read_keys.get(key, ()))),
        )

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[SecretFile | Gap]:
        """Yield every file that a `secretGenerator` reads."""
        listed = [
            (item, item.sources, entry)
            for item in platform.deployed
            if item.sources
            for entry in _generated(item.sources)
        ]
        if not listed:
            return
        rules = platform.ignore_rules(tuple(dict.fromkeys(entry.target for _, _, entry in listed)))
        tracked = platform.tracked
        for item, sources, entry in listed:
            yield cls(
                item.place, entry, _example_keys(sources, entry), sources.real_keys.get(entry.target), _read_keys(item, sources, entry),
                rules if isinstance(rules, Gap) else rules.get(entry.target), tracked if isinstance(tracked, Gap) else entry.target in tracked,
            )  # fmt: skip


_NAME = re.compile(r"[\w.-]{1,64}\Z", re.ASCII)


def _shown(key: str) -> str:
    """Give a key's name; what is none may be a piece of a secret (a reader that saw so has put something else in its place)."""
    return (
        key
        if _NAME.match(key) or key.startswith("(line ")
        else f"a line of {counted(len(key), 'character')} that is no key"
    )


def _generated(sources: Sources) -> list[Entry]:
    return [entry for entry in sources.entries if entry.generates_secret]


def _example_keys(sources: Sources, entry: Entry) -> dict[str, int]:
    """The keys that a file brings by its example; a file whose content is the value brings one."""
    if entry.use is Use.CONTENT:
        return {entry.named.rpartition("=")[0] or posixpath.basename(entry.named): 1}
    environment = sources.environments.get(entry.target) if entry.example else None
    return {declaration.key: declaration.line for declaration in environment.declarations} if environment else {}


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
    def meaning(self) -> str:
        """Place and key, whatever the file is called."""
        return f"{self.place.name}:{self.declaration.key}"

    @property
    def is_placeholder(self) -> bool:
        """Whether nobody could take it for the real value: it is empty, or says that it is to be replaced."""
        return is_placeholder(self.declaration.value)

    @property
    def is_public(self) -> bool:
        """Whether its name says that it is no secret (a user, a host) and its value holds none."""
        return is_public(self.declaration.key, self.declaration.value)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        return Evidence(message.format(*values), (Location(self.declaration.file, self.declaration.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ExampleValue]:
        """Yield every value of every example."""
        seen: set[str] = set()
        for item in platform.deployed:
            for entry in item.sources.entries if item.sources else ():
                environment = item.sources.environments.get(entry.target) if item.sources else None
                if entry.generates_secret and entry.example and environment and entry.example not in seen:
                    seen.add(entry.example)
                    yield from (cls(item.place, declaration) for declaration in environment.declarations)


_PLACEHOLDER = re.compile(
    r"""(?ix)
      change[-_ ]?(?:me|it|this) | replace | place-?_?holder | (?:^|[^a-z])your(?:[^a-z]|$) | example | sample | dummy
    | todo | fixme | fill[-_ ]?(?:in|me) | insert | secret[-_ ]?here | goes[-_ ]?here | to[-_ ]?be[-_ ]?set
    | x{3,} | \*{3,} | ^<.*>$ | ^\$\{[^:}]*(?:[:][?+][^}]*)?\}$ | ^\[.*\]$ | ^\.\.\.$
    | not[-_ ]?(?:a[-_ ]?)?(?:real|secret) | (?:^|[^a-z])(?:set|generate)[-_ ]?me"""
)


_PASSWORD_IN_URL = re.compile(r"://[^/\s:@]*:(?P<password>[^/\s@]+)@")


def is_placeholder(value: str) -> bool:
    """Whether a value only holds the place of another: `CHANGE_ME`, `<password>`, nothing at all.

    Of an address its password decides, of `${VAR:default}` the default.
    """
    text = value.strip().strip("\"'")
    if (default := default_of(text)) is not None:
        return is_placeholder(default)
    password = _PASSWORD_IN_URL.search(text)
    return not text or bool(_PLACEHOLDER.search(password["password"] if password else text))


def _read_keys(item: Deployed, sources: Sources, entry: Entry) -> dict[str, tuple[Location, ...]]:
    """The keys that workloads take by name from the Secret that this file makes, but for those that its other files and literals bring."""
    name = _generator(sources, entry).get("name")
    rendered = {
        document.name
        for document in item.documents
        if document.kind == "Secret" and document.origin.source_name == name
    }
    elsewhere: set[str] = set()
    for other in _generated(sources):
        if other is not entry and _generator(sources, other).get("name") == name:
            elsewhere.update(_example_keys(sources, other))
    for kustomization in sources.by_depth:
        listed = kustomization.data.get("secretGenerator")
        for generator in listed if isinstance(listed, list) else ():
            if (
                isinstance(generator, dict)
                and generator.get("name") == name
                and isinstance(generator.get("literals"), list)
            ):
                elsewhere.update(str(literal).partition("=")[0] for literal in generator["literals"])
    found: dict[str, dict[Location, None]] = {}
    for key, location in _taken(item, rendered):
        if key not in elsewhere:
            found.setdefault(key, {})[location] = None
    return {key: tuple(locations) for key, locations in found.items()}


def _generator(sources: Sources, entry: Entry) -> Mapping[str, Any]:
    kustomization = next(one for one in sources.by_depth if one.file == entry.kustomization)
    found = kustomization.data[str(entry.position[0])][entry.position[1]]
    return found if isinstance(found, dict) else {}


def _taken(item: Deployed, secrets: set[str]) -> Iterator[tuple[str, Location]]:
    """Yield each key that a workload takes by name from one of these Secrets, as a variable or as a file, and must have."""
    for container in containers_of(item):
        variables = container.body.get("env")
        for index in range(len(variables) if isinstance(variables, list) else 0):
            reference = container.document.get(*container.path, "env", index, "valueFrom", "secretKeyRef")
            if isinstance(reference, dict) and str(reference.get("name")) in secrets and not reference.get("optional"):
                yield str(reference.get("key")), container.locate("env", index, "valueFrom", "secretKeyRef", "key")
    for document in item.documents:
        spec = pod_spec_path(document)
        volumes = document.get(*spec, "volumes") if spec is not None else None
        for index, _ in enumerate(volumes if isinstance(volumes, list) else ()):
            path = (*(spec or ()), "volumes", index, "secret")
            items = document.get(*path, "items")
            if (
                str(document.get(*path, "secretName")) in secrets
                and isinstance(items, list)
                and not document.get(*path, "optional")
            ):
                for position, one in enumerate(items):
                    if isinstance(one, dict):
                        yield str(one.get("key")), document.origin.locate((*path, "items", position, "key"))


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
        return Evidence(message.format(*values), lines_of(self.path, self.held))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TrackedFile | Gap]:
        """Yield every such file, with what it holds."""
        tracked = platform.tracked
        if isinstance(tracked, Gap):
            yield tracked
            return
        examples = {entry.example for item in platform.deployed if item.sources for entry in _generated(item.sources)}
        for path in tracked:
            if _SUSPECT.search(path):
                try:
                    content = platform.read_tracked(path)
                except SourceError as error:
                    yield Gap(path, str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
                    continue
                if content is not None:
                    yield cls(path, tuple(_held(path, content, path in examples)))


_SPACED = re.compile(r"(?i)\bpassword\s+(?P<value>\S+)")
_PASSFILE = re.compile(r"(?:[^:]*:){4}(?P<value>.+)\Z")
_MANIFEST = re.compile(r"^[\"']?apiVersion[\"']?\s*:", re.MULTILINE)


def _held(path: str, content: bytes, is_example: bool) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold a secret, each with what it is; never the secret.

    The values of an example are judged one by one elsewhere, and so are the fields of a manifest: of them only what is a secret by its form
    is told here.
    """
    if _KEY_STORE.search(path):
        yield 1, "it is a store of keys"
        return
    if b"\0" in content:
        return
    text = content.decode(errors="replace")
    by_form = is_example or bool(_MANIFEST.search(text))
    comments = ("#", ";") if posixpath.basename(path).endswith("npmrc") else ("#", "//", ";")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith(comments):
            continue
        name, value = _assignment(path, line)
        if is_placeholder(value) or (is_example and name):
            continue
        literal = literal_credential("" if by_form else name, value)
        if literal is not None:
            yield (
                number,
                f"{name} is {literal}" if _NAME.match(name) and literal_credential("", name) is None else literal,
            )


def _assignment(path: str, line: str) -> tuple[str, str]:
    """Take a line apart into name and value, as files of this name write it; a line without a name is a value."""
    base = posixpath.basename(path).lower()
    text = line.strip().removeprefix("export ")
    for ending, pattern in (("netrc", _SPACED), ("pgpass", _PASSFILE)):
        match = pattern.search(text) if base.endswith(ending) else None
        if match:
            return "password", match["value"]
    name, separator, value = text.partition("=" if "=" in text.partition(":")[0] or ":" not in text else ":")
    if not separator:
        return "", text
    name, value = name.strip().strip("\"'"), value.strip().rstrip(",").strip("\"'")
    if name == "auth" and "docker" in base:
        name = "auth_token"
    return (name, value) if re.match(r"[\w./:@-]+\Z", name) else ("", text)
