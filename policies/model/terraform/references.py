"""What expressions refer to, folder by folder: variables, locals, resources, modules and their outputs, by the source alone.

The evaluator gives a name that is not declared no value and goes on; `terraform plan` ends there ("Reference to undeclared …").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.kept import kept
from policies.model.terraform.folders import Folder, Written, folders
from policies.platform import Platform
from policies.read.hcl import Declaration
from policies.read.terraform_spans import Span, traversals

_BUILT_IN = frozenset({"each", "count", "self", "path", "terraform"})
_LOOP = re.compile(r"\bfor\s+([\w-]+)(?:\s*,\s*([\w-]+))?\s+in\b")
_NOT_REFERRING = frozenset({"ignore_changes", "provider", "providers"})
"""Attributes that name something else: attributes of the same resource, configurations of a provider."""


@dataclass(frozen=True, eq=False)
class Name:
    """A name in an expression, with its steps: `var.region`, `module.sqs.queue_arn`."""

    first: str
    steps: tuple[str | int | None, ...]
    location: Location
    holder: Declaration


@kept
def names(folder: Folder) -> tuple[Name, ...]:
    """Give every name that a folder's expressions take in, without those that a loop or a dynamic block gives them."""
    return tuple(name for one in folder.expressions for name in _names(one))


def _names(one: Written) -> Iterator[Name]:
    outer = one.chain[0].type
    if (
        one.name in _NOT_REFERRING
        or outer in ("moved", "removed", "import", "terraform")
        or (outer == "variable" and one.name == "type")
    ):
        return
    code = one.expression.code
    if "." not in code and "[" not in code:
        return
    given = {name for found in _LOOP.findall(code) for name in found}
    for block in one.chain:
        if block.type == "dynamic" and block.labels:
            iterator = block.attributes.get("iterator")
            given.add(iterator.text.strip() if iterator else block.labels[0])
    for found in traversals(Span.of(one.expression)):
        if found.name not in given and found.name not in _BUILT_IN:
            yield Name(found.name, found.steps, one.at(found.start), one.chain[0])


@dataclass(frozen=True, eq=False)
class References:
    """What of a kind a folder refers to: each name, whether it is there, and where it is referred to."""

    noun: ClassVar[str] = "folder of Terraform, by its references"
    only_in_files: ClassVar[bool] = True

    folder: Folder
    found: tuple[tuple[str, bool, Location], ...]

    @property
    def place(self) -> Place:
        """The folder's."""
        return self.folder.place

    @property
    def id(self) -> str:
        """The folder."""
        return self.folder.path

    @property
    def missing(self) -> tuple[str, ...]:
        """The names that are not there."""
        return tuple(dict.fromkeys(name for name, exists, _ in self.found if not exists))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give every place where something is referred to that is not there."""
        lines = tuple(dict.fromkeys(location for _, exists, location in self.found if not exists))
        return Evidence(message.format(*values), lines or (self.folder.first,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[References | Gap]:
        """Yield every folder."""
        for folder in folders(platform):
            if cls.is_of(folder):
                yield cls(folder, tuple(cls.of(folder, platform)))

    @classmethod
    def is_of(cls, folder: Folder) -> bool:  # noqa: ARG003 (a kind below asks it)
        """Whether a folder can have such references."""
        return True

    @classmethod
    def of(cls, folder: Folder, platform: Platform) -> Iterator[tuple[str, bool, Location]]:
        """Yield the names of its kind, whether each is there, and where it is referred to."""
        raise NotImplementedError


class VariableReferences(References):
    """The variables that a folder's expressions take."""

    noun: ClassVar[str] = "folder of Terraform, by the variables that it takes"

    @classmethod
    def of(cls, folder: Folder, platform: Platform) -> Iterator[tuple[str, bool, Location]]:  # noqa: ARG003
        """Yield the variables."""
        declared = labels(folder, "variable")
        for name in names(folder):
            if name.first == "var" and isinstance(name.steps[0], str):
                yield f"var.{name.steps[0]}", name.steps[0] in declared, name.location


class LocalReferences(References):
    """The local values that a folder's expressions take."""

    noun: ClassVar[str] = "folder of Terraform, by the local values that it takes"

    @classmethod
    def of(cls, folder: Folder, platform: Platform) -> Iterator[tuple[str, bool, Location]]:  # noqa: ARG003
        """Yield the local values."""
        declared = {name for block in folder.of("locals") for name in block.attributes}
        for name in names(folder):
            if name.first == "local" and isinstance(name.steps[0], str):
                yield f"local.{name.steps[0]}", name.steps[0] in declared, name.location


class ResourceReferences(References):
    """The resources and data sources that a folder's expressions refer to."""

    noun: ClassVar[str] = "folder of Terraform, by the resources that it refers to"

    @classmethod
    def of(cls, folder: Folder, platform: Platform) -> Iterator[tuple[str, bool, Location]]:  # noqa: ARG003
        """Yield the resources and the data sources."""
        declared = {_address(block.type, block.labels) for block in folder.blocks if len(block.labels) == 2}
        declared |= {_address(inner.type, inner.labels) for block in folder.of("check") for inner in block.of("data")}
        for name in names(folder):
            steps = [step for step in name.steps[:2] if isinstance(step, str)]
            if name.first in ("var", "local", "module") or not steps:
                continue
            if name.first in ("data", "ephemeral"):
                address = ".".join((name.first, *steps)) if len(steps) == 2 else ""
            else:
                address = f"{name.first}.{steps[0]}" if isinstance(name.steps[0], str) else ""
            if address:
                yield address, address in declared, name.location


def _address(type: str, labels: tuple[str, ...]) -> str:
    return ".".join(labels if type == "resource" else (type, *labels))


def labels(folder: Folder, type: str) -> dict[str, Declaration]:
    """Give a folder's blocks of a type by their first label."""
    return {block.labels[0]: block for block in folder.of(type) if block.labels}
