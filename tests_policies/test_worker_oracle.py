"""The oracle against a plain worker of a dozen lines, against examples by hand, and Lambda's own rules for what a worker answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.worker.calls import of_call
from policies.worker.contract import Action, Contract
from policies.worker.fates import FATES, HOSTILE, PLAIN, UNSENT, Family, Fate
from policies.worker.faults import Fault
from policies.worker.messages import Batch, Message, write
from policies.worker.oracle import DONE, REPORTED, Due, due
from policies.worker.outcome import Kind, Outcome
from policies.worker.service import Arrival

CONTRACT = Contract(
    actions=(Action("PAY", "POST", "/orders/{order.id}/pay"),),
    action="do",
    body="what",
    header="X-Token",
    unreadable="reported",
    unknown_action="done",
    refused="done",
    conflict="done",
)
EVERY = [fate for fates in FATES.values() for fate in fates]


def naive(batch: Batch, *, fifo: bool) -> tuple[list[int], set[int]]:
    """Work a batch off: which messages are sent, in order, and which are reported."""
    sent, reported = [], set()
    broken: set[int] = set()
    for at, message in enumerate(batch.messages):
        family = message.fate.family
        if fifo and message.group in broken:
            reported.add(at)
            continue
        if family not in UNSENT:
            sent.append(at)
        well = family in (Family.DONE, Family.CONFLICT, Family.REFUSED, Family.UNKNOWN)
        if not well:
            reported.add(at)
            broken.add(message.group)
    return sent, reported


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(
    st.lists(st.builds(Message, st.sampled_from(EVERY), st.just("PAY"), st.integers(0, 3)), min_size=1, max_size=10),
    st.booleans(),
)
def test_oracle_and_a_plain_worker_agree(messages: list[Message], fifo: bool) -> None:
    """What is due is what a worker does that is written down without any thought of the oracle."""
    batch = Batch(tuple(messages))
    expected = due(Contract(**{**vars(CONTRACT), "fifo": fifo}), batch)
    sent, reported = naive(batch, fifo=fifo)
    assert [at for at, one in enumerate(expected) if one.least] == sent
    assert {at for at, one in enumerate(expected) if one.ends == REPORTED} == reported
    assert all(one.most == one.least for one in expected)


def fate(status: int) -> Fate:
    """Give the fate of an answer with a status."""
    return next(one for one in EVERY if one.label == f"answered {status}")


BY_HAND = {
    "all done": ([(200, 0), (201, 0), (204, 1)], "ddd", "111"),
    "first of its group": ([(500, 0), (200, 0), (200, 1)], "rrd", "101"),
    "middle of its group": ([(200, 0), (503, 0), (200, 0)], "drr", "110"),
    "two groups": ([(500, 0), (500, 1), (200, 0), (200, 1), (200, 2)], "rrrrd", "11001"),
    "a second failure in a group that stopped": ([(500, 0), (500, 0)], "rr", "10"),
    "what is let go stops nobody": ([(422, 0), (409, 0), (200, 0)], "ddd", "111"),
    "refused for now stops": ([(429, 0), (200, 0)], "rr", "10"),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_examples_by_hand(name: str) -> None:
    """`d` is done, `r` reported; 1 is sent, 0 not."""
    messages, ends, sent = BY_HAND[name]
    expected = due(CONTRACT, Batch(tuple(Message(fate(status), "PAY", group) for status, group in messages)))
    assert "".join("d" if one.ends == DONE else "r" for one in expected) == ends
    assert "".join(str(one.least) for one in expected) == sent


def test_an_id_that_is_none_may_be_refused_or_encoded() -> None:
    """Both are right; what counts is where it arrives."""
    batch = Batch((Message(HOSTILE, "PAY", 0, "a/b"),))
    assert due(CONTRACT, batch, {0})[0].ends == DONE
    assert (due(CONTRACT, batch)[0].most, due(CONTRACT, batch)[0].ends) == (0, REPORTED)


@pytest.mark.parametrize(
    ("value", "id", "stays"),
    [
        ("a/b", "a%2Fb", True),
        ("a/b", "a%2fb", True),
        ("a/b", "a/b", False),
        ("..", "..", False),
        ("..", "%2e%2e", False),
        ("", "", False),
        ("가", "%EA%B0%80", True),
        ("a?b", "a%3Fb", True),
        ("a%2Fb", "a%252Fb", True),
        ("a%2Fb", "a%2Fb", False),
        ("x", "x/../y", False),
    ],
)
def test_an_id_stays_in_its_place(value: str, id: str, stays: bool) -> None:
    """As one segment that means it, and nothing else."""
    assert CONTRACT.action_of("PAY").carries(f"/orders/{id}/pay", value) is stays


ANSWERS: dict[str, tuple[Any, set[int], bool]] = {
    "nothing": (None, set(), False),
    "an empty object": ({}, set(), False),
    "an empty list": ({"batchItemFailures": []}, set(), False),
    "null": ({"batchItemFailures": None}, set(), False),
    "one": ({"batchItemFailures": [{"itemIdentifier": "00000001-1111-4000-8000-000000000001"}]}, {1}, False),
    "one twice": ({"batchItemFailures": [{"itemIdentifier": "00000001-1111-4000-8000-000000000001"}] * 2}, {1}, False),
    "an id of another batch": ({"batchItemFailures": [{"itemIdentifier": "x"}]}, {0, 1}, True),
    "an empty id": ({"batchItemFailures": [{"itemIdentifier": ""}]}, {0, 1}, True),
    "a null id": ({"batchItemFailures": [{"itemIdentifier": None}]}, {0, 1}, True),
    "a key of another name": ({"batchItemFailures": [{"id": "x"}]}, {0, 1}, True),
    "a text": ("done", {0, 1}, True),
    "a number": ({"batchItemFailures": 7}, {0, 1}, True),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_lambda_makes_of_an_answer(name: str) -> None:
    """AWS Lambda, "Implementing partial batch responses": success and failure conditions."""
    value, reported, malformed = ANSWERS[name]
    written = write(CONTRACT, Batch((Message(PLAIN, "PAY"), Message(PLAIN, "PAY"))), 1)
    outcome = Outcome(tuple(written), Kind.ANSWERED, value)
    assert (set(outcome.reported), bool(outcome.malformed)) == (reported, malformed)


@pytest.mark.parametrize("kind", [Kind.THREW, Kind.NEVER, Kind.HUNG, Kind.DIED])
def test_what_ends_badly_brings_the_whole_batch_back(kind: Kind) -> None:
    """Whatever was done of it."""
    written = write(CONTRACT, Batch((Message(PLAIN, "PAY"), Message(PLAIN, "PAY"))), 1)
    assert Outcome(tuple(written), kind).reported == {0, 1}


def call(**changes: Any) -> list[Fault]:
    """Judge one call that is right but for some changes."""
    message = Message(PLAIN, "PAY")
    (written,) = write(CONTRACT, Batch((message,)), 1)
    headers = (("content-type", "application/json"), ("x-token", "Bearer turnstile-credential-7f3a9c51e2d84b06"))
    given: dict[str, Any] = {
        "begun": 1,
        "method": "POST",
        "target": "/orders/r1m00/pay",
        "headers": headers,
        "body": '{"seats": ["A-1", "가-2"], "note": "r1m00"}'.encode(),
        "ended": 2,
    }
    outcome = Outcome((written,), Kind.ANSWERED, None, arrivals=(Arrival(**{**given, **changes}),))
    return [one.fault for one in of_call(CONTRACT, message, outcome, 0, Due(1, 1, DONE, "it was"))]


CALLS: dict[str, tuple[dict[str, Any], list[Fault]]] = {
    "right": ({}, []),
    "another method": ({"method": "PUT"}, [Fault.ENDPOINT]),
    "another path": ({"target": "/orders/r1m00"}, [Fault.ENDPOINT]),
    "a query": ({"target": "/orders/r1m00/pay?now"}, [Fault.ENDPOINT]),
    "another body": ({"body": b"{}"}, [Fault.BODY]),
    "no JSON": ({"body": b"{"}, [Fault.BODY]),
    "no credential": ({"headers": (("Content-Type", "application/json"),)}, [Fault.CREDENTIAL]),
    "a redirect's end": ({"target": "/turnstile-elsewhere"}, [Fault.FOLLOWED, Fault.ENDPOINT]),
}


@pytest.mark.parametrize("name", CALLS)
def test_each_fault_of_a_call_is_told_apart(name: str) -> None:
    """One change, one fault."""
    changes, faults = CALLS[name]
    assert call(**changes) == faults
