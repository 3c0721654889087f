"""A failure as it is told: the batch, what arrived at the service, what the worker answered, and what was due."""

from __future__ import annotations

import json
from pathlib import Path

from policies.edge.confinement import asked
from policies.worker.answers import ELSEWHERE
from policies.worker.contract import CREDENTIAL
from policies.worker.fates import UNSENT
from policies.worker.faults import Violation
from policies.worker.messages import Message
from policies.worker.outcome import Kind, Outcome, Tried
from policies.worker.replay import FORMAT, to_plain

_LONGEST = 200


def sentence(tried: Tried, violation: Violation, file: str = "") -> str:
    """Say what was found."""
    outcome = tried.outcomes[violation.delivery if violation.delivery < len(tried.outcomes) else 0]
    where = "" if violation.at is None else f"message {violation.at + 1}: "
    due = f"; due: {violation.due}" if violation.due else ""
    told = f"; the batch is in {file}" if file else ""
    return f"{where}{violation.text}{due}; the batch: {batch_of(tried)}; arrived: {arrived(outcome)}; the worker {answer_of(outcome)}{told}"


def batch_of(tried: Tried) -> str:
    """Say which messages there are, and what becomes of each."""
    messages = tried.batch.messages
    shown = "; ".join(f"{at + 1} {_message(one, tried.first.written[at].values)}" for at, one in enumerate(messages))
    return shown + (", delivered twice" if tried.batch.again else "")


def _message(message: Message, values: dict[str, str]) -> str:
    what = " ".join(
        (message.action, *(_short(repr(value)) if message.id is not None else value for value in values.values()))
    )
    if message.fate.family in UNSENT:
        what = f"{message.fate.label} in place of {what}"
        return f"{what}, in group {message.group}"
    if message.repeats:
        what = f"{what} once more"
    return f"{what}, in group {message.group}, {message.fate.label if message.id is None else 'answered 200'}"


def arrived(outcome: Outcome) -> str:
    """Say what came to the service."""
    shown = [
        f"{one.method} {_short(one.target)}"
        + (" (elsewhere)" if one.elsewhere or one.target.startswith(ELSEWHERE) else "")
        for one in outcome.arrivals
    ]
    return ", ".join(shown) or "nothing"


def answer_of(outcome: Outcome) -> str:
    """Say what the worker made of its batch."""
    if outcome.kind is not Kind.ANSWERED:
        return str(outcome.kind.value) + (f" ({_short(outcome.detail)})" if outcome.detail else "")
    if outcome.malformed:
        return f"answers {_short(json.dumps(outcome.value, ensure_ascii=False))}"
    reported = ", ".join(str(at + 1) for at in sorted(outcome.reported))
    return f"reports {reported}" if reported else "reports nothing"


def _short(text: str) -> str:
    text = text.replace(CREDENTIAL, "…")
    return text if len(text) <= _LONGEST else f"{text[:80]}…{text[-80:]}"


def write(tried: Tried, violation: Violation, name: str, handler: str) -> str:
    """Write it where failures go; give the file, or nothing where none is written."""
    if asked.failures is None:
        return ""
    data = {
        "format": FORMAT,
        "handler": handler,
        "batch": to_plain(tried.batch),
        "fault": violation.fault.value,
        "message": violation.at,
        "due": violation.due,
        "deliveries": [
            {
                "records": [one.record for one in outcome.written],
                "answers": [str(message.fate.answer) for message in tried.batch.messages],
                "arrived": [
                    {
                        "method": one.method,
                        "target": one.target,
                        "headers": one.headers,
                        "body": one.body.decode("utf-8", "replace"),
                    }
                    for one in outcome.arrivals
                ],
                "answered": {"kind": outcome.kind.value, "value": outcome.value, "detail": outcome.detail},
            }
            for outcome in tried.outcomes
        ],
    }
    folder = asked.failures.parent / "worker"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    file.write_text(json.dumps(data, indent=1, ensure_ascii=True, default=str) + "\n", encoding="utf-8")
    try:
        return file.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.as_posix()
