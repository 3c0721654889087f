"""What was seen of a network, beside what is predicted: each disagreement fails the requirement that is named for it. Without a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from plain_platform import plain_platform, workload
from running_town import failed, requirements, verdicts

from policies.evidence import Place
from policies.live.pictures import observed_svg
from policies.model.network.engine import Network
from policies.model.network.flows import Intended, intended
from policies.model.network.observation import OPEN, Attempts, NotTried, Observation, Port
from policies.model.network.ports import ports
from policies.verdict import Outcome

REQUIREMENTS = requirements("test_connections.py")
POLICIES = (
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}}\n"
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: shop}\n"
    "spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 80}]}]}\n"
)
TRIED: tuple[Port, ...] = (("TCP", 80), ("TCP", 81), ("UDP", 80))


def network(root: Path) -> Intended:
    """Give a network of two workloads, of which one may call the other."""
    platform = plain_platform(root, workload("Deployment", "web") + workload("Deployment", "api") + POLICIES)
    return intended(platform.deployed[0], platform)


@pytest.fixture
def seen(tmp_path: Path) -> Observation:
    """Give what is seen where everything is as predicted."""
    found = network(tmp_path)
    return Observation(found, tuple(_attempts(found)), found.site.policies, open_before=(6, 6))


def _attempts(found: Intended) -> Iterable[Attempts]:
    predicted = Network(found.universe, found.site.policies)
    for source in found.site.own:
        for target in found.site.own:
            if source != target:
                passing = predicted.ports(source.endpoint, target.endpoint)
                yield Attempts(source, target, {port: OPEN if passing & ports(*port) else "silent" for port in TRIED})


def changed(seen: Observation, source: str, port: Port, outcome: str) -> Observation:
    """Give an observation in which one connection went otherwise."""
    attempts = [
        replace(one, outcomes={**one.outcomes, port: outcome}) if one.source.name.endswith(source) else one
        for one in seen.attempts
    ]
    return replace(seen, attempts=tuple(attempts))


def test_what_is_seen_as_predicted_passes(seen: Observation) -> None:
    """Every pair, by the manifests and by what was read back."""
    found = verdicts(seen, REQUIREMENTS)
    assert {one.outcome for one in found} == {Outcome.PASSED}
    assert {one.requirement for one in found} == {"LIVE-NETa", "LIVE-NETb"}
    assert len(found) == 2 * len(seen.attempts)


def test_connection_that_nothing_stops_fails_with_its_explanation(seen: Observation) -> None:
    """An enforcer that is off: both predictions are wrong, and each says which policies decide."""
    found = verdicts(changed(seen, "web", ("TCP", 80), OPEN), REQUIREMENTS)
    assert failed(found) == {"LIVE-NETa", "LIVE-NETb"}
    (told, _) = [one.message for one in found if one.outcome is Outcome.FAILED]
    assert "TCP 80: seen open, predicted that it does not pass" in told


def test_connection_that_something_stops_fails(seen: Observation) -> None:
    """A policy that means more than was thought."""
    found = verdicts(changed(seen, "api", ("TCP", 80), "silent"), REQUIREMENTS)
    assert failed(found) == {"LIVE-NETa", "LIVE-NETb"}
    assert any("seen silent, predicted that it passes" in one.message for one in found)


def test_policy_that_the_cluster_has_otherwise_fails_one_of_the_two(seen: Observation) -> None:
    """What is seen is what the manifests say, and not what was read back."""
    found = verdicts(replace(seen, effective=seen.effective[:1]), REQUIREMENTS)
    assert failed(found) == {"LIVE-NETb"}


def test_manifest_that_never_arrived_fails_the_other(seen: Observation) -> None:
    """What is seen is what was read back, and not what the manifests say."""
    found = verdicts(replace(changed(seen, "api", ("TCP", 80), "silent"), effective=seen.effective[:1]), REQUIREMENTS)
    assert failed(found) == {"LIVE-NETa"}


def test_every_requirement_on_connections_was_seen_to_fail() -> None:
    """The tests above name both."""
    assert {one.id for one in REQUIREMENTS} == {"LIVE-NETa", "LIVE-NETb"}


def test_refusal_without_a_living_listener_proves_nothing(seen: Observation) -> None:
    """A port that did not answer without policies is left out; a pair of which none did is not judged."""
    attempts = seen.attempts[0]
    one = replace(attempts, outcomes={**attempts.outcomes, ("TCP", 81): OPEN}, dead=frozenset({("TCP", 81)}))
    assert failed(verdicts(replace(seen, attempts=(one,)), REQUIREMENTS)) == set()
    one = replace(attempts, dead=frozenset(attempts.outcomes))
    assert {item.outcome for item in verdicts(replace(seen, attempts=(one,)), REQUIREMENTS)} == {Outcome.NOT_JUDGED}


def test_what_was_not_tried_is_not_judged(seen: Observation) -> None:
    """And says why."""
    found = verdicts(NotTried(Place("shop"), "no image of the probe"), REQUIREMENTS)
    assert {(one.outcome, one.message) for one in found} == {(Outcome.NOT_JUDGED, "no image of the probe")}
    found = verdicts(replace(seen, untried=(("outside", "it cannot be had"),)), REQUIREMENTS)
    assert {one.message for one in found if one.outcome is Outcome.NOT_JUDGED} == {"it cannot be had"}


def test_picture_shows_both_matrices(seen: Observation) -> None:
    """Predicted and seen, side by side; a disagreement has the colour and the words of one."""
    agreed = observed_svg(seen)
    broken = observed_svg(changed(seen, "web", ("TCP", 81), OPEN))
    root = ElementTree.fromstring(agreed)  # noqa: S314 (our own)
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    place = seen.intended.site.place.name
    assert {f"{place}: predicted from the manifests", f"{place}: seen on the cluster"} <= set(texts)
    assert texts.count("passes, as predicted") == 2
    assert "#ffd98a" in broken
    assert broken.count("#ffd98a") > agreed.count("#ffd98a")
    panels = list(root.findall("{http://www.w3.org/2000/svg}svg"))
    assert len(panels) == 2
    assert float(panels[1].get("x", "0")) > float(panels[0].get("width", "0"))
