"""Credentials in Terraform: attributes, keys of objects and variables that are called one, and whether their value is written in full."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.secrets.credential_names import names_credential, words_of
from policies.model.secrets.credential_values import counted, literal_credential, literals_in
from policies.model.secrets.secret_names import is_only_a_name
from policies.model.terraform.folders import Folder, Written, folders, of_sources
from policies.model.terraform.written_strings import strings
from policies.platform import Platform
from policies.read import hcl
from policies.read.hcl import Declaration

_ABOUT = frozenset(
    [
        *(
            "strategy",
            "mode",
            "status",
            "state",
            "action",
            "family",
            "source",
            "generation",
            "scheme",
            "units",
            "engine",
        ),
        *("keyword", "pattern", "regex", "regexp", "index", "begin", "start", "end"),
    ]
)
"""Words after which the name of an argument speaks about a credential: `auth_token_update_strategy`."""

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
                yield from (cls(place, *found) for found in _found(platform, folder, one))
            yield from (cls(place, *found) for found in _given(platform, folder))


def _found(platform: Platform, folder: Folder, one: Written) -> Iterator[tuple[str, Location, str | None]]:
    outer, inner = one.chain[0], one.chain[-1]
    shown = ".".join((*(outer.labels or (outer.type,)), *(block.type for block in one.chain[1:])))
    if outer.type == "variable" and one.name != "default":
        return
    own = outer.labels[0] if outer.type == "variable" and outer.labels else one.name
    own = _named_beside(inner) or own if one.name == "value" else own
    said = outer.type == "variable" and _is_true(outer, "sensitive")
    told = False
    for key, text, position, alone in strings(one.expression.text):
        name = key or own
        if "\n" in text:
            source, line = one.at(position).source, one.at(position).line or 0
            for number, inside, how in literals_in(text, counts=is_called_one):
                yield f"{shown}.{one.name}.{inside or number}", Location(source, line + 1 + number), how
            continue
        literal = _literal(name, text, alone, said and not key)
        if literal is not None and not key and _literal("", text, alone, False) is None:
            literal = None if is_only_a_name(platform, folder, one) else literal
        if literal is not None or is_called_one(name):
            told = True
            yield (
                (shown if outer.type == "variable" else f"{shown}.{'.'.join(dict.fromkeys((one.name, name)))}"),
                one.at(position),
                literal,
            )
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
                texts = [text for _, text, _, _ in strings(expression.text) if text]
                literal = f"a literal of {counted(len(texts[0]), 'character')}" if texts else None
                yield name, Location(path, expression.line), literal
