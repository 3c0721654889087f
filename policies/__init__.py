"""Turnstile: a platform's files, proven against its specification, one assertion a demand."""

from policies.evidence import Evidence, Gap, Location, Place, Stage
from policies.requirement import ADVICE, CRITICAL, HIGH, LOW, MEDIUM, Severity, not_judged, requirement

__all__ = [
    "ADVICE",
    "CRITICAL",
    "HIGH",
    "LOW",
    "MEDIUM",
    "Evidence",
    "Gap",
    "Location",
    "Place",
    "Severity",
    "Stage",
    "not_judged",
    "requirement",
]
