"""Cases judged beside the run: the same verdicts, whatever becomes of the process that judges them."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from commands import ROOT, run_static
from test_run import outcomes

from policies.evidence import PLATFORM, Evidence, Gap, Place
from policies.platform import Platform
from policies.requirement import LOW, Requirement
from policies.session.aside import Aside, Asides
from policies.verdict import Case, Outcome

ARENA = ROOT / "tests_policies" / "platforms" / "arena"


@dataclass(frozen=True)
class Door:
    """A subject whose demand is what a test wants to happen; `mark` is where it says that it was closed."""

    noun: ClassVar[str] = "door"
    only_in_files: ClassVar[bool] = True
    beside: ClassVar[str] = "yard"

    act: Callable[[], Any]
    mark: Path | None = None
    tidying: float = 0.0

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
        """Say that it was closed, after as long as that takes."""
        time.sleep(self.tidying)
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


def break_down() -> None:
    """Fail as a mistake of ours does."""
    raise KeyError("x")


def test_every_end_of_a_case_is_told(beside: Callable[..., Aside]) -> None:
    """A pass, a failure, a skip and a fault of ours come out as they would here, in whatever order they are asked for."""
    made = (case(1, int), case(2, refuse), case(3, lambda: pytest.skip("no key")), case(4, break_down))
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


def test_what_has_judged_all_is_not_disturbed_while_it_tidies(beside: Callable[..., Aside], tmp_path: Path) -> None:
    """What it keeps for the next run is kept, although nobody waits for any verdict any more."""
    mark = tmp_path / "closed"
    door = Door(int, mark, tidying=0.3)
    made = Case(Requirement("DOOR-1", Door, ("+",), LOW, "Shut it.", shut), door, "door", "door")
    aside = beside(made)
    assert aside.verdict_of(made) is not None
    while not aside._has_told_all():
        time.sleep(0.001)
    aside.stop()
    assert mark.exists()


def test_only_what_is_wanted_goes_on(tmp_path: Path) -> None:
    """Of two processes the one of which nothing is wanted is ended; the other's verdicts still come."""
    front, back = tmp_path / "front", tmp_path / "back"
    made = case(1, int, front)
    asides = Asides()
    asides.start("yard", lambda: [made])
    asides.start("street", lambda: [case(2, lambda: time.sleep(60), back)])
    asides.keep({"yard"})
    assert asides.verdict_of(made) is not None
    asides.stop()
    assert front.exists()


def test_nothing_is_forked_beside_a_thread() -> None:
    """A thread may hold a lock that nobody would ever give back in the fork."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        assert Aside.start(tuple) is None
    finally:
        end.set()
        thread.join()


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
