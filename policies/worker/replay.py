"""A failure of a worker as it is kept in a file, and read again: the batch, and what was wrong with what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.errors import UsageError
from policies.worker.fates import FATES, HOSTILE, Fate
from policies.worker.faults import Fault
from policies.worker.messages import Batch, Message

FORMAT = "turnstile-worker-2"

_FATES: dict[tuple[str, str], Fate] = {
    (fate.family.name, fate.label): fate for fate in (HOSTILE, *(one for each in FATES.values() for one in each))
}


@dataclass(frozen=True)
class Kept:
    """A batch of a worker (`handler` is its file), and the kind of fault that it showed."""

    handler: str
    batch: Batch
    fault: Fault


def to_plain(batch: Batch) -> dict[str, Any]:
    """Give a batch as JSON data."""
    messages = [
        {
            "family": one.fate.family.name, "fate": one.fate.label, "action": one.action, "group": one.group, "id": one.id, "repeats": one.repeats,
        }
        for one in batch.messages
    ]  # fmt: skip
    return {"messages": messages, "again": batch.again, "left": batch.left}


def read(file: Path) -> Kept:
    """Read a failure. Raises UsageError where the file is none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError
        batch = data["batch"]
        messages = tuple(
            Message(
                _FATES[one["family"], one["fate"]],
                str(one["action"]),
                int(one["group"]),
                one["id"],
                bool(one["repeats"]),
            )
            for one in batch["messages"]
        )
        left = None if batch["left"] is None else int(batch["left"])
        return Kept(str(data["handler"]), Batch(messages, bool(batch["again"]), left), Fault(data["fault"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{file} is no failure that a run has written (reports/worker/NAME.json)") from None
