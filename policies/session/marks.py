"""What a verdict makes of pytest's own report of a case."""

from __future__ import annotations

import pytest

from policies.report import junit
from policies.verdict import Outcome, Verdict

AFTERTHOUGHT = "turnstile::"
"""How the cases are called that only the end of a run can judge: waivers and baseline."""


def mark(report: pytest.TestReport, found: Verdict) -> None:
    """Put a verdict on a report, and let that say the same."""
    report.turnstile = found  # type: ignore[attr-defined]
    if found.outcome is Outcome.PASSED:
        return
    if found.outcome in (Outcome.WAIVED, Outcome.KNOWN, Outcome.NOT_JUDGED):
        report.outcome = "skipped"
        report.longrepr = (str(report.location[0]), (report.location[1] or 0) + 1, found.message)
    else:
        report.outcome = "failed"
        report.longrepr = junit.describe(found)
