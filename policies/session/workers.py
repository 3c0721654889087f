"""A run under xdist: verdicts travel as plain data, and what kustomize and Terraform's evaluation make is made once, by the controller."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from policies.session.handed import hand_over
from policies.session.session import Session
from policies.verdict import Verdict


class Workers:
    """The side of a run that speaks with its workers, or as one with its controller."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        self.told: dict[str, str] = {}

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
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory(prefix="turnstile-")
            self.told = hand_over(self.session.platform, Path(self.folder.name))
        node.workerinput.update(self.told)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Learn from a worker how many cases there were: each collects them all."""
        found = Counter(getattr(node, "workeroutput", {}).get("turnstile_generated", {}))
        self.session.generated = found or self.session.generated

    def pytest_unconfigure(self) -> None:
        """Take away what was handed over."""
        if self.folder is not None:
            self.folder.cleanup()
