"""Why one connection passes or not: the policies that isolate each end, and the rules that let it through."""

from __future__ import annotations

from dataclasses import dataclass

from policies.model.network.bits import Bits
from policies.model.network.endpoints import Endpoint, Node, Outside, Pod
from policies.model.network.engine import Allowance, Network
from policies.model.network.intervals import Intervals
from policies.model.network.policies import Direction, Policy


@dataclass(frozen=True)
class Side:
    """One end of a connection: whether its pods' own policies let it pass.

    `free` says in words why no policy decides; else `isolating` are the policies that isolate, and `allowing` what lets it through.
    """

    direction: Direction
    free: str
    isolating: tuple[Policy, ...] = ()
    allowing: tuple[Allowance, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether this end lets it pass."""
        return bool(self.free or self.allowing)


@dataclass(frozen=True)
class Decision:
    """Both ends of a connection; it passes where both let it."""

    egress: Side
    ingress: Side

    @property
    def passes(self) -> bool:
        """Whether the connection passes."""
        return self.egress.passes and self.ingress.passes


def decide(network: Network, source: Endpoint, target: Endpoint, asked: Intervals) -> Decision:
    """Say what decides about connections from all of a source to all of a target on all of the asked ports.

    An allowance counts where it holds any of them: whether all pass together is for `Network.ports` to say.
    """
    universe = network.universe
    sources, targets = universe.bits(source), universe.bits(target)
    return Decision(
        _side(network, Direction.EGRESS, source, target, sources, targets, asked),
        _side(network, Direction.INGRESS, target, source, sources, targets, asked),
    )


def _side(
    network: Network,
    direction: Direction,
    end: Endpoint,
    other: Endpoint,
    sources: Bits,
    targets: Bits,
    asked: Intervals,
) -> Side:
    free = _free(end, other)
    if free:
        return Side(direction, free)
    mine = sources if direction is Direction.EGRESS else targets
    isolating = tuple(policy for policy, pods in network.isolating[direction] if pods & mine)
    if not isolating:
        return Side(direction, f"no policy isolates it for {direction.word}")
    allowing = tuple(
        one
        for one in network.allowances[direction]
        if one.sources & sources and one.targets & targets and one.ports & asked
    )
    return Side(direction, "", isolating, allowing)


def _free(end: Endpoint, other: Endpoint) -> str:
    """Say why no policy decides at an end, whatever policies there are; or nothing."""
    if isinstance(end, Outside):
        return "policies are of pods, and it is none"
    if isinstance(end, Node) or isinstance(other, Node):
        return "between a pod and its own node nothing is refused"
    if isinstance(end, Pod) and end.host_network:
        return "it is in its node's network, where no policy is in force"
    return ""
