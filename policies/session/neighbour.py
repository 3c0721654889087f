"""checkov in a run of pytest: started when the platform has been read, waited for at the end, told after our own summary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from policies.platform import Platform

if TYPE_CHECKING:
    from policies.checkov import Beside
    from policies.checkov_results import Found

ABSENT = "checkov is not installed, so its own checks were not made beside these: 'tox -e checkov' installs it and makes them (--checkov=off: not asked)"


class Neighbour:
    """What runs beside us: `mode` is advisory, enforce or off. Its module is loaded only where it is wanted."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.running: Beside | None = None
        self.found: Found | None = None
        self.problem = ""
        self.report: Path | None = None

    def start(self, platform: Platform, root: Path) -> None:
        """Start it where it can be found."""
        if self.mode == "off":
            return
        from policies import checkov

        program = checkov.find(root)
        if program is None:
            self.problem = ABSENT
            return
        try:
            self.running = checkov.Beside.start(program, platform)
        except OSError as error:
            self.problem = f"checkov could not be started: {error.strerror}"

    def wait(self, platform: str, today: str, report: Path) -> None:
        """Wait for it, and write its report."""
        if self.running is None:
            return
        from policies import checkov

        result = self.running.finish()
        self.running = None
        if isinstance(result, str):
            self.problem = f"checkov gave no result: {result}"
            return
        self.found, self.report = result, report
        checkov.write_report(result, platform, today, report)

    @property
    def fails(self) -> bool:
        """Whether the run must fail for it: it found something, or it was asked for and gave nothing."""
        return self.mode == "enforce" and (self.found is None or bool(self.found.failed))

    def lines(self) -> Iterator[str]:
        """Yield what a person is told of it."""
        if self.problem:
            yield self.problem
        if self.found is not None:
            first, *others = self.found.lines()
            yield f"{first}, beside these ({self.report}{'' if self.mode == 'enforce' else '; advisory'})"
            yield from others

    def stop(self) -> None:
        """End it where nobody waits for it any more."""
        if self.running is not None:
            self.running.stop()
            self.running = None
