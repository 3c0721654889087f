"""What is wrong with what became of a batch."""

from __future__ import annotations

from collections.abc import Iterator

from policies.worker.answers import ELSEWHERE, Way
from policies.worker.calls import of_call
from policies.worker.contract import Contract
from policies.worker.fates import UNSENT, Family
from policies.worker.faults import Fault, Violation
from policies.worker.messages import Batch, Message
from policies.worker.oracle import DONE, REPORTED, Due, due, due_again
from policies.worker.outcome import LOST, Outcome, Tried

GRACE_SECONDS = 0.5
"""What an invocation may take beyond the worker's own timeout."""


def violations(contract: Contract, tried: Tried) -> tuple[Violation, ...]:
    """Give everything that is wrong."""
    first = tried.first
    expected = due(contract, tried.batch, first.called)
    found = [*_of_delivery(contract, tried.batch, first, expected)]
    if len(tried.outcomes) > 1:
        found += _of_second(tried.batch, tried.outcomes[1], due_again(contract, expected))
        found += _of_keys(contract, tried)
    return tuple(found)


def _of_delivery(contract: Contract, batch: Batch, outcome: Outcome, expected: tuple[Due, ...]) -> Iterator[Violation]:
    if outcome.kind in LOST:
        yield Violation(Fault.ENDLESS, None, f"the worker {outcome.kind.value}{_in(outcome.detail)}")
        return
    if outcome.malformed:
        yield Violation(Fault.FORM, None, f"Lambda cannot read the answer: {outcome.malformed}")
    for at, (message, one) in enumerate(zip(batch.messages, expected, strict=True)):
        yield from of_call(contract, message, outcome, at, one)
        yield from _of_order(contract, batch, outcome, at, one)
        if not outcome.malformed:
            yield from _of_ending(message, outcome, at, one, expected)
    yield from _of_time(contract, batch, outcome)


def _of_order(contract: Contract, batch: Batch, outcome: Outcome, at: int, one: Due) -> Iterator[Violation]:
    message, arrivals = batch.messages[at], outcome.of(at)
    if not arrivals or message.repeats or not contract.fifo:
        return
    begun = min(each.begun for each in arrivals)
    before = [other for other in range(at) if batch.messages[other].group == message.group and outcome.of(other)]
    if before:
        there = outcome.of(before[-1])
        fate = batch.messages[before[-1]].fate
        # Of an answer that is none the worker may know the end before the server does.
        whole = fate.answer.way in (Way.WHOLE, Way.CHUNKED, Way.REDIRECT, Way.REDIRECT_HERE)
        ended = min((each.ended for each in there if each.ended is not None and whole), default=None)
        waiting = fate.waits
        if begun < min(each.begun for each in there) or (ended is not None and begun < ended):
            told = f"it arrived before message {before[-1] + 1} of its group was answered"
            yield Violation(Fault.ORDER, at, told)
            return
        if waiting and one.behind is None:
            return
    if one.behind is not None:
        yield Violation(Fault.AFTER, at, "it arrived all the same", one.why)


def _of_ending(message: Message, outcome: Outcome, at: int, one: Due, expected: tuple[Due, ...]) -> Iterator[Violation]:
    is_reported = at in outcome.reported
    if one.ends == DONE and is_reported:
        told = f"the worker {outcome.kind.value}{_in(outcome.detail)}" if outcome.detail else "it is reported"
        yield Violation(Fault.OVER, at, f"{told}, and so delivered again", f"done, for {one.why}")
    if one.ends != REPORTED or is_reported:
        return
    if one.behind is not None:
        # One that is not reported for the one before is no other defect, nor is one that was sent (AFTER, ORDER).
        sent = outcome.of(at) or message.repeats
        if one.behind in outcome.reported and not sent and expected[one.behind].behind is None:
            yield Violation(Fault.FOLLOWER, at, "it is not reported, and so deleted unsent", f"reported, for {one.why}")
        return
    followed = any(each.elsewhere or each.target.startswith(ELSEWHERE) for each in outcome.of(at))
    if not (message.fate.family is Family.REDIRECT and followed):
        yield Violation(Fault.UNREPORTED, at, "it is not reported, and so deleted", f"reported, for {one.why}")


def _of_time(contract: Contract, batch: Batch, outcome: Outcome) -> Iterator[Violation]:
    waiting = sum(message.fate.waits for message in batch.messages)
    if not waiting:
        return
    limit = contract.patience * (waiting * contract.attempts + 1) + GRACE_SECONDS
    if outcome.seconds > limit:
        told = f"the invocation took {outcome.seconds:.1f} s with a timeout of {contract.patience * 1000:.0f} ms a call"
        yield Violation(Fault.LATE, None, told)


def _of_second(batch: Batch, outcome: Outcome, expected: tuple[Due, ...]) -> Iterator[Violation]:
    if outcome.kind in LOST or outcome.malformed:
        yield Violation(Fault.FORGOTTEN, None, f"the worker {outcome.kind.value}{_in(outcome.detail)}", delivery=1)
        return
    for at, one in enumerate(expected):
        if batch.messages[at].repeats or batch.messages[at].fate.family in UNSENT:
            continue
        if one.least and not outcome.of(at):
            yield Violation(Fault.FORGOTTEN, at, "nothing arrived when it was delivered again", one.why, 1)
        elif at in outcome.reported:
            yield Violation(Fault.FORGOTTEN, at, "it is reported when it is delivered again", one.why, 1)


def _of_keys(contract: Contract, tried: Tried) -> Iterator[Violation]:
    if contract.idempotency is None:
        return
    keys: dict[int, set[tuple[str, ...]]] = {}
    for outcome in tried.outcomes:
        for at in range(len(outcome.written)):
            for each in outcome.of(at):
                keys.setdefault(at, set()).add(tuple(each.header(contract.idempotency)))
    for at, values in sorted(keys.items()):
        told = ", ".join(" and ".join(value) or "none" for value in sorted(values))
        if len(values) > 1:
            yield Violation(Fault.KEY, at, f"its two deliveries came with other keys in {contract.idempotency}: {told}")
        elif values == {()} or values == {("",)}:
            yield Violation(Fault.KEY, at, f"it came without a key in {contract.idempotency}")
        elif any(values == others for other, others in keys.items() if other < at):
            yield Violation(Fault.KEY, at, f"another message came with the same key in {contract.idempotency}: {told}")


def _in(detail: str) -> str:
    return f" ({detail})" if detail else ""
