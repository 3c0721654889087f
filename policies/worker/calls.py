"""What is wrong with what arrived of a message: where, how often, with what."""

from __future__ import annotations

import json
from collections.abc import Iterator

from policies.worker.answers import ELSEWHERE
from policies.worker.contract import CREDENTIAL, Contract
from policies.worker.fates import UNSENT
from policies.worker.faults import Fault, Violation
from policies.worker.messages import Message, Written
from policies.worker.oracle import Due
from policies.worker.outcome import Outcome
from policies.worker.service import Arrival


def of_call(contract: Contract, message: Message, outcome: Outcome, at: int, one: Due) -> Iterator[Violation]:
    """Yield what is wrong with the calls of one message."""
    written, arrivals = outcome.written[at], outcome.of(at)
    action = contract.action_of(message.action)
    followed = [each for each in arrivals if each.elsewhere or each.target.startswith(ELSEWHERE)]
    own = [each for each in arrivals if each not in followed]
    if followed:
        yield Violation(Fault.FOLLOWED, at, f"{_request(followed[0])} arrived where the redirect leads")
    if message.fate.family in UNSENT:
        if own:
            yield Violation(Fault.CALLED, at, f"{_request(own[0])} arrived for it", one.why)
        return
    if message.id is not None:
        for each in own:
            if not action.carries(each.path, message.id, contract.base) or each.method != action.method:
                yield Violation(Fault.ESCAPED, at, f"{_request(each)} arrived for the id {message.id!r}")
                return
        return
    if one.behind is None and not own and one.least:
        yield Violation(Fault.ENDPOINT, at, f"{_endpoint(contract, message, written)} did not arrive")
    for each in own:
        query = "" if CREDENTIAL in each.target else each.target[len(each.path) :]
        wanted = action.path(written.values, contract.base)
        if (each.method, each.path) != (action.method, wanted) or query:
            due_there = f"due is {_endpoint(contract, message, written)}"
            yield Violation(Fault.ENDPOINT, at, f"{_request(each)} arrived, and {due_there}")
            break
    if len(own) > one.most and one.behind is None and not message.repeats:
        yield Violation(Fault.AGAIN, at, f"it arrived {len(own)} times", f"{one.most} in one delivery")
    yield from _of_content(contract, written, own, at)


def _of_content(contract: Contract, written: Written, own: list[Arrival], at: int) -> Iterator[Violation]:
    for each in own:
        if contract.body is not None and not _is_json_of(each, written.payload):
            told = each.body.decode("utf-8", "replace")[:120]
            yield Violation(Fault.BODY, at, f"it arrived with the body {told!r}", json.dumps(written.payload)[:120])
            break
    for each in own:
        if contract.header is None:
            break
        values = each.header(contract.header)
        if len(values) != 1 or not (values[0] == CREDENTIAL or values[0].endswith(f" {CREDENTIAL}")):
            told = ", ".join("another" if value else "an empty one" for value in values) or "none"
            yield Violation(Fault.CREDENTIAL, at, f"of the credential in {contract.header}, {told} arrived")
            break


def _is_json_of(arrival: Arrival, payload: object) -> bool:
    try:
        same = json.loads(arrival.body) == payload
    except ValueError:
        return False
    kinds = [value.partition(";")[0].strip().lower() for value in arrival.header("content-type")]
    return same and len(kinds) == 1 and (kinds[0] == "application/json" or kinds[0].endswith("+json"))


def leaks(contract: Contract, outcome: Outcome) -> Iterator[str]:
    """Say where the credential stands beside the one header that it belongs in."""
    if CREDENTIAL.encode() in outcome.said:
        yield "the worker's output"
    if CREDENTIAL in json.dumps(outcome.value, ensure_ascii=False) or CREDENTIAL in outcome.detail:
        yield "its answer to Lambda"
    for each in outcome.arrivals:
        if each.elsewhere or each.target.startswith(ELSEWHERE):
            continue
        if CREDENTIAL in each.target:
            yield f"the address of {each.method} {each.path.replace(CREDENTIAL, '…')}"
        if CREDENTIAL.encode() in each.body:
            yield f"the body of {each.method} {each.path}"
        for name, value in each.headers:
            if CREDENTIAL in value and contract.header is not None and name.lower() != contract.header.lower():
                yield f"the header {name} of {each.method} {each.path}"


def _request(arrival: Arrival) -> str:
    return f"{arrival.method} {arrival.target[:160].replace(CREDENTIAL, '…')}"


def _endpoint(contract: Contract, message: Message, written: Written) -> str:
    action = contract.action_of(message.action)
    return f"{action.method} {action.path(written.values, contract.base)}"
