"""Classes of batches: how each is generated, and by which labels it is counted. A class that was not generated fails the run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from policies.worker.contract import Contract
from policies.worker.fates import DONE as SUCCESSES
from policies.worker.fates import HOSTILE, PLAIN, UNSENT, Family, Fate
from policies.worker.messages import Batch, Message
from policies.worker.oracle import REPORTED, due
from policies.worker.running import Running
from policies.worker.shapes import LARGEST, as_before, plain, shapes

LARGEST_AGAIN = 4

FAILING = frozenset(Family) - {Family.DONE, Family.HOSTILE}

IDS = (
    "a/b", "..", ".", "", "../../admin", "/admin", "a?b=c", "a#b", "a%2Fb", "%2e%2e", "..%2f", "a\\b", "..\\..", "a b", "a;b=c", "가-1",
    "ａ", "a\u0000b", "a\nb", "a\r\nX-Injected: 1", "\ufeffa", "a" * 5000, "%", "%zz", "//other.internal/x", "http://other.internal/",
)  # fmt: skip
"""What an attacker puts where an id stands (adversary.md, paths)."""


@dataclass(frozen=True)
class Attack:
    """A class: what makes its batches, how many, and how they are counted. `plain` are those with which each search begins."""

    name: str
    labels: Callable[[Running], tuple[str, ...]]
    plain: Callable[[Running], Iterator[Batch]]
    batches: Callable[[Running], st.SearchStrategy[Batch]]
    count: Callable[[Contract, Batch], Iterator[str]]
    examples: int


def _groups(running: Running, fates: tuple[Fate, ...], largest: int = LARGEST) -> st.SearchStrategy[Batch]:
    fate = st.one_of(st.sampled_from(SUCCESSES), st.sampled_from(fates)) if fates else st.sampled_from(SUCCESSES)
    message = st.builds(
        Message,
        fate=fate,
        action=st.sampled_from(running.probes.actions),
        group=st.integers(0, 3),
        repeats=st.sampled_from((False, False, False, False, False, False, False, True)),
    )
    some = st.lists(message, min_size=1, max_size=largest)
    full = st.lists(message, min_size=largest, max_size=largest)
    return st.one_of(some, some, full).map(lambda found: Batch(tuple(as_before(found))))


_SHAPES = (
    "one message",
    "several messages",
    "ten messages",
    "one group",
    "several groups",
    "nothing fails",
    "a message twice",
)
_FAILED = (
    "the first of its group fails", "the one in the middle of its group fails", "the last of its group fails",
    "two groups fail", "a group beside one that fails",
)  # fmt: skip


def _labels(running: Running) -> tuple[str, ...]:
    failing = _FAILED if running.contract.fifo and _failing(running) else ()
    return (*_SHAPES, *failing, *(f"action {name}" for name in running.probes.actions))


def _failing(running: Running) -> tuple[Fate, ...]:
    return running.probes.solid(FAILING)


def _again(running: Running) -> st.SearchStrategy[Batch]:
    return _groups(running, _failing_calls(running), LARGEST_AGAIN).map(lambda batch: Batch(batch.messages, again=True))


def _failing_calls(running: Running) -> tuple[Fate, ...]:
    """What fails after it was sent."""
    return tuple(fate for fate in _failing(running) if fate.family not in UNSENT)


def _again_labels(running: Running) -> tuple[str, ...]:
    return ("delivered again", *(("delivered again after it failed",) if _failing_calls(running) else ()))


def _count_again(contract: Contract, batch: Batch) -> Iterator[str]:
    yield "delivered again"
    if any(one.ends == REPORTED for one in due(contract, batch)):
        yield "delivered again after it failed"


def _ids(running: Running) -> st.SearchStrategy[Batch]:
    nasty = st.text(alphabet="./%\\?#;:@ a2eEfF\u0000\n\r가", min_size=0, max_size=8)
    return st.builds(
        lambda text, action: Batch((Message(HOSTILE, action, 0, text),)),
        st.one_of(st.sampled_from(IDS), st.sampled_from(IDS), nasty.filter(lambda text: not text.isalnum())),
        st.sampled_from(_with_ids(running)),
    )


def _with_ids(running: Running) -> list[str]:
    """The actions that have an id in their path."""
    return [name for name in running.probes.actions if running.contract.action_of(name).fields]


def _count_ids(_: Contract, batch: Batch) -> Iterator[str]:
    id = batch.messages[0].id or ""
    yield "an id with a slash" if "/" in id else "an id without one"
    if id in IDS:
        yield f"an id of the list: {IDS.index(id)}"
    if ".." in id:
        yield "an id with two dots"
    if "%" in id:
        yield "an id with a percent sign"
    if not id:
        yield "an empty id"
    if not id.isascii():
        yield "an id that is not ASCII"


def _plain_groups(running: Running) -> Iterator[Batch]:
    """Yield one batch of each shape: with what fails in every place of its group."""
    names = itertools.cycle(running.probes.actions)

    def batch(*groups: int, failing: Sequence[int] = (), repeats: Sequence[int] = ()) -> Batch:
        found = [
            Message(next(fates) if at in failing else PLAIN, next(names), group, repeats=at in repeats)
            for at, group in enumerate(groups)
        ]
        return Batch(tuple(as_before(found)))

    yield from (batch(0) for _ in running.probes.actions)
    yield batch(0, 0, 1, repeats=(1,))
    yield batch(0, 1, 2, 0, 1, 2, 0, 1, 2, 3)
    fates = itertools.cycle(_failing(running))
    if _failing(running):
        yield batch(0, 0, failing=(0,))
        yield batch(0, 0, failing=(1,))
        yield batch(0, 0, 0, 0, failing=(1,))
        yield batch(0, 1, 0, failing=(0,))
        yield batch(0, 1, 0, 1, 0, 2, 1, 2, 0, 2, failing=(2, 3))
        yield batch(0, 0, 0, failing=(0, 1), repeats=(1,))


def _plain_again(running: Running) -> Iterator[Batch]:
    for one in _plain_groups(running):
        if len(one.messages) <= LARGEST_AGAIN and not any(message.fate.family in UNSENT for message in one.messages):
            yield replace(one, again=True)
    if _failing_calls(running):
        name = running.probes.actions[0]
        yield Batch((Message(_failing_calls(running)[0], name), Message(PLAIN, name)), again=True)


def _plain_ids(running: Running) -> Iterator[Batch]:
    names = itertools.cycle(_with_ids(running))
    for text in IDS:
        yield Batch((Message(HOSTILE, next(names), 0, text),))


GROUPS = Attack("groups", _labels, _plain_groups, lambda running: _groups(running, _failing(running)), shapes, 30)
AGAIN = Attack("deliveries", _again_labels, _plain_again, _again, _count_again, 6)
HOSTILE_IDS = Attack(
    "ids",
    lambda _: (
        "an id with a slash", "an id without one", "an id with two dots", "an id with a percent sign", "an empty id", "an id that is not ASCII",
    ),
    _plain_ids,
    _ids,
    _count_ids,
    24,
)  # fmt: skip
SUCCESS = Attack(
    "successes",
    lambda running: tuple(f"action {name}" for name in running.probes.actions),
    lambda running: (plain(name) for name in running.probes.actions),
    lambda running: _groups(running, (), 5),
    shapes,
    6,
)
