"""`waivers.toml`: which failures are accepted, why, by whom and until when."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec

from policies.errors import StatementError
from policies.evidence import Location
from policies.intent.statement import convert, line_of_key, read_statement
from policies.requirement import Severity
from policies.verdict import Outcome, Verdict, printable

FILE = "waivers.toml"

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[waiver]]`: one requirement on one subject (`*` stands for any characters), the reason, the owner, and its end.

    Either `expires` (the last day on which it holds) or `permanent = true`.
    """

    requirement: Text
    subject: Text
    reason: Text
    owner: Text
    expires: datetime.date | None = None
    permanent: bool = False

    def covers(self, requirement: str, subject: str) -> bool:
        """Whether it speaks of this case."""
        return self.requirement == requirement and (self.subject == subject or _like(subject, self.subject))

    def has_expired(self, today: datetime.date) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and self.expires < today

    @property
    def until(self) -> str:
        """Its end, in words."""
        return "permanently" if self.expires is None else f"until {self.expires.isoformat()}"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    waiver: tuple[Waiver, ...] = ()


class Waivers(msgspec.Struct, frozen=True):
    """The waivers of a platform with the lines on which they stand, and the day on which they are read."""

    today: datetime.date
    every: tuple[Waiver, ...] = ()
    lines: tuple[int, ...] = ()

    def apply(self, verdict: Verdict) -> Verdict:
        """Give a failure that is accepted as waived, and one whose waiver is over as the failure it is, saying so."""
        if verdict.outcome is not Outcome.FAILED:
            return verdict
        for waiver, line in zip(self.every, self.lines, strict=True):
            if waiver.covers(verdict.requirement, verdict.subject):
                place = f"{FILE}:{line}"
                if waiver.has_expired(self.today):
                    text = f"{verdict.message} (its waiver, {place}, expired on {waiver.expires})"
                    return replace(verdict, message=text, waiver=place)
                text = f"{verdict.message} (waived {waiver.until} by {waiver.owner}: {waiver.reason})"
                return replace(verdict, outcome=Outcome.WAIVED, message=text, waiver=place)
        return verdict

    def location(self, position: int) -> Location:
        """The line of the waiver at a position."""
        return Location(FILE, self.lines[position])


def read_waivers(root: Path, today: datetime.date, known: frozenset[str]) -> Waivers:
    """Read a platform's waivers; there are none where it has no such file.

    Raises StatementError, with key and line, for a file that does not fit, a requirement that is not among `known`, and a waiver
    without an end or with two.
    """
    text = read_statement(root, FILE)
    if text is None:
        return Waivers(today)
    read = convert(text, FILE, _File)
    for position, waiver in enumerate(read.waiver):
        if (waiver.expires is None) is not waiver.permanent:
            problem = (
                "states both an expiry date and permanent = true"
                if waiver.permanent
                else "lacks an end: expires = YYYY-MM-DD or permanent = true"
            )
            raise StatementError(FILE, line_of_key(text, ["waiver", position]), f"waiver.{position}", problem)
        if waiver.requirement not in known:
            raise StatementError(
                FILE, line_of_key(text, ["waiver", position, "requirement"]), f"waiver.{position}.requirement",
                f"there is no requirement {waiver.requirement!r}; 'turnstile list' shows them",
            )  # fmt: skip
    return Waivers(
        today, read.waiver, tuple(line_of_key(text, ["waiver", position]) or 1 for position in range(len(read.waiver)))
    )


def _like(subject: str, pattern: str) -> bool:
    # Only * has a meaning: brackets and question marks stand in subjects as themselves.
    return fnmatch.fnmatchcase(subject, pattern.replace("[", "[[]").replace("?", "[?]"))


def overdue(waivers: Waivers) -> tuple[Verdict, ...]:
    """Give a failure for each waiver that has expired: it is to be renewed on purpose, or to go."""
    return tuple(
        _failure(
            "WAIVER-01",
            "Waiver has not expired",
            waiver,
            waivers.location(position),
            f"expired on {waiver.expires}; today is {waivers.today}",
        )
        for position, waiver in enumerate(waivers.every)
        if waiver.has_expired(waivers.today)
    )


def unused(waivers: Waivers, verdicts: Iterable[Verdict], complete: frozenset[str]) -> tuple[Verdict, ...]:
    """Give a failure for each waiver that no failure needed, if all cases of its requirement (`complete`) were judged."""
    failures = [verdict for verdict in verdicts if verdict.waiver]
    return tuple(
        _failure(
            "WAIVER-02",
            "Waiver is used",
            waiver,
            waivers.location(position),
            f"no case of {waiver.requirement} that fails is called {waiver.subject!r}",
        )
        for position, waiver in enumerate(waivers.every)
        if waiver.requirement in complete
        and not any(waiver.covers(verdict.requirement, verdict.subject) for verdict in failures)
    )


def _failure(id: str, title: str, waiver: Waiver, location: Location, problem: str) -> Verdict:
    return Verdict(
        id, f"{waiver.requirement} {waiver.subject}", "platform", Outcome.FAILED, Severity.HIGH, title,
        "A waiver that nobody looks at any more hides the next failure of its kind.",
        f"Renew the waiver with its owner, {waiver.owner}, or delete it.", ("+",),
        printable(f"the waiver of {waiver.requirement} for {waiver.subject!r} {problem}" if id == "WAIVER-01" else f"the waiver is not used: {problem}"),
        (location,),
    )  # fmt: skip
