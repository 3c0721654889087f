"""What the service of the tests does with a request: answers whole, late, half, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Way(Enum):
    """How an answer comes."""

    WHOLE = "whole"
    CHUNKED = "in chunks"
    REDIRECT = "a redirect to another place"
    REDIRECT_HERE = "a redirect to another path"
    NEVER = "never"
    LATE = "too late"
    STALLED = "only its beginning"
    DRIPPING = "a byte at a time"
    SHORT = "less than its length"
    BROKEN_CHUNKS = "chunks without an end"
    RESET = "a connection that is reset"
    CLOSED = "a connection that is closed"
    NO_HTTP = "no HTTP"


UNENDING = frozenset({Way.NEVER, Way.LATE, Way.STALLED, Way.DRIPPING})
"""Ways that are over only when the worker gives up."""

ELSEWHERE = "/turnstile-elsewhere"
"""Where redirects lead to."""


@dataclass(frozen=True)
class Answer:
    """A way, and the status where there is one; `pause` are the seconds before it."""

    way: Way = Way.WHOLE
    status: int = 200
    pause: float = 0.0

    def __str__(self) -> str:
        if self.way in (Way.NEVER, Way.LATE):
            return f"an answer that comes {self.way.value}"
        if self.way in (Way.RESET, Way.CLOSED, Way.NO_HTTP):
            return str(self.way.value)
        return str(self.status) + (
            "" if self.way in (Way.WHOLE, Way.CHUNKED) else f", {self.way.value.removeprefix('a redirect ')}"
        )


OK = Answer()
