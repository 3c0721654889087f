"""One run of pytest over a platform: one case a subject, one verdict a case, one summary at the end."""

from __future__ import annotations

import inspect
import sys
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policies.baseline import Baseline, read_baseline
from policies.catalogue import chapters
from policies.errors import TurnstileError
from policies.evidence import Gap
from policies.platform import Platform
from policies.read.kustomize import Building
from policies.requirement import Requirement, Severity, Subject, requirement_of
from policies.session.aside import beside
from policies.session.driven import Driven
from policies.session.handed import taken
from policies.session.items import CaseItem, as_meant, call, case_of, in_ascii, items
from policies.session.marks import mark
from policies.session.neighbour import Neighbour
from policies.session.options import Options, required
from policies.verdict import Collected, Outcome, Verdict, cases, printable, run, verdict
from policies.waivers import Waivers, read_waivers

SILENT_SECONDS = 2
"""What takes longer than this says how far it is."""


class Session:
    """One run of pytest: the platform, its waivers, and the verdicts as they come in."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config = config
        self.options = options
        self.started = time.perf_counter()
        self.worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.collected: dict[type[Subject], Collected] = {}
        self.generated: Counter[str] = Counter()
        self.verdicts: list[Verdict] = []
        handed = taken(self.worker) if self.worker is not None else None
        builds = Building(self._tell_progress) if handed is None else handed.builds
        answers = None if handed is None else handed.answers
        self.platform = Platform.open(
            options.platform,
            options.cluster_objects,
            builds,
            self._tell_progress,
            answers=answers,
            today=options.today,
        )
        self.driven = Driven(config, options)
        try:
            self._read()
        except BaseException:
            self.driven.asides.stop()
            raise

    def _read(self) -> None:
        """Load the requirements, and what else is asked for; what is wrong with that ends the run."""
        if isinstance(self.platform.builds, Building) and not self.config.option.help:
            # kustomize and Terraform's evaluation work on while the requirements are imported.
            self.platform.builds.start(item.sources for item in self.platform.overlays if item.sources is not None)
            _ = self.platform.terraform
        self.chapters = chapters(*self.options.folders)
        self.requirements = tuple(item for chapter in self.chapters for item in chapter.requirements)
        modules = (sys.modules[item.function.__module__] for item in self.requirements)
        self.modules = {Path(module.__file__ or ""): module for module in modules}
        self.required = required(self.options.require, self.requirements)
        _ = self.platform.clusters  # A file of objects that cannot be read is told before anything is judged.
        self.waivers: Waivers = read_waivers(
            self.options.platform, self.options.today, frozenset(item.id for item in self.requirements)
        )
        self.baseline = read_baseline(self.options.baseline) if self.options.baseline else Baseline("")
        self.neighbour = Neighbour(
            self.options.checkov if self.options.suite == "static" and self.worker is None else "off"
        )

    def _tell_progress(self, text: str) -> None:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and not self.driven.is_beside and time.perf_counter() - self.started > SILENT_SECONDS:
            reporter.write_line(f"turnstile: {printable(text)}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Read the platform before anything is collected: here what is written is seen, and collecting needs it all."""
        try:
            _ = self.platform.deployed
        except TurnstileError as error:
            raise pytest.UsageError(printable(str(error))) from None
        self.driven.begin(self.platform, self.requirements, self.collected)
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
        self.driven.asides.keep({_beside(item) for item in items})

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Judge a case that asks for nothing but its subject at once: pytest's setup and teardown would cost more than it does."""
        if not isinstance(item, CaseItem):
            return None
        hook, nodeid, location = item.ihook, item.nodeid, item.location
        hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        start = time.time()
        found = self.driven.asides.verdict_of(item.case) or verdict(item.case, call(item.case), time.time() - start)
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
        mark(report, self.baseline.apply(found))

    # What was judged, from wherever it was judged

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a verdict in; under xdist it comes from a worker."""
        found = getattr(report, "turnstile", None)
        if found is not None:
            self.verdicts.append(found)

    def pytest_unconfigure(self) -> None:
        """End what still runs beside us."""
        self.driven.asides.stop()
        self.neighbour.stop()
        for subject in (one for found in self.collected.values() for one in found.subjects):
            getattr(subject, "close", int)()


def _beside(item: pytest.Item) -> str:
    return beside(item.case.requirement) if isinstance(item, CaseItem) else ""
