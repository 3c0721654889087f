"""Backend services and whom they may call: addresses outside that nobody stated, pods that are none of the platform's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Gap
from policies.model.network.address_ranges import addresses, parse_network
from policies.model.network.bits import Bits, members
from policies.model.network.connected import Backend, Connected
from policies.model.network.connection import Excess
from policies.model.network.endpoints import Outside
from policies.model.network.ends import blamed
from policies.model.network.engine import Network
from policies.model.network.foreign import foreign
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.parties import STRANGER
from policies.model.network.policies import Direction
from policies.model.network.ports import ALL_PORTS, ports
from policies.platform import Platform
from policies.requirement import not_judged


@dataclass(frozen=True)
class OutboundBackend(Backend):
    """A backend service, and whom its policies let it call. `stated` are networks outside that owners state, each with its ports."""

    noun: ClassVar[str] = "backend service that may call out"

    stated: tuple[tuple[Intervals, Intervals], ...] = ()

    @cached_property
    def beyond(self) -> tuple[Excess, ...]:
        """The addresses and ports outside that are none of the stated networks, with the rules to blame. Raises NotJudged."""
        found = self._beyond(self.intended.possibly)
        if found and not self.stated:
            not_judged("platform.toml states no host outside: [[external]]")
        if found and not self._beyond(self.intended.surely) and self.incomplete is not None:
            not_judged(self.incomplete)
        return tuple(blamed(self, Direction.EGRESS, bits, left) for left, bits in found.items())

    def _beyond(self, network: Network) -> dict[Intervals, Bits]:
        universe = self.intended.universe
        found: dict[Intervals, Bits] = {}
        for index in members(universe.every_outside):
            endpoint = universe.endpoints[index]
            assert isinstance(endpoint, Outside)  # noqa: S101 (every index of the set is one)
            left = _passing(self, network, index)
            for networks, served in self.stated:
                if endpoint.addresses.is_within(networks):
                    left = left - served
            if left:
                found[left] = found.get(left, 0) | 1 << index
        return found

    @cached_property
    def reached_strangers(self) -> tuple[Excess, ...]:
        """The pods that are none of the platform's, where rules let it call them. Raises NotJudged."""
        found = self._strangers(self.intended.possibly)
        if found and not self._strangers(self.intended.surely) and self.incomplete is not None:
            not_judged(self.incomplete)
        return found

    def _strangers(self, network: Network) -> tuple[Excess, ...]:
        index = self.intended.universe.index(STRANGER.endpoint)
        left = _passing(self, network, index)
        anybody = (blamed(self, Direction.EGRESS, 1 << index, left),) if left else ()
        return (*anybody, *foreign(self, Direction.EGRESS, network, ()))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Connected | Gap]:
        """Yield the backend services of each place."""
        stated = stated_networks(platform)
        for one in super().collect(platform):
            yield one if isinstance(one, Gap) else cls(one.intended, one.party, one.template, stated)


def _passing(subject: Connected, network: Network, index: int) -> Intervals:
    """Give the ports on which a workload reaches an endpoint in a network."""
    found = (passing for sources, passing in network.reaching(index) if sources & subject.bits)
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
