"""What must become of a batch: the rules of Lambda and of FIFO queues, and how the owners say that each kind of message ends.

It knows messages and their fates alone; nothing of it is the worker's. The rules of a batch are AWS Lambda's ("Implementing partial batch
responses", "Using Lambda with Amazon SQS": after the first failure in a message group, it and all that follow it are returned).
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from policies.worker.contract import Contract
from policies.worker.fates import UNREADABLE, Family
from policies.worker.messages import Batch, Message

REPORTED, DONE = "reported", "done"


@dataclass(frozen=True)
class Due:
    """How often a message must reach its endpoint, how it must end, and why; `behind` is the message of its group that failed before it."""

    least: int
    most: int
    ends: str
    why: str
    behind: int | None = None


def due(contract: Contract, batch: Batch, called: Container[int] = ()) -> tuple[Due, ...]:
    """Say what is due for each message of a first delivery; `called` are those that were sent, which decides where both are right."""
    failed: dict[int, int] = {}
    found: list[Due] = []
    for at, message in enumerate(batch.messages):
        group = message.group if contract.fifo else -1 - at
        if group in failed:
            first = failed[group]
            found.append(Due(0, 0, REPORTED, f"it follows message {first + 1} in its group", first))
            continue
        one = _alone(contract, message, sent=at in called)
        if message.repeats and found:
            one = Due(0, 0, one.ends, one.why)
        elif at + 1 < len(batch.messages) and batch.messages[at + 1].repeats and one.most:
            one = Due(one.least, one.most * 2, one.ends, one.why)
        found.append(one)
        if one.ends == REPORTED:
            failed[group] = at
    return tuple(found)


def due_again(contract: Contract, first: tuple[Due, ...]) -> tuple[Due, ...]:
    """Say what is due when all are delivered a second time, and answered with success."""
    return tuple(
        Due(
            1 if one.ends == REPORTED else 0,
            max(one.most, contract.attempts),
            DONE,
            "it was delivered again and answered with success",
        )
        for one in first
    )


def _alone(contract: Contract, message: Message, *, sent: bool) -> Due:
    family, most = message.fate.family, contract.attempts
    if family is Family.DONE:
        return Due(1, most, DONE, "the service answered with success")
    if family is Family.CONFLICT:
        return Due(1, most, contract.conflict or contract.refused or REPORTED, "so [worker.endings] conflict says")
    if family is Family.REFUSED:
        return Due(1, most, contract.refused or REPORTED, "so [worker.endings] refused says")
    if family in UNREADABLE:
        return Due(0, 0, contract.unreadable or REPORTED, "so [worker.endings] unreadable says")
    if family is Family.UNKNOWN:
        return Due(0, 0, contract.unknown_action or REPORTED, "so [worker.endings] unknown-action says")
    if family is Family.HOSTILE:
        if sent:
            return Due(1, most, DONE, "the service answered with success")
        return Due(0, 0, contract.unreadable or REPORTED, "it was not sent")
    return Due(1, most, REPORTED, f"it was {family.value}")
