"""Which actions a worker knows and where each leads, where nobody states it: names in its code are sent to it, and what arrives is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from policies.worker.contract import Action, Contract
from policies.worker.fates import PLAIN
from policies.worker.messages import FORMS, MARK, Batch, Message
from policies.worker.outcome import LOST
from policies.worker.running import Running
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
    code = "\n".join(running.package.sources.values())
    names = list(dict.fromkeys(next(filter(None, found.groups())) for found in _NAME.finditer(code)))[:MOST_NAMES]
    fields = _fields(code)
    stated = running.contract.action
    holding = [stated] if stated else [name for name in _HOLDING if name in fields]
    for field in holding:
        for form in FORMS:
            message = _message(fields, form, field)
            found = tuple(_found(running, names, field, message))
            if found:
                shown = ", ".join(f"{one.name} = {one.method} {one.template}" for one in found)
                running.unknown["actions stated"] = f"nobody says which actions there are; found by asking: {shown}"
                for known in ("actions", "action"):
                    running.unknown.pop(known, None)
                running.take(replace(running.contract, actions=found, action=field, message=json.dumps(message)))
                running.bridge.form = form
                return


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


def _found(running: Running, names: list[str], field: str, message: dict[str, object]) -> Iterator[Action]:
    base = running.contract.base
    values = {str(value).removeprefix(MARK): path for path, value in _leaves(message)}
    for name in names:
        trial = Contract(
            actions=(Action(name, "POST", "/"),), action=field, message=json.dumps(message), base=base,
            fifo=running.contract.fifo, patience=running.contract.patience,
        )  # fmt: skip
        tried = running.bridge.work(trial, Batch((Message(PLAIN, name),)))
        arrivals = tried.first.arrivals
        if arrivals and tried.first.kind not in LOST:
            yield Action(name, arrivals[0].method, _template(arrivals[0], base, values))


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
