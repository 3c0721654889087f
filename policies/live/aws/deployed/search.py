"""Finds in an account what Terraform names, and from there what belongs to it; nothing else of the account is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.live.aws.access import Account
from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.errors import AwsError
from policies.live.aws.provision import LACKS
from policies.live.aws.resolving import Attributes, Resolver, UnresolvedError
from policies.read.terraform import Block, Root, Unknown

Neighbours = Callable[["Search", Found], list[Found]]

UNTOLD = LACKS | {"404", "405"}
"""By what an emulator says that it does not know what is asked; what is not there has a name of its own."""

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
"""By how a region begins (AWS General Reference, "Amazon Resource Names")."""


@dataclass(eq=False)
class Search:
    """One root's resources in an account: what was found by the address of its block, what belongs to it, and what is not there or not to be told.

    `gone` are the addresses of what the account has not, `untold` why of others it cannot be told whether it is there.
    """

    account: Account
    root: Root
    rows: Mapping[str, Row]
    neighbours: Mapping[str, Neighbours] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    beside: dict[str, Found] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    untold: dict[str, str] = field(default_factory=dict)
    _looking: list[str] = field(default_factory=list)
    _once: dict[Any, Any] = field(default_factory=dict)

    @property
    def partition(self) -> str:
        """The partition of its region."""
        return next((name for start, name in _PARTITIONS.items() if self.account.region.startswith(start)), "aws")

    def once(self, key: Any, ask: Callable[[], Any]) -> Any:
        """Give what was asked before under a key, or ask."""
        if key not in self._once:
            self._once[key] = ask()
        return self._once[key]

    @property
    def resolver(self) -> Resolver:
        """Resolves values by what was found."""
        return Resolver(self.root, self.have)

    def everything(self) -> None:
        """Look for every resource of the root, and then for what belongs to each that was found."""
        for block in self.root.resources():
            try:
                self.have(block)
            except UnresolvedError as error:
                if block.address not in self.gone:
                    self.untold.setdefault(block.address, str(error))
        self.follow(list(self.found.values()))

    def add(self, others: list[Found]) -> None:
        """Add what was found by another way than Terraform, where it is not known yet, and what belongs to it."""
        new = []
        for other in others:
            if self.knows(other.id) or self.knows(other.arn or other.id):
                continue
            address = f'{other.type}["{other.name}"]'
            self.beside[address if address not in self.beside else f'{other.type}["{other.arn or other.id}"]'] = other
            new.append(other)
        self.follow(new)

    def follow(self, pending: list[Found]) -> None:
        """Add what belongs to what was found."""
        for one in pending:
            step = self.neighbours.get(one.type)
            if step is not None:
                self.add(step(self, one))

    def knows(self, identity: str) -> bool:
        """Whether something that was found is meant by an ARN, an id, a URL."""
        return any(identity in found.identities for found in (*self.found.values(), *self.beside.values()))

    def have(self, block: Block) -> Attributes:
        """Give what a block came to in the account. Raises UnresolvedError where it is not there, or that cannot be told."""
        read = self.find(block).attributes
        return {name: value for name, value in read.items() if value is not None and not isinstance(value, Unknown)}

    def find(self, block: Block) -> Found:
        """Find what a block names. Raises UnresolvedError."""
        address = block.address
        if address in self.found:
            return self.found[address]
        if address in self.gone:
            raise UnresolvedError(f"{self.account.name} has no {address}")
        if address in self.untold:
            raise UnresolvedError(self.untold[address])
        if address in self._looking:
            raise UnresolvedError(f"{' -> '.join([*self._looking, address])} go in a circle")
        self._looking.append(address)
        try:
            found = self._found(block)
        except UnresolvedError as error:
            self.untold[address] = str(error)
            raise
        finally:
            self._looking.pop()
        if found is None:
            self.gone.append(address)
            raise UnresolvedError(f"{self.account.name} has no {address}")
        self.found[address] = found
        return found

    def _found(self, block: Block) -> Found | None:
        kind = block.type if block.kind == "resource" else f"data.{block.type}"
        row = self.rows.get(kind)
        if row is None:
            raise UnresolvedError(f"{kind} is not read from AWS's API")
        if block.unknown is not None:
            raise UnresolvedError(block.unknown.why)
        try:
            return row(Looking(self, self.region_of(block), block, Values(self.resolver, block)))
        except AwsError as error:
            if type(error) is not AwsError or error.code not in UNTOLD:
                raise
            raise UnresolvedError(f"{self.account.name} cannot tell it: {error}") from None

    def region_of(self, block: Block) -> str:
        """Give the region of a block's provider."""
        own = block.get("region")
        provider = block.provider
        region = own if isinstance(own, str) else provider.get("region") if provider is not None else None
        return region if isinstance(region, str) and "${" not in region else self.account.region

    def meant(self, text: str, type: str | None = None) -> str:
        """Give one name for whatever means the same resource: its ARN for its id, its URL, an alias of it, its name where that is one of a type.

        Any other text is given as it is, a function's version too.
        """
        for found in (*self.found.values(), *self.beside.values()):
            if not found.part and (text in found.own or (found.type == type and text in (found.name, found.id))):
                return f"{found.type} {found.arn or found.id}"
        return text


class Values(Mapping[str, Any]):
    """A block's values, each resolved when it is asked for. Raises UnresolvedError for one that cannot be had."""

    def __init__(self, resolver: Resolver, block: Block) -> None:
        self.resolver, self.block = resolver, block

    def __getitem__(self, name: str) -> Any:
        return self.resolver.plain(self.block.attributes[name])

    def __iter__(self) -> Any:
        return iter(self.block.attributes)

    def __len__(self) -> int:
        return len(self.block.attributes)
