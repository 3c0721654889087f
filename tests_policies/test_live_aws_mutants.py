"""Accounts in which something is not as Terraform has it: each is caught by the live requirement that is named for it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest

pytest.importorskip("ministack")

from live_accounts import FOLDER, Filled, Mutant, filled, load, opened, requirements

from policies.live.aws.expected import source_queues
from policies.live.aws.queues import TriedQueue
from policies.live.aws.seen import AlarmSeen, QueueSeen, Untried, WorkedOff
from policies.verdict import Case, Outcome, judge

MUTANTS = load()


@pytest.fixture(scope="module")
def account() -> Iterator[Filled]:
    """Start an embedded AWS for all of them."""
    with filled() as found:
        yield found


def test_as_terraform_has_it_nothing_fails(account: Filled) -> None:
    """The account that Terraform's resources make keeps every requirement, and each is judged."""
    platform, deployed = opened()
    verdicts = account.verdicts(platform, deployed, account.provision(platform, deployed))
    assert {one.requirement: (one.outcome, one.message) for one in verdicts} == {
        one.id: (Outcome.PASSED, "") for one in requirements()
    }


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_mutant_is_caught_by_the_requirements_named_for_it(mutant: Mutant, account: Filled) -> None:
    """No other requirement fails, and none is a fault of ours."""
    platform, deployed = opened()
    provision = account.provision(platform, deployed)
    mutant.plant(provision)
    verdicts = account.verdicts(platform, deployed, provision)
    failed = {one.requirement: one.message for one in verdicts if one.outcome in (Outcome.FAILED, Outcome.ERROR)}
    assert tuple(sorted(failed)) == mutant.breaks, failed
    assert not any(one.outcome is Outcome.ERROR for one in verdicts)
    assert all(one.locations for one in verdicts if one.outcome is Outcome.FAILED)


def test_every_live_requirement_of_queues_is_held_to_a_mutant() -> None:
    """A requirement that no mutant breaks proves nothing."""
    changes = tomllib.loads((FOLDER / "terraform.toml").read_text(encoding="utf-8"))["change"]
    broken = {id for mutant in MUTANTS for id in mutant.breaks} | {id for one in changes for id in one["breaks"]}
    assert broken == {"LIVE-FILLa", *(one.id for one in requirements())}


@pytest.mark.parametrize(
    ("set_off", "outcome"), [(None, Outcome.PASSED), (("messages",), Outcome.PASSED), ((), Outcome.FAILED)]
)
def test_alarm_must_hear_of_the_dead_letter_that_the_worker_makes_too(
    set_off: tuple[str, ...] | None, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alarm that a message by hand sets off and the worker's does not is none; where the worker made none nothing is said of it."""
    _, deployed = opened()
    queue = source_queues(deployed)[0]
    alarm = AlarmSeen("messages", expected=True, before="OK", after="ALARM", heard=True)
    worked = WorkedOff({"poison": 5}, ("poison",), (), (), 5, set_off=set_off)
    untried = Untried("it was not tried")
    seen = QueueSeen(queue, "embedded", True, untried, untried, untried, untried, (alarm,), worked)
    monkeypatch.setattr("policies.live.aws.queues.expected_alarms", lambda _: ["messages"])
    requirement = next(one for one in requirements() if one.id == "LIVE-SQSh")
    tried = TriedQueue(seen)
    assert judge(Case(requirement, tried, tried.id, tried.id)).outcome is outcome


@pytest.mark.parametrize(
    ("calls", "dead", "due"),
    [
        ({"before": 1, "poison": 5, "behind": 1, "beside": 1}, ("poison",), True),
        ({"before": 1, "poison": 5, "behind": 0, "beside": 1}, ("poison", "behind"), True),
        ({"before": 0, "poison": 5, "behind": 0, "beside": 1}, ("before", "poison", "behind"), False),
        ({"before": 2, "poison": 5, "behind": 1, "beside": 1}, ("poison",), False),
        ({"before": 1, "poison": 5, "behind": 0, "beside": 1}, ("poison",), False),
        ({"before": 1, "poison": 5, "behind": 0, "beside": 1}, ("behind",), False),
    ],
)
def test_batch_is_tried_again_only_where_something_is_wrong_with_it(
    calls: dict[str, int], dead: tuple[str, ...], due: bool
) -> None:
    """What is behind a poison message comes as often and dies with it: a batch in which that happens is one that went well."""
    done = tuple(name for name, times in calls.items() if times and name != "poison")
    assert WorkedOff(calls, dead, (), done, 5).is_as_due is due


def test_worker_that_was_not_provisioned_is_not_blamed(account: Filled) -> None:
    """Nothing is said of a worker whose mapping could not be created: that is told, and why."""
    platform, deployed = opened()
    provision = account.provision(platform, deployed)
    (address,) = [one for one in provision.created if "event_source_mapping" in one]
    del provision.created[address]
    provision.missing[address] = "it names what is not there"
    verdicts = {one.requirement: one for one in account.verdicts(platform, deployed, provision)}
    for id in ("LIVE-SQSf", "LIVE-SQSg", "LIVE-SQSj"):
        assert verdicts[id].outcome is Outcome.NOT_JUDGED
        assert verdicts[id].message == f"{address} is not provisioned: it names what is not there"
