"""NetworkPolicies that the API server would refuse: an error that names file, line and value, never a pass; and the rest is still judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import run_static
from plain_platform import plain_platform, subjects, workload

from policies.evidence import Gap
from policies.model.network.connected import Policed
from policies.model.network.policies import Direction, Policy
from policies.model.network.policy_rules import WrittenPolicy
from policies.model.network.policy_schema import PolicyError
from policies.model.network.site import site_of

HEAD = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n"
"""Five lines: the spec's own begin on the sixth of the document."""

HOSTILE = {
    "an unknown operator": ("  podSelector: {matchExpressions: [{key: a, operator: Gt, values: ['1']}]}", "'Gt'"),
    "In without values": ("  podSelector: {matchExpressions: [{key: a, operator: In, values: []}]}", "In needs values"),
    "Exists with values": (
        "  podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
        "takes no values",
    ),
    "a selector that is a list": ("  podSelector: [app, web]", "expected a mapping"),
    "labels that are a list": ("  podSelector: {matchLabels: [app]}", "expected a mapping"),
    "a label that is a number": ("  podSelector: {matchLabels: {app: 1}}", "expected a text"),
    "a selector's field with a typo": ("  podSelector: {matchLabel: {app: web}}", "matchLabel: is no field"),
    "a policy type that is none": ("  policyTypes: [Ingres]", "'Ingres'"),
    "rules that are a mapping": ("  ingress: {from: []}", "expected a list"),
    "a peer that is empty": ("  ingress: [{from: [{}]}]", "is empty"),
    "a block beside a selector": (
        "  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]",
        "ipBlock stands beside a selector",
    ),
    "a network that is none": ("  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/33}}]}]", "'10.0.0.0/33' is no network"),
    "an address without a prefix": ("  ingress: [{from: [{ipBlock: {cidr: 10.0.0.1}}]}]", "'10.0.0.1' is no network"),
    "an exception that is wider": (
        "  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/16, except: [10.0.0.0/8]}}]}]",
        "10.0.0.0/8 is not strictly within 10.0.0.0/16",
    ),
    "an exception of the other family": (
        "  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/16, except: ['fd00::/64']}}]}]",
        "fd00::/64 is not strictly within",
    ),
    "a port beyond the last": ("  ingress: [{ports: [{port: 65536}]}]", "65536 is no port"),
    "port zero": ("  ingress: [{ports: [{port: 0}]}]", "0 is no port"),
    "a port in quotes": ("  ingress: [{ports: [{port: '8080'}]}]", "a number stands without quotes"),
    "a port's name that is too long": ("  ingress: [{ports: [{port: a-name-much-too-long}]}]", "is no name of a port"),
    "a port that is a truth": ("  ingress: [{ports: [{port: true}]}]", "it is True"),
    "a range that ends before it begins": (
        "  ingress: [{ports: [{port: 80, endPort: 79}]}]",
        "79 is not from port (80)",
    ),
    "a range from a name": ("  ingress: [{ports: [{port: http, endPort: 90}]}]", "stands without a number"),
    "a protocol that is none": ("  ingress: [{ports: [{protocol: ICMP, port: 1}]}]", "'ICMP'"),
    "a protocol in small letters": ("  ingress: [{ports: [{protocol: tcp, port: 1}]}]", "'tcp'"),
    "peers in the wrong direction": ("  ingress: [{to: [{podSelector: {}}]}]", "to: is no field"),
    "a spec that is a text": ("  everything", "expected a mapping"),
    "a spec with a field of another": ("  selector: {app: web}", "selector: is no field"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_refused_policy_is_an_error_with_its_line(tmp_path: Path, case: str) -> None:
    """What the API server would refuse is in force nowhere: it is an error with the line, and isolates nothing."""
    spec, said = HOSTILE[case]
    platform = plain_platform(tmp_path, workload("Deployment", "web") + HEAD + spec + "\n")
    lines = (tmp_path / "shop" / "all.yaml").read_text().splitlines()
    found = [one for one in WrittenPolicy.collect(platform) if isinstance(one, Gap)]
    assert len(found) == 1
    assert found[0].unreadable
    assert said in found[0].reason
    place = found[0].locations[0]
    assert (place.source, place.line in (len(lines), len(lines) - 1)) == ("shop/all.yaml", True)
    assert not any(one.is_isolated(Direction.INGRESS) for one in subjects(Policed, platform))


def test_one_refused_policy_hides_no_other(tmp_path: Path) -> None:
    """The policies beside it are read, and judged."""
    good = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}}\n"
    bad = HEAD + HOSTILE["port zero"][0] + "\n"
    platform = plain_platform(tmp_path, workload("Deployment", "web") + bad + good)
    read = site_of(platform.deployed[0], platform).read
    assert [type(one) for one in read] == [PolicyError, Policy]
    assert all(one.is_isolated(Direction.INGRESS) for one in subjects(Policed, platform))


def test_a_run_over_a_refused_policy_fails(tmp_path: Path) -> None:
    """From the user's command to the report: exit code 1, an error, the file and the line."""
    plain_platform(tmp_path, workload("Deployment", "web") + HEAD + HOSTILE["a network that is none"][0] + "\n")
    done = run_static("--platform", tmp_path, "--junit", tmp_path / "x.xml", "-k", "api_server")
    assert done.returncode == 1
    assert "ERROR  NET-10" in done.stdout or "ERROR NET-10" in done.stdout
    assert "'10.0.0.0/33' is no network" in done.stdout
    assert "shop/all.yaml:" in done.stdout


@pytest.mark.parametrize(
    ("spec", "directions"),
    [
        ("spec:", {Direction.INGRESS}),
        ("spec: {}", {Direction.INGRESS}),
        ("spec: {policyTypes: []}", {Direction.INGRESS}),
        ("spec: {podSelector: null, ingress: null, egress: null}", {Direction.INGRESS}),
        ("spec: {egress: []}", {Direction.INGRESS}),
        ("spec: {egress: [{}]}", {Direction.INGRESS, Direction.EGRESS}),
        ("spec: {policyTypes: [Egress]}", {Direction.EGRESS}),
    ],
)
def test_defaults_are_the_api_servers(tmp_path: Path, spec: str, directions: set[Direction]) -> None:
    """Absent, null and empty are one; egress is meant only where there is a rule of it, or the types say so."""
    head = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n"
    platform = plain_platform(tmp_path, workload("Deployment", "web") + head + spec + "\n")
    (policy,) = site_of(platform.deployed[0], platform).policies
    assert policy.directions == directions
