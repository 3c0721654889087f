"""What differs between two networks: what newly passes, and what no longer does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policies.model.network.address_ranges import spell_addresses
from policies.model.network.endpoints import Outside
from policies.model.network.engine import Network
from policies.model.network.flows import Intended
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.parties import DNS, STRANGER, Party
from policies.model.network.ports import spell_ports
from policies.model.network.universe import Universe


@dataclass(frozen=True)
class Change:
    """Ports from one party to another that pass in one network alone."""

    source: str
    target: str
    ports: Intervals
    newly: bool

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}  {spell_ports(self.ports)}"


def difference(before: Intended, after: Intended) -> list[Change]:
    """Give every change: of workloads among themselves, with the DNS, with other pods, and with addresses outside as whole networks."""
    known = (*before.universe.known, *after.universe.known)
    sides = [_Side.of(network, known) for network in (before, after)]
    names = dict.fromkeys((*sides[0].parties, *sides[1].parties))
    found: list[Change] = []
    for source in names:
        for target in names:
            old, new = (side.ports(source, target) for side in sides)
            found += _changes(source, target, old, new)
    for name in names:
        found += _outside(sides, name, True)
        found += _outside(sides, name, False)
    return found


def _changes(source: str, target: str, old: Intervals, new: Intervals) -> Iterator[Change]:
    if new - old:
        yield Change(source, target, new - old, True)
    if old - new:
        yield Change(source, target, old - new, False)


@dataclass(frozen=True)
class _Side:
    network: Network
    parties: dict[str, Party]

    @classmethod
    def of(cls, network: Intended, known: tuple[Intervals, ...]) -> _Side:
        """Part the addresses outside by what either network knows of them, so that their ranges are the same."""
        universe: Universe = replace(network.universe, known=known)
        parties = {party.name: party for party in (*network.site.own, DNS, STRANGER)}
        return cls(Network(universe, network.site.policies), parties)

    def ports(self, source: str, target: str) -> Intervals:
        """Give the ports that pass; none where either is not there."""
        ends = [self.parties.get(name) for name in (source, target)]
        if ends[0] is None or ends[1] is None or not any(end.template for end in ends if end is not None):
            return NOTHING
        return self.network.ports(ends[0].endpoint, ends[1].endpoint)

    def with_outside(self, name: str, address: Outside, leaving: bool) -> Intervals:
        """Give the ports that pass between a workload and addresses outside."""
        party = self.parties.get(name)
        if party is None or party.template is None:
            return NOTHING
        ends = (party.endpoint, address) if leaving else (address, party.endpoint)
        return self.network.ports(*ends)


def _outside(sides: list[_Side], name: str, leaving: bool) -> Iterator[Change]:
    """Yield the changes of a workload with addresses outside; those with the same ports are told together."""
    found: dict[tuple[Intervals, bool], Intervals] = {}
    for address in sides[0].network.universe.outside:
        old, new = (side.with_outside(name, address, leaving) for side in sides)
        for left, newly in ((new - old, True), (old - new, False)):
            if left:
                found[left, newly] = found.get((left, newly), NOTHING) | address.addresses
    for (left, newly), where in found.items():
        outside = f"outside {spell_addresses(where)}"
        yield Change(name, outside, left, newly) if leaving else Change(outside, name, left, newly)
