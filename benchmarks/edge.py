"""How many decisions a second the bridge to Node carries, in batches and one by one, on one core; and what the EDGE requirements take.

Run: python benchmarks/edge.py [PLATFORM] [--runs N]. Both processes share one core. The corpus is what the attacks generate, encoded before.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec

from policies.catalogue import OWN, catalogue
from policies.edge.bridge import Bridge
from policies.edge.running import Running
from policies.edge.search import Search
from policies.edge.validator import Validator
from policies.platform import Platform
from policies.verdict import Collected, cases, judge

ROOT = Path(__file__).resolve().parent.parent
NOW = 1_767_225_600_000.0
BATCH = 1000
ECHO = "exports.handler = async (event) => event.Records[0].cf.request;"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("platform", nargs="?", type=Path, default=ROOT / "reference")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {min(cores)})
    validator = next(one for one in Validator.collect(Platform.open(options.platform)) if isinstance(one, Validator))
    running = validator.running
    lines = corpus(running)
    echo = echo_bridge()
    rows = [
        ("in batches of 1,000", *measure(options.runs, lambda: batches(running.bridge, lines), len(lines))),
        ("in batches, a handler that only returns", *measure(options.runs, lambda: batches(echo, lines), len(lines))),
        ("one by one", *measure(options.runs, lambda: single(running.bridge, lines[:5000]), 5000)),
        ("one by one, a handler that only returns", *measure(options.runs, lambda: single(echo, lines[:5000]), 5000)),
    ]
    least = rows[1][1]
    print(
        f"{'corpus of ' + format(len(lines), ',') + ' requests':46}{'decisions/s':>14}{'of CPU time':>14}{'ratio':>8}"
    )
    for name, wall, processor in rows:
        print(f"{name:46}{wall:14,.0f}{processor:14,.0f}{wall / least:8.2f}")
    if cores:
        os.sched_setaffinity(0, cores)
    took = [whole(options.platform) for _ in range(max(1, options.runs // 2))]
    print(f"{'all EDGE requirements, a fresh process':46}{median(took):13.2f}s")


def corpus(running: Running) -> list[bytes]:
    """Give what the attacks on tokens and paths generate, as JSON."""
    from policies.edge.attacks import encodings, headers, paths, valid

    made = [valid.valid_cookie, valid.passing, headers.mislabelled, paths.nearly_bypassed, encodings.encoded]
    encode = msgspec.json.Encoder().encode
    lines: list[bytes] = []
    for attack in made:
        search = Search(running.bridge, running.contract, attack, lambda *_: None, running.statistics)
        search.run()
        lines += [encode(one.variant.request) for batch in search.batches for one in batch]
    return (lines * (20_000 // len(lines) + 1))[:20_000]


def echo_bridge() -> Bridge:
    """Give the bridge to a handler that does nothing: what is left is the bridge's own."""
    folder = Path(tempfile.mkdtemp(prefix="turnstile-echo-"))
    (folder / "index.js").write_text(ECHO, encoding="utf-8")
    setup = {"file": str(folder / "index.js"), "name": "handler", "environment": {}, "secrets": {}, "epoch": NOW}
    return Bridge(folder, setup)


def batches(bridge: Bridge, lines: list[bytes]) -> None:
    """Ask in batches."""
    for start in range(0, len(lines), BATCH):
        bridge.decide_encoded(lines[start : start + BATCH], NOW)


def single(bridge: Bridge, lines: list[bytes]) -> None:
    """Ask one by one."""
    for line in lines:
        bridge.decide_encoded([line], NOW)


def measure(runs: int, call: Callable[[], None], count: int) -> tuple[float, float]:
    """Give decisions a second, by the clock and by the processor time of both processes; the best of the runs, after one to warm up."""
    call()
    best_wall = best_processor = float("inf")
    for _ in range(runs):
        start, used = time.perf_counter(), processor_seconds()
        call()
        best_wall = min(best_wall, time.perf_counter() - start)
        best_processor = min(best_processor, processor_seconds() - used)
    return count / best_wall, count / best_processor


def processor_seconds() -> float:
    """Give the processor time of this process and of those that it started, where the system tells."""
    own = sum(os.times()[:2])
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        try:
            fields = Path(f"/proc/{name}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if fields[1] == str(os.getpid()):
            own += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own


def whole(platform: Path) -> float:
    """Give the seconds that all requirements of the chapter take, in a process of its own, imports apart."""
    done = subprocess.run(
        [sys.executable, __file__, "--judge", str(platform)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def judge_all(platform: Path) -> None:
    """Judge, and print how long it took."""
    demands = [item for item in catalogue(OWN) if item.chapter == "EDGE"]
    start = time.perf_counter()
    opened, collected = Platform.open(platform), dict[type, Collected]()
    for item in demands:
        for case in cases(item, opened, collected):
            judge(case)
    print(time.perf_counter() - start)


if __name__ == "__main__":
    if "--judge" in sys.argv:
        judge_all(Path(sys.argv[-1]))
    else:
        main()
