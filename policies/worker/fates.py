"""What becomes of a message: how it is written, and how the service answers it. Each kind is tried in every run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from policies.worker.answers import OK, Answer, Way


class Family(Enum):
    """Fates that end alike."""

    DONE = "answered with success"
    CONFLICT = "answered with 409"
    REFUSED = "refused for what it asks"
    LATER = "refused for now"
    ERROR = "answered with an error of the service"
    REDIRECT = "answered with a redirect"
    SILENT = "not answered in time"
    HALF = "answered in part"
    CUT = "not answered, for the connection breaks"
    BROKEN = "no JSON"
    LACKING = "without what its action needs"
    UNKNOWN = "of an action that there is not"
    HOSTILE = "with an id that is none"


UNREADABLE = frozenset({Family.BROKEN, Family.LACKING})
UNSENT = UNREADABLE | {Family.UNKNOWN}
"""Fates of messages that ask for no call."""


@dataclass(frozen=True)
class Fate:
    """A kind of message: `label` says which, `answer` what the service does with it."""

    label: str
    family: Family
    answer: Answer = OK

    @property
    def waits(self) -> bool:
        """Whether it takes the worker's whole patience."""
        return self.answer.way in (Way.NEVER, Way.LATE, Way.STALLED, Way.DRIPPING)


def _statuses(family: Family, *statuses: int) -> tuple[Fate, ...]:
    return tuple(Fate(f"answered {status}", family, Answer(status=status)) for status in statuses)


def _ways(family: Family, *ways: Way) -> tuple[Fate, ...]:
    return tuple(Fate(f"answered with {Answer(way)}", family, Answer(way)) for way in ways)


DONE = (
    *_statuses(Family.DONE, 200, 201, 202, 204),
    Fate("answered 200 in chunks", Family.DONE, Answer(Way.CHUNKED)),
)
PLAIN = DONE[0]
_UNSENT = {
    Family.BROKEN: ("an empty body", "a text that is no JSON", "JSON that breaks off", "XML"),
    Family.LACKING: (
        "the JSON null",
        "a JSON list",
        "a JSON text",
        "a JSON number",
        "no action",
        "an action that is null",
        "an action that is an object",
        "no id",
        "an id that is null",
        "an id that is an object",
        "an id that is a list",
        "an id that is true",
    ),
    Family.UNKNOWN: (
        "an action that there is not",
        "the action in other capitals",
        "the action after a space",
        "the action constructor",
        "the action __proto__",
        "an empty action",
    ),
}
FATES: dict[Family, tuple[Fate, ...]] = {
    Family.DONE: DONE,
    Family.CONFLICT: _statuses(Family.CONFLICT, 409),
    Family.REFUSED: _statuses(Family.REFUSED, 400, 404, 410, 422),
    # Our own credential is refused, or the service asks to come again (RFC 9110 15.5.9, RFC 6585 4, RFC 8470 5.2).
    Family.LATER: _statuses(Family.LATER, 401, 403, 408, 425, 429),
    Family.ERROR: _statuses(Family.ERROR, 500, 501, 502, 503, 504),
    Family.REDIRECT: tuple(
        Fate(f"answered {Answer(way, status)}", Family.REDIRECT, Answer(way, status))
        for way, status in (
            (Way.REDIRECT, 301), (Way.REDIRECT, 302), (Way.REDIRECT, 303), (Way.REDIRECT, 307), (Way.REDIRECT, 308),
            (Way.REDIRECT_HERE, 302), (Way.REDIRECT_HERE, 307),
        )
    ),
    Family.SILENT: _ways(Family.SILENT, Way.NEVER, Way.LATE),
    Family.HALF: _ways(Family.HALF, Way.SHORT, Way.BROKEN_CHUNKS, Way.STALLED, Way.DRIPPING),
    Family.CUT: _ways(Family.CUT, Way.RESET, Way.CLOSED, Way.NO_HTTP),
    **{family: tuple(Fate(label, family) for label in labels) for family, labels in _UNSENT.items()},
}  # fmt: skip
HOSTILE = Fate("an id that is none", Family.HOSTILE)
