"""The shapes that a batch can have: how many messages in how many groups, which of them fails; and plainer ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policies.worker.contract import Contract
from policies.worker.fates import HOSTILE, PLAIN
from policies.worker.messages import Batch, Message
from policies.worker.oracle import REPORTED, due

LARGEST = 10
"""Messages of a batch of a FIFO queue ("Lambda parameters for Amazon SQS event source mappings")."""


def as_before(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield messages, each that repeats like the one before it."""
    before: Message | None = None
    for one in messages:
        if one.repeats and before is not None and not before.repeats:
            before = Message(before.fate, before.action, before.group, before.id, repeats=True)
        else:
            before = Message(one.fate, one.action, one.group, one.id)
        yield before


def shapes(contract: Contract, batch: Batch) -> Iterator[str]:
    """Yield what a batch is an example of."""
    size = len(batch.messages)
    yield "one message" if size == 1 else ("ten messages" if size == LARGEST else "several messages")
    groups: dict[int, list[str]] = {}
    for message, one in zip(batch.messages, due(contract, batch), strict=True):
        groups.setdefault(message.group, []).append(one.ends)
        yield f"action {message.action}"
        if message.repeats:
            yield "a message twice"
    yield "one group" if len(groups) == 1 else "several groups"
    failed = [ends for ends in groups.values() if REPORTED in ends]
    if not failed:
        yield "nothing fails"
    for ends in failed:
        at = ends.index(REPORTED)
        if len(ends) > 1:
            place = "first" if at == 0 else ("last" if at == len(ends) - 1 else "one in the middle")
            yield f"the {place} of its group fails"
    if len(failed) > 1:
        yield "two groups fail"
    if failed and len(failed) < len(groups):
        yield "a group beside one that fails"


def plain(action: str) -> Batch:
    """Give a batch of one message that is carried out."""
    return Batch((Message(PLAIN, action),))


def simpler(batch: Batch) -> Iterator[Batch]:
    """Yield batches that are a step plainer: a message left out, done, in the first group, of the first action, or there once."""
    messages = batch.messages
    if len(messages) > 1:
        for at in range(len(messages) - 1, -1, -1):
            yield _with(batch, (*messages[:at], *messages[at + 1 :]))
    for at, message in enumerate(messages):
        for plainer in (
            replace(message, repeats=False),
            replace(message, fate=PLAIN),
            replace(message, group=0),
            replace(message, action=messages[0].action),
        ):
            made = _with(batch, (*messages[:at], plainer, *messages[at + 1 :]))
            if made != batch and message.fate is not HOSTILE:
                yield made


def _with(batch: Batch, messages: tuple[Message, ...]) -> Batch:
    return replace(batch, messages=tuple(as_before(messages)))
