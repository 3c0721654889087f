"""What is left of the ports on which somebody passes, when those that are meant are taken away."""

from __future__ import annotations

from policies.model.network.bits import Bits
from policies.model.network.flow import Flow
from policies.model.network.intervals import Intervals
from policies.model.network.parties import ANYWHERE
from policies.model.network.universe import Universe


def grouped(
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
