"""How long the static run takes on a platform, warm, and how it divides; every figure also as a ratio to kustomize's own time.

The run does its parts side by side where it can (kustomize builds while requirements are imported); here each is measured alone.

Run: python benchmarks/static_run.py [PLATFORM] [--runs N]
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

from policies import checkov
from policies.platform import Platform

ROOT = Path(__file__).resolve().parent.parent
Result = TypeVar("Result")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("platform", nargs="?", type=Path, default=ROOT / "reference")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    seconds(static_command(options.platform))  # Warm: what is compiled is kept, as it is for a user.
    rows = divided(options.platform, options.runs)
    whole = median(seconds(static_command(options.platform)) for _ in range(options.runs))
    read = median(
        seconds([*static_command(options.platform), "-k", "not EDGE and not WORKER"]) for _ in range(options.runs)
    )
    bare = median(seconds([sys.executable, "-c", "pass"]) for _ in range(options.runs))
    kustomize = dict(rows)["reading: kustomize builds the overlays"]
    print(f"{'':48}{'ms':>8}{'of the run':>12}{'kustomize = 1':>15}")
    without = "  without chapters that run the platform's code"
    for name, value in [
        ("whole run, warm (tox -e static's command)", whole), (without, read), ("  a bare interpreter", bare), *rows,
    ]:  # fmt: skip
        print(f"{name:48}{value * 1000:8.0f}{value / whole:12.0%}{value / kustomize:15.2f}")
    if (program := checkov.find(ROOT)) is not None:
        found = checkov.Beside.start(program, Platform.open(options.platform)).finish()
        taken = (
            f"{found.seconds * 1000:8.0f}{found.seconds / whole:12.0%}"
            if isinstance(found, checkov.Found)
            else f"  {found}"
        )
        print(f"{'checkov alone, on the same files':48}{taken}")


def static_command(platform: Path) -> list[str]:
    """Give the command of tox -e static."""
    pytest = str(Path(sys.executable).with_name("pytest"))
    report = os.path.join(tempfile.gettempdir(), "turnstile-benchmark.xml")
    options = [
        "-p",
        "policies.plugin",
        "-c",
        str(ROOT / "pyproject.toml"),
        f"--rootdir={ROOT}",
        str(ROOT / "tests_static"),
    ]
    return [pytest, *options, "-q", "--checkov=off", "--platform", str(platform), "--junit", report]


def seconds(command: list[str]) -> float:
    """Give the time that a process takes from outside."""
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def environment() -> dict[str, str]:
    """Give the environment of a run: one in which Python keeps what it compiled."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def divided(platform: Path, runs: int) -> list[tuple[str, float]]:
    """Give the median time of each part, each run in a process of its own."""
    parts: dict[str, list[float]] = {}
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, __file__, "--part", str(platform)],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        for line in done.stdout.splitlines():
            name, _, value = line.rpartition("\t")
            parts.setdefault(name, []).append(float(value))
    return [(name, median(values)) for name, values in parts.items()]


def part(platform: Path) -> None:
    """Do in this process what a run does, one part after the other, and print what each took."""

    def timed(name: str, call: Callable[[], Result]) -> Result:
        start = time.perf_counter()
        result = call()
        print(f"{name}\t{time.perf_counter() - start}")
        return result

    gc.set_threshold(100_000, 50, 50)  # As the plugin does.
    timed("start: pytest is imported", lambda: __import__("pytest"))
    timed("start: Turnstile is imported", lambda: __import__("policies.plugin"))
    from policies.catalogue import OWN, catalogue
    from policies.platform import Platform
    from policies.read.kustomize import build_all
    from policies.requirement import Subject
    from policies.verdict import Collected, cases, judge

    requirements = timed("start: requirements are imported", lambda: catalogue(OWN))
    opened = timed("reading: platform.toml", lambda: Platform.open(platform))
    overlays = timed("reading: the overlays' sources", lambda: opened.overlays)
    every = [overlay.sources for overlay in overlays if overlay.sources is not None]
    builds = timed("reading: kustomize builds the overlays", lambda: build_all(every))
    ready = Platform.open(platform, builds={build.overlay: build for build in builds})
    assert ready.overlays
    timed("reading: rendered and plain manifests", lambda: ready.deployed)
    collected: dict[type[Subject], Collected] = {}
    made = timed(
        "models: the subjects",
        lambda: [case for requirement in requirements for case in cases(requirement, ready, collected)],
    )
    timed("requirements: the verdicts", lambda: [judge(case) for case in made])


if __name__ == "__main__":
    if "--part" in sys.argv:
        part(Path(sys.argv[-1]))
    else:
        main()
