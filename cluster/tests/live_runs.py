"""Runs of the live suite as its users start it, on the little platform beside this file."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOWN = Path(__file__).resolve().parent / "town"


def command(report: Path, *options: str) -> list[str]:
    """Give the command line of a run, as tox.ini has it; reports go beside `report`."""
    return [
        sys.executable,
        *("-m", "pytest", "-p", "policies.plugin", "-p", "policies.live.plugin", "-c", str(ROOT / "pyproject.toml")),
        *(
            f"--rootdir={ROOT}",
            "--suite",
            "live",
            str(ROOT / "tests_static"),
            "--requirements",
            str(ROOT / "tests_live"),
        ),
        *("--platform", str(TOWN), "--checkov", "off", "--junit", str(report), "-q", *options),
    ]


def environment() -> dict[str, str]:
    """Give the environment of a run: this interpreter's own programs first, for kubectl is among them."""
    folder = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}


def run(report: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the suite."""
    return subprocess.run(
        command(report, *options), capture_output=True, text=True, check=False, env=environment(), cwd=ROOT, timeout=300
    )


def outcomes(report: Path) -> dict[str, set[str]]:
    """Give what became of each requirement's cases: passed, failed, skipped, error."""
    found: dict[str, set[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
        found.setdefault(case.get("classname", "").removeprefix("live."), set()).add(kinds[0] if kinds else "passed")
    return found
