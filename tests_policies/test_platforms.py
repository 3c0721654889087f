"""All that is told of the further platforms: an engineer has read each finding and each reason, and would call them right."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from plain_platform import plain_platform, workload

from policies.catalogue import OWN, catalogue
from policies.evidence import Gap
from policies.model.servers.brokers import ReleasedBrokers
from policies.platform import Platform
from policies.verdict import ABSENT, Collected, Outcome, Verdict, cases, judge

TESTS = Path(__file__).parent
TOLD = tomllib.loads((TESTS / "cases" / "told.toml").read_text(encoding="utf-8"))


@cache
def every(name: str) -> tuple[Verdict, ...]:
    """Judge a platform by every requirement."""
    platform = Platform.open(TESTS / "platforms" / name)
    collected: dict[type, Collected] = {}
    return tuple(judge(case) for item in catalogue(OWN) for case in cases(item, platform, collected))


def chapter(verdict: Verdict) -> str:
    """Give the chapter of a verdict's requirement."""
    return verdict.requirement.partition("-")[0]


def reasons(name: str) -> dict[str, str]:
    """Give why requirements are not judged, and how often each, but for the chapters of which a platform has nothing at all."""
    found: dict[str, Counter[str]] = {}
    for one in every(name):
        if one.outcome is Outcome.NOT_JUDGED and chapter(one) not in TOLD[name]["nothing"]:
            found.setdefault(one.message, Counter())[one.requirement] += 1
    return {
        reason: ", ".join(id if count == 1 else f"{id} × {count}" for id, count in ids.items())
        for reason, ids in found.items()
    }


@pytest.mark.parametrize("name", TOLD)
def test_further_platforms_have_no_wrong_finding(name: str) -> None:
    """Neither a failure or an error that is none, nor advice to take out what is needed."""
    passing = (Outcome.PASSED, Outcome.NOT_JUDGED)
    told = {f"{one.requirement} {one.severity.name} {one.subject}" for one in every(name) if one.outcome not in passing}
    assert told == set(TOLD[name]["findings"])


@pytest.mark.parametrize("name", TOLD)
def test_reasons_of_further_platforms_are_those_that_were_read(name: str) -> None:
    """What is not judged, and why: a requirement that no longer sees its subjects shows here."""
    assert reasons(name) == TOLD[name]["reasons"]


@pytest.mark.parametrize("name", TOLD)
def test_what_a_platform_has_nothing_of_is_said_so(name: str) -> None:
    """No Terraform, no validator: that there is none is the reason, not that something was not stated."""
    for one in every(name):
        if chapter(one) in TOLD[name]["nothing"]:
            assert one.message.startswith(ABSENT), f"{one.requirement} {one.subject}: {one.message}"


TWO = workload("StatefulSet", "one").replace("a:1", "apache/kafka:4.1.0") + workload("StatefulSet", "two").replace(
    "a:1", "bitnami/kafka:4"
)
OPERATED = (
    "---\napiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: events, namespace: shop}\nspec: {}\n"
)
ABSENCES = {
    "nothing of the kind": (
        workload("Deployment", "till"),
        "the platform has no Kafka of a release, as far as images tell: [overlays.NAME.kafka] states one",
    ),
    "two, and nobody says which": (TWO, "platform.toml states of no release how its Kafka is set"),
    "one that an operator makes": (OPERATED, "platform.toml states of no release how its Kafka is set"),
}


@pytest.mark.parametrize("name", ABSENCES)
def test_that_there_is_no_kafka_is_said_only_where_nothing_may_be_one(name: str, tmp_path: Path) -> None:
    """Several, or an operator's: then it is the statement that is missing."""
    manifests, reason = ABSENCES[name]
    (gap,) = ReleasedBrokers.collect(plain_platform(tmp_path, manifests))
    assert isinstance(gap, Gap)
    assert gap.reason.startswith(reason)
