"""The matrix of a place's network: for every two parties what passes, held against what is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from policies.model.network.address_ranges import EVERY_ADDRESS
from policies.model.network.endpoints import Outside, Several
from policies.model.network.flow import Flow
from policies.model.network.flows import Intended
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.parties import ANYWHERE, DNS, NODE, STRANGER, Party


class State(Enum):
    """What a cell says."""

    MEANT = "passes, as it is meant to"
    EXCESS = "passes, and nothing says that it is meant"
    BLOCKED = "is meant, and does not pass"
    CLOSED = "does not pass"


@dataclass(frozen=True)
class Cell:
    """From one party to another: the ports that pass, those that flows name, and those that must pass."""

    source: Party
    target: Party
    passing: Intervals
    meant: Intervals
    demanded: Intervals

    @property
    def excess(self) -> Intervals:
        """What passes and is not meant."""
        return self.passing - self.meant

    @property
    def blocked(self) -> Intervals:
        """What must pass and does not."""
        return self.demanded - self.passing

    @property
    def state(self) -> State:
        """The worst that is in it."""
        if self.blocked:
            return State.BLOCKED
        if self.excess:
            return State.EXCESS
        return State.MEANT if self.passing else State.CLOSED


@dataclass(frozen=True)
class Matrix:
    """Every cell of a place; the node is left out, for nothing passes between it and its pods that any policy could stop."""

    intended: Intended

    @property
    def name(self) -> str:
        """The place."""
        return self.intended.site.place.name

    @cached_property
    def sources(self) -> tuple[Party, ...]:
        """Who calls: workloads, who comes in by a flow, other addresses, other pods."""
        return self._ordered(
            flow.source for flow in self.intended.flows if not isinstance(flow.source.endpoint, Several)
        )

    @cached_property
    def targets(self) -> tuple[Party, ...]:
        """Who is called: workloads, the DNS, hosts outside, other addresses, other pods."""
        return self._ordered((DNS, *(flow.target for flow in self.intended.flows)))

    def _ordered(self, named: Iterable[Party]) -> tuple[Party, ...]:
        found: dict[Party, None] = dict.fromkeys(sorted(self.intended.site.own, key=lambda party: party.name))
        found.update(dict.fromkeys(sorted(set(named), key=lambda party: party.name)))
        last = (ANYWHERE, STRANGER)
        return (*(party for party in found if party not in (*last, NODE)), *last)

    @cached_property
    def cells(self) -> dict[tuple[Party, Party], Cell]:
        """The cell of each source and target of which one at least is a workload."""
        meant: dict[tuple[Party, Party], Intervals] = {}
        demanded: dict[tuple[Party, Party], Intervals] = {}
        for flow in self.intended.flows:
            for source in self._callers(flow):
                key = (source, flow.target)
                meant[key] = meant.get(key, NOTHING) | flow.ports
                if flow.demanded:
                    demanded[key] = demanded.get(key, NOTHING) | flow.ports
        found = {}
        for source in self.sources:
            for target in self.targets:
                if source.template is None and target.template is None:
                    continue
                key = (source, target)
                # Whoever lets in any address outside lets in other pods too.
                anybody = meant.get((ANYWHERE, target), NOTHING)
                found[key] = Cell(
                    source,
                    target,
                    self._passing(source, target),
                    meant.get(key, NOTHING) | anybody,
                    demanded.get(key, NOTHING),
                )
        return found

    def _callers(self, flow: Flow) -> tuple[Party, ...]:
        """Give who calls by a flow: of several workloads each."""
        if not isinstance(flow.source.endpoint, Several):
            return (flow.source,)
        return tuple(party for party in self.intended.site.parties if party.pod in flow.source.pods)

    def _passing(self, source: Party, target: Party) -> Intervals:
        """Give the ports that pass; for any other address outside, those that pass for some that no other party is."""
        if ANYWHERE not in (source, target):
            return self.intended.surely.ports(source.endpoint, target.endpoint)
        named = NOTHING
        for party in (*self.sources, *self.targets):
            if isinstance(party.endpoint, Outside) and party != ANYWHERE:
                named |= party.endpoint.addresses
        found = NOTHING
        for outside in self.intended.universe.outside:
            if outside.addresses.is_within(EVERY_ADDRESS - named):
                ends = (outside if party == ANYWHERE else party.endpoint for party in (source, target))
                found |= self.intended.surely.ports(*ends)
        return found

    def of(self, *states: State) -> Iterator[Cell]:
        """Yield the cells of these states."""
        yield from (cell for cell in self.cells.values() if cell.state in states)
