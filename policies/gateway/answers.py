"""What a gateway answered, and what came of a request behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Arrived:
    """A request that came to what stands behind the gateway: where, and as what."""

    backend: str
    line: str
    headers: Headers

    @property
    def path(self) -> str:
        """Its path, as it was sent, without the query."""
        parts = self.line.split(" ")
        return parts[1].partition("?")[0] if len(parts) > 1 else ""

    def values(self, name: str) -> tuple[str, ...]:
        """Give the values of a header."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())


@dataclass(frozen=True)
class Answer:
    """What a gateway answered, and what arrived behind it; `problem` says why there is no answer, or why a request cannot be sent."""

    status: int
    headers: Headers = ()
    body: str = ""
    arrived: tuple[Arrived, ...] = ()
    problem: str = ""

    @property
    def through(self) -> bool:
        """Whether the request came to what stands behind it."""
        return bool(self.arrived)

    @property
    def is_late(self) -> bool:
        """Whether it did not come in time: what would have become of the request is not known."""
        return self.problem.startswith("TimeoutError")

    def values(self, name: str) -> tuple[str, ...]:
        """Give the values of a header of the answer."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())

    def __str__(self) -> str:
        if self.problem:
            return f"gives no answer ({self.problem})"
        kind = "".join(f", {value}" for value in self.values("content-type"))
        return f"answers {self.status}{kind}"


NEVER_SENT = Answer(0, problem="it cannot be written as a request of HTTP")
"""The answer to what cannot be sent."""


def read_answer(told: dict[str, Any]) -> Answer:
    """Take an answer as the driver tells it."""
    arrived = tuple(Arrived(name, line, _pairs(headers)) for name, line, headers in told["arrived"])
    return Answer(told["status"], _pairs(told["headers"]), told["body"], arrived, told["problem"])


def _pairs(headers: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in headers)
