"""What passes beyond what is meant: each connection in excess, the rule to blame, and the narrower rule that would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, first_of
from policies.model.network.bits import Bits, members
from policies.model.network.connected import Connected, Policed
from policies.model.network.connection import MOST_TOLD, Excess
from policies.model.network.ends import blamed
from policies.model.network.engine import Network
from policies.model.network.flow import Flow
from policies.model.network.foreign import foreign
from policies.model.network.grouped import grouped
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.narrower import narrower
from policies.model.network.parties import STRANGER, Party
from policies.model.network.policies import Direction
from policies.model.network.ports import ALL_PORTS
from policies.model.network.uncertain import uncertain
from policies.model.network.unsaid import Unsaid, unsaid
from policies.platform import Platform


@dataclass(frozen=True)
class Entered(Policed):
    """A workload, and who reaches it without being meant to. `uncertain` are those who may be meant to make connections that are not known."""

    noun: ClassVar[str] = "workload that connections reach"
    direction: ClassVar[Direction] = Direction.INGRESS

    uncertain: Mapping[Party, str] = field(default_factory=dict, compare=False, repr=False)
    unsaid: tuple[Unsaid, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def meant(self) -> tuple[Flow, ...]:
        """The flows of this end, demanded or possible."""
        return self.intended.into(self.party)

    @cached_property
    def beyond(self) -> tuple[tuple[Bits, Intervals], ...]:
        """What reaches it beyond that: pods and addresses outside, each with the ports.

        What comes from its own node no policy refuses, and so it is with pods in the node's network (NET-09a tells them).
        """
        return tuple(self._beyond(self.intended.possibly))

    def _beyond(self, network: Network) -> Iterator[tuple[Bits, Intervals]]:
        universe = self.intended.universe
        for sources, passing in network.reaching(universe.index(self.party.endpoint)):
            yield from grouped(universe, sources & ~universe.node & ~universe.on_hosts, passing, self.meant, True)

    @cached_property
    def incomplete(self) -> str | None:
        """Why it is not known what policies and flows there are; but for what is in excess whomever policies select."""
        surely = self.intended.surely
        if self.intended.site.incomplete:
            return self.intended.site.incomplete
        reason = self.intended.undecided(self.bits)
        known = any(self._beyond(surely)) or foreign(self, self.direction, surely, self.meant)
        return None if reason is None or known else reason

    @cached_property
    def foreign(self) -> tuple[Excess, ...]:
        """What passes between it and pods of namespaces that nobody knows, which have the labels that a rule asks for."""
        return foreign(self, self.direction, self.intended.possibly, self.meant)

    @cached_property
    def excess(self) -> tuple[Excess, ...]:
        """What is in excess for sure, with the rules to blame."""
        found = (self._said(bits & ~self._unsure, left) for bits, left in self.beyond)
        known = (blamed(self, self.direction, bits, left) for parts in found for bits, left in parts if bits and left)
        unsaid = NOTHING if self.incomplete is None else ALL_PORTS
        for one in self._mine:
            unsaid |= one.ports
        left_over = (replace(one, ports=one.ports - unsaid) for one in self.foreign)
        return (*known, *(one for one in left_over if one.ports))

    @property
    def _mine(self) -> Iterator[Unsaid]:
        yield from (one for one in self.unsaid if (one.party, one.direction) == (self.party, self.direction))

    def _said(self, bits: Bits, left: Intervals) -> Iterator[tuple[Bits, Intervals]]:
        """Part what passes beyond from what may be one of the connections of which nobody says with whom they are."""
        universe = self.intended.universe
        others = universe.every_outside | universe.bits(STRANGER.endpoint)
        less = left
        for one in self._mine:
            less = less - one.ports
        return iter(((bits & ~others, left), (bits & others, less)) if less != left else ((bits, left),))

    @property
    def doubt(self) -> str | None:
        """Why what passes beyond is perhaps meant."""
        universe = self.intended.universe
        passing = [bits for bits, _ in self.beyond]
        for party, reason in self.uncertain.items():
            if any(bits & universe.bits(party.endpoint) for bits in passing):
                return f"{party} reaches it, and may be meant to: {reason}"
        return self._unsaid

    @property
    def _unsaid(self) -> str | None:
        universe = self.intended.universe
        others = universe.every_outside | universe.bits(STRANGER.endpoint)
        passing = [left for bits, left in self.beyond if bits & others] + [one.ports for one in self.foreign]
        found = (one.why for one in self._mine if any(left & one.ports for left in passing))
        return next(found, self.incomplete if self.foreign else None)

    @cached_property
    def _unsure(self) -> Bits:
        found = 0
        for party in self.uncertain:
            found |= self.intended.universe.bits(party.endpoint)
        return found

    def blame_excess(self) -> Evidence:
        """List the connections in excess, the first rule to blame, and the rule that would do instead."""
        told = first_of(self.excess, MOST_TOLD)
        verb = "is reached by" if self.direction is Direction.INGRESS else "reaches"
        message = f"{self.name} {verb} {told}: nothing says that it is meant"
        rules = [one for excess in self.excess for one in excess.rules]
        if rules:
            message += f"; {narrower(self, self.meant, self.direction, rules[0])}"
        return replace(self.blame_rules(self.excess, "{}", message), value="; ".join(sorted(map(str, self.excess))))

    @property
    def is_advice(self) -> bool:
        """Whether the owners have not said that all flows are stated: what passes beyond may be meant."""
        return self.statement is None or not self.statement.flows_complete

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Connected | Gap]:
        """Yield the workloads of each place that policies can isolate."""
        for one in super().collect(platform):
            if isinstance(one, Gap):
                yield one
                continue
            item = one.intended.site.item
            yield cls(one.intended, one.party, one.template, uncertain(item, platform), unsaid(item, platform))


class Leaving(Entered):
    """A workload, and which addresses outside and other pods of the cluster it reaches without being meant to."""

    noun: ClassVar[str] = "workload that connects to others"
    direction: ClassVar[Direction] = Direction.EGRESS

    @cached_property
    def meant(self) -> tuple[Flow, ...]:
        """The flows of this end, demanded or possible."""
        return self.intended.out_of(self.party)

    @cached_property
    def beyond(self) -> tuple[tuple[Bits, Intervals], ...]:
        """What it reaches beyond that and is no workload of the platform: what passes among those is told where it comes in."""
        found: dict[Intervals, Bits] = {}
        for bits, left in self._beyond(self.intended.possibly):
            found[left] = found.get(left, 0) | bits
        return tuple((bits, left) for left, bits in found.items())

    def _beyond(self, network: Network) -> Iterator[tuple[Bits, Intervals]]:
        universe, mine = self.intended.universe, self.bits
        for index in members(universe.every_outside | universe.bits(STRANGER.endpoint)):
            for sources, passing in network.reaching(index):
                if sources & mine:
                    yield from grouped(universe, 1 << index, passing, self.meant, False)

    @property
    def doubt(self) -> str | None:
        """Why what it reaches beyond is perhaps meant."""
        unknown = self.uncertain.get(self.party) if self.beyond or self.foreign else None
        return unknown or self._unsaid

    @cached_property
    def _unsure(self) -> Bits:
        return self.intended.universe.all if self.party in self.uncertain else 0
