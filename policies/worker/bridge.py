"""The bridge to a worker: batches to it, what became of them back, and a fresh process after one that was lost."""

from __future__ import annotations

import time
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from policies.edge.bridge import UnloadableError
from policies.edge.process import LostError, Process
from policies.worker.answers import OK, Answer
from policies.worker.contract import Contract
from policies.worker.messages import SECOND_DELIVERY, Batch, Message, Written, write
from policies.worker.outcome import Kind, Outcome, Tried, whose
from policies.worker.service import Arrival, Service

HARNESS = Path(__file__).resolve().parent / "harness.cjs"

ANSWER_SECONDS = 2.0
"""What an invocation may take beside what the worker waits for the service."""

PAUSE_SECONDS = 0.0015
"""So long the service keeps an answer back for which a message of the same group has to wait: one that does not wait is seen."""

LEFT_MILLISECONDS = 60_000
"""What an invocation has before Lambda ends it, where a batch does not say."""

_KINDS = {
    "answered": Kind.ANSWERED,
    "threw": Kind.THREW,
    "never": Kind.NEVER,
    "exited": Kind.DIED,
    "died": Kind.DIED,
}


class Bridge:
    """A worker's folder, the process in which it runs, and the service that is all of its network.

    `warm` is a batch that a fresh process is handed first, which is not judged: what is done for the first time may take longer than it waits.
    """

    def __init__(self, folder: Path, setup: dict[str, Any], patience: float) -> None:
        self.folder, self.setup, self.patience = folder, setup, patience
        self.starts = self.runs = 0
        self.form = "word"
        self.warm: tuple[Contract, Batch] | None = None
        self.asked: set[str] = set()
        self._process: Process | None = None
        self._service: Service | None = None
        weakref.finalize(self, _close, self.__dict__)

    def start(self) -> None:
        """Load the worker. Raises UnloadableError with the reason where it cannot be."""
        if self._process is not None:
            return
        service = Service(self.patience)
        try:
            process = Process(self.folder, self.setup, HARNESS, service.there.fileno())
        except BaseException:
            service.close()
            raise
        self.starts += 1
        self._process, self._service = process, service
        service.there.close()
        if process.unloadable:
            self.close()
            raise UnloadableError(process.unloadable)
        if self.warm is not None:
            (contract, batch), self.warm = self.warm, None
            if self._deliver(write(contract, batch, 0, self.form), [OK], batch).kind in (Kind.ANSWERED, Kind.THREW):
                self.warm = contract, batch
            self.start()

    def work(self, contract: Contract, batch: Batch) -> Tried:
        """Deliver a batch, and say what became of it. Raises UnloadableError where the worker does not load."""
        self.runs += 1
        run, outcomes = self.runs, []
        for delivery in (1, SECOND_DELIVERY) if batch.again else (1,):
            written = write(contract, batch, run, self.form, delivery)
            answers = _answers(contract, batch.messages, again=delivery > 1)
            outcomes.append(self._deliver(written, answers, batch))
        return Tried(batch, tuple(outcomes))

    def _deliver(self, written: Sequence[Written], answers: Sequence[Answer], batch: Batch) -> Outcome:
        self.start()
        process, service = self._process, self._service
        assert process is not None  # noqa: S101 (start gave both, or raised)
        assert service is not None  # noqa: S101

        def choose(arrival: Arrival) -> Answer:
            at = 0 if len(answers) == 1 else whose(written, arrival)
            return OK if at is None else answers[at]

        service.begin(choose)
        left = LEFT_MILLISECONDS if batch.left is None else batch.left
        frame = {"event": {"Records": [one.record for one in written]}, "milliseconds": left}
        waits = sum(message.fate.waits for message in batch.messages)
        begun, told, value = time.monotonic(), dict[str, Any](), None
        try:
            told, lines = process.exchange(msgspec.json.encode(frame), ANSWER_SECONDS + self.patience * 3 * waits)
            name, *rest = msgspec.json.decode(lines[0])
            kind, value = _KINDS[name], rest[0] if rest else None
            detail = "it exits the process" if name == "exited" else ("" if kind is Kind.ANSWERED else str(value or ""))
        except LostError as error:
            kind, detail = Kind.HUNG if error.hung else Kind.DIED, error.why
        except (msgspec.DecodeError, KeyError, IndexError, TypeError, ValueError):
            kind, detail = Kind.DIED, "it wrote into our own channel"
        seconds = time.monotonic() - begun
        arrivals = tuple(service.end())
        self.asked.update(told.get("asked", ()))
        doors = [name for name in told.get("touched", ()) if name != "a socket"]
        outcome = Outcome(
            tuple(written),
            kind,
            value if kind is Kind.ANSWERED else None,
            detail,
            arrivals,
            process.said(),
            tuple(sorted({*doors, *told.get("tried", ())})),
            seconds,
        )
        if kind not in (Kind.ANSWERED, Kind.THREW):
            self.close()
        return outcome

    def close(self) -> None:
        """End the process; the next batch would start another."""
        _close(self.__dict__)


def _answers(contract: Contract, messages: Sequence[Message], *, again: bool) -> list[Answer]:
    if again:
        return [OK for _ in messages]
    waited_for = {
        at
        for at, message in enumerate(messages)
        if contract.fifo and any(other.group == message.group for other in messages[at + 1 :])
    }
    return [
        replace(message.fate.answer, pause=PAUSE_SECONDS) if at in waited_for else message.fate.answer
        for at, message in enumerate(messages)
    ]


def _close(state: dict[str, Any]) -> None:
    for name in ("_process", "_service"):
        made, state[name] = state.get(name), None
        if made is not None:
            made.close()
