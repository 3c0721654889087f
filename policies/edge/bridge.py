"""The bridge to a handler: batches of requests to it, answers back, and a fresh process after one that was lost."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from policies.edge.answers import Answer, Kind, Request, read_answer
from policies.edge.process import LostError, Process

ANSWER_SECONDS = 3.0
"""What one answer may take; CloudFront itself waits 5 s for a function at viewer request."""

SECONDS_EACH = 0.005
"""What each request of a batch may take on top of that before they are tried one by one."""

KEPT_ANSWERS = 10_000
"""Most answers are spelled alike, and are read once."""

_encode = msgspec.json.Encoder().encode


class UnloadableError(Exception):
    """The handler cannot be loaded."""


@dataclass
class Noticed:
    """What a handler did beside answering: words it wrote, doors it tried, secrets it asked for, comparisons in constant time."""

    said: bytearray = field(default_factory=bytearray)
    touched: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    compared: list[tuple[str, str, str]] = field(default_factory=list)


class Bridge:
    """A handler's folder, and the process in which it runs; `decide` never raises for what the handler does.

    A request that ends the process is remembered and not sent again: looking for a smaller one would otherwise take for ever.
    """

    def __init__(self, folder: Path, setup: dict[str, Any]) -> None:
        self.folder, self.setup = folder, setup
        self.noticed = Noticed()
        self.starts = 0
        self.observed = False
        self._read: dict[bytes, Answer] = {}
        self._process: Process | None = None
        self._fatal: dict[bytes, Answer] = {}
        weakref.finalize(self, _close, self.__dict__)

    def start(self) -> None:
        """Load the handler. Raises UnloadableError with the reason where it cannot be."""
        if self._process is not None:
            return
        process = Process(self.folder, self.setup)
        self.starts += 1
        self.noticed.said += process.said()
        if process.unloadable:
            process.close()
            raise UnloadableError(process.unloadable)
        self._process = process

    def decide(
        self, requests: Sequence[Request], now: float | Sequence[float], meanwhile: Callable[[], None] = lambda: None
    ) -> list[Answer]:
        """Give the handler's answer to each request, at `now` (milliseconds; one for all, or one for each); it may be working `meanwhile`."""
        return self._decide([_encode(request) for request in requests], now, meanwhile)

    def decide_encoded(self, lines: Sequence[bytes], now: float) -> list[Answer]:
        """The same for requests that are JSON already."""
        return self._decide(lines, now)

    def _decide(
        self, lines: Sequence[bytes], now: float | Sequence[float], meanwhile: Callable[[], None] = lambda: None
    ) -> list[Answer]:
        if self._fatal and any(line in self._fatal for line in lines):
            return self._one_by_one(lines, now)
        head = _encode({"now": now, "timed": False, "observed": self.observed})
        try:
            answers = self._exchange(head, lines, ANSWER_SECONDS + len(lines) * SECONDS_EACH, meanwhile)
        except LostError as error:
            if len(lines) > 1:
                return self._one_by_one(lines, now)
            answers = [Answer(Kind.HUNG if error.hung else Kind.DIED, None, error.why)]
        if len(answers) == len(lines) and answers[-1].kind not in (Kind.NEVER, Kind.DIED, Kind.HUNG):
            return answers
        at = len(answers) - 1
        self._fatal[bytes(lines[at])] = answers[at]
        self._drop()
        if at + 1 == len(lines):
            return answers
        later = now if isinstance(now, (int, float)) else now[at + 1 :]
        return [*answers, *self._decide(lines[at + 1 :], later)]

    def _one_by_one(self, lines: Sequence[bytes], now: float | Sequence[float]) -> list[Answer]:
        answers = []
        for at, line in enumerate(lines):
            when = now if isinstance(now, (int, float)) else now[at]
            answers.append(self._fatal[line] if line in self._fatal else self._decide([line], when)[0])
        return answers

    def time(self, requests: Sequence[Request], now: float) -> list[float]:
        """Give the seconds that each request takes; infinity for one that does not come to an end."""
        lines = [_encode(request) for request in requests]
        try:
            answers = self._raw(_encode({"now": now, "timed": True, "observed": False}), lines, ANSWER_SECONDS)
        except LostError:
            self._drop()
            if len(lines) == 1:
                return [float("inf")]
            return [found for request in requests for found in self.time([request], now)]
        spelled = [msgspec.json.decode(line) for line in answers]
        return [one[1] / 1e9 if one[0] == "time" else float("inf") for one in spelled]

    def _exchange(
        self, head: bytes, lines: Sequence[bytes], seconds: float, meanwhile: Callable[[], None]
    ) -> list[Answer]:
        found, read = self._raw(head, lines, seconds, meanwhile), self._read
        if len(read) > KEPT_ANSWERS:
            read.clear()
        try:
            for line in set(found).difference(read):
                read[line] = read_answer(msgspec.json.decode(line))
        except (msgspec.DecodeError, KeyError, TypeError):
            raise LostError("it wrote into our own channel") from None
        return [read[line] for line in found]

    def _raw(
        self, head: bytes, lines: Sequence[bytes], seconds: float, meanwhile: Callable[[], None] = lambda: None
    ) -> list[bytes]:
        self.start()
        process = self._process
        assert process is not None  # noqa: S101 (start gave one, or raised)
        try:
            told, answers = process.exchange(b"\n".join((head, *lines)), seconds, meanwhile)
        except LostError:
            self.noticed.said += process.said()
            self._drop()
            raise
        self.noticed.touched.update(told["touched"])
        self.noticed.asked.update(told["asked"])
        self.noticed.compared.extend(tuple(one) for one in told["compared"])
        self.noticed.said += process.said()
        return answers

    def close(self) -> None:
        """End the process; the next request would start another."""
        self._drop()

    def _drop(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None


def _close(state: dict[str, Any]) -> None:
    process = state.get("_process")
    if process is not None:
        process.close()
