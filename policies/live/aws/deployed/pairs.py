"""A resource of Terraform and what an account has of it: which of its fields can be compared, and how each differs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from policies.evidence import Location
from policies.live.aws.deployed.comparing import Comparison, Difference, Path, stated_names
from policies.live.aws.deployed.found import Found, located
from policies.live.aws.deployed.promises import DEFAULTS, ELSEWHERE, LEFT_OUT
from policies.live.aws.deployed.search import Search
from policies.read.terraform import Block


@dataclass(frozen=True, eq=False)
class Pair:
    """A block of Terraform, and what an account has of it."""

    search: Search
    block: Block
    found: Found

    @cached_property
    def fields(self) -> dict[str, tuple[Difference, ...]]:
        """The attributes that could be compared, and how each differs."""
        found: dict[str, tuple[Difference, ...]] = {}
        for name in dict.fromkeys((*stated_names(self.block), *DEFAULTS.get(self.block.type, {}))):
            if name in LEFT_OUT or self._is_stated_elsewhere(name):
                continue
            comparison = Comparison(self.search)
            differences = tuple(comparison.attribute(self.block, name, self.found.attributes, ()))
            if comparison.compared:
                found[name] = differences
        return found

    def _is_stated_elsewhere(self, name: str) -> bool:
        if name in self.block.attributes or (self.block.type, name) not in ELSEWHERE:
            return False
        type, attribute = ELSEWHERE[self.block.type, name]
        return any(self.block in other.refers_to(attribute) for other in self.block.root.resources(type))

    def locate(self, path: Path) -> tuple[Location, Location]:
        """Give a field as Terraform states it, and as the account has it."""
        account = self.search.account
        return self.block.locate(*path), located(f"{account.name} {account.id}", self.found, path)
