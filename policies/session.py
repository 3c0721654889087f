"""One run of pytest over a platform: one case a subject, one verdict a case, one summary at the end."""

from __future__ import annotations

import datetime
import gc
import inspect
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from policies.aside import Asides, beside
from policies.baseline import Baseline, read_baseline, write_baseline
from policies.catalogue import CHAPTERS, chapters
from policies.checkov_session import Neighbour
from policies.errors import ToolError, TurnstileError, UsageError
from policies.evidence import Gap
from policies.items import CaseItem, as_meant, call, case_of, in_ascii, items
from policies.model.assumed import assumptions
from policies.platform import Platform
from policies.read import terraform_evaluate
from policies.read.kustomize import Build, Building, from_json, to_json
from policies.read.terraform_evaluate import Answer
from policies.report import junit
from policies.report.run import Run, ends_badly, in_order
from policies.requirement import FILES, Requirement, Severity, Subject, requirement_of
from policies.verdict import Case, Collected, Outcome, Verdict, cases, printable, run, verdict
from policies.waivers import Waivers, overdue, read_waivers, unused

EVERYTHING = "all"

AFTERTHOUGHT = "turnstile::"
"""How the cases are called that only the end of a run can judge: waivers and baseline."""

SILENT_SECONDS = 2
"""What takes longer than this says how far it is."""


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


class Session:
    """One run of pytest: the platform, its waivers, and the verdicts as they come in."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config = config
        self.options = options
        self.started = time.perf_counter()
        self.worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        builds = Building(self._tell_progress) if self.worker is None else self._builds_of_controller(self.worker)
        answers = None if self.worker is None else self._answers_of_controller(self.worker)
        self.platform = Platform.open(
            options.platform,
            options.cluster_objects,
            builds,
            self._tell_progress,
            answers=answers,
            today=options.today,
        )
        self.asides = Asides()
        if self._judges_all():
            self.asides.start(FILES, self._cases_of_files)
        if isinstance(builds, Building) and not config.option.help:
            # kustomize and Terraform's evaluation work on while the requirements are imported.
            builds.start(item.sources for item in self.platform.overlays if item.sources is not None)
            _ = self.platform.terraform
        self.chapters = chapters(*options.folders)
        self.requirements = tuple(item for chapter in self.chapters for item in chapter.requirements)
        modules = (sys.modules[item.function.__module__] for item in self.requirements)
        self.modules = {Path(module.__file__ or ""): module for module in modules}
        self.required = _required(options.require, self.requirements)
        _ = self.platform.clusters  # A file of objects that cannot be read is told before anything is judged.
        self.waivers: Waivers = read_waivers(
            options.platform, options.today, frozenset(item.id for item in self.requirements)
        )
        self.baseline = read_baseline(options.baseline) if options.baseline else Baseline("")
        self.collected: dict[type[Subject], Collected] = {}
        self.is_aside = False
        self.generated: Counter[str] = Counter()
        self.verdicts: list[Verdict] = []
        self.handed_over: tempfile.TemporaryDirectory[str] | None = None
        self.neighbour = Neighbour(options.checkov if options.suite == "static" and self.worker is None else "off")

    def _builds_of_controller(self, worker: dict[str, Any]) -> dict[str, Build]:
        return from_json(Path(worker["turnstile_builds"]).read_text(encoding="utf-8"))

    def _answers_of_controller(self, worker: dict[str, Any]) -> dict[str, Answer]:
        return terraform_evaluate.from_json(Path(worker["turnstile_answers"]).read_text(encoding="utf-8"))

    def _judges_all(self) -> bool:
        """Whether all cases are to be judged, and by this process: else what is judged beside it might not be wanted."""
        option = self.config.option
        chosen = option.keyword or option.markexpr or option.deselect or option.maxfail or getattr(option, "lf", False)
        elsewhere = self.worker is not None or getattr(option, "numprocesses", None) or option.suite != "static"
        looked_at = option.help or option.collectonly or option.usepdb or option.trace
        return not (chosen or elsewhere or looked_at or any("::" in argument for argument in self.config.args))

    def _begin_beside(self) -> None:
        """Begin to judge what runs a platform's code, when all is read that it needs."""
        with suppress(ToolError):  # Whoever needs Terraform's roots says it.
            _ = self.platform.terraform.answers
        for name in dict.fromkeys(map(beside, self.requirements)):
            if name not in ("", FILES):
                self.asides.start(name, partial(self._cases_beside, name))

    def _cases_beside(self, name: str) -> Iterator[Case]:
        self.is_aside = True
        for requirement in self.requirements:
            if beside(requirement) == name:
                yield from cases(requirement, self.platform, self.collected)

    def _cases_of_files(self) -> Iterator[Case]:
        """Yield the cases of ours that run a platform's code and need its files alone; a team's own are loaded once, and judged here."""
        platform = Platform.open(self.options.platform, today=self.options.today)
        collected: dict[type[Subject], Collected] = {}
        for requirement in (item for chapter in chapters(*self.options.folders[:1]) for item in chapter.requirements):
            if beside(requirement) == FILES:
                yield from cases(requirement, platform, collected)

    def _tell_progress(self, text: str) -> None:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and not self.is_aside and time.perf_counter() - self.started > SILENT_SECONDS:
            reporter.write_line(f"turnstile: {printable(text)}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Read the platform before anything is collected: here what is written is seen, and collecting needs it all."""
        try:
            _ = self.platform.deployed
        except TurnstileError as error:
            raise pytest.UsageError(printable(str(error))) from None
        if self._judges_all():
            self._begin_beside()
        if not self.config.option.collectonly:
            self.neighbour.start(self.platform, self.config.rootpath)

    # Cases

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        """Take a module of requirements as the catalogue has loaded it, rather than to load it a second time."""
        loaded = self.modules.get(module_path)
        if loaded is None or hasattr(loaded, "pytestmark"):
            return None
        module: pytest.Module = pytest.Module.from_parent(parent, path=module_path)
        module.obj = loaded
        return module

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, name: str, obj: object
    ) -> list[pytest.Item] | None:
        """Give a requirement one item a subject; one that asks for fixtures gets them by parameters (`pytest_generate_tests`)."""
        requirement = requirement_of(obj) if inspect.isfunction(obj) else None
        interactive = self.config.option.usepdb or self.config.option.trace
        if requirement is None or interactive or not isinstance(collector, pytest.Module):
            return None
        if not collector.istestfunction(obj, name):
            return None
        made = cases(requirement, self.platform, self.collected)
        found = items(pytest.Function.from_parent(collector, name=name), made)
        if found is None:
            return None
        self.generated[requirement.id] += len(made)
        return list(found)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give a requirement that asks for more than its subject one case a subject."""
        requirement = requirement_of(metafunc.function)
        if requirement is None:
            return
        made = cases(requirement, self.platform, self.collected)
        self.generated[requirement.id] += len(made)
        parameter = metafunc.fixturenames[0]
        metafunc.parametrize(parameter, [pytest.param(case, id=in_ascii(case.id)) for case in made])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put last what is judged beside us, so that nothing waits for it; end the processes of which nothing is wanted."""
        items.sort(key=lambda item: bool(_beside(item)))
        self.asides.keep({_beside(item) for item in items})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Judge a case that asks for nothing but its subject at once: pytest's setup and teardown would cost more than it does."""
        if not isinstance(item, CaseItem):
            return None
        hook, nodeid, location = item.ihook, item.nodeid, item.location
        hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        start = time.time()
        found = self.asides.verdict_of(item.case) or verdict(item.case, call(item.case), time.time() - start)
        stop = start + found.seconds
        report = pytest.TestReport(
            nodeid, location, {}, "passed", None, "call", duration=stop - start, start=start, stop=stop
        )
        self._conclude(report, item.case.requirement, found)
        hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
        item.session._setupstate.teardown_exact(nextitem)  # noqa: SLF001 (what an item before this one left set up)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Call a requirement that asks for fixtures too on its case's subject, or say what it means that there is none."""
        case = case_of(pyfuncitem)
        if case is None:
            return None
        if isinstance(case.subject, Gap):
            run(case)
        # Until here the parameter was the case; the function asks for its subject.
        pyfuncitem.funcargs[pyfuncitem.fixturenames[0]] = case.subject
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn a call's end into a verdict, and put it on the report."""
        report = yield
        case = case_of(item)
        if case is not None and (call.when == "call" or call.excinfo is not None):
            error = as_meant(call.excinfo.value if call.excinfo else None)
            self._conclude(report, case.requirement, verdict(case, error, report.duration))
        return report

    def _conclude(self, report: pytest.TestReport, requirement: Requirement, found: Verdict) -> None:
        found = self.waivers.apply(found)
        if found.outcome is Outcome.NOT_JUDGED and self.required(requirement):
            message = f"not judged, and --require asks for a verdict: {found.message}"
            # Whoever requires a verdict wants a failure, where a finding itself would be advice.
            severity = max(found.severity, Severity.LOW)
            found = replace(found, outcome=Outcome.FAILED, message=message, severity=severity)
        _mark(report, self.baseline.apply(found))

    # What was judged, from wherever it was judged

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a verdict in; under xdist it comes from a worker."""
        found = getattr(report, "turnstile", None)
        if found is not None:
            self.verdicts.append(found)

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
        if found.outcome is Outcome.FAILED and not ends_badly(found, self.options.fail_on):
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

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge the waivers themselves, write the report, and let the exit code say what failed."""
        if self.worker is not None:
            session.config.workeroutput["turnstile_generated"] = dict(self.generated)  # type: ignore[attr-defined]
            return
        # Our own summary says more than a traceback of a requirement would, and says it once.
        session.config.option.tbstyle = "no"
        if session.config.option.collectonly:
            return
        # On a cluster only some of what the owners waived can come up.
        complete = frozenset() if self.platform.only_clusters else self._complete()
        for found in (
            *overdue(self.waivers),
            *unused(self.waivers, self.verdicts, complete),
            *self.baseline.fixed(self.verdicts, complete),
        ):
            self._log(session, found)
        self.verdicts = list(in_order(self.verdicts))
        if self.verdicts:
            self._write_reports()
        self._set_exit_status(session)
        self._wait_for_neighbour(session)
        gc.freeze()  # pytest collects garbage when it ends, and looks at all that is alive before the process goes.
        if self.handed_over is not None:
            self.handed_over.cleanup()

    def _write_reports(self) -> None:
        run, options = self.as_run(), self.options
        junit.write(run, self._junit_file())
        if options.sarif is not None:
            from policies.report import sarif

            repository = self.platform.repository
            prefix = "" if isinstance(repository, str) else repository.prefix()
            sarif.write(run, self.requirements, options.sarif, prefix)
        if options.markdown is not None:
            from policies.report import markdown

            markdown.write(run, options.markdown)
        if options.write_baseline is not None:
            write_baseline(options.write_baseline, self.verdicts)

    def _set_exit_status(self, session: pytest.Session) -> None:
        """Let failures below the threshold pass, when nothing else failed."""
        ours = sum(found.outcome in (Outcome.FAILED, Outcome.ERROR) for found in self.verdicts)
        bad = any(ends_badly(found, self.options.fail_on) for found in self.verdicts)
        if session.exitstatus == pytest.ExitCode.TESTS_FAILED and not bad and session.testsfailed == ours:
            session.exitstatus = pytest.ExitCode.OK
        elif session.exitstatus == pytest.ExitCode.OK and bad:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _wait_for_neighbour(self, session: pytest.Session) -> None:
        report = self._junit_file().with_name("checkov.xml")
        self.neighbour.wait(printable(str(self.options.platform)), self.options.today.isoformat(), report)
        if self.neighbour.fails and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self) -> None:
        """End what still runs beside us."""
        self.asides.stop()
        self.neighbour.stop()
        for subject in (one for found in self.collected.values() for one in found.subjects):
            getattr(subject, "close", int)()

    def _complete(self) -> frozenset[str]:
        judged = Counter(found.requirement for found in self.verdicts)
        return frozenset(id for id, count in self.generated.items() if judged[id] == count)

    def _log(self, session: pytest.Session, found: Verdict) -> None:
        report = pytest.TestReport(
            f"{AFTERTHOUGHT}{found.requirement}[{in_ascii(found.subject)}]",
            ("waivers.toml", 0, found.requirement),
            {},
            "failed",
            None,
            "call",
        )
        _mark(report, found)
        session.config.hook.pytest_runtest_logreport(report=report)

    def _junit_file(self) -> Path:
        return self.options.junit or self.config.rootpath / "reports" / f"{self.options.suite}.xml"

    def as_run(self) -> Run:
        """Give what reports are made from."""
        judged = (
            f"{item.place.name} ({item.place.stage.value}): {len(item.documents)} objects of {item.folder}"
            for item in self.platform.deployed
        )
        titles = {item.chapter: chapter.title for chapter in reversed(self.chapters) for item in chapter.requirements}
        return Run(
            suite=self.options.suite,
            platform=printable(str(self.options.platform)),
            today=self.options.today.isoformat(),
            judged=tuple(map(printable, judged)),
            assumptions=tuple(printable(str(assumption)) for assumption in assumptions(self.platform)),
            chapters={**titles, **CHAPTERS},
            verdicts=tuple(self.verdicts),
            threshold=self.options.fail_on,
            seconds=time.perf_counter() - self.started,
        )

    # What a person sees

    def pytest_report_header(self) -> list[str]:
        """Say what is judged, from which statement, on which day."""
        stated = "platform.toml" if self.platform.stated else "no platform.toml: found by looking"
        shown = printable(str(self.options.platform))
        return [f"turnstile: {shown} ({stated}), read on {self.options.today.isoformat()}"]

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
        if self.worker is None and self.verdicts:
            from policies.report import terminal

            writer = terminalreporter._tw  # noqa: SLF001 (there is no other way to its stream and colours)
            # Piped output is read in logs and editors, which wrap for themselves.
            width = writer.fullwidth if writer.hasmarkup else 160
            terminal.show(self.as_run(), writer._file, colours=writer.hasmarkup, width=width)  # noqa: SLF001
            files = (self._junit_file(), self.options.sarif, self.options.markdown, self.options.write_baseline)
            terminalreporter.write_line(f"Written: {', '.join(str(file) for file in files if file is not None)}")
            for line in self.neighbour.lines():
                terminalreporter.write_line(line)

    # Under xdist: verdicts travel as plain data, and what kustomize makes is made once, by the controller

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(self, report: pytest.TestReport) -> Generator[None, Any, Any]:
        """Write the verdict on a report as plain data."""
        data = yield
        if hasattr(report, "turnstile"):
            data["turnstile"] = report.turnstile.to_plain()
        return data

    @pytest.hookimpl(wrapper=True)
    def pytest_report_from_serializable(self) -> Generator[None, Any, Any]:
        """Read the verdict on a report back."""
        report = yield
        if hasattr(report, "turnstile"):
            report.turnstile = Verdict.from_plain(report.turnstile)
        return report

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand what kustomize made, and what Terraform's roots came to, to a worker."""
        if self.handed_over is None:
            self.handed_over = tempfile.TemporaryDirectory(prefix="turnstile-")
            builds = [item.build for item in self.platform.deployed if item.build is not None]
            (Path(self.handed_over.name) / "builds.json").write_text(to_json(builds), encoding="utf-8")
            answers = terraform_evaluate.to_json(self.platform.terraform.answers)
            (Path(self.handed_over.name) / "answers.json").write_text(answers, encoding="utf-8")
        node.workerinput["turnstile_builds"] = os.path.join(self.handed_over.name, "builds.json")
        node.workerinput["turnstile_answers"] = os.path.join(self.handed_over.name, "answers.json")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Learn from a worker how many cases there were: each collects them all."""
        self.generated = Counter(getattr(node, "workeroutput", {}).get("turnstile_generated", {})) or self.generated


def _beside(item: pytest.Item) -> str:
    return beside(item.case.requirement) if isinstance(item, CaseItem) else ""


def _mark(report: pytest.TestReport, found: Verdict) -> None:
    report.turnstile = found  # type: ignore[attr-defined]
    if found.outcome is Outcome.PASSED:
        return
    if found.outcome in (Outcome.WAIVED, Outcome.KNOWN, Outcome.NOT_JUDGED):
        report.outcome = "skipped"
        report.longrepr = (str(report.location[0]), (report.location[1] or 0) + 1, found.message)
    else:
        report.outcome = "failed"
        report.longrepr = junit.describe(found)


def _required(names: tuple[str, ...], known: tuple[Requirement, ...]) -> Callable[[Requirement], bool]:
    for name in names:
        if name != EVERYTHING and not any(name in (item.id, item.family, item.chapter) for item in known):
            raise UsageError(f"--require {name} names no requirement and no chapter; 'turnstile list' shows them")
    return lambda item: any(name in (EVERYTHING, item.id, item.family, item.chapter) for name in names)
