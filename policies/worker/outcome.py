"""What became of an invocation, and what Lambda makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from policies.worker.messages import Batch, Written
from policies.worker.service import Arrival


class Kind(Enum):
    """How an invocation ended."""

    ANSWERED = "answers"
    THREW = "throws"
    NEVER = "never answers"
    HUNG = "does not come to an end"
    DIED = "dies"


LOST = frozenset({Kind.NEVER, Kind.HUNG, Kind.DIED})


@dataclass(frozen=True)
class Outcome:
    """One delivery: the records, the worker's answer, and what arrived at the service meanwhile.

    `said` is what it wrote to its output, `doors` what else it tried to reach.
    """

    written: tuple[Written, ...]
    kind: Kind
    value: Any = None
    detail: str = ""
    arrivals: tuple[Arrival, ...] = ()
    said: bytes = b""
    doors: tuple[str, ...] = ()
    seconds: float = 0.0

    @cached_property
    def malformed(self) -> str:
        """Why Lambda cannot read the answer, and takes the whole batch for failed; empty where it can.

        AWS Lambda, "Implementing partial batch responses", success and failure conditions.
        """
        if self.kind is not Kind.ANSWERED or self.value is None or self.value == {}:
            return ""
        if not isinstance(self.value, dict):
            return "it is no object"
        failures = self.value.get("batchItemFailures", ...)
        if failures is ...:
            # AWS Lambda, as above: without the key the response says nothing of failures.
            return "it has no batchItemFailures" if self.value else ""
        if failures is None:
            return ""
        if not isinstance(failures, list):
            return "batchItemFailures is no list"
        own = {one.id for one in self.written}
        for item in failures:
            identifier = item.get("itemIdentifier") if isinstance(item, dict) else None
            if not isinstance(identifier, str) or not identifier:
                return f"{item!r} has no itemIdentifier"
            if identifier not in own:
                return f"the itemIdentifier {identifier!r} is no messageId of the batch"
        return ""

    @cached_property
    def reported(self) -> frozenset[int]:
        """The messages, by their place, that SQS delivers again."""
        if self.kind is not Kind.ANSWERED or self.malformed:
            return frozenset(range(len(self.written)))
        failures = (self.value or {}).get("batchItemFailures") or ()
        names = {item["itemIdentifier"] for item in failures}
        return frozenset(at for at, one in enumerate(self.written) if one.id in names)

    def of(self, at: int) -> list[Arrival]:
        """What arrived of a message: what bears its marks, or all where there is but one message."""
        return self._sorted.get(at, [])

    @cached_property
    def _sorted(self) -> dict[int | None, list[Arrival]]:
        if len({one.id for one in self.written}) == 1:
            return {0: list(self.arrivals)}
        found: dict[int | None, list[Arrival]] = {}
        for one in self.arrivals:
            found.setdefault(whose(self.written, one), []).append(one)
        return found

    @property
    def called(self) -> frozenset[int]:
        """The messages of which something arrived."""
        return frozenset(at for at in range(len(self.written)) if self.of(at))


def whose(written: Sequence[Written], arrival: Arrival) -> int | None:
    """Give the place of the message that an arrival bears the marks of."""
    text = " ".join(
        (unquote(arrival.target), arrival.body.decode("utf-8", "replace"), *(v for _, v in arrival.headers))
    )
    return next((at for at, one in enumerate(written) if any(mark in text for mark in one.marks)), None)


@dataclass(frozen=True)
class Tried:
    """A batch and what became of each of its deliveries."""

    batch: Batch
    outcomes: tuple[Outcome, ...] = field(repr=False)

    @property
    def first(self) -> Outcome:
        """Its first delivery."""
        return self.outcomes[0]
