"""The further platforms, judged by the chapter NET: what is told of them an engineer has read, and would call right."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import run_static

PLATFORMS = Path(__file__).parent / "platforms"
TOLD = {
    "bookshop": set[str](),
    # A policy takes the whole subnet of the feed, whose address is known.
    "railway": {
        "NET-05b ADVICE  timetable:timetable/CronJob/warm-cache-v2",
        "NET-05b ADVICE  timetable:timetable/Deployment/timetable-api-v2",
    },
}
UNSAID = {
    "bookshop": 0,
    # To and from the API server, whose addresses nobody states.
    "railway": 4,
}


@pytest.mark.parametrize("name", TOLD)
def test_further_platforms_have_no_wrong_finding(name: str, tmp_path: Path) -> None:
    """Neither a failure that is none, nor advice to take out what is needed."""
    done = run_static("--platform", PLATFORMS / name, "--junit", tmp_path / "x.xml", "-k", "test_network")
    lines = done.stdout.splitlines()
    told = (line.removesuffix("  (below --fail-on low)") for line in lines if line.startswith("FAILED "))
    assert {line.removeprefix("FAILED ") for line in told} == TOLD[name]
    asked = [line for line in lines if "platform.toml does not state where the API server is" in line]
    counted = sum(int(line.rpartition("× ")[2].rstrip("]")) if "× " in line else 1 for line in asked)
    assert counted == UNSAID[name]
