"""The requirements on edge and gateway fail where they must, and nowhere else: on copies of the reference platform with one defect each."""

from __future__ import annotations

import shutil
from pathlib import Path

import built_gateway
import pytest
from mutation import BAD, Mutant, Trial, load

from policies.catalogue import OWN, catalogue
from policies.edge import running
from policies.gateway import running as gateways
from policies.gateway import session
from policies.gateway.agreement import Agreement
from policies.platform import Platform
from policies.verdict import Collected, Outcome, cases, judge

REFERENCE = OWN.parent / "reference"
PARTS = ("terraform", "contracts", "lambda/edge-queue-check", built_gateway.GATEWAY)
MUTANTS = load(Path(__file__).resolve().parent / "gateway_mutants")
REQUIREMENTS = tuple(item for item in catalogue(OWN) if item.subject is Agreement)


@pytest.fixture(autouse=True)
def no_archives(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Leave no archive of a mutant's classes, for to make one takes longer than it saves; and nothing in the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    real = gateways.start
    monkeypatch.setattr(session, "start", lambda *one, **named: real(*one, **named, keep=False))


def attempt(mutant: Mutant | None, folder: Path) -> Trial:
    """Make a mutant of the parts of the reference platform that decide, and judge it."""
    root = folder / "platform"
    for part in PARTS:
        shutil.copytree(
            REFERENCE / part,
            root / part,
            symlinks=True,
            ignore=shutil.ignore_patterns("node_modules", "target", ".terraform"),
        )
    shutil.copy(REFERENCE / "platform.toml", root)
    for change in mutant.change if mutant is not None else ():
        change.apply(root)
    built_gateway.build(root, [file for change in (mutant.change if mutant else ()) for file in change.files])
    platform = Platform.open(root)
    collected: dict[type, Collected] = {}
    try:
        return Trial(root, tuple(judge(case) for item in REQUIREMENTS for case in cases(item, platform, collected)))
    finally:
        for one in collected[Agreement].subjects:
            if isinstance(one, Agreement):
                one.close()
        while running._running:
            running._running.popitem()[1].close()


def test_there_are_mutants_of_every_requirement() -> None:
    """A requirement that was never seen to fail proves nothing."""
    assert len(MUTANTS) >= 10
    assert {item.id for item in REQUIREMENTS} == {id for mutant in MUTANTS for id in mutant.breaks}


def test_reference_platform_agrees(tmp_path: Path) -> None:
    """Unbroken, every requirement is judged, and passes."""
    trial = attempt(None, tmp_path)
    assert {item.outcome for item in trial.verdicts} == {Outcome.PASSED}, _told(trial)
    assert {item.requirement for item in trial.verdicts} == {item.id for item in REQUIREMENTS}


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.name) for mutant in MUTANTS])
def test_mutant(mutant: Mutant, tmp_path: Path) -> None:
    """Exactly the requirements that the mutant breaks fail, with the request that shows it."""
    trial = attempt(mutant, tmp_path)
    wrong = {
        "unexpected": sorted(trial.broken - set(mutant.breaks)),
        "missing": sorted(set(mutant.breaks) - trial.broken),
    }
    assert not any(wrong.values()), f"{wrong}{_told(trial)}"
    messages = "\n".join(item.message for item in trial.bad)
    unsaid = [text for text in mutant.says if text not in messages]
    assert not unsaid, f"no message says {unsaid}:{_told(trial)}"


def _told(trial: Trial) -> str:
    return "".join(
        f"\n    {trial.describe(item)}" for item in trial.verdicts if item.outcome in (*BAD, Outcome.NOT_JUDGED)
    )
