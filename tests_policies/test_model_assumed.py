"""What is assumed of a platform whose owners have stated nothing: it is said, and judged by the specification."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import REFERENCE, run_turnstile

from policies.catalogue import OWN, catalogue
from policies.intent.intent import read_intent
from policies.model.assumed import assumptions, services_of, version_of
from policies.model.assumed_places import found_places
from policies.platform import Platform
from policies.verdict import Outcome, Verdict, cases, judge

LEFT_OUT = shutil.ignore_patterns("platform.toml", "waivers.toml", "target", "node_modules", "terraform", "lambda")
_EVERY = {item.id: item for item in catalogue(OWN)}


@pytest.fixture
def unstated(tmp_path: Path) -> Path:
    """The reference platform's manifests, of which nobody says anything."""
    return Path(shutil.copytree(REFERENCE, tmp_path / "theirs", ignore=LEFT_OUT))


def told(platform: Platform, *ids: str) -> list[Verdict]:
    """Judge a platform by requirements."""
    return [judge(case) for id in ids for case in cases(_EVERY[id], platform)]


KAFKA = ("PROD-04a", "PROD-04b", "PROD-04c", "PROD-04d", "PROD-04e", "PROD-04f", "PROD-04g", "PROD-04h", "PROD-04i")
REDIS = ("PROD-05a", "PROD-05b", "PROD-05c", "PROD-05d", "PROD-05e", "PROD-05f", "PROD-05g", "PROD-05h", "PROD-05i")


def test_what_is_there_is_judged_by_the_specification(unstated: Path) -> None:
    """Brokers, Redis nodes, the gateway and the manifests' version are found, and keep what is asked of them."""
    platform = Platform.open(unstated)
    found = told(platform, *KAFKA, *REDIS, "KIND-03b", "KIND-04a", "KIND-04b", "BUILD-02a", "BUILD-02b")
    assert {one.outcome for one in found} <= {Outcome.PASSED, Outcome.NOT_JUDGED}
    judged = {one.requirement for one in found if one.outcome is Outcome.PASSED}
    assert judged >= {*KAFKA, *REDIS, "KIND-03b", "KIND-04a", "KIND-04b", "BUILD-02a", "BUILD-02b"}


@pytest.mark.parametrize(
    ("file", "old", "new", "id", "said"),
    [
        ("kafka.yaml", "replicas: 3", "replicas: 2", "PROD-04a", "has 2 brokers, and the specification (else [overlays.prod.kafka])"),
        ("redis.yaml", "replicas: 6", "replicas: 4", "PROD-05a", "has 4 nodes, and the specification (else [overlays.prod.redis])"),
    ],
)  # fmt: skip
def test_what_falls_short_of_it_is_found(unstated: Path, file: str, old: str, new: str, id: str, said: str) -> None:
    """Fewer than the specification asks for is a failure, and the message names what would state otherwise."""
    manifest = unstated / "k8s/spring/overlays/prod" / file
    text = manifest.read_text(encoding="utf-8")
    assert old in text
    manifest.write_text(text.replace(old, new, 1), encoding="utf-8")
    failed = [one for one in told(Platform.open(unstated), id) if one.outcome is Outcome.FAILED]
    assert [said in one.message for one in failed] == [True], failed


def test_more_than_the_specification_asks_for_is_no_failure(unstated: Path) -> None:
    """Five brokers are not held against three: what is assumed is the least."""
    manifest = unstated / "k8s/spring/overlays/prod/kafka.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("replicas: 3", "replicas: 5", 1), encoding="utf-8")
    assert [one.outcome for one in told(Platform.open(unstated), "PROD-04a")] == [Outcome.PASSED]


def test_each_assumption_names_the_key_that_would_state_it(unstated: Path) -> None:
    """Whoever disagrees finds where to say so."""
    keys = {one.key for one in assumptions(Platform.open(unstated))}
    assert keys >= {
        "kubernetes",
        "[services] gateway",
        "[services] backend, frontend",
        "[overlays.kind.kafka]",
        "[overlays.prod.kafka]",
        "[overlays.prod.redis]",
    }


def test_what_is_stated_is_not_assumed() -> None:
    """Owners outrank every guess."""
    platform = Platform.open(REFERENCE)
    assert services_of(platform) is platform.intent.services
    assert version_of(platform) == (platform.intent.kubernetes, "")
    assert assumptions(platform) == tuple(found_places(platform))


def test_init_writes_down_what_was_assumed(unstated: Path) -> None:
    """What the run assumes stands in the file that init writes, for its owner to correct."""
    assert run_turnstile("init", unstated).returncode == 0
    written, stated = read_intent(unstated), read_intent(REFERENCE)
    assert written is not None
    assert stated is not None
    assert (written.kubernetes, written.services and written.services.gateway) == ("1.35", "gateway-service")
    assert written.overlays["prod"].kafka == stated.overlays["prod"].kafka
    assert written.overlays["prod"].redis == stated.overlays["prod"].redis
    assert written.overlays["kind"].kafka == stated.overlays["kind"].kafka
