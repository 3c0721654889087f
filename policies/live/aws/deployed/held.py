"""An account held against Terraform: what was found of a root, and where its state is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.evidence import Gap, Place
from policies.live.aws.deployed.pairs import Pair
from policies.live.aws.deployed.search import Search
from policies.live.aws.deployed.state import State
from policies.platform import Platform

OWN = "the run itself filled this account from Terraform, so nothing can have drifted; name an environment"


@dataclass(frozen=True, eq=False)
class Held:
    """What was found of a root in an account that somebody else keeps."""

    place: Place
    search: Search
    state: State | None = None

    @property
    def where(self) -> str:
        """The account, for a sentence."""
        return f"{self.search.account.name} {self.search.account.id}"

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Each block of Terraform's that was found."""
        every = ((block, self.search.found.get(block.address)) for block in self.search.root.resources())
        return tuple(Pair(self.search, block, found) for block, found in every if found is not None)


@dataclass(frozen=True, eq=False)
class NotHeld:
    """A root that no account is held against, and why."""

    place: Place
    reason: str = OWN


def held(platform: Platform, noun: str) -> Iterator[Held | Gap]:
    """Yield each account that was held against Terraform, and why another was not."""
    for one in platform.observations:
        if isinstance(one, Held):
            yield one
        elif isinstance(one, NotHeld):
            yield Gap(f"{one.place.name}: {noun}", one.reason, one.place)
