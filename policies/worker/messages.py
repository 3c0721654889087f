"""Batches as SQS delivers them: messages of what fate, in which group; and the records that Lambda hands over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from policies.worker.contract import Contract
from policies.worker.fates import UNSENT, Family, Fate

Record = dict[str, Any]

FORMS: dict[str, Callable[[int, int], str | int]] = {
    "word": lambda run, at: f"r{run}m{at:02}",
    "UUID": lambda run, at: f"{run:08x}-0000-4000-8000-{at:012}",
    "digits": lambda run, at: f"{1_000_000 + run}{at:02}",
    "number": lambda run, at: (1_000_000 + run) * 100 + at,
}
"""Ways in which ids may be written; a worker may take one of them alone."""

SECOND_DELIVERY = 2

MARK = "{mark}"
"""What stands in a contract's message for words that no other message has."""


@dataclass(frozen=True)
class Message:
    """What it asks for, in which group it stands, and its fate; `id` is one to be tried, `repeats` makes it the one before once more."""

    fate: Fate
    action: str
    group: int = 0
    id: str | None = None
    repeats: bool = False


@dataclass(frozen=True)
class Batch:
    """One delivery; `again` delivers it a second time, answered with success. `left` are the milliseconds that the invocation has."""

    messages: tuple[Message, ...]
    again: bool = False
    left: int | None = None


@dataclass(frozen=True)
class Written:
    """A message as it was written: its record, the values for its endpoint's path, its payload, and words that no other message has."""

    record: Record
    values: dict[str, str]
    payload: Any
    marks: tuple[str, ...]

    @property
    def id(self) -> str:
        """The message's own id."""
        return str(self.record["messageId"])


def write(contract: Contract, batch: Batch, run: int, form: str = "word", delivery: int = 1) -> list[Written]:
    """Write the records of a batch; `run` makes its ids others than those of all other batches."""
    found: list[Written] = []
    for at, message in enumerate(batch.messages):
        if message.repeats and found:
            found.append(found[-1])
            continue
        found.append(_write(contract, message, run, at, form, delivery))
    return found


def _write(contract: Contract, message: Message, run: int, at: int, form: str, delivery: int) -> Written:
    action, mark = contract.action_of(message.action), f"r{run}m{at:02}"
    data: dict[str, Any] = json.loads(contract.message.replace(MARK, mark))
    _put(data, contract.action, action.name)
    values: dict[str, str] = {}
    for number, name in enumerate(action.fields):
        value: Any = message.id if message.id is not None else FORMS[form](run, at)
        _put(data, name, value if number == 0 or not isinstance(value, str) else f"{value}-{number}")
        values[name] = str(_get(data, name))
    payload: Any = None
    if contract.body is not None:
        payload = _get(data, contract.body)
        if payload is None:
            payload = {"seats": ["A-1", "가-2"], "note": mark}
            _put(data, contract.body, payload)
    body = json.dumps(data, ensure_ascii=False)
    if message.fate.family in UNSENT:
        body = _spoil(contract, message, data, body)
    marks = (mark, *(value for value in values.values() if message.id is None))
    return Written(_record(contract, message.group, body, mark, run, at, delivery), values, payload, marks)


def _record(contract: Contract, group: int, body: str, mark: str, run: int, at: int, delivery: int) -> Record:
    attributes = {
        "ApproximateReceiveCount": str(delivery),
        "SentTimestamp": "1767225600000",
        "SenderId": "AIDAEXAMPLE",
        "ApproximateFirstReceiveTimestamp": "1767225600001",
    }
    if contract.fifo:
        attributes |= {
            "SequenceNumber": f"188{run:012}{at:05}",
            "MessageGroupId": f"group-{group}",
            "MessageDeduplicationId": f"purchase-{mark}",
        }
    return {
        "messageId": f"{run:08x}-1111-4000-8000-{at:012}",
        "receiptHandle": f"AQEB{run}/{at}/{delivery}==",
        "body": body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:orders{'.fifo' if contract.fifo else ''}",
        "awsRegion": "us-east-1",
    }


def _spoil(contract: Contract, message: Message, data: dict[str, Any], body: str) -> str:
    """Give the body of a message that asks for nothing that there is."""
    name = message.action
    action, id = contract.action, contract.action_of(name).fields[:1]
    other = name.lower() if name != name.lower() else name.upper()
    texts = {
        "an empty body": "",
        "a text that is no JSON": "RESERVE r-1",
        "JSON that breaks off": body[:-1],
        "XML": "<message><action/></message>",
        "the JSON null": "null",
        "a JSON list": "[]",
        "a JSON text": json.dumps(name),
        "a JSON number": "7",
    }
    changes: dict[str, tuple[str, Any]] = {
        "no action": (action, ...),
        "an action that is null": (action, None),
        "an action that is an object": (action, {"name": name}),
        "an action that there is not": (action, "TURNSTILE"),
        "the action in other capitals": (action, other),
        "the action after a space": (action, f" {name}"),
        "the action constructor": (action, "constructor"),
        "the action __proto__": (action, "__proto__"),
        "an empty action": (action, ""),
    }
    if id:
        changes |= {
            "no id": (id[0], ...),
            "an id that is null": (id[0], None),
            "an id that is an object": (id[0], {}),
            "an id that is a list": (id[0], []),
            "an id that is true": (id[0], True),
        }
    label = message.fate.label
    if label in texts:
        return texts[label]
    _put(data, *changes[label])
    return json.dumps(data, ensure_ascii=False)


def applies(contract: Contract, fate: Fate, action: str) -> bool:
    """Whether a message of an action can have a fate: one without an id lacks none, a name without letters has no capitals."""
    if fate.family is Family.LACKING and " id" in fate.label:
        return bool(contract.action_of(action).fields)
    if fate.label == "the action in other capitals":
        other = action.lower() if action != action.lower() else action.upper()
        return other not in {one.name for one in contract.actions}
    return True


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    *folders, name = path.split(".")
    for folder in folders:
        data = data.setdefault(folder, {})
    if value is ...:
        data.pop(name, None)
    else:
        data[name] = value


def _get(data: dict[str, Any], path: str) -> Any:
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
