"""Credentials in manifests: where they stand, and whether they are written there in full."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.model.secrets.credential_names import names_credential, names_password
from policies.model.secrets.credential_values import counted, is_public, is_reference, literal_credential, literals_in
from policies.model.workloads.workload import (
    CONTAINERS,
    Container,
    containers_of,
    identify,
    own_documents,
    pod_spec_path,
)
from policies.platform import Platform
from policies.read.documents import ApiOrigin, Document, spell
from policies.read.provenance import RenderedOrigin
from policies.read.yaml import FieldPath, fields

__all__ = ["Credential", "literal_credential"]

_ARGUMENT = re.compile(r"\A--?(?P<name>[A-Za-z][\w.-]*)(?:=(?P<value>.*))?\Z", re.DOTALL)


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
            for document in own_documents(item):
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
            literal = None if harmless else f"a literal of {counted(len(text), 'character')}{'' if made else how}"
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
        if "\n" in value.strip():  # The values of a Helm chart, a configuration.
            for number, inner, literal in literals_in(value, counts=names_password):
                yield Credential(
                    place, document, spell(path), inner or f"line {number + 1} of {name}", path, literal, number
                )
            continue
        known = names_password(name) or name.lower() == "authorization"
        found = literal_credential(name if known else "", value)
        if found is not None:
            shown = name if known or name != path[-1] else spell(path[-2:])
            yield Credential(place, document, spell(path), shown, path, found)


def _is_of_container(path: FieldPath, spec: FieldPath | None) -> bool:
    """Whether a path leads to a variable, a command or an argument of one of a workload's containers."""
    if spec is None or path[: len(spec)] != spec or path[len(spec)] not in CONTAINERS:
        return False
    return path[len(spec) + 2 : len(spec) + 3] in (("env",), ("command",), ("args",))


_NO_VALUES = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})
