"""The narrower rule that would do: what is meant of what a rule lets pass, for one workload."""

from __future__ import annotations

from collections.abc import Iterable

from policies.model.network.connected import Connected
from policies.model.network.engine import Allowance
from policies.model.network.flow import Flow
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.parties import NODE, Party
from policies.model.network.policies import Direction
from policies.model.network.snippets import rule_for, spell


def narrower(subject: Connected, meant: Iterable[Flow], direction: Direction, allowance: Allowance) -> str:
    """Say which rule lets pass what is meant of what an allowance lets pass, or that nothing is."""
    flows = tuple(meant)
    ingress = direction is Direction.INGRESS
    wanted: dict[Party, Intervals] = {}
    universe = subject.intended.universe
    for flow in [flow for flow in flows if flow.demanded] or flows:
        other = flow.source if ingress else flow.target
        held = allowance.sources if ingress else allowance.targets
        if other != NODE and universe.bits(other.endpoint) & held and flow.ports & allowance.ports:
            wanted[other] = wanted.get(other, NOTHING) | flow.ports
    by_ports: dict[Intervals, dict[Party, None]] = {}
    for other, found in wanted.items():
        by_ports.setdefault(found, {})[other] = None
    if not by_ports or subject.party.pod is None:
        return f"it needs nothing of {allowance.policy} {allowance.rule.direction.word}[{allowance.rule.index}]"
    return "for it this would do instead of the first rule: " + spell(
        [
            rule_for(universe, direction, others, found, subject.party.pod.namespace)
            for found, others in by_ports.items()
        ]
    )
