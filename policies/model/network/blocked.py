"""What stops a flow that is demanded: the policies that isolate its end, the rule that all but lets it pass, and one that would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.evidence import Evidence, Location
from policies.model.network.decisions import Side
from policies.model.network.endpoints import Outside
from policies.model.network.flow import Flow
from policies.model.network.flows import Intended
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.parties import DEFAULT_NAMESPACE, Party
from policies.model.network.policies import Direction, Policy, Rule
from policies.model.network.ports import ports, spell_ports
from policies.model.network.snippets import letting_pass
from policies.model.workloads.selection import selects


@dataclass(frozen=True)
class Blocked:
    """A flow that is stopped at one of its ends."""

    intended: Intended
    flow: Flow
    side: Side

    @property
    def _end(self) -> Party:
        return self.flow.source if self.side.direction is Direction.EGRESS else self.flow.target

    @property
    def _other(self) -> Party:
        return self.flow.target if self.side.direction is Direction.EGRESS else self.flow.source

    def evidence(self) -> Evidence:
        """Say what isolates the end, which rule comes near, and the policy that would let the flow pass."""
        direction = self.side.direction
        verb = "lets it out" if direction is Direction.EGRESS else "lets it in"
        isolating = ", ".join(dict.fromkeys(map(str, self.side.isolating)))
        partly = " in part" if self.side.allowing else ""
        message = (
            f"{self.flow} is blocked{partly} ({self.flow.why}): {self._end} is isolated for {direction.word} by {isolating}, "
            f"and no rule {verb}{' for all of it' if partly else ''}"
        )
        hints = list(dict.fromkeys(self._hints()))
        message += "".join(f"; {text}" for text, _ in hints)
        message += f"; {self._remedy()}"
        near = tuple(location for _, location in hints) or narrowest(self.intended, direction, self._end)
        return Evidence(message, (*self.flow.locations, *near), f"{self.flow} {direction.word}")

    def _remedy(self) -> str:
        other = self._other.pod
        if other is not None and other.host_network:
            return f"{self._other} is in its node's network, where no selector finds it: only an ipBlock with the nodes' addresses would"
        return f"this would: {letting_pass(self.intended.universe, self.flow, self.side.direction)}"

    def _hints(self) -> Iterator[tuple[str, Location]]:
        """Yield what nearly lets it pass, each with its line: refused, not in force, a part of it, on other ports, for others."""
        yield from self._refused()
        yield from self._not_in_force()
        if self.side.allowing:
            for one in self.side.allowing:
                yield f"{_spell(one.policy, one.rule)} lets a part of it pass", one.policy.locate(one.rule.path)
            return
        rules = [(policy, rule) for policy in self.side.isolating for rule in policy.of(self.side.direction)]
        found = [(policy, rule) for policy, rule in rules if self._names_other(policy, rule)]
        for policy, rule in found:
            served = self._ports(rule)
            which = spell_ports(served) if served else "a port that the pods do not have"
            yield f"{_spell(policy, rule)} does on {which}", policy.locate((*rule.port_path(0), "port"))
        if not found:
            yield from self._for_others(rules)

    def _for_others(self, rules: list[tuple[Policy, Rule]]) -> Iterator[tuple[str, Location]]:
        """Yield the one rule with the port, of the policy that selects the fewest pods, where there is one: a peer is missing in it, or wrong."""
        near = [one for one in rules if self._ports(one[1]) & self.flow.ports and self._is_of_kind(one[1])]
        sizes = [self.intended.universe.select(policy.pods, policy.namespace).bit_count() for policy, _ in near]
        if near and sizes.count(min(sizes)) == 1:
            policy, rule = near[sizes.index(min(sizes))]
            yield f"{_spell(policy, rule)} does for others", policy.locate(rule.peer_path(0))

    def _refused(self) -> Iterator[tuple[str, Location]]:
        """Yield the policies that were meant for the end, as far as that can be read, and that the API server would refuse."""
        pod = self._end.pod
        for error in self.intended.site.refused:
            document = error.document
            if pod is None or (document.namespace or DEFAULT_NAMESPACE) != pod.namespace:
                continue
            if "podSelector" in error.path[:2] or selects(document.get("spec", "podSelector"), dict(pod.labels)):
                yield f"{document} is not in force (NET-10)", error.location

    def _not_in_force(self) -> Iterator[tuple[str, Location]]:
        """Yield the policies of the end that have rules of the direction and not its type."""
        universe, direction = self.intended.universe, self.side.direction
        for policy in self.intended.site.policies:
            mine = universe.select(policy.pods, policy.namespace) & universe.bits(self._end.endpoint)
            if (
                mine
                and direction not in policy.directions
                and any(rule.direction is direction for rule in policy.rules)
            ):
                yield (
                    f"the {direction.word} rules of {policy} are not in force (NET-08d)",
                    policy.locate(("spec", "policyTypes")),
                )

    def _names_other(self, policy: Policy, rule: Rule) -> bool:
        """Whether all of the other end is among a rule's peers."""
        other = self.intended.universe.bits(self._other.endpoint)
        return not other & ~self.intended.surely.peers(policy, rule)

    def _is_of_kind(self, rule: Rule) -> bool:
        """Whether a rule names ends of the other end's kind: addresses or pods."""
        outside = isinstance(self._other.endpoint, Outside)
        return any((peer.block is not None) == outside for peer in rule.peers or ())

    def _ports(self, rule: Rule) -> Intervals:
        """Give the ports of a rule as those of the flow's target."""
        found = NOTHING
        target = self.intended.universe.bits(self.flow.target.endpoint)
        for clause in rule.ports or ():
            found |= clause.numbers or NOTHING
            for number, pods in self.intended.surely.named(clause).items():
                if pods & target:
                    found |= ports(clause.protocol, number)
        return found


def narrowest(intended: Intended, direction: Direction, party: Party) -> tuple[Location, ...]:
    """Give the selector of the policy that isolates a party and selects the fewest pods: there a rule belongs."""
    bits = intended.universe.bits(party.endpoint)
    found = [
        (pods.bit_count(), str(policy), policy) for policy, pods in intended.surely.isolating[direction] if pods & bits
    ]
    return tuple(policy.locate(("spec", "podSelector")) for _, _, policy in sorted(found, key=lambda one: one[:2])[:1])


def _spell(policy: Policy, rule: Rule) -> str:
    return f"{policy} {rule.direction.word}[{rule.index}]"
