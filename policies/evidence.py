"""Where and why: what a verdict rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Stage(Enum):
    """What a place is for: some demands hold only where users are served."""

    RELEASE = "release"
    DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject stands: an overlay, a folder of plain manifests, a cluster's dump, or the platform as a whole."""

    name: str
    stage: Stage = Stage.RELEASE

    @property
    def released(self) -> bool:
        """True where users are served: every demand holds in full."""
        return self.stage is Stage.RELEASE


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A line of one of the platform's own files, or a field of an object of an API.

    `source` is a path relative to the platform, or an API object (`Deployment shop/checkout`); `line` counts from 1 and
    is None for an API object, whose `field` then says the place in it; `via` says what brought the value there when it
    was not the object's own manifest (`patch`, `images entry`, `generator`).
    """

    source: str
    line: int | None = None
    field: str = ""
    via: str = ""

    def __str__(self) -> str:
        if self.line is not None:
            return f"{self.source}:{self.line}"
        return f"{self.source} {self.field}" if self.field else self.source


def lines_of(file: str, lines: Iterable[tuple[int, str]]) -> tuple[Location, ...]:
    """Give lines of a file, each with what is wrong there, as places; where there are none, its first."""
    return tuple(Location(file, line) for line, _ in lines) or (Location(file, 1),)


def first_of(found: Iterable[object], most: int) -> str:
    """Tell the first of several things in a sentence, and how many more there are."""
    told = list(map(str, found))
    more = [f"and {len(told) - most} more"] if len(told) > most else []
    return "; ".join([*told[:most], *more])


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is wrong, in a sentence with the values seen, and where; the message of a requirement's assertion.

    `value` is what decided, without any place: a finding with the same value is the same finding, wherever it has moved. Where it
    is not given it is the message without the lines and files in it.
    """

    message: str
    locations: tuple[Location, ...] = ()
    value: str | None = None

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Gap:
    """A case without a subject: something that could not be looked at, and why.

    It is not judged; where `promised` says that the owners promised a subject it failed, and where `unreadable` says that
    a source could not be read it is an error. It never passes. `detail` is
    a traceback, where the fault is ours.
    """

    id: str
    reason: str
    place: Place
    locations: tuple[Location, ...] = ()
    promised: bool = False
    unreadable: bool = False
    detail: str = ""


PLATFORM = Place("platform")
