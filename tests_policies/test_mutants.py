"""The requirements fail where they must, and nowhere else: on copies of the reference platform with one defect each."""

from __future__ import annotations

import pytest
from mutation import FOLDER, Mutant, Trial, Workshop, load

from policies.catalogue import OWN, catalogue
from policies.gateway.agreement import Agreement
from policies.verdict import Verdict

MUTANTS = load()
IDS = frozenset(item.id for item in catalogue(OWN))
ABSENT = {"BUILD-03f", "BUILD-03k", "BUILD-03v"}
"""No claim is named by a workload, no target port by its number, no role is bound."""
UNBROKEN = {"EDGE-03m"}
"""It is advice where nothing is stated, and is proven by test_edge_validator.py on a platform without a statement."""
UNBUILT = {item.id for item in catalogue(OWN) if item.subject is Agreement}
"""No mutant here has a gateway that was built: test_agreement_mutants.py builds them."""
AS_ANALYSED = "the platform as analysed"


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Workshop:
    """Where mutants are made; each worker has its own. What kustomize made is kept in pytest's cache, where there is one."""
    cache = getattr(pytestconfig, "cache", None)
    kept = cache.mkdir("turnstile-builds") if cache is not None else None
    return Workshop(tmp_path_factory.mktemp("mutants"), kept=kept)


def test_every_requirement_has_a_mutant() -> None:
    """A requirement that was never seen to fail proves nothing."""
    folders = ("edge_mutants", "gateway_mutants", "worker_mutants")
    every = (*MUTANTS, *(mutant for folder in folders for mutant in load(FOLDER.parent / folder)))
    assert IDS - {id for mutant in every for id in mutant.breaks} == UNBROKEN


def test_every_mutant_names_requirements_that_exist() -> None:
    """A misspelt id would make its mutant prove nothing."""
    assert not {id for mutant in MUTANTS for id in mutant.breaks} - IDS


def test_reference_platform_keeps_every_requirement(workshop: Workshop) -> None:
    """Unbroken, it passes in full, and every requirement is judged on something, but for those whose subjects only mutants bring."""
    trial = workshop.unbroken
    assert not trial.bad, _told(trial)
    assert IDS - set(trial.judged()) == ABSENT | UNBUILT


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.name) for mutant in MUTANTS])
def test_mutant(workshop: Workshop, mutant: Mutant) -> None:
    """Exactly the requirements that the mutant breaks fail, each blames a line that is to blame, and all else is judged as before."""
    trial = workshop.attempt(mutant)
    wrong = {
        "unexpected": sorted(trial.broken - set(mutant.breaks)),
        "missing": sorted(set(mutant.breaks) - trial.broken),
    }
    assert not any(wrong.values()), f"{wrong}{_told(trial)}"
    stray = [item for item in trial.bad if not trial.points_well(item, mutant)]
    assert not stray, f"blame other lines than those at fault:{_told(trial, stray)}"
    messages = "\n".join(item.message for item in trial.bad)
    unsaid = [text for text in mutant.says if text not in messages]
    assert not unsaid, f"no message says {unsaid}:{_told(trial)}"
    if mutant.secret:
        shown = [item for item in trial.verdicts if mutant.secret in repr(item)]
        assert not shown, f"the secret is told:{_told(trial, shown)}"
    if not mutant.loses:
        now = trial.judged()
        fewer = {
            id: (count, now.get(id, 0)) for id, count in workshop.unbroken.judged().items() if now.get(id, 0) < count
        }
        assert not fewer, f"less is judged than on the unbroken platform: {fewer}{_told(trial)}"


def test_as_analysed_prod_is_judged_in_full(workshop: Workshop) -> None:
    """With all that the analysis found put back at once, prod is judged on as much as without: no defect hides another."""
    trial = workshop.attempt(next(mutant for mutant in MUTANTS if mutant.name == AS_ANALYSED))
    before, now = workshop.unbroken.judged("prod"), trial.judged("prod")
    assert {id: (count, now.get(id, 0)) for id, count in before.items() if now.get(id, 0) < count} == {}
    families = {id.rstrip("abcdefghijklmnopqrstuvwxyz") for id in trial.broken}
    assert families == {"BUILD-01", "BASE-02", "BASE-03", "CFG-02", "KIND-05", "HDR-01", "HDR-02", "HDR-03"}


def _told(trial: Trial, some: list[Verdict] | None = None) -> str:
    return "".join("\n    " + trial.describe(item) for item in (trial.bad if some is None else some))
