"""A requirement: one demand on one subject, and all that reports need to know about it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol, TypeVar, runtime_checkable

from policies.evidence import Evidence, Gap, Place

if TYPE_CHECKING:
    from policies.platform import Platform


class Severity(IntEnum):
    """How bad a failure is: LOW is untidy, MEDIUM will hurt one day, HIGH breaks or exposes something, CRITICAL does so now.

    ADVICE is no failure yet: what is found may be meant, and the owners have not said so. No run fails by it unless `--fail-on advice` asks.
    """

    ADVICE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


ADVICE, LOW, MEDIUM, HIGH, CRITICAL = Severity

FILES = "files"

_ID = re.compile(r"[A-Z][A-Z0-9]*-[A-Z0-9]+[a-z]?\Z")


@runtime_checkable
class Subject(Protocol):
    """What a requirement is judged on.

    `noun` names the type in a sentence ("image"). `only_in_files` is true of a type that no API could give (a key declared
    twice): it is then judged on files alone. A type whose subjects run a platform's code names the process beside the run that judges it
    (`beside = "worker"`), and ends in `close` what it started; that of `FILES` begins first, for subjects that need nothing of what kustomize
    and Terraform make of the files. See `policies/session/aside.py`.
    """

    noun: ClassVar[str]
    only_in_files: ClassVar[bool]

    @property
    def place(self) -> Place:
        """Where it stands."""
        ...

    @property
    def id(self) -> str:
        """What it is called in reports and waivers: stable, unique among its type."""
        ...

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give what is wrong, `message` formatted with the values seen, and the line that decided it."""
        ...

    @classmethod
    def collect(cls, platform: Platform) -> Iterable[Subject | Gap]:
        """Yield every subject of this type in a platform, and a gap for each place that could not be looked at."""
        ...


class NotJudged(Exception):  # noqa: N818 (an outcome, not an error)
    """Raised by `not_judged`: the subject is there, and what would decide about it is not known."""


def not_judged(reason: str) -> NoReturn:
    """End a requirement without a verdict; say what is not known, and what would state it."""
    raise NotJudged(reason)


@dataclass(frozen=True)
class Requirement:
    """All that is known about a requirement; `function` judges one subject by asserting.

    `maps` are the well-known rules that it covers, by their published titles.
    """

    id: str
    subject: type[Subject]
    clauses: tuple[str, ...]
    severity: Severity
    remedy: str
    function: Callable[[Any], None]
    severity_in_development: Severity | None = None
    maps: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """The entry of the requirements' list that it belongs to: `BASE-02` of `BASE-02a`."""
        return self.id.rstrip("abcdefghijklmnopqrstuvwxyz")

    @property
    def chapter(self) -> str:
        """The chapter: `BASE` of `BASE-02a`."""
        return self.id.partition("-")[0]

    @cached_property
    def title(self) -> str:
        """The demand as a sentence, from the function's name: `Key is declared once`."""
        return self.function.__name__.removeprefix("test_").replace("_", " ").capitalize()

    @cached_property
    def why(self) -> str:
        """Why it matters: the function's docstring, on one line."""
        return " ".join((self.function.__doc__ or "").split())

    def severity_at(self, place: Place) -> Severity:
        """How bad a failure is in this place."""
        return self.severity if place.released or self.severity_in_development is None else self.severity_in_development

    @property
    def source(self) -> tuple[str, int]:
        """The file and line where it stands."""
        return inspect.getsourcefile(self.function) or "", inspect.getsourcelines(self.function)[1]


Function = TypeVar("Function", bound=Callable[[Any], None])


def requirement(
    id: str,
    subject: type[Subject],
    *,
    clause: str,
    severity: Severity,
    remedy: str,
    in_development: Severity | None = None,
    maps: tuple[str, ...] = (),
) -> Callable[[Function], Function]:
    """Make a test function a requirement on every subject of a type.

    `clause` lists the specification's clauses that it proves, `+` for what goes beyond it. Raises ValueError where the id is not of the
    form `CHAPTER-NUMBER` with an optional small letter, or the function has no docstring.
    """
    if not _ID.match(id):
        raise ValueError(f"{id!r} is no requirement's id; write it like BASE-02 or BASE-02a")

    def attach(function: Function) -> Function:
        if not function.__doc__:
            raise ValueError(f"{function.__name__} ({id}) has no docstring; say in it why the requirement matters")
        clauses = tuple(part.strip() for part in clause.split(","))
        made = Requirement(id, subject, clauses, severity, remedy, function, in_development, maps)
        function.__requirement__ = made  # type: ignore[attr-defined]
        setattr(function, id, made)  # By the names of a function's attributes `-k` selects: `-k CFG-02`.
        return function

    return attach


def requirement_of(function: object) -> Requirement | None:
    """Give the requirement that a function is, or None."""
    found = getattr(function, "__requirement__", None)
    return found if isinstance(found, Requirement) else None
