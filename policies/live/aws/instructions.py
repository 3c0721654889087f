"""Messages that a worker understands, as its owners state them in `platform.toml` ([worker])."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

_FIELD = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Instruction:
    """A message that asks for something: its body, and the call that it must come to."""

    name: str
    body: str
    method: str
    path: str


def instruction(worker: Any, name: str) -> Instruction | None:
    """Give a message that carries `name` in every field of its endpoint; None where the owners state no action."""
    stated = dict(worker.actions) if worker is not None else {}
    if not stated:
        return None
    action, endpoint = next(iter(stated.items()))
    method, _, template = str(endpoint).partition(" ")
    message = copy.deepcopy(dict(worker.message))
    _put(message, worker.action or "action", action)
    for field in _FIELD.findall(template):
        _put(message, field, name)
    return Instruction(name, json.dumps(message), method, _FIELD.sub(lambda _: quote(name, safe=""), template))


def _put(message: dict[str, Any], path: str, value: str) -> None:
    *steps, last = path.split(".")
    for step in steps:
        message = message.setdefault(step, {})
    message[last] = value
