"""The end of a run: what only then can be judged, the reports, and what the run's exit code says."""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from policies.baseline import write_baseline
from policies.catalogue import CHAPTERS
from policies.model.assumed import assumptions
from policies.model.cloud.roots import roots
from policies.report import junit
from policies.report.run import Run, ends_badly, in_order
from policies.session.items import in_ascii
from policies.session.marks import AFTERTHOUGHT, mark
from policies.session.session import Session
from policies.verdict import Outcome, Verdict, printable
from policies.waivers import overdue, unused


class Ending:
    """The end of a session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge the waivers themselves, write the report, and let the exit code say what failed."""
        if self.session.worker is not None:
            session.config.workeroutput["turnstile_generated"] = dict(self.session.generated)  # type: ignore[attr-defined]
            return
        # Our own summary says more than a traceback of a requirement would, and says it once.
        session.config.option.tbstyle = "no"
        if session.config.option.collectonly:
            return
        # On a cluster only some of what the owners waived can come up.
        complete = frozenset() if self.session.platform.only_clusters else self._complete()
        for found in (
            *overdue(self.session.waivers),
            *unused(self.session.waivers, self.session.verdicts, complete),
            *self.session.baseline.fixed(self.session.verdicts, complete),
        ):
            self._log(session, found)
        self.session.verdicts = list(in_order(self.session.verdicts))
        if self.session.verdicts:
            self._write_reports()
        self._set_exit_status(session)
        self._wait_for_neighbour(session)
        if "hypothesis" not in sys.modules:
            # Its plugin would import it, to say that it wrote nothing.
            self.session.config.pluginmanager.unregister(name="hypothesispytest")
        gc.freeze()  # pytest collects garbage when it ends, and looks at all that is alive before the process goes.

    def _write_reports(self) -> None:
        run, options = self.as_run(), self.session.options
        junit.write(run, self.junit_file())
        if options.sarif is not None:
            from policies.report import sarif

            repository = self.session.platform.repository
            prefix = "" if isinstance(repository, str) else repository.prefix()
            sarif.write(run, self.session.requirements, options.sarif, prefix)
        if options.markdown is not None:
            from policies.report import markdown

            markdown.write(run, options.markdown)
        if options.write_baseline is not None:
            write_baseline(options.write_baseline, self.session.verdicts)

    def _set_exit_status(self, session: pytest.Session) -> None:
        """Let failures below the threshold pass, when nothing else failed."""
        ours = sum(found.outcome in (Outcome.FAILED, Outcome.ERROR) for found in self.session.verdicts)
        bad = any(ends_badly(found, self.session.options.fail_on) for found in self.session.verdicts)
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and not bad and session.testsfailed == ours:
            session.exitstatus = pytest.ExitCode.OK
        elif session.exitstatus == pytest.ExitCode.OK and bad:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _wait_for_neighbour(self, session: pytest.Session) -> None:
        report = self.junit_file().with_name("checkov.xml")
        self.session.neighbour.wait(
            printable(str(self.session.options.platform)), self.session.options.today.isoformat(), report
        )
        if self.session.neighbour.fails and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _complete(self) -> frozenset[str]:
        judged = Counter(found.requirement for found in self.session.verdicts)
        return frozenset(id for id, count in self.session.generated.items() if judged[id] == count)

    def _log(self, session: pytest.Session, found: Verdict) -> None:
        report = pytest.TestReport(
            f"{AFTERTHOUGHT}{found.requirement}[{in_ascii(found.subject)}]",
            ("waivers.toml", 0, found.requirement),
            {},
            "failed",
            None,
            "call",
        )
        mark(report, found)
        session.config.hook.pytest_runtest_logreport(report=report)

    def junit_file(self) -> Path:
        """Where the report goes."""
        return (
            self.session.options.junit or self.session.config.rootpath / "reports" / f"{self.session.options.suite}.xml"
        )

    def as_run(self) -> Run:
        """Give what reports are made from."""
        judged = [
            f"{item.place.name} ({item.place.stage.value}): {len(item.documents)} objects of {item.folder}"
            for item in self.session.platform.deployed
        ]
        judged += [
            f"{one.place.name} ({one.place.stage.value}): {len(one.root.resources())} resources of {one.folder} in AWS"
            for one in roots(self.session.platform)
            if one.in_account and one.root is not None
        ]
        titles = {
            item.chapter: chapter.title for chapter in reversed(self.session.chapters) for item in chapter.requirements
        }
        return Run(
            suite=self.session.options.suite,
            platform=printable(str(self.session.options.platform)),
            today=self.session.options.today.isoformat(),
            judged=tuple(map(printable, judged)),
            assumptions=tuple(printable(str(assumption)) for assumption in assumptions(self.session.platform)),
            chapters={**titles, **CHAPTERS},
            verdicts=tuple(self.session.verdicts),
            threshold=self.session.options.fail_on,
            seconds=time.perf_counter() - self.session.started,
        )
