"""Connections that pass, and the rules by which they do."""

from __future__ import annotations

from dataclasses import dataclass

from policies.evidence import Location
from policies.model.network.engine import Allowance
from policies.model.network.intervals import Intervals
from policies.model.network.ports import spell_ports

MOST_TOLD = 5
"""How many connections one finding spells out."""


@dataclass(frozen=True)
class Excess:
    """Connections with one other end that pass and that nobody is meant to make. `rules` are what lets them pass, `lines` where it stands."""

    other: str
    ports: Intervals
    rules: tuple[Allowance, ...]
    lines: tuple[Location, ...] = ()

    def __str__(self) -> str:
        rules = ", ".join(
            dict.fromkeys(f"{one.policy} {one.rule.direction.word}[{one.rule.index}]" for one in self.rules)
        )
        return f"{self.other} on {spell_ports(self.ports)}" + (f" by {rules}" if rules else "")
