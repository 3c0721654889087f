"""Each kind of message alone, beside one that is done: what is wrong with it there is told of that kind, and of no other.

What is wrong with every kind alike is one defect (`general`), and hides none of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from policies.worker.fates import FATES, PLAIN, Family, Fate
from policies.worker.faults import Fault, Violation
from policies.worker.messages import Batch, Message, applies
from policies.worker.oracle import REPORTED, due
from policies.worker.running import Running

BUNDLE = 9
MOST_LOST = 3
"""So many kinds that end the process are looked at; to look at all would take as long as each takes to be given up."""

_GENERAL = (Fault.UNREPORTED, Fault.OVER, Fault.FORM)
_APART = frozenset({Fault.BODY, Fault.CREDENTIAL, Fault.KEY, Fault.ENDPOINT, Fault.ORDER})
"""Faults that have nothing to do with how a message ends."""


@dataclass(frozen=True)
class Probes:
    """What is wrong with each kind of message: `of` gives the smallest batch that shows it, and the faults.

    `actions` reach their endpoints; `lost` is what is wrong where a plain message ends the process; `general` are faults of every kind alike,
    `seen` all batches that were tried, the smallest first.
    """

    of: dict[Fate, tuple[Batch, tuple[Violation, ...]]] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    lost: str = ""
    general: frozenset[Fault] = frozenset()
    seen: tuple[Batch, ...] = ()

    def solid(self, families: Iterable[Family] = FATES, *, waiting: bool = False) -> tuple[Fate, ...]:
        """Give the kinds of some families with which nothing is wrong, without those that take the worker's whole patience."""
        wanted = set(families)
        return tuple(
            fate
            for fate, (_, wrong) in self.of.items()
            if fate.family in wanted
            and (waiting or not fate.waits)
            and all(one.fault in self.general | _APART for one in wrong)
        )


def probe(running: Running) -> Probes:
    """Try every kind of message whose ending is known."""
    contract = running.contract
    plain = {action.name: running.wrong(Batch((Message(PLAIN, action.name),))) for action in contract.actions}
    lost = next((one.text for wrong in plain.values() for one in wrong if one.fault is Fault.ENDLESS), "")
    actions = tuple(name for name, wrong in plain.items() if not any(one.fault is Fault.ENDPOINT for one in wrong))
    if lost or not actions:
        return Probes(actions=actions, lost=lost, seen=_smallest_first(running))
    action = actions[0]
    found: dict[Fate, tuple[Batch, tuple[Violation, ...]]] = {}
    for family in sorted(FATES, key=lambda family: any(fate.waits for fate in FATES[family])):
        fates = [fate for fate in FATES[family] if _known(running, fate) and applies(contract, fate, action)]
        for start in range(0, len(fates), BUNDLE):
            found.update(_probe(running, action, fates[start : start + BUNDLE], found))
    failing = [wrong for batch, wrong in found.values() if due(contract, batch)[-1].ends == REPORTED]
    general = {fault for fault in _GENERAL if failing and all(any(v.fault is fault for v in one) for one in failing)}
    if any(one.fault is Fault.AGAIN for wrong in plain.values() for one in wrong):
        general.add(Fault.AGAIN)
    return Probes(found, actions, "", frozenset(general), _smallest_first(running))


def _smallest_first(running: Running) -> tuple[Batch, ...]:
    return tuple(sorted(running.memory, key=lambda batch: len(batch.messages)))


def _known(running: Running, fate: Fate) -> bool:
    """Whether it is known how a message of this kind ends."""
    contract, family = running.contract, fate.family
    ending = {
        Family.CONFLICT: contract.conflict or contract.refused,
        Family.REFUSED: contract.refused,
        Family.BROKEN: contract.unreadable,
        Family.LACKING: contract.unreadable,
        Family.UNKNOWN: contract.unknown_action,
    }.get(family, REPORTED)
    return ending is not None and not (fate.waits and "timeout" in running.unknown)


def _probe(
    running: Running, action: str, fates: list[Fate], before: dict[Fate, tuple[Batch, tuple[Violation, ...]]]
) -> dict[Fate, tuple[Batch, tuple[Violation, ...]]]:
    """Try some kinds together, and one by one where anything is wrong."""
    if not fates:
        return {}
    good = Message(PLAIN, action)
    bundle = Batch((good, *(Message(fate, action, at + 1) for at, fate in enumerate(fates))))
    lost = sum(_is_lost(wrong) for _, wrong in before.values())
    if lost < MOST_LOST:
        wrong = tuple(one for one in running.wrong(bundle) if one.fault not in _APART)
        if not wrong:
            return {fate: (Batch((good, Message(fate, action, 1))), ()) for fate in fates}
    found: dict[Fate, tuple[Batch, tuple[Violation, ...]]] = {}
    for fate in fates:
        batch = Batch((good, Message(fate, action, 1)))
        if fate.waits and any(one.waits and _is_lost(wrong) for one, (_, wrong) in {**before, **found}.items()):
            continue  # It waits for ever, as is known already.
        if lost >= MOST_LOST:
            found[fate] = (batch, (Violation(Fault.ENDLESS, None, "it was not tried, for others end the process"),))
            continue
        wrong = running.wrong(batch)
        alone = Batch((replace(batch.messages[1], group=0),))
        if any(one.at == 1 and one.fault not in _APART for one in wrong) and not fate.waits:
            there = running.wrong(alone)
            if {one.fault for one in wrong} == {one.fault for one in there}:
                batch, wrong = alone, there
        found[fate] = (batch, wrong)
        lost += _is_lost(wrong)
    return found


def _is_lost(wrong: Iterable[Violation]) -> bool:
    return any(one.fault is Fault.ENDLESS for one in wrong)
