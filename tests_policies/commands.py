"""The suite as a user runs it: the commands of tox.ini, as processes of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "reference"
AS_CLONED = shutil.ignore_patterns("target", "node_modules", ".terraform")
"""What builds have left in a platform; a clone has none of it."""

BOOKSHOP = ROOT / "tests_policies" / "platforms" / "bookshop"


def run_static(
    *arguments: str | Path, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run what `tox -e static` runs, with these arguments behind `--`; checkov, which takes ten seconds, only where they ask for it."""
    pytest = Path(sys.executable).with_name("pytest")
    command = [
        str(pytest),
        "-p",
        "policies.plugin",
        "-c",
        str(ROOT / "pyproject.toml"),
        f"--rootdir={ROOT}",
        str(ROOT / "tests_static"),
        *(() if any(str(argument).startswith("--checkov") for argument in arguments) else ("--checkov=off",)),
    ]
    given = {**os.environ, **(environment or {})}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_ADDOPTS"):
        given.pop(name, None)
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def run_turnstile(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command `turnstile`."""
    command = Path(sys.executable).with_name("turnstile")
    return subprocess.run(
        [str(command), *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
    )
