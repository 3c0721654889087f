"""Values of configuration that must not be there: what nobody has filled in, and what is a secret."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.configuration.addresses import addresses_in
from policies.model.configuration.config_keys import is_config_file
from policies.model.configuration.settings import Setting
from policies.model.secrets.credentials import literal_credential
from policies.model.secrets.leftovers import ReleasedSetting
from policies.model.workloads.pods import listed, not_looked_at
from policies.platform import Platform
from policies.read.environment import Declaration
from policies.read.kustomization import Sources

_PLACEHOLDER = re.compile(
    r"""(?ix) (?<![a-z0-9]) (?: change[-_ ]?me | change[-_ ]?(?:this|it) | replace[-_ ]?(?:me|this|with[-_ ]\w+) | place[-_]?holder | fill[-_ ]?(?:me|in|this)
        | insert[-_ ]\w+[-_ ]here | fix[-_]?me | to[-_ ]?be[-_ ]?(?:set|defined|filled|replaced) | your[-_][a-z][a-z_-]* | tbd | todo ) (?![a-z0-9])
        | \A (?: x{3,} | <[^<>]+> | \.\.\. | \?{2,} | (?-i:__[A-Z][A-Z0-9_]*__) | \{\{[^{}]*\}\} ) \Z"""
)
_WITHIN = re.compile(
    r"""(?ix) (?<!\?)(?<!\?p)(?<!\\k)(?<![$%]) < (?: [a-z][a-z0-9]* (?: [-_][a-z0-9]+ )+
        | account | region | name | id | host | domain | bucket | queue | cluster | user | env | environment ) >"""
)
"""A name in angle brackets within a value without white space; no group of a regular expression (`(?<user_id>`, `\\k<user_id>`)."""

_EXAMPLE_HOST = re.compile(r"(?:\A|\.)example(?:\.(?:com|org|net))?\Z|\.invalid\Z")
"""Hosts that are kept for examples (RFC 2606)."""


class ReleasedValue(ReleasedSetting):
    """A value that a release's programs are configured by."""

    noun: ClassVar[str] = "value in the configuration of a release"

    @classmethod
    def matches(cls, setting: Setting) -> bool:
        """Whether it is no line of a script."""
        return setting.document.kind == "ConfigMap" or setting.offset is None

    @property
    def placeholder(self) -> str | None:
        """What in it stands for something that nobody has filled in, or None."""
        text = self.value.strip("\"'")
        found = _PLACEHOLDER.search(text) or (None if re.search(r"\s|</", text) else _WITHIN.search(text))
        if found:
            return f"{found[0]!r} stands for something else"
        for address in addresses_in(text):
            if _EXAMPLE_HOST.search(address.host):
                return f"the host {address.host} is a name kept for examples"
        return None


@dataclass(frozen=True)
class ConfigKey:
    """A key in a file or a literal that a ConfigMap is made from; `literal` says in what way its value is a secret, without it."""

    noun: ClassVar[str] = "key of a configuration file"
    only_in_files: ClassVar[bool] = True

    place: Place
    declaration: Declaration

    @property
    def id(self) -> str:
        """File and key; the file by its name where it is of one place."""
        file = self.declaration.file
        shown = file if self.place == PLATFORM else f"{self.place.name}/{posixpath.basename(file)}"
        return f"{shown}:{self.declaration.key}"

    @property
    def literal(self) -> str | None:
        """In what way the value is a secret, or None."""
        return literal_credential(self.declaration.key, self.declaration.value)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the key's line as the place."""
        return Evidence(message.format(*values), (Location(self.declaration.file, self.declaration.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ConfigKey | Gap]:
        """Yield every key of every file and literal that a `configMapGenerator` reads, a base's once."""
        seen: set[tuple[str, int]] = set()
        for item in platform.deployed:
            yield from not_looked_at(item)
            for kustomization, declaration in _declared(item.sources) if item.sources is not None else ():
                if (declaration.file, declaration.line) not in seen:
                    seen.add((declaration.file, declaration.line))
                    yield cls(platform.place_of_source(kustomization), declaration)


def _declared(sources: Sources) -> Iterator[tuple[str, Declaration]]:
    for entry in sources.entries:
        if is_config_file(entry) and entry.target in sources.environments:
            yield from ((entry.kustomization, one) for one in sources.environments[entry.target].declarations)
    for kustomization in sources.by_depth:
        for index, generator in listed(kustomization.data.get("configMapGenerator")):
            literals = generator.get("literals")
            for position, literal in enumerate(literals if isinstance(literals, list) else ()):
                key, _, value = str(literal).partition("=")
                line = kustomization.line_of("configMapGenerator", index, "literals", position)
                yield kustomization.file, Declaration(key, value, kustomization.file, line)
