"""The worker's requirements fail where they must, and nowhere else: on copies of the reference platform's worker with one defect each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from mutation import BAD, Mutant, Trial, load

from policies.catalogue import OWN, catalogue
from policies.platform import Platform
from policies.verdict import Collected, cases, judge
from policies.worker import running
from policies.worker.subject import DrivenWorker

FUNCTION = "lambda/ticket-worker"
REFERENCE = OWN.parent / "reference"
MUTANTS = load(Path(__file__).resolve().parent / "worker_mutants")
REQUIREMENTS = tuple(item for item in catalogue(OWN) if item.subject is DrivenWorker)

MAPPING = "fifo = true\npartial-failures = true\n"
"""What Terraform says of the worker's queue and mapping; it takes a second to be asked."""


def attempt(mutant: Mutant, folder: Path) -> Trial:
    """Make a mutant of the parts of the reference platform that a worker is judged by, and judge it."""
    root = folder / "platform"
    shutil.copytree(REFERENCE / FUNCTION, root / FUNCTION, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
    text = (REFERENCE / "platform.toml").read_text(encoding="utf-8")
    assert text.count("[worker]\n") == 1
    if any(name.startswith("terraform/") for change in mutant.change for name in change.files):
        shutil.copytree(REFERENCE / "terraform", root / "terraform")
    else:
        text = text.replace("[worker]\n", f"[worker]\n{MAPPING}")
    (root / "platform.toml").write_text(text, encoding="utf-8")
    for change in mutant.change:
        change.apply(root)
    platform = Platform.open(root)
    collected: dict[type, Collected] = {}
    verdicts = tuple(judge(case) for item in REQUIREMENTS for case in cases(item, platform, collected))
    return Trial(root, verdicts)


def test_there_are_mutants_of_every_requirement() -> None:
    """A requirement that was never seen to fail proves nothing."""
    assert len(MUTANTS) >= 12
    assert {item.id for item in REQUIREMENTS} == {id for mutant in MUTANTS for id in mutant.breaks}


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.name) for mutant in MUTANTS])
def test_mutant(mutant: Mutant, tmp_path: Path) -> None:
    """Exactly the requirements that the mutant breaks fail, with the batch that shows it."""
    try:
        trial = attempt(mutant, tmp_path)
    finally:
        running.close_all()
    wrong = {
        "unexpected": sorted(trial.broken - set(mutant.breaks)),
        "missing": sorted(set(mutant.breaks) - trial.broken),
    }
    told = "".join(f"\n    {trial.describe(item)}" for item in trial.verdicts if item.outcome in BAD)
    assert not any(wrong.values()), f"{wrong}{told}"
