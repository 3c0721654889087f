"""A failure as it is told: the request that shows it, what the handler did, what was due, and a file to send it again."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.edge.answers import Request
from policies.edge.attack import Tried, Variant
from policies.edge.confinement import asked
from policies.edge.search import Failure
from policies.errors import UsageError

FORMAT = "turnstile-edge-1"
JUDGES = frozenset(
    {
        "refused", "let_through", "alike", "does_not_throw", "comes_to_an_end", "sent_to_the_queue", "uncached", "stays_here",
        "legal", "unchanged", "stripped",
    }
)  # fmt: skip
_LONGEST = 160
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing."""


def sentence(failure: Failure, file: str) -> str:
    """Say what was found."""
    last = failure.last
    before = f" after {len(failure.tried) - 1} other requests" if len(failure.tried) > 1 else ""
    again = f"; send it again: turnstile edge replay {file}" if file else ""
    due = f"{last.decision.ruling.value}, for {visible(last.decision.reason)}"
    return f"{last.variant.label}: {shown(last.variant.request)}{before}: the handler {visible(failure.problem)}; due: {due}{again}"


def shown(request: Request) -> str:
    """Show a request on one line."""
    query = f"?{request['querystring']}" if request.get("querystring") else ""
    headers = request.get("headers")
    lines = [
        f"{item.get('key', name)}: {_short(str(item.get('value')))}"
        for name, items in (headers.items() if isinstance(headers, dict) else ())
        if name not in ("host", "user-agent") and isinstance(items, list)
        for item in items
        if isinstance(item, dict)
    ]
    return f"{request.get('method', '')} {_short(str(request.get('uri')))}{_short(query)}" + (
        f" with {', '.join(lines)}" if lines else ""
    )


def _short(text: str) -> str:
    return visible(text if len(text) <= _LONGEST else f"{text[:60]}…{text[-60:]}")


def visible(text: str) -> str:
    """Spell out what nobody sees: white space but for the plain one, what has no width, and marks that stand on nothing."""
    return "".join(one if _is_seen(one) else _spelled(ord(one)) for one in text)


def _is_seen(character: str) -> bool:
    return character.isprintable() and character not in _BLANK and not unicodedata.category(character).startswith("M")


def _spelled(number: int) -> str:
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"


def write(failure: Failure, attack: str, judge: str, handler: str, why: str) -> str:
    """Write it where failures go, by the attack's and the judge's name; give the file's, or nothing where none is written."""
    if asked.failures is None:
        return ""
    last = failure.last
    data = {
        "format": FORMAT,
        "attack": attack,
        "judge": judge,
        "handler": handler,
        "why": why,
        "steps": [
            {
                "now": one.variant.now,
                "label": one.variant.label,
                "group": one.variant.group,
                "request": one.variant.request,
            }
            for one in failure.tried
        ],
        "answered": answered(last),
        "due": f"{last.decision.ruling.value}: {last.decision.reason}",
        "problem": failure.problem,
    }
    asked.failures.mkdir(parents=True, exist_ok=True)
    file = asked.failures / f"{attack}.{judge}.json"
    file.write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    return relative(file)


def answered(tried: Tried) -> Any:
    """What the handler did, as data."""
    return {"kind": tried.answer.kind.value, "value": tried.answer.value, "detail": tried.answer.detail}


@dataclass(frozen=True)
class Steps:
    """A failure as it was written: whose it is, what is sent, and by what it is judged."""

    handler: str
    judge: str
    why: str
    variants: tuple[Variant, ...]


def read(file: Path) -> Steps:
    """Read a failure. Raises UsageError where the file is none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT or data["judge"] not in JUDGES:
            raise KeyError("format")
        steps = tuple(Variant(step["label"], step["request"], step["now"], step["group"]) for step in data["steps"])
        if not steps:
            raise KeyError("steps")
        return Steps(data["handler"], data["judge"], data["why"], steps)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{file} is no failure that a run has written (reports/edge/ATTACK.json)") from None


def relative(file: Path) -> str:
    """Give a file as it is written from here."""
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return str(file)
