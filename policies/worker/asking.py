"""What a worker does that nobody states, its actions and where in a message they stand: names in its code are sent to it, what arrives is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from policies.worker.bridge import Bridge
from policies.worker.contract import Action, Contract
from policies.worker.fates import PLAIN
from policies.worker.messages import FORMS, MARK, Batch, Message
from policies.worker.outcome import LOST
from policies.worker.running import HALF, TRIES, Running
from policies.worker.service import Arrival

_NAME = re.compile(
    r"""\bcase\s+['"`]([\w.:-]+)['"`]|[!=]==?\s*['"`]([\w.:-]+)['"`]|\[\s*['"`]([\w.:-]+)['"`]\s*,"""
    r"""|['"`]([A-Z][A-Z0-9_]{2,})['"`]|^\s*['"]?([A-Z][A-Z0-9_]+)['"]?\s*[:(]""",
    re.MULTILINE,
)
"""What code compares something with, the keys of its tables, and texts in capitals."""

_MEMBER = re.compile(r"\.([A-Za-z_]\w*)\b(?!\s*\()")
_TAKEN_APART = re.compile(r"""\{((?:[\w\s,:=]|\{\}|\[\]|'[^'\n]*'|"[^"\n]*")+)\}\s*(?:=|\))""")
_HOLDING = ("action", "type", "actionType", "eventType", "messageType", "event", "command", "operation", "kind")
"""Where in a message its action usually stands."""

_FOLDERS = ("payload", "data", "detail")
_MARKED = re.compile(r"\Ar\d+m\d+(?=f)")
MOST_NAMES, MOST_FIELDS = 40, 60


def ask(running: Running) -> None:
    """Complete the contract's actions, and where in a message they stand, as far as requests show them."""
    # In a process of its own, with longer timeouts: what a worker does for the first time may take longer than it waits.
    patient = running.another(running.longer)
    try:
        _ask(running, patient)
    finally:
        patient.close()


def _ask(running: Running, bridge: Bridge) -> None:
    code = "\n".join(running.package.sources.values())
    contract, fields = running.contract, _fields(code)
    holding = [contract.action] if contract.action else [name for name in _HOLDING if name in fields]
    for field in holding:
        for form in FORMS:
            bridge.form = form
            found = (
                _standing(running, bridge, field, fields)
                if contract.actions
                else _with_actions(running, bridge, field, fields, code)
            )
            if found is not None:
                running.unknown.pop("action", None)
                running.take(found)
                running.bridge.form = form
                return


def _standing(running: Running, bridge: Bridge, field: str, fields: list[str]) -> Contract | None:
    """Give the contract with what is stated of its actions, where a message whose action stands in this field is sent on; None where none is."""
    plain = replace(running.contract, action=field, patience=running.longer)
    for message in (plain.message, json.dumps(_message(fields, bridge.form, field) | json.loads(plain.message))):
        trial = replace(plain, message=message)
        if any(_arrivals(bridge, trial, one.name) for one in trial.actions):
            return replace(trial, patience=running.contract.patience)
    return None


def _with_actions(running: Running, bridge: Bridge, field: str, fields: list[str], code: str) -> Contract | None:
    names = list(dict.fromkeys(next(filter(None, found.groups())) for found in _NAME.finditer(code)))[:MOST_NAMES]
    message = _message(fields, bridge.form, field)
    found = tuple(_found(running, bridge, names, field, message))
    if not found:
        return None
    shown = ", ".join(f"{one.name} = {one.method} {one.template}" for one in found)
    running.unknown["actions stated"] = f"nobody says which actions there are; found by asking: {shown}"
    running.unknown.pop("actions", None)
    return replace(running.contract, actions=found, action=field, message=json.dumps(message))


def _fields(code: str) -> list[str]:
    apart = (name for found in _TAKEN_APART.finditer(code) for name in re.findall(r"(\w+)\s*(?::\s*\w+)?", found[1]))
    members = (found[1] for found in _MEMBER.finditer(code))
    return [name for name in dict.fromkeys([*apart, *members]) if not name.isupper()][:MOST_FIELDS]


def _message(fields: list[str], form: str, action: str) -> dict[str, object]:
    """Give a message with all that code may look for, each value another; what code looks into holds the same once more."""
    plain = _numbered([name for name in fields if name != action], form, 7)
    folders = [name for name in _FOLDERS if name in fields]
    inner = [name for name in plain if name not in folders]
    return plain | {name: _numbered(inner, form, 8 + at) for at, name in enumerate(folders)}


def _numbered(fields: list[str], form: str, run: int) -> dict[str, object]:
    """Give each field a value of its own; words have the message's own mark in them, by which it is known again."""
    if form == "word":
        return {name: f"{MARK}f{run}x{number}" for number, name in enumerate(fields)}
    return {name: FORMS[form](run, number + 10) for number, name in enumerate(fields)}


def _found(
    running: Running, bridge: Bridge, names: list[str], field: str, message: dict[str, object]
) -> Iterator[Action]:
    contract = running.contract
    values = {str(value).removeprefix(MARK): path for path, value in _leaves(message)}
    for name in names:
        trial = Contract(
            actions=(Action(name, "POST", "/"),), action=field, message=json.dumps(message), base=contract.base,
            fifo=contract.fifo, patience=running.longer,
        )  # fmt: skip
        arrivals = _arrivals(bridge, trial, name)
        if arrivals:
            yield Action(name, arrivals[0].method, _template(arrivals[0], contract.base, values))


def _arrivals(bridge: Bridge, trial: Contract, name: str) -> tuple[Arrival, ...]:
    """Give what arrives of a plain message. Where nothing does it is sent again, as long as the machine may have been too busy for it."""
    for again in range(TRIES):
        outcome = bridge.work(trial, Batch((Message(PLAIN, name),))).first
        if outcome.kind in LOST:
            return ()
        if outcome.arrivals:
            return outcome.arrivals
        if again and outcome.seconds < HALF * trial.patience:
            break
    return ()


def _template(arrival: Arrival, base: str, values: dict[str, str]) -> str:
    """Give the path with the message's own values as what they are."""
    segments = arrival.path.removeprefix(base).split("/")
    plain = (_MARKED.sub("", unquote(one)) for one in segments)
    return "/".join(f"{{{values[mine]}}}" if mine in values else one for mine, one in zip(plain, segments, strict=True))


def _leaves(message: dict[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in message.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
