"""What passes beyond what is meant: each connection in excess, the rule to blame, and the narrower rule that would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from policies.evidence import Evidence, Gap
from policies.model.address_ranges import addresses, parse_network, spell_addresses
from policies.model.connected import Backend, Connected, Policed
from policies.model.connection import MOST_TOLD, Excess
from policies.model.endpoints import Bits, Outside, Universe, members
from policies.model.flow import Flow
from policies.model.intervals import NOTHING, Intervals
from policies.model.network import Allowance
from policies.model.network_policies import Direction
from policies.model.parties import ANYWHERE, NODE, STRANGER, Party
from policies.model.ports import ALL_PORTS, ports
from policies.model.snippets import rule_for, spell
from policies.platform import Platform


class Entered(Policed):
    """A workload, and who reaches it without being meant to."""

    noun = "workload that connections reach"
    direction = Direction.INGRESS

    @cached_property
    def meant(self) -> tuple[Flow, ...]:
        """The flows of this end, demanded or possible."""
        return tuple(flow for flow in self.intended.flows if flow.target == self.party)

    @cached_property
    def excess(self) -> tuple[Excess, ...]:
        """What reaches it beyond that: pods and addresses outside, each with the ports."""
        found = []
        index = self.intended.universe.index(self.party.endpoint)
        for sources, passing in self.intended.possibly.reaching(index):
            found += _grouped(self.intended.universe, sources & ~self.intended.universe.node, passing, self.meant, True)
        return tuple(blamed(self, self.direction, bits, left) for bits, left in found)

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
            return f"nothing that is meant needs {allowance.policy} {allowance.rule.direction.word}[{allowance.rule.index}]"
        return "instead of the first rule this would do: " + spell(
            [
                rule_for(universe, self.direction, others, found, self.party.pod.namespace)
                for found, others in meant.items()
            ]
        )


class Leaving(Entered):
    """A workload, and which addresses outside and other pods of the cluster it reaches without being meant to."""

    noun = "workload that connects to others"
    direction = Direction.EGRESS

    @cached_property
    def meant(self) -> tuple[Flow, ...]:
        """The flows of this end, demanded or possible."""
        return tuple(flow for flow in self.intended.flows if flow.source == self.party)

    @cached_property
    def excess(self) -> tuple[Excess, ...]:
        """What it reaches beyond that and is no workload of the platform: what passes among those is told where it comes in."""
        found: dict[Intervals, Bits] = {}
        universe, mine = self.intended.universe, self.bits
        for index in members(universe.every_outside | universe.bits(STRANGER.endpoint)):
            for sources, passing in self.intended.possibly.reaching(index):
                if sources & mine:
                    for bits, left in _grouped(universe, 1 << index, passing, self.meant, False):
                        found[left] = found.get(left, 0) | bits
        return tuple(blamed(self, self.direction, bits, left) for left, bits in found.items())


@dataclass(frozen=True)
class OutboundBackend(Backend):
    """A backend service, and whom its policies let it call. `stated` are networks outside that owners state, each with its ports."""

    noun = "backend service that may call out"

    stated: tuple[tuple[Intervals, Intervals], ...] = ()

    @cached_property
    def beyond(self) -> tuple[Excess, ...]:
        """The addresses and ports outside that are none of the stated networks, with the rules to blame."""
        universe = self.intended.universe
        found: dict[Intervals, Bits] = {}
        for index in members(universe.every_outside):
            endpoint = universe.endpoints[index]
            assert isinstance(endpoint, Outside)  # noqa: S101 (every index of the set is one)
            left = _passing(self, index)
            for networks, served in self.stated:
                if endpoint.addresses.is_within(networks):
                    left = left - served
            if left:
                found[left] = found.get(left, 0) | 1 << index
        return tuple(blamed(self, Direction.EGRESS, bits, left) for left, bits in found.items())

    @cached_property
    def reached_strangers(self) -> tuple[Excess, ...]:
        """The pods that are none of the platform's, where rules let it call them."""
        index = self.intended.universe.index(STRANGER.endpoint)
        left = _passing(self, index)
        return (blamed(self, Direction.EGRESS, 1 << index, left),) if left else ()

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Connected | Gap]:
        """Yield the backend services of each place."""
        stated = stated_networks(platform)
        for one in super().collect(platform):
            yield one if isinstance(one, Gap) else cls(one.intended, one.party, one.template, stated)


def _passing(subject: Connected, index: int) -> Intervals:
    """Give the ports on which a workload may reach an endpoint."""
    found = (passing for sources, passing in subject.intended.possibly.reaching(index) if sources & subject.bits)
    return next(found, NOTHING)


def stated_networks(platform: Platform) -> tuple[tuple[Intervals, Intervals], ...]:
    """Give the networks that `[[external]]` states, with the ports; one without ports serves every port."""
    found = []
    for external in platform.intent.external:
        networks = addresses(map(parse_network, external.cidr))
        served = NOTHING
        for port in external.ports:
            served |= ports("TCP", port)
        found.append((networks, served or ALL_PORTS))
    return tuple(found)


def blamed(subject: Connected, direction: Direction, others: Bits, left: Intervals) -> Excess:
    """Give connections of a workload with others, with the rules of its own policies that let them pass."""
    ingress = direction is Direction.INGRESS
    found = (
        one
        for one in subject.intended.possibly.allowances[direction]
        if one.ports & left
        and (one.targets if ingress else one.sources) & subject.bits
        and (one.sources if ingress else one.targets) & others
    )
    return Excess(spell_parties(subject, others), left, tuple(found))


def spell_parties(subject: Connected, bits: Bits) -> str:
    """Name who is in a set: workloads by name, addresses as networks, everybody as everybody."""
    universe = subject.intended.universe
    every_pod = universe.all_pods & ~universe.bits(subject.party.endpoint)
    names: list[str] = []
    if bits & every_pod == every_pod:
        names.append("every pod of the cluster")
    else:
        names += [
            party.name
            for party in subject.intended.parties
            if party.pod is not None and universe.bits(party.pod) & bits
        ]
    found = NOTHING
    for index in members(bits & universe.every_outside):
        endpoint = universe.endpoints[index]
        found |= endpoint.addresses if isinstance(endpoint, Outside) else NOTHING
    if found:
        names.append(f"{spell_addresses(found)} outside")
    return ", ".join(names[:MOST_TOLD]) + (f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else "")


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
