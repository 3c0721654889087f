"""The cases of a requirement on a platform, and the verdict on each."""

from __future__ import annotations

import hashlib
import re
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from policies.errors import SourceError, TurnstileError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.platform import Platform
from policies.requirement import NotJudged, Requirement, Severity, Subject


class Outcome(StrEnum):
    """What became of a case."""

    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"
    KNOWN = "known"
    NOT_JUDGED = "not judged"
    ERROR = "error"


ABSENT = "the platform has no "
"""How the reason begins of a case for which there was no subject at all."""

ON_FILES = "it is judged on a platform's files, by 'tox -e static', and not on what runs"
"""The reason where what runs is looked at, and a requirement is about what is written."""


@dataclass(frozen=True)
class Case:
    """One requirement on one subject, or on a gap where a subject could not be had.

    `id` is unique among the requirement's cases, and so is `meaning`: what the subject is, whichever file it stands in.
    """

    requirement: Requirement
    subject: Subject | Gap
    id: str
    meaning: str

    @property
    def place(self) -> Place:
        """Where the subject stands."""
        return self.subject.place


@dataclass(frozen=True)
class Verdict:
    """The outcome of one case, as plain data that crosses processes.

    `message` is what is wrong, or why it was waived or not judged; `locations` are lines or fields of the platform. `meaning` and
    `value` say what the finding is, without any file or line.
    """

    requirement: str
    subject: str
    place: str
    outcome: Outcome
    severity: Severity
    title: str
    why: str
    remedy: str
    clauses: tuple[str, ...] = ()
    message: str = ""
    locations: tuple[Location, ...] = ()
    waiver: str = ""
    detail: str = ""
    meaning: str = ""
    value: str = ""
    seconds: float = 0.0

    @property
    def chapter(self) -> str:
        """The chapter of its requirement."""
        return self.requirement.partition("-")[0]

    @property
    def fingerprint(self) -> str:
        """What makes it the same finding from run to run: requirement, meaning and value, as 32 hexadecimal digits."""
        return hashlib.sha256("\0".join((self.requirement, self.meaning, self.value)).encode()).hexdigest()[:32]

    def to_plain(self) -> dict[str, Any]:
        """Give it as JSON data."""
        locations = [asdict(location) for location in self.locations]
        return {**vars(self), "outcome": self.outcome.value, "severity": int(self.severity), "locations": locations}

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> Verdict:
        """Take it back from JSON data."""
        return cls(
            **{
                **data,
                "outcome": Outcome(data["outcome"]),
                "severity": Severity(data["severity"]),
                "clauses": tuple(data["clauses"]),
                "locations": tuple(Location(**item) for item in data["locations"]),
            }
        )


@dataclass(frozen=True)
class Collected:
    """What a class of subjects is on a platform: the subjects, and what went wrong after the last of them."""

    subjects: tuple[Subject | Gap, ...]
    error: Exception | None = None


def collect(subject: type[Subject], platform: Platform) -> Collected:
    """Look for every subject of a type; what is wrong with the platform, or with the looking, is a part of the result."""
    found = []
    if platform.only_clusters and subject.only_in_files:
        return Collected((Gap(f"no {subject.noun}", ON_FILES, PLATFORM),))
    try:
        for one in subject.collect(platform):
            found.append(one)
    except Exception as error:  # noqa: BLE001 (a fault of ours is an error verdict, with its traceback, and hides no other case)
        return Collected(tuple(found), error)
    return Collected(tuple(found))


def cases(
    requirement: Requirement, platform: Platform, collected: dict[type[Subject], Collected] | None = None
) -> tuple[Case, ...]:
    """Give every case of a requirement: at least one, and never an exception for what is wrong with the platform.

    In `collected` stands what was looked for already: several requirements are judged on the same subjects.
    """
    known = {} if collected is None else collected
    if requirement.subject not in known:
        known[requirement.subject] = collect(requirement.subject, platform)
    found = known[requirement.subject]
    return tuple(_unique(requirement, (*found.subjects, *_gaps(requirement, found))))


def _gaps(requirement: Requirement, found: Collected) -> Iterator[Gap]:
    noun, error = requirement.subject.noun, found.error
    if isinstance(error, SourceError):
        yield Gap(f"{noun}: {error.file}", str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
    elif isinstance(error, TurnstileError):
        yield Gap(noun, str(error), PLATFORM, unreadable=True)
    elif error is not None:
        reason = f"{requirement.id} itself failed when it looked for a {noun}: {type(error).__name__}: {error}"
        yield Gap(noun, reason, PLATFORM, unreadable=True, detail="".join(traceback.format_exception(error)))
    elif not found.subjects:
        yield Gap(f"no {noun}", f"{ABSENT}{noun}", PLATFORM)


def _unique(requirement: Requirement, subjects: Iterable[Subject | Gap]) -> Iterator[Case]:
    ids: Counter[str] = Counter()
    meanings: Counter[str] = Counter()
    for subject in subjects:
        meaning = getattr(subject, "meaning", subject.id)
        yield Case(requirement, subject, _numbered(ids, subject.id), _numbered(meanings, meaning))


def _numbered(seen: Counter[str], text: str) -> str:
    name = printable(text)
    seen[name] += 1
    return name if seen[name] == 1 else f"{name} ({seen[name]})"


def judge(case: Case) -> Verdict:
    """Judge a case by calling its requirement's function."""
    try:
        run(case)
    except Exception as error:  # noqa: BLE001 (whatever it is becomes a verdict, and never a pass)
        return verdict(case, error)
    return verdict(case, None)


def run(case: Case) -> None:
    """Call the requirement's function on the subject; for a gap, raise what a gap means."""
    subject = case.subject
    if isinstance(subject, Gap):
        if subject.unreadable:
            raise UnreadableError(subject)
        if subject.promised:
            raise AssertionError(Evidence(subject.reason, subject.locations))
        raise NotJudged(subject.reason)
    case.requirement.function(subject)


class UnreadableError(TurnstileError):
    """A gap that is an error: its source could not be read."""

    def __init__(self, gap: Gap) -> None:
        self.gap = gap
        super().__init__(gap.reason)


def verdict(case: Case, error: BaseException | None, seconds: float = 0.0) -> Verdict:
    """Say what a function's return (None) or exception means for its case; `seconds` is how long it took."""
    requirement = case.requirement
    passed = Verdict(
        requirement.id, case.id, case.place.name, Outcome.PASSED, _severity(case),
        requirement.title, requirement.why, requirement.remedy, requirement.clauses, meaning=case.meaning, seconds=seconds,
    )  # fmt: skip
    if error is None:
        return passed
    outcome, evidence = _meaning(case, error)
    detail = case.subject.detail if isinstance(case.subject, Gap) else ""
    if outcome is Outcome.ERROR and not isinstance(error, TurnstileError):
        detail = "".join(traceback.format_exception(error))
    shown = tuple(
        replace(location, source=printable(location.source), field=printable(location.field))
        for location in evidence.locations
    )
    value = evidence.value if evidence.value is not None else _PLACES.sub("", evidence.message)
    return replace(
        passed,
        outcome=outcome,
        message=printable(evidence.message),
        locations=shown,
        detail=detail,
        value=printable(value),
    )


def _severity(case: Case) -> Severity:
    """How bad a failure of a case is: advice, where its subject says that the owners have not said enough for more."""
    if getattr(case.subject, "is_advice", False):
        return Severity.ADVICE
    return case.requirement.severity_at(case.place)


_PLACES = re.compile(r"[^\s()'\"]*:\d+(?=\b)|\bline \d+\b|[^\s()'\"]*/[^\s()'\"]*\.(?:ya?ml|env|toml|example|json)\b")


def _meaning(case: Case, error: BaseException) -> tuple[Outcome, Evidence]:
    subject = case.subject
    locations = subject.locations if isinstance(subject, Gap) else ()
    if isinstance(error, NotJudged):
        return Outcome.NOT_JUDGED, Evidence(str(error), locations)
    if isinstance(error, SourceError):
        return Outcome.ERROR, Evidence(str(error), (Location(error.file, error.line),))
    if isinstance(error, TurnstileError):
        return Outcome.ERROR, Evidence(str(error), locations)
    if isinstance(error, AssertionError):
        said = error.args[0] if error.args else "the assertion does not hold"
        if isinstance(said, Evidence):
            return Outcome.FAILED, said
        nearest = locations if isinstance(subject, Gap) else subject.evidence("").locations
        return Outcome.FAILED, Evidence(str(said).partition("\nassert ")[0], nearest)
    return Outcome.ERROR, Evidence(f"{case.requirement.id} itself failed: {type(error).__name__}: {error}", locations)


_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)


def printable(text: str) -> str:
    """Give the text with every control character, direction mark and lone surrogate spelled out: harmless in a terminal and in XML."""
    return _UNPRINTABLE.sub(
        lambda match: f"\\x{ord(match[0]):02x}" if ord(match[0]) < 256 else f"\\u{ord(match[0]):04x}", text
    )
