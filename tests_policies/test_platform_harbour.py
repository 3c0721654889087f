"""A platform of Terraform alone, in other people's style: what is wrong with it is found, and nothing that is right is called wrong."""

from __future__ import annotations

from functools import cache

import pytest
from commands import ROOT

from policies.catalogue import OWN, catalogue
from policies.platform import Platform
from policies.requirement import Severity
from policies.verdict import Collected, Outcome, Verdict, cases, judge

HARBOUR = ROOT / "tests_policies" / "platforms" / "harbour"
CLOUD = ("SECRET", "STATE", "TF", "CDN", "SQS", "WORKER", "VPC", "EKS", "RDS", "CACHE", "VAULT", "EDGE", "HDR")

TIMES = "runtime:aws_elasticache_cluster.times"
WRONG = {
    # One NAT gateway for both zones.
    ("VPC-01g", "network:aws_subnet.deck[1]"),
    # A cache of one node, without encryption, password or replica.
    *((f"CACHE-01{letter}", TIMES) for letter in "acdfgh"),
    # A password that waits to be changed.
    ("VAULT-01b", "runtime:aws_secretsmanager_secret_version.mail"),
    ("SECRET-03a", "tf/runtime:aws_secretsmanager_secret_version.mail.secret_string"),
}
"""What is wrong with it, on purpose."""


@cache
def every() -> tuple[Verdict, ...]:
    """Judge it by every requirement."""
    platform = Platform.open(HARBOUR)
    collected: dict[type, Collected] = {}
    return tuple(judge(case) for item in catalogue(OWN) for case in cases(item, platform, collected))


def test_what_is_wrong_is_found_and_nothing_else() -> None:
    """Each finding is one that a platform engineer would make."""
    found = [
        one
        for one in every()
        if one.requirement.partition("-")[0] in CLOUD
        and one.outcome is Outcome.FAILED
        and one.severity > Severity.ADVICE
    ]
    assert {(one.requirement, one.subject) for one in found} == WRONG, "\n".join(
        f"{one.requirement} {one.subject}: {one.message}" for one in found
    )


def test_nothing_ends_in_an_error() -> None:
    """Whatever a requirement looks for, that it is not there or not known is a verdict."""
    errors = [one for one in every() if one.outcome is Outcome.ERROR]
    assert not errors, "\n".join(f"{one.requirement} {one.message} {one.detail}" for one in errors)


def test_validator_that_wants_its_key_is_not_judged() -> None:
    """The file of its key is written when a release is packed: that it is not in git is no defect, and which it is is said."""
    (one,) = (one for one in every() if one.requirement == "EDGE-06a")
    assert (one.outcome, one.subject) == (Outcome.NOT_JUDGED, "functions/gate/index.mjs")
    assert "it reads key, which is not in the platform" in one.message


def test_findings_say_where() -> None:
    """The line is the resource's, or the attribute's."""
    places = {
        one.requirement: [str(line) for line in one.locations] for one in every() if one.outcome is Outcome.FAILED
    }
    assert _text(places["VPC-01g"][0]) == "content {"
    assert _text(places["VAULT-01b"][0]).startswith("secret_string")
    assert _text(places["CACHE-01a"][0]) == 'resource "aws_elasticache_cluster" "times" {'


def _text(place: str) -> str:
    file, _, line = place.rpartition(":")
    return (HARBOUR / file).read_text(encoding="utf-8").splitlines()[int(line) - 1].strip()


@pytest.mark.parametrize("chapter", ["VPC", "EKS", "CACHE", "VAULT", "RDS"])
def test_every_requirement_of_a_chapter_is_judged(chapter: str) -> None:
    """It has what they are about, but for a proxy before its database, a parameter for TLS, and roles of service accounts."""
    judged = {one.requirement for one in every() if one.outcome in (Outcome.PASSED, Outcome.FAILED)}
    expected = {item.id for item in catalogue(OWN) if item.chapter == chapter}
    assert expected - judged <= {"RDS-01b", "RDS-01c", "RDS-01i", "EKS-01i"}
