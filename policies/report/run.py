"""What a report is made from: the verdicts of one run, in one order whatever order they came in, and what was run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.catalogue import order
from policies.requirement import Severity
from policies.verdict import Outcome, Verdict


@dataclass(frozen=True)
class Run:
    """One run over one platform. `threshold` is the severity from which a failure ends the run as failed."""

    suite: str
    platform: str
    today: str
    judged: tuple[str, ...]
    assumptions: tuple[str, ...]
    chapters: Mapping[str, str]
    verdicts: tuple[Verdict, ...]
    threshold: Severity = Severity.LOW
    seconds: float = 0.0

    def of(self, outcome: Outcome) -> tuple[Verdict, ...]:
        """The verdicts with this outcome."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome is outcome)

    def counts(self) -> dict[str, Counter[Outcome]]:
        """How many verdicts of each outcome there are, by chapter."""
        counted: dict[str, Counter[Outcome]] = {}
        for verdict in self.verdicts:
            counted.setdefault(verdict.chapter, Counter())[verdict.outcome] += 1
        return counted

    def severities(self) -> Counter[Severity]:
        """How many failures there are of each severity."""
        return Counter(verdict.severity for verdict in self.of(Outcome.FAILED))


def in_order(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Put verdicts in the order of the specification, then of their subjects."""
    return tuple(sorted(verdicts, key=lambda verdict: (order(verdict.requirement), verdict.subject)))


def ends_badly(verdict: Verdict, threshold: Severity) -> bool:
    """Whether this verdict alone makes the run fail: an error always, a failure from the threshold on."""
    return verdict.outcome is Outcome.ERROR or (verdict.outcome is Outcome.FAILED and verdict.severity >= threshold)
