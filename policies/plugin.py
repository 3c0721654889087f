"""The pytest plugin: its options, one case a subject, one verdict a case.

Loaded by name (`pytest -p policies.plugin`), never from a `conftest.py`: an option that pytest does not know yet when it looks
for test paths has its value taken for one, and the `conftest.py` there is imported.
"""

from __future__ import annotations

import datetime
import gc
from functools import partial
from pathlib import Path

import pytest

from policies.catalogue import OWN
from policies.edge import confinement
from policies.errors import TurnstileError, UsageError
from policies.requirement import Severity
from policies.session.console import Console
from policies.session.ending import Ending
from policies.session.options import EVERYTHING, Options
from policies.session.session import Session
from policies.session.workers import Workers
from policies.verdict import printable


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add Turnstile's options."""
    group = parser.getgroup("turnstile", "Turnstile: what is judged, and what fails the run")
    group.addoption("--platform", metavar="DIR", help="the platform to judge (default: the reference platform)")
    group.addoption(
        "--cluster-objects", metavar="[OVERLAY=]FILE", action="append", default=[],
        help="judge these objects too: a file of 'kubectl get KINDS -A -o json', as what runs of OVERLAY; may be repeated",
    )  # fmt: skip
    group.addoption(
        "--requirements",
        metavar="DIR",
        action="append",
        default=[],
        help="a team's own requirements, judged beside ours; may be repeated",
    )
    group.addoption(
        "--fail-on", metavar="SEVERITY", default="low", type=str.lower, choices=[severity.name.lower() for severity in Severity],
        help="the least severity (advice, low, medium, high, critical) that fails the run (default: low, any failure)",
    )  # fmt: skip
    group.addoption(
        "--require", metavar="ID", nargs="?", const=EVERYTHING, action="append", default=[],
        help="fail what is not judged: of this requirement or chapter, or without ID of all; may be repeated",
    )  # fmt: skip
    group.addoption(
        "--today",
        metavar="YYYY-MM-DD",
        help="the day by which waivers, and versions that reach their end, are judged (default: today)",
    )
    group.addoption("--junit", metavar="FILE", help="where the JUnit report goes (default: reports/SUITE.xml)")
    group.addoption("--sarif", metavar="FILE", help="write a SARIF 2.1.0 report too")
    group.addoption("--markdown", metavar="FILE", help="write a summary in Markdown too")
    group.addoption(
        "--baseline", metavar="FILE", help="fail only what this baseline does not know, and what it knows and is fixed"
    )
    group.addoption(
        "--write-baseline", metavar="FILE", help="write a baseline of all that fails (turnstile baseline write)"
    )
    group.addoption(
        "--trust-javascript",
        action="store_true",
        help="run the platform's JavaScript even where no network can be kept from it",
    )
    group.addoption(
        "--checkov", default="advisory", choices=["advisory", "enforce", "off"],
        help="checkov's own checks beside ours, where it is installed: told, failing the run, or not at all (default: advisory)",
    )  # fmt: skip
    group.addoption("--suite", metavar="NAME", default="static", help="the suite's name in reports (default: static)")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Open the platform; what cannot be done ends the run before anything is judged, in one sentence."""
    # What a run reads and makes lives until it ends: to look through it for garbage again and again costs a tenth of the time.
    config.add_cleanup(partial(gc.set_threshold, *gc.get_threshold()))
    gc.set_threshold(100_000, 50, 50)
    if not getattr(config.option, "newfirst", False):
        # For --new-first pytest keeps the name of each case that it ever saw: after some platforms that takes a tenth of the time too.
        config.pluginmanager.set_blocked("nfplugin")
    if config.option.reportchars == "fE":  # pytest's default: its list of what failed stands in our summary.
        config.option.reportchars = "N"
    confinement.asked.trusted = config.option.trust_javascript
    reports = Path(config.option.junit).parent if config.option.junit else config.rootpath / "reports"
    confinement.asked.failures = reports / "edge"
    try:
        options = read_options(config)
        session = Session(config, options)
    except TurnstileError as error:
        raise pytest.UsageError(printable(str(error))) from None
    ending = Ending(session)
    for name, part in (
        ("session", session), ("ending", ending), ("workers", Workers(session)), ("console", Console(session, ending)),
    ):  # fmt: skip
        config.pluginmanager.register(part, f"turnstile-{name}")
    config.args.extend(str(folder) for folder in options.folders if folder != OWN and str(folder) not in config.args)


def read_options(config: pytest.Config) -> Options:
    """Give what was asked for. Raises UsageError for what cannot be meant."""
    option = config.option
    return Options(
        platform=Path(option.platform or config.rootpath / "reference"),
        folders=(OWN, *map(_folder, option.requirements)),
        today=_date(option.today),
        cluster_objects=tuple(map(_named_file, option.cluster_objects)),
        require=tuple(option.require),
        fail_on=Severity[option.fail_on.upper()],
        junit=Path(option.junit) if option.junit else None,
        sarif=Path(option.sarif) if option.sarif else None,
        markdown=Path(option.markdown) if option.markdown else None,
        baseline=Path(option.baseline) if option.baseline else None,
        write_baseline=Path(option.write_baseline) if option.write_baseline else None,
        suite=option.suite,
        checkov=option.checkov,
    )


def _date(text: str | None) -> datetime.date:
    if text is None:
        return datetime.datetime.now(tz=datetime.UTC).date()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--today {text} is no date; write it like 2026-01-31") from None


def _folder(name: str) -> Path:
    if not Path(name).is_dir():
        raise UsageError(f"--requirements {name} is not a directory")
    return Path(name).resolve()


def _named_file(text: str) -> tuple[str, Path]:
    name, separator, file = text.partition("=")
    return (name, Path(file)) if separator else ("", Path(text))
