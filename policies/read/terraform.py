"""Terraform's roots as they evaluate: resources, data sources, module calls, with every value resolved as far as it can be.

The seam is the same as for Kubernetes: what is above asks a block for its values and where they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from policies.errors import SourceError
from policies.evidence import Location
from policies.read.hcl import Declaration
from policies.read.terraform_scope import is_local, string


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """A value that is not known, and why. It equals nothing, is neither true nor false, and so cannot pass a demand by accident.

    `text` is what of it can be told, where it is a string: `arn:aws:sqs:${data.aws_region.here.name}:*`.
    """

    why: str
    text: str = ""

    def __bool__(self) -> bool:
        raise TypeError(f"a value that is not known is neither true nor false: {self.why}")

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return f"not known ({self.why})"


NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Block:
    """A block of a root as it evaluates: a resource, a data source, a module call, a variable, an output, a provider, or a block in one of these.

    `attributes` are its values: JSON data, `Unknown`, and for nested blocks a tuple of them, also where there is one. `unknown` says why
    it is not known whether, or how often, the block is there at all: then no value of it is known.
    """

    root: Root = field(repr=False)
    kind: str
    type: str
    name: str
    address: str
    module: str
    file: str
    line: int
    last_line: int
    attributes: Mapping[str, Any] = field(repr=False)
    unknown: Unknown | None = None
    declaration: Declaration | None = field(default=None, repr=False)

    def get(self, *path: str | int) -> Any:
        """Give the value at a path through attributes, nested blocks and lists: None where there is none, Unknown where it is not known.

        A name in a list of nested blocks means that of the first.
        """
        if self.unknown is not None:
            return self.unknown
        value: Any = self.attributes
        for step in path:
            if isinstance(value, Unknown):
                return value
            if isinstance(value, tuple) and isinstance(step, str):
                value = value[0] if value else None
            if isinstance(value, Block):
                if value.unknown is not None:
                    return value.unknown
                value = value.attributes
            if isinstance(step, int):
                value = value[step] if isinstance(value, (list, tuple)) and -1 < step < len(value) else None
            else:
                value = value.get(step) if isinstance(value, Mapping) else None
        return value

    def blocks(self, name: str) -> tuple[Block, ...]:
        """Give its nested blocks of a name; where it is not known which there are, one of which nothing is known."""
        if self.unknown is not None:
            return (
                replace(
                    self, kind="block", type=name, name="", address=f"{self.address}.{name}[?]", attributes=NOTHING
                ),
            )
        value = self.attributes.get(name)
        return value if isinstance(value, tuple) else ()

    def block(self, name: str) -> Block | None:
        """Give the first of its nested blocks of a name."""
        return next(iter(self.blocks(name)), None)

    def locate(self, *path: str | int) -> Location:
        """Give the line on which the value at a path is written, or of what is nearest to it."""
        location: Location = self.root.reader.locate(self, path)
        return location

    def refers_to(self, *path: str | int) -> tuple[Block, ...]:
        """Give the blocks that the value at a path refers to, through module boundaries."""
        found: tuple[Block, ...] = self.root.reader.refers_to(self, path)
        return found

    def is_cut(self, *path: str | int) -> bool:
        """Whether a function may have made another text of what the value at a path shows: of a reference in it, a part or more than that."""
        found: bool = self.root.reader.is_cut(self, path)
        return found

    @property
    def provider(self) -> Block | None:
        """The root's provider that makes a resource or a data source; None where the root states none."""
        found: Block | None = self.root.reader.provider_of(self)
        return found

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, eq=False)
class Root:
    """A folder that Terraform is run in, and everything that it comes to.

    `is_module` says that it is a module which no root takes, looked at by itself. `unset` are its variables without a value, `remote` its module
    calls whose source is not in the platform, and `backend` where its state is kept. `errors` are the files of it that
    cannot be read; what is not in them is judged all the same.
    """

    folder: str
    errors: tuple[SourceError, ...] = ()
    unset: tuple[str, ...] = ()
    is_example: bool = False
    is_module: bool = False
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    reader: Any = field(default=None, repr=False)

    def of_kind(self, kind: str, type: str = "") -> tuple[Block, ...]:
        """Give its blocks of a kind, and of a type."""
        return tuple(block for block in self.blocks if block.kind == kind and type in ("", block.type))

    def resources(self, type: str = "") -> tuple[Block, ...]:
        """Give its resources of a type, in every module."""
        return self.of_kind("resource", type)

    def data(self, type: str = "") -> tuple[Block, ...]:
        """Give its data sources of a type, in every module."""
        return self.of_kind("data", type)

    def find(self, address: str) -> Block | None:
        """Give the block of an address."""
        return self._by_address.get(address)

    @cached_property
    def _by_address(self) -> dict[str, Block]:
        return {block.address: block for block in self.blocks}

    @property
    def modules(self) -> tuple[Block, ...]:
        """Its module calls, and those in its modules."""
        return self.of_kind("module")

    @property
    def outputs(self) -> tuple[Block, ...]:
        """Its outputs; those of modules have an address that begins with the module's."""
        return self.of_kind("output")

    @property
    def variables(self) -> tuple[Block, ...]:
        """Its variables, and those of its modules."""
        return self.of_kind("variable")

    @property
    def remote(self) -> tuple[Block, ...]:
        """The module calls whose source is not in the platform: what they make is not judged."""
        return tuple(
            call
            for call in self.modules
            if call.declaration is None or not is_local(string(call.declaration.attributes.get("source")))
        )

    @property
    def uncertain(self) -> tuple[Block, ...]:
        """The blocks of which it is not known whether, or how often, they are there; what is in such a module call is not listed at all."""
        return tuple(block for block in self.blocks if block.unknown is not None)

    @cached_property
    def backend(self) -> Block | None:
        """Where its state is kept: its backend block, whose `type` is `s3` and the like."""
        own = (block for block in self.of_kind("terraform") if not block.module)
        return next((backend for block in own for backend in block.blocks("backend")), None)
