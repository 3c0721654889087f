"""Fills an embedded AWS with what Terraform resolves to: each resource by a call of its own, in the order of their references.

`rows.py` and its neighbours hold what is done for each type; a type without a row is not provisioned, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from policies.live.aws.access import Account
from policies.live.aws.api import Service
from policies.live.aws.errors import AwsError
from policies.live.aws.resolving import Attributes, Resolver, UnresolvedError
from policies.read.terraform import Block, Root
from policies.read.tree import Tree


@dataclass(frozen=True, eq=False)
class Making:
    """A resource or a data source that is being made: its block, its values with all references resolved, and AWS."""

    provision: Provision
    block: Block
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def of(self, service: str) -> Service:
        """Give a service in the region of the block's provider."""
        return self.provision.account.aws.of(service, self.region)

    @property
    def account(self) -> str:
        """The account's id."""
        return self.provision.account.id

    @property
    def region(self) -> str:
        """The region of its provider, or the account's."""
        return self.provision.region_of(self.block)

    @property
    def name(self) -> str:
        """Its name: stated, or begun by a prefix."""
        return str(self["name"] or f"{self['name_prefix'] or 'turnstile-'}1")

    @property
    def tags(self) -> dict[str, str]:
        """Its tags, and those of its provider."""
        provider = self.block.provider
        default = provider.get("default_tags", "tags") if provider is not None else None
        known = self.provision.resolver.plain(default) if isinstance(default, Mapping) else {}
        return {**{key: str(value) for key, value in known.items()}, **(self["tags"] or {})}

    def given(self, **names: str) -> dict[str, Any]:
        """Give AWS's parameters whose values are stated, by the names that Terraform has for them."""
        return {theirs: self[ours] for theirs, ours in names.items() if self[ours] is not None}


Row = Callable[[Making], Attributes]

LACKS = frozenset(
    (
        "InvalidAction", "UnknownOperationException", "NotImplemented", "NotImplementedException", "InternalFailure",
        "InternalServerError", "InternalError", "ServiceException", "501", "500",
    )
)  # fmt: skip
"""By what an emulator says that it lacks something; AWS would not refuse it."""


@dataclass(eq=False)
class Provision:
    """One root's resources in an account: what is there, and what is not, with the reason; `refused` are those of these that AWS refuses.

    `outside` gives who stands in for an address that a function's variable holds, and `led` notes which were led there;
    `beside` are files that a release would bring into a function's package.
    """

    account: Account
    root: Root
    tree: Tree
    rows: Mapping[str, Row]
    outside: Callable[[str], str | None] = field(default=lambda _: None)
    beside: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    led: dict[str, str] = field(default_factory=dict)
    created: dict[str, Attributes] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set, repr=False)
    _making: list[str] = field(default_factory=list)

    @property
    def resolver(self) -> Resolver:
        """Resolves values, creating what they wait for."""
        return Resolver(self.root, self.make)

    def everything(self, wanted: Callable[[Block], bool] = lambda _: True) -> None:
        """Create every resource of the root, or those that are wanted and what they refer to."""
        for block in filter(wanted, self.root.resources()):
            try:
                self.make(block)
            except UnresolvedError as error:
                self.missing.setdefault(block.address, str(error))

    def make(self, block: Block) -> Attributes:
        """Give what a block came to, creating it where it is not there. Raises UnresolvedError where it cannot be."""
        if block.address in self.created:
            return self.created[block.address]
        if block.address in self.missing:
            raise UnresolvedError(f"{block.address} is not provisioned: {self.missing[block.address]}")
        if block.address in self._making:
            raise UnresolvedError(f"{' -> '.join([*self._making, block.address])} go in a circle")
        self._making.append(block.address)
        try:
            made = self._made(block)
        except UnresolvedError as error:
            self.missing[block.address] = self.told(error)
            raise
        finally:
            self._making.pop()
        self.created[block.address] = made
        return made

    def _made(self, block: Block) -> Attributes:
        kind = block.type if block.kind == "resource" else f"data.{block.type}"
        row = self.rows.get(kind)
        if row is None:
            raise UnresolvedError(f"there is no row for {kind}")
        if block.unknown is not None:
            raise UnresolvedError(block.unknown.why)
        for other in needed(block):
            with suppress(UnresolvedError):  # a value that needs it says so itself
                self.make(other)
        try:
            return row(Making(self, block, _Values(self.resolver, block)))
        except AwsError as error:
            if type(error) is not AwsError:
                raise
            if not error.code or error.code in LACKS:
                raise UnresolvedError(f"{self.account.name} cannot make it: {error}") from None
            self.refused[block.address] = self.told(error)
            raise UnresolvedError(f"it is refused: {error}") from None
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise UnresolvedError(f"the row for {kind} cannot read it: {type(error).__name__}: {error}") from None

    def told(self, error: Exception) -> str:
        """Give what an error says, without the value of any secret."""
        text = str(error)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def region_of(self, block: Block) -> str:
        """Give the region of a block's provider."""
        provider = block.provider
        region = provider.get("region") if provider is not None else None
        return region if isinstance(region, str) and "${" not in region else self.account.region


def needed(block: Block) -> tuple[Block, ...]:
    """Give the resources and data sources that a block's source names, nested blocks and `depends_on` included: they come before it.

    A value that is known shows no more where it came from.
    """
    reader = block.root.reader
    found: dict[str, Block] = {}
    pending = [block]
    while pending:
        one = pending.pop()
        pending += [inner for value in one.attributes.values() if isinstance(value, tuple) for inner in value]
        if one not in reader.raw or one.declaration is None:
            continue
        _, place = reader.raw[one]
        for expression in one.declaration.attributes.values():
            for scope, address, _ in reader.analysis.of(expression, place.scope, place.chain).targets:
                full = f"{scope}.{address}" if scope else address
                found.update({other.address: other for other in reader.by_source.get(full, ())})
    wanted = (other for other in found.values() if other.kind in ("resource", "data") and other is not block)
    return tuple(wanted)


class _Values(Mapping[str, Any]):
    """A block's values, each resolved when it is asked for: what nobody asks for may stay unknown."""

    def __init__(self, resolver: Resolver, block: Block) -> None:
        self.resolver, self.block = resolver, block

    def __getitem__(self, name: str) -> Any:
        return self.resolver.plain(self.block.attributes[name])

    def __iter__(self) -> Any:
        return iter(self.block.attributes)

    def __len__(self) -> int:
        return len(self.block.attributes)
