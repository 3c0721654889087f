"""How long EKS supports which version of Kubernetes.

Source: Amazon EKS User Guide, "Understand the Kubernetes version lifecycle on EKS", Amazon EKS Kubernetes release calendar: end of standard support.
"""

from __future__ import annotations

import datetime
import re
from typing import Final

ENDS: Final = {
    (1, 23): datetime.date(2023, 10, 11),
    (1, 24): datetime.date(2024, 1, 31),
    (1, 25): datetime.date(2024, 5, 1),
    (1, 26): datetime.date(2024, 6, 11),
    (1, 27): datetime.date(2024, 7, 24),
    (1, 28): datetime.date(2024, 11, 26),
    (1, 29): datetime.date(2025, 3, 23),
    (1, 30): datetime.date(2025, 7, 23),
    (1, 31): datetime.date(2025, 11, 26),
    (1, 32): datetime.date(2026, 3, 23),
    (1, 33): datetime.date(2026, 7, 29),
    (1, 34): datetime.date(2026, 12, 2),
    (1, 35): datetime.date(2027, 3, 27),
}
"""The last day of standard support of each version."""

READ_ON: Final = datetime.date(2026, 4, 24)
"""The day on which the calendar was read; what ends after it is judged by the day of the run (`--today`)."""


def minor_of(version: str) -> tuple[int, int] | None:
    """Give a version's numbers; None for what is no minor version."""
    found = re.fullmatch(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else None


def end_of_support(version: str) -> datetime.date | None:
    """Give the last day of a version's standard support; None for one that the calendar does not have yet.

    The versions before its first ended before that did.
    """
    minor = minor_of(version)
    if minor is None:
        return None
    return ENDS[min(ENDS)] if minor < min(ENDS) else ENDS.get(minor)
