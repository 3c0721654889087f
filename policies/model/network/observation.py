"""What was seen of a network: which connections were tried, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.evidence import Place
from policies.model.network.flows import Intended
from policies.model.network.parties import Party
from policies.model.network.policies import Policy

Port = tuple[str, int]
"""Protocol and number."""

OPEN = "open"
"""What came of an attempt that was answered; every other word is no answer."""


@dataclass(frozen=True)
class Attempts:
    """The connections from one party to another, by port; `dead` are ports on which the listener itself did not answer."""

    source: Party
    target: Party
    outcomes: dict[Port, str]
    dead: frozenset[Port] = frozenset()


@dataclass(frozen=True)
class NotTried:
    """A place of whose network no connection was tried, and why."""

    place: Place
    reason: str


@dataclass(frozen=True, eq=False)
class Observation:
    """One network as it was seen. `effective` are the policies read back from the cluster, under the platform's own names.

    `untried` says what was not tried, and why; `open_before` is how many of all connections passed before any policy was applied.
    """

    intended: Intended
    attempts: tuple[Attempts, ...]
    effective: tuple[Policy, ...]
    untried: tuple[tuple[str, str], ...] = ()
    open_before: tuple[int, int] = (0, 0)
    seconds: dict[str, float] = field(default_factory=dict)

    def between(self, source: Party, target: Party) -> Iterator[Attempts]:
        """Yield the attempts from one party to another."""
        yield from (one for one in self.attempts if (one.source, one.target) == (source, target))
