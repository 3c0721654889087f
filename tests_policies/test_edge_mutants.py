"""The validator's requirements fail where they must, and nowhere else: on copies of the reference platform's handler with one defect each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from mutation import BAD, Mutant, Trial, load

from policies.catalogue import OWN, catalogue
from policies.edge import running, search
from policies.edge.validator import Validator
from policies.platform import Platform
from policies.verdict import Collected, cases, judge

FUNCTION = "lambda/edge-queue-check"
REFERENCE = OWN.parent / "reference"
MUTANTS = load(Path(__file__).resolve().parent / "edge_mutants")
REQUIREMENTS = tuple(item for item in catalogue(OWN) if item.subject is Validator)
ADVICE = {"EDGE-03m"}
"""Fails where nothing is stated: test_edge_second.py."""


EXAMPLES = 3
"""Of each attack, where a run tries twelve: what the first of them find, all find."""


@pytest.fixture(autouse=True)
def few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try the first examples only."""
    real = search._runner
    monkeypatch.setattr(search, "_runner", lambda examples: real(min(examples, EXAMPLES)))


def attempt(mutant: Mutant, folder: Path) -> Trial:
    """Make a mutant of the parts of the reference platform that a validator is judged by, and judge it."""
    root = folder / "platform"
    shutil.copytree(REFERENCE / FUNCTION, root / FUNCTION, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(REFERENCE / "platform.toml", root)
    for change in mutant.change:
        change.apply(root)
    platform = Platform.open(root)
    collected: dict[type, Collected] = {}
    verdicts = tuple(judge(case) for item in REQUIREMENTS for case in cases(item, platform, collected))
    return Trial(root, verdicts)


def test_there_are_mutants_of_every_requirement() -> None:
    """A requirement that was never seen to fail proves nothing."""
    assert len(MUTANTS) >= 40
    assert {item.id for item in REQUIREMENTS} - {id for mutant in MUTANTS for id in mutant.breaks} == ADVICE


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.name) for mutant in MUTANTS])
def test_mutant(mutant: Mutant, tmp_path: Path) -> None:
    """Exactly the requirements that the mutant breaks fail, with the request that shows it."""
    try:
        trial = attempt(mutant, tmp_path)
    finally:
        while running._running:
            running._running.popitem()[1].close()
    wrong = {
        "unexpected": sorted(trial.broken - set(mutant.breaks)),
        "missing": sorted(set(mutant.breaks) - trial.broken),
    }
    told = "".join(f"\n    {trial.describe(item)}" for item in trial.verdicts if item.outcome in BAD)
    assert not any(wrong.values()), f"{wrong}{told}"
