"""Cases as items of pytest: they are chosen, run again and skipped as any other test is."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

from commands import BOOKSHOP, run_static

TEAM = '''"""The team's own rules. PYTEST_DONT_REWRITE"""
import pytest
from policies import LOW, requirement
from policies.model.configuration.keys import EnvironmentKey

with open(__file__ + ".loads", "a") as loads:
    loads.write("x")

@requirement("TEAM-01", EnvironmentKey, clause="+", severity=LOW, remedy="Shorten it.")
def test_key_is_short(key):
    """Long keys do not fit the operators' screens."""
    assert len(key.key) <= 14

@pytest.mark.skip(reason="the screens are new")
@requirement("TEAM-02", EnvironmentKey, clause="+", severity=LOW, remedy="Shorten it.")
def test_key_is_shorter(key):
    """Long keys do not fit the operators' screens."""
    assert len(key.key) <= 4
'''


def cases(report: Path, tag: str | None = None) -> set[tuple[str, str]]:
    """Give class and name of the cases of a report, or of those that hold a tag."""
    found = ElementTree.parse(report).iter("testcase")  # noqa: S314 (a report of ours)
    return {
        (case.get("classname", ""), case.get("name", "")) for case in found if tag is None or case.find(tag) is not None
    }


def test_failures_alone_are_run_again(tmp_path: Path) -> None:
    """--lf judges the cases that failed and no other."""
    platform, report, cache = tmp_path / "shop", tmp_path / "out.xml", f"cache_dir={tmp_path / 'cache'}"
    shutil.copytree(BOOKSHOP, platform)
    with (platform / "deploy/envs/live/settings.env").open("a", encoding="utf-8") as settings:
        settings.write("LOG_LEVEL=warn\nLOG_LEVEL=error\n")
    assert run_static("--platform", platform, "--junit", report, "-o", cache).returncode == 1
    failed = cases(report, "failure")
    assert failed
    assert run_static("--platform", platform, "--junit", report, "-o", cache, "--lf").returncode == 1
    assert cases(report) == failed


def test_case_is_chosen_by_its_id(tmp_path: Path) -> None:
    """The id that pytest shows of a case is the one by which it is chosen."""
    listed = run_static("--platform", BOOKSHOP, "--collect-only", "-q").stdout.splitlines()
    chosen = next(line for line in listed if "test_key_is_declared_once[" in line)
    done = run_static("--platform", BOOKSHOP, "--junit", tmp_path / "out.xml", "--deselect", chosen)
    assert done.returncode == 0, done.stdout
    assert "1 deselected" in done.stdout
    name = chosen.partition("[")[2].removesuffix("]")
    assert ("static.CFG-02", name) not in cases(tmp_path / "out.xml")


def test_module_is_loaded_once_and_its_marks_hold(tmp_path: Path) -> None:
    """A team's module is imported once, for the catalogue and for pytest alike; a requirement that is skipped is not judged."""
    (tmp_path / "test_team.py").write_text(TEAM, encoding="utf-8")
    report = tmp_path / "out.xml"
    done = run_static("--platform", BOOKSHOP, "--requirements", tmp_path, "--junit", report, "-k", "test_team")
    assert "the screens are new" in done.stdout
    assert {name for name, _ in cases(report, "skipped")} == {"static.TEAM-02"}
    assert "static.TEAM-01" in {name for name, _ in cases(report, "failure")}
    assert (tmp_path / "test_team.py.loads").read_text(encoding="utf-8") == "x"


def test_cases_are_selected_by_their_requirement(tmp_path: Path) -> None:
    """Who has read CFG-02 in a report wants to run it again, and nothing else."""
    report = tmp_path / "out.xml"
    done = run_static("--platform", BOOKSHOP, "--junit", report, "-k", "CFG-02")
    assert done.returncode == 0, done.stdout
    assert {case.get("classname") for case in ElementTree.parse(report).iter("testcase")} == {"static.CFG-02"}  # noqa: S314 (our own)
