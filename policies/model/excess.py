"""What passes beyond what is meant: each connection in excess, the rule to blame, and the narrower rule that would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap
from policies.model.connected import Connected, Policed
from policies.model.connection import MOST_TOLD, Excess
from policies.model.endpoints import Bits, Universe, members
from policies.model.ends import blamed
from policies.model.flow import Flow
from policies.model.intervals import NOTHING, Intervals
from policies.model.network import Allowance
from policies.model.network_policies import Direction
from policies.model.parties import ANYWHERE, NODE, STRANGER, Party
from policies.model.snippets import rule_for, spell
from policies.model.uncertain import uncertain
from policies.platform import Platform


@dataclass(frozen=True)
class Entered(Policed):
    """A workload, and who reaches it without being meant to. `uncertain` are those who may be meant to make connections that are not known."""

    noun: ClassVar[str] = "workload that connections reach"
    direction: ClassVar[Direction] = Direction.INGRESS

    uncertain: Mapping[Party, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def meant(self) -> tuple[Flow, ...]:
        """The flows of this end, demanded or possible."""
        return self.intended.into(self.party)

    @cached_property
    def beyond(self) -> tuple[tuple[Bits, Intervals], ...]:
        """What reaches it beyond that: pods and addresses outside, each with the ports.

        What comes from its own node no policy refuses, and so it is with pods in the node's network (NET-09a tells them).
        """
        found: list[tuple[Bits, Intervals]] = []
        universe = self.intended.universe
        for sources, passing in self.intended.possibly.reaching(universe.index(self.party.endpoint)):
            found += _grouped(universe, sources & ~universe.node & ~universe.on_hosts, passing, self.meant, True)
        return tuple(found)

    @cached_property
    def excess(self) -> tuple[Excess, ...]:
        """What is in excess for sure, with the rules to blame."""
        found = ((bits & ~self._unsure, left) for bits, left in self.beyond)
        return tuple(blamed(self, self.direction, bits, left) for bits, left in found if bits)

    @property
    def doubt(self) -> str | None:
        """Why what passes beyond is perhaps meant."""
        universe = self.intended.universe
        passing = [bits for bits, _ in self.beyond]
        for party, reason in self.uncertain.items():
            if any(bits & universe.bits(party.endpoint) for bits in passing):
                return f"{party} reaches it, and may be meant to: {reason}"
        return None

    @cached_property
    def _unsure(self) -> Bits:
        found = 0
        for party in self.uncertain:
            found |= self.intended.universe.bits(party.endpoint)
        return found

    def blame_excess(self) -> Evidence:
        """List the connections in excess, the first rule to blame, and the rule that would do instead."""
        told = [str(one) for one in self.excess[:MOST_TOLD]]
        if len(self.excess) > MOST_TOLD:
            told.append(f"and {len(self.excess) - MOST_TOLD} more")
        verb = "is reached by" if self.direction is Direction.INGRESS else "reaches"
        message = f"{self.name} {verb} {'; '.join(told)}: nothing says that it is meant"
        rules = [one for excess in self.excess for one in excess.rules]
        if rules:
            message += f"; {self.narrower(rules[0])}"
        return replace(self.blame_rules(self.excess, "{}", message), value="; ".join(sorted(map(str, self.excess))))

    @property
    def is_advice(self) -> bool:
        """Whether the owners have not said that all flows are stated: what passes beyond may be meant."""
        return self.statement is None or not self.statement.flows_complete

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Connected | Gap]:
        """Yield the workloads of each place that policies can isolate."""
        for one in super().collect(platform):
            known = {} if isinstance(one, Gap) else uncertain(one.intended.site.item, platform)
            yield one if isinstance(one, Gap) else cls(one.intended, one.party, one.template, known)

    def narrower(self, allowance: Allowance) -> str:
        """Say which rule lets pass what is meant of what an allowance lets pass, or that nothing is."""
        meant: dict[Intervals, dict[Party, None]] = {}
        wanted: dict[Party, Intervals] = {}
        universe = self.intended.universe
        for flow in [flow for flow in self.meant if flow.demanded] or self.meant:
            other = flow.source if self.direction is Direction.INGRESS else flow.target
            held = allowance.sources if self.direction is Direction.INGRESS else allowance.targets
            if other != NODE and universe.bits(other.endpoint) & held and flow.ports & allowance.ports:
                wanted[other] = wanted.get(other, NOTHING) | flow.ports
        for other, found in wanted.items():
            meant.setdefault(found, {})[other] = None
        if not meant or self.party.pod is None:
            return f"it needs nothing of {allowance.policy} {allowance.rule.direction.word}[{allowance.rule.index}]"
        return "for it this would do instead of the first rule: " + spell(
            [
                rule_for(universe, self.direction, others, found, self.party.pod.namespace)
                for found, others in meant.items()
            ]
        )


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
        universe, mine = self.intended.universe, self.bits
        for index in members(universe.every_outside | universe.bits(STRANGER.endpoint)):
            for sources, passing in self.intended.possibly.reaching(index):
                if sources & mine:
                    for bits, left in _grouped(universe, 1 << index, passing, self.meant, False):
                        found[left] = found.get(left, 0) | bits
        return tuple((bits, left) for left, bits in found.items())

    @property
    def doubt(self) -> str | None:
        """Why what it reaches beyond is perhaps meant."""
        return self.uncertain.get(self.party) if self.beyond else None

    @cached_property
    def _unsure(self) -> Bits:
        return self.intended.universe.all if self.party in self.uncertain else 0


def _grouped(
    universe: Universe, others: Bits, passing: Intervals, meant: tuple[Flow, ...], entering: bool
) -> list[tuple[Bits, Intervals]]:
    """Part other ends by what is left of the ports on which they pass, when the meant ones are taken away."""
    parts = [(others, passing)]
    for flow in meant:
        other = flow.source if entering else flow.target
        bits = universe.all if other == ANYWHERE else universe.bits(other.endpoint)
        parted: list[tuple[Bits, Intervals]] = []
        for part, left in parts:
            common = part & bits
            if common and flow.ports & left:
                parted += [(common, left - flow.ports), (part & ~common, left)]
            else:
                parted.append((part, left))
        parts = [(part, left) for part, left in parted if part and left]
    found: dict[Intervals, Bits] = {}
    for part, left in parts:
        if part:
            found[left] = found.get(left, 0) | part
    return [(part, left) for left, part in found.items()]
