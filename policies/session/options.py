"""What is asked of a run."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from policies.errors import UsageError
from policies.requirement import Requirement, Severity

EVERYTHING = "all"


@dataclass(frozen=True)
class Options:
    """What was asked for: the platform and what else to judge, what fails the run, where the report goes.

    `folders` hold requirements, ours first; `require` names requirements, chapters, or `EVERYTHING`.
    """

    platform: Path
    folders: tuple[Path, ...]
    today: datetime.date
    cluster_objects: tuple[tuple[str, Path], ...] = ()
    require: tuple[str, ...] = ()
    fail_on: Severity = Severity.LOW
    junit: Path | None = None
    sarif: Path | None = None
    markdown: Path | None = None
    baseline: Path | None = None
    write_baseline: Path | None = None
    suite: str = "static"
    checkov: str = "advisory"


def required(names: tuple[str, ...], known: tuple[Requirement, ...]) -> Callable[[Requirement], bool]:
    """Give whether a verdict on a requirement is asked for. Raises UsageError for a name of none."""
    for name in names:
        if name != EVERYTHING and not any(name in (item.id, item.family, item.chapter) for item in known):
            raise UsageError(f"--require {name} names no requirement and no chapter; 'turnstile list' shows them")
    return lambda item: any(name in (EVERYTHING, item.id, item.family, item.chapter) for name in names)
