"""Credentials in Terraform: attributes, keys of objects and variables that are called one, and whether their value is written in full."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.credential_names import names_credential, words_of
from policies.model.credential_values import counted, literal_credential, literals_in
from policies.model.terraform_folders import Folder, Written, folders, of_sources
from policies.platform import Platform
from policies.read import hcl
from policies.read.hcl import Declaration

_ABOUT = frozenset(
    [
        *("strategy", "mode", "status", "state", "action", "family", "source", "generation", "scheme", "units", "engine"),
        *("keyword", "pattern", "regex", "regexp", "index", "begin", "start", "end"),
    ]
)
"""Words after which the name of an argument speaks about a credential: `auth_token_update_strategy`."""

_MADE_OF = frozenset({"sensitive", "nonsensitive", "base64encode", "tostring", "trimspace", "chomp", "format", "jsonencode", "coalesce", "try"})
"""Functions whose result holds what they are given."""

_STRING = r'"(?:[^"\\$]|\\.|\$(?!\{)|\$\{(?:[^{}"]|"[^"]*")*\})*"'
_TOKEN = re.compile(
    rf"(?P<space>\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)|(?P<string>{_STRING})|(?P<heredoc><<-?(?P<mark>\w+)\r?\n.*?^[ \t]*(?P=mark)[ \t\r]*$)"
    r"|(?P<operator>[=!<>]=|=>)|(?P<key>[=:])|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<name>[A-Za-z_][\w-]*)|(?P<other>.)",
    re.DOTALL | re.MULTILINE,
)
_ARN = re.compile(r"(?:arn:|projects/|[~.]{1,2}/)")
"""Addresses and paths: what says where a credential is."""


@dataclass(frozen=True, eq=False)
class TerraformSecret:
    """A value that is called a credential, or is one. `literal` says in what way it is written in full; None where it comes from elsewhere."""

    noun: ClassVar[str] = "credential in Terraform"
    only_in_files: ClassVar[bool] = True

    place: Place
    name: str
    location: Location
    literal: str | None

    @property
    def id(self) -> str:
        """The file's folder and the name, with the blocks that it stands in."""
        return f"{posixpath.dirname(self.location.source) or '.'}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its line as the place."""
        return Evidence(message.format(*values), (self.location,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TerraformSecret | Gap]:
        """Yield those of every file. Of files of values SECRET-02c tells what is called a secret; here what is said to be one."""
        known = {folder.path: folder for folder in folders(platform)}
        for path, sources in platform.configuration.folders.items():
            folder = known.get(path) or of_sources(path, sources)
            place = folder.place if path in known else PLATFORM
            for one in folder.expressions:
                yield from (cls(place, *found) for found in _found(one))
            yield from (cls(place, *found) for found in _given(platform, folder))


def _found(one: Written) -> Iterator[tuple[str, Location, str | None]]:
    outer, inner = one.chain[0], one.chain[-1]
    shown = ".".join((*(outer.labels or (outer.type,)), *(block.type for block in one.chain[1:])))
    if outer.type == "variable" and one.name != "default":
        return
    own = outer.labels[0] if outer.type == "variable" and outer.labels else one.name
    own = _named_beside(inner) or own if one.name == "value" else own
    said = outer.type == "variable" and _is_true(outer, "sensitive")
    told = False
    for key, text, position, alone in _strings(one.expression.text):
        name = key or own
        if "\n" in text:
            for number, inside, literal in literals_in(text, counts=is_called_one):
                location = one.at(position)
                yield f"{shown}.{one.name}.{inside or number}", Location(location.source, (location.line or 0) + 1 + number), literal
            continue
        literal = _literal(name, text, alone, said and not key)
        if literal is not None or is_called_one(name):
            told = True
            yield (shown if outer.type == "variable" else f"{shown}.{'.'.join(dict.fromkeys((one.name, name)))}"), one.at(position), literal
    if not told and is_called_one(own) and outer.type != "variable":
        yield f"{shown}.{one.name}", one.location, None


def is_called_one(name: str) -> bool:
    """Whether an argument's name says that its value is a credential."""
    return names_credential(name) and not _ABOUT.intersection(words_of(name))


def _literal(name: str, text: str, whole: bool, said: bool) -> str | None:
    if _ARN.match(text):
        return None
    called = is_called_one(name) and whole and "${" not in text
    literal = literal_credential(name if called else "", text)
    if literal is None and said and text and "${" not in text:
        literal = f"a literal of {counted(len(text), 'character')}"
    return literal


def _strings(text: str) -> Iterator[tuple[str, str, int, bool]]:
    """Yield the strings of an expression: the key of the object that it stands under, the string, where, and whether it is the value itself."""
    opened: list[tuple[str, str, bool]] = []
    key, before, function, named = "", "", "", ""
    pending: tuple[str, int] | None = None
    whole, asked = True, 0
    for found in _TOKEN.finditer(text):
        kind, said = found.lastgroup if found.lastgroup != "mark" else "heredoc", found[0]
        if kind == "space":
            continue
        is_key = kind == "key" and not (said == ":" and asked)  # Of a condition, `:` divides two values.
        if pending is not None and not is_key:
            named = pending[0] if key == "name" else named
            yield named if key == "value" and named else key, pending[0], pending[1], whole
        if is_key:
            key = pending[0] if pending is not None else function
        asked += (said == "?") - (kind == "key" and not is_key)
        pending = None
        if kind == "string":
            pending = (said[1:-1].replace('\\"', '"'), found.start())
        elif kind == "heredoc":
            yield key, "\n".join(said.splitlines()[1:-1]), found.start(), whole
        elif kind == "open":
            opened.append((said, key, whole))
            # A key of an index is no value, and what a function makes of its arguments may hold nothing of them.
            if (said == "(" and function and function not in _MADE_OF) or (said == "[" and before in ("name", "close")):
                whole = False
            elif said == "{":
                key, named, whole = "", "", True
        elif kind == "close" and opened:
            _, key, whole = opened.pop()
        elif said == "\n" or (said == "," and opened and opened[-1][0] == "{"):
            key = ""
        function = said if kind == "name" else ""
        before = kind or ""
    if pending is not None:
        yield key, pending[0], pending[1], whole


def _named_beside(block: Declaration) -> str:
    """Give the name of a pair of `name` and `value`, as blocks of variables write it."""
    name = block.attributes.get("name")
    return name.text.strip().strip('"') if name is not None else ""


def _is_true(block: Declaration, name: str) -> bool:
    return name in block.attributes and block.attributes[name].text.strip() == "true"


def _given(platform: Platform, folder: Folder) -> Iterator[tuple[str, Location, str | None]]:
    """Yield the values of sensitive variables in files of values whose name does not give them away."""
    sensitive = {block.labels[0] for block in folder.of("variable") if block.labels and _is_true(block, "sensitive")}
    if not sensitive:
        return
    for file in platform.configuration.variable_files(folder.path):
        path = Folder.joined(folder.path, file)
        if path.endswith(".json") or not sensitive.intersection(platform.configuration.values.get(path, ())):
            continue
        for name, expression in hcl.read(path, platform.configuration.contents[path]).body.attributes.items():
            if name in sensitive and not names_credential(name):
                strings = [text for _, text, _, _ in _strings(expression.text) if text]
                literal = f"a literal of {counted(len(strings[0]), 'character')}" if strings else None
                yield name, Location(path, expression.line), literal
