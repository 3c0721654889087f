"""What a person sees of a run: what is judged, each case as what it came to, and a summary."""

from __future__ import annotations

import pytest

from policies.report.run import ends_badly
from policies.session.ending import Ending
from policies.session.marks import AFTERTHOUGHT
from policies.session.session import Session
from policies.verdict import Outcome, Verdict, printable


class Console:
    """The lines of a run in a terminal."""

    def __init__(self, session: Session, ending: Ending) -> None:
        self.session, self.ending = session, ending

    def pytest_report_header(self) -> list[str]:
        """Say what is judged, from which statement, on which day."""
        platform, options = self.session.platform, self.session.options
        stated = "platform.toml" if platform.stated else "no platform.toml: found by looking"
        shown = printable(str(options.platform))
        return [f"turnstile: {shown} ({stated}), read on {options.today.isoformat()}"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary, and in full what went wrong beside the requirements: a module, a fixture, a plain test."""
        others = [
            report
            for kind in ("error", "failed")
            for report in terminalreporter.stats.get(kind, [])
            if not hasattr(report, "turnstile")
        ]
        for report in others:
            terminalreporter.write_sep("_", getattr(report, "head_line", None) or report.nodeid)
            terminalreporter.write_line(report.longreprtext)
        if self.session.worker is None and self.session.verdicts:
            from policies.report import terminal

            writer = terminalreporter._tw  # noqa: SLF001 (there is no other way to its stream and colours)
            # Piped output is read in logs and editors, which wrap for themselves.
            width = writer.fullwidth if writer.hasmarkup else 160
            terminal.show(self.ending.as_run(), writer._file, colours=writer.hasmarkup, width=width)  # noqa: SLF001
            options = self.session.options
            files = (self.ending.junit_file(), options.sarif, options.markdown, options.write_baseline)
            terminalreporter.write_line(f"Written: {', '.join(str(file) for file in files if file is not None)}")
            for line in self.session.neighbour.lines():
                terminalreporter.write_line(line)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, str | tuple[str, dict[str, bool]]] | None:
        """Count waived, not judged and advisory cases as what they are."""
        found: Verdict | None = getattr(report, "turnstile", None)
        if found is None:
            return None
        if found.outcome is Outcome.PASSED and report.when == "call":
            return "passed", ".", "PASSED"  # What pytest says in the end, when it has asked everybody.
        if report.nodeid.startswith(AFTERTHOUGHT):
            return "failed", "", "FAILED"  # It comes when the line of progress is over.
        if found.outcome is Outcome.FAILED and not ends_badly(found, self.session.options.fail_on):
            return "advisory", "a", ("ADVISORY", {"yellow": True})
        if found.outcome is Outcome.WAIVED:
            return "waived", "w", ("WAIVED", {"yellow": True})
        if found.outcome is Outcome.KNOWN:
            return "known", "k", ("KNOWN", {"yellow": True})
        if found.outcome is Outcome.NOT_JUDGED:
            return "not judged", "n", ("NOT JUDGED", {"cyan": True})
        if found.outcome is Outcome.ERROR:
            return "error", "E", ("ERROR", {"red": True})
        return None
