"""Cases judged beside the run: the same verdicts, whatever becomes of the process that judges them."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from commands import ROOT, run_static
from test_run import outcomes

from policies.aside import Aside
from policies.evidence import PLATFORM, Evidence, Gap, Place
from policies.platform import Platform
from policies.requirement import LOW, Requirement
from policies.verdict import Case, Outcome

ARENA = ROOT / "tests_policies" / "platforms" / "arena"


@dataclass(frozen=True)
class Door:
    """A subject whose demand is what a test wants to happen; `mark` is where it says that it was closed."""

    noun: ClassVar[str] = "door"
    only_in_files: ClassVar[bool] = True
    is_driven: ClassVar[bool] = True

    act: Callable[[], Any]
    mark: Path | None = None

    @property
    def place(self) -> Place:
        """Anywhere."""
        return PLATFORM

    @property
    def id(self) -> str:
        """Its name."""
        return "door"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Say it."""
        return Evidence(message.format(*values))

    def close(self) -> None:
        """Say that it was closed."""
        if self.mark is not None:
            self.mark.touch()

    @classmethod
    def collect(cls, _: Platform) -> Iterable[Door | Gap]:
        """Nothing by itself."""
        return ()


def shut(door: Door) -> None:
    """A door does what it does."""
    door.act()


def case(number: int, act: Callable[[], Any], mark: Path | None = None) -> Case:
    """Give a case in which `act` is done."""
    requirement = Requirement(f"DOOR-{number}", Door, ("+",), LOW, "Shut it.", shut)
    return Case(requirement, Door(act, mark), "door", "door")


@pytest.fixture
def beside() -> Iterator[Callable[..., Aside]]:
    """Start what is judged beside, and end it."""
    started: list[Aside] = []

    def start(*made: Case) -> Aside:
        aside = Aside.start(lambda: made)
        assert aside is not None
        started.append(aside)
        return aside

    yield start
    for aside in started:
        aside.stop()


def refuse() -> None:
    """Fail as a requirement does."""
    raise AssertionError(Evidence("it stands open"))


def test_every_end_of_a_case_is_told(beside: Callable[..., Aside]) -> None:
    """A pass, a failure, a skip and a fault of ours come out as they would here, in whatever order they are asked for."""
    made = (case(1, int), case(2, refuse), case(3, lambda: pytest.skip("no key")), case(4, lambda: {}["x"]))
    aside = beside(*made)
    found = {one.requirement.id: aside.verdict_of(one) for one in reversed(made)}
    told = {id: (one.outcome, one.message) for id, one in found.items() if one is not None}
    assert told == {
        "DOOR-1": (Outcome.PASSED, ""),
        "DOOR-2": (Outcome.FAILED, "it stands open"),
        "DOOR-3": (Outcome.NOT_JUDGED, "no key"),
        "DOOR-4": (Outcome.ERROR, "DOOR-4 itself failed: KeyError: 'x'"),
    }


def test_what_dies_leaves_its_cases_to_be_judged_here(beside: Callable[..., Aside]) -> None:
    """A verdict that does not come is none: never a pass."""
    made = (case(1, int), case(2, lambda: os.kill(os.getpid(), signal.SIGKILL)), case(3, int))
    aside = beside(*made)
    assert aside.verdict_of(made[0]) is not None
    assert aside.verdict_of(made[1]) is None
    assert aside.verdict_of(made[2]) is None


@pytest.mark.parametrize("act", [int, lambda: time.sleep(60)], ids=["done", "busy"])
def test_what_it_made_is_put_away(beside: Callable[..., Aside], tmp_path: Path, act: Callable[[], Any]) -> None:
    """Whether it is done or not, its subjects are closed, and it is gone."""
    mark = tmp_path / "closed"
    made = (case(1, int, mark), case(2, act, mark))
    aside = beside(*made)
    assert aside.verdict_of(made[0]) is not None
    process = aside._process
    assert process is not None
    aside.stop()
    assert mark.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_verdicts_are_those_of_a_run_without_it(tmp_path: Path) -> None:
    """A validator that lets everybody in fails the same requirements beside the run as within it."""
    platform = tmp_path / "arena"
    shutil.copytree(ARENA, platform)
    door = platform / "edge" / "door.js"
    door.write_text(
        "export const handler = async (event) => event.Records[0].cf.request;\n"
        + door.read_text(encoding="utf-8").replace("export const handler", "const before"),
        encoding="utf-8",
    )
    beside, within = tmp_path / "beside.xml", tmp_path / "within.xml"
    assert run_static("--platform", platform, "--junit", beside).returncode == 1
    assert run_static("--platform", platform, "--junit", within, "--maxfail=100000").returncode == 1
    found = outcomes(beside)
    assert found == outcomes(within)
    assert "failure" in {outcome for (name, _), outcome in found.items() if "EDGE-02a" in name}
