"""What passes beyond what is meant, where one end is not known: pods of other namespaces by labels, entrances and API servers that nobody states."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, service, subjects, workload

from policies.evidence import Gap
from policies.model.network.excess import Entered, Leaving
from policies.model.network.labelled_peers import can_be_worn
from policies.model.network.labels import DOES_NOT_EXIST, EXISTS, IN, NOT_IN, Expression, Selector
from policies.model.network.outbound import OutboundBackend
from policies.model.network.policy_rules import WrittenPolicy
from policies.platform import Platform
from policies.requirement import NotJudged

WEB = workload("Deployment", "web", "ports: [{name: http, containerPort: 8080}]") + service(
    "web", "{port: 80, targetPort: http}"
)
CLOSED = (
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: closed, namespace: shop}\n"
    "spec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n"
)
INGRESS = (
    "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: way, namespace: shop}\n"
    "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
)
ANYBODY = "{namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}"


def policy(direction: str, peers: str, listed: str = "{port: 8080}") -> str:
    """Write a policy of the workload with one rule."""
    field, kind = ("from", "Ingress") if direction == "ingress" else ("to", "Egress")
    return (
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: rule, namespace: shop}\n"
        f"spec: {{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [{kind}], {direction}: [{{{field}: [{peers}], ports: [{listed}]}}]}}\n"
    )


def entered(platform: Platform) -> Entered:
    """Give the workload, seen by who comes in."""
    return next(one for one in subjects(Entered, platform) if "Deployment/web" in one.id)


def leaving(platform: Platform) -> Leaving:
    """Give the workload, seen by whom it calls."""
    return next(one for one in subjects(Leaving, platform) if "Deployment/web" in one.id)


# Pods of any namespace, by labels


@pytest.mark.parametrize(
    ("peers", "told"),
    [
        (ANYBODY, ["any pod of any other namespace with app=api on TCP 8080 by NetworkPolicy/rule ingress[0]"]),
        ("{namespaceSelector: {}}", ["every pod of the cluster on TCP 8080 by NetworkPolicy/rule ingress[0]"]),
        (f"{{namespaceSelector: {{}}}}, {ANYBODY}", ["every pod of the cluster on TCP 8080 by NetworkPolicy/rule ingress[0]"]),
        (
            "{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}]}, "
            "podSelector: {matchExpressions: [{key: app, operator: Exists}]}}",
            ["any pod of any other namespace with app on TCP 8080 by NetworkPolicy/rule ingress[0]"],
        ),
        ("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}, podSelector: {matchLabels: {app: api}}}", []),
        ("{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: api}}}", []),
        ("{podSelector: {matchLabels: {app: api}}}", []),
        (
            "{namespaceSelector: {}, podSelector: {matchLabels: {app: api}, matchExpressions: [{key: app, operator: NotIn, values: [api]}]}}",
            [],
        ),
    ],
)  # fmt: skip
def test_labels_alone_let_pods_of_any_namespace_in(tmp_path: Path, peers: str, told: list[str]) -> None:
    """`namespaceSelector: {}` is all namespaces, those of others too, and labels may be given to any pod there."""
    found = entered(plain_platform(tmp_path, WEB + CLOSED + policy("ingress", peers)))
    assert [str(one) for one in found.excess] == told


def test_what_is_meant_for_anybody_is_not_in_excess(tmp_path: Path) -> None:
    """A NodePort takes whoever comes: also pods."""
    manifests = WEB.replace("spec: {selector: {app: web}", "spec: {type: NodePort, selector: {app: web}")
    found = entered(plain_platform(tmp_path, manifests + CLOSED + policy("ingress", ANYBODY)))
    assert not found.excess


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("{port: 8080}", "TCP 8080"),
        ("{port: http}", "TCP 1-52, 54-65535"),  # whichever number another's pod calls so
        ("{port: 53, protocol: UDP}, {port: 53}", None),
        ("{port: 53, protocol: UDP}, {port: 54}", "TCP 54"),
    ],
)
def test_labels_alone_let_out_to_pods_of_any_namespace(tmp_path: Path, listed: str, told: str | None) -> None:
    """But to the cluster's DNS, which Kubernetes' own examples find so."""
    dns = "{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}"
    platform = plain_platform(tmp_path, WEB + CLOSED + policy("egress", dns, listed))
    expected = [] if told is None else [f"any pod of any other namespace with k8s-app=kube-dns on {told} by NetworkPolicy/rule egress[0]"]  # fmt: skip
    assert [str(one) for one in leaving(platform).excess] == expected


@pytest.mark.parametrize(
    ("demands", "expected"),
    [
        ([(IN, "a"), (NOT_IN, "a")], False),
        ([(IN, "a b"), (NOT_IN, "a")], True),
        ([(IN, "a"), (IN, "b")], False),
        ([(EXISTS, ""), (DOES_NOT_EXIST, "")], False),
        ([(IN, "a"), (DOES_NOT_EXIST, "")], False),
        ([(NOT_IN, "a"), (DOES_NOT_EXIST, "")], True),
    ],
)
def test_a_selector_that_contradicts_itself_lets_nobody_in(demands: list[tuple[str, str]], expected: bool) -> None:
    """No labels are such that it selects them."""
    made = (Expression("k", operator, frozenset(values.split())) for operator, values in demands)
    assert can_be_worn(Selector(tuple(made))) is expected


# Entrances and API servers that nobody states


def test_who_comes_through_an_entrance_is_not_in_excess_where_nobody_says_who(tmp_path: Path) -> None:
    """It is not judged, with the key; what comes to another port is in excess as before."""
    balancer = "{ipBlock: {cidr: 10.9.0.0/24}}"
    found = entered(plain_platform(tmp_path, WEB + INGRESS + CLOSED + policy("ingress", balancer)))
    assert not found.excess
    assert (
        found.doubt
        == "platform.toml does not state whose connections come through Ingress/way: [manifests.shop] ingress-from"
    )


def test_what_comes_to_another_port_is_in_excess(tmp_path: Path) -> None:
    """The entrance leads to one port alone."""
    balancer = "{ipBlock: {cidr: 10.9.0.0/24}}"
    both = policy("ingress", balancer, "{port: 8080}, {port: 9090}")
    found = entered(plain_platform(tmp_path, WEB + INGRESS + CLOSED + both))
    assert [str(one) for one in found.excess] == ["10.9.0.0/24 outside on TCP 9090 by NetworkPolicy/rule ingress[0]"]


def test_who_comes_through_a_stated_entrance_is_meant_and_others_are_in_excess(tmp_path: Path) -> None:
    """With the key there is no doubt left."""
    balancers = "{ipBlock: {cidr: 10.9.0.0/24}}, {ipBlock: {cidr: 10.8.0.0/24}}"
    stated = 'ingress-from = ["10.9.0.0/24"]\n'
    found = entered(plain_platform(tmp_path, WEB + INGRESS + CLOSED + policy("ingress", balancers), stated))
    assert [str(one) for one in found.excess] == ["10.8.0.0/24 outside on TCP 8080 by NetworkPolicy/rule ingress[0]"]
    assert found.doubt is None


GRANTED = (
    "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: shop}\n"
    "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: shop}\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
    "subjects: [{kind: ServiceAccount, name: default, namespace: shop}]\n"
)
SERVER = "{ipBlock: {cidr: 10.96.0.1/32}}"


def test_who_is_granted_something_may_call_an_api_server_that_nobody_states(tmp_path: Path) -> None:
    """On its ports alone; without a grant it is in excess as before."""
    platform = plain_platform(tmp_path, WEB + GRANTED + CLOSED + policy("egress", SERVER, "{port: 443}, {port: 22}"))
    found = leaving(platform)
    assert [str(one) for one in found.excess] == ["10.96.0.1/32 outside on TCP 22 by NetworkPolicy/rule egress[0]"]
    assert 'host = "kubernetes.default.svc"' in str(found.doubt)


def test_without_a_grant_the_api_server_is_in_excess(tmp_path: Path) -> None:
    """A token that may do nothing is needed for nothing."""
    found = leaving(plain_platform(tmp_path, WEB + CLOSED + policy("egress", SERVER, "{port: 443}")))
    assert [str(one) for one in found.excess] == ["10.96.0.1/32 outside on TCP 443 by NetworkPolicy/rule egress[0]"]


def test_a_webhook_may_be_called_by_an_api_server_that_nobody_states(tmp_path: Path) -> None:
    """Admission is asked of the Service that the configuration names."""
    hook = (
        "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: check}\n"
        "webhooks: [{name: a.b.c, clientConfig: {service: {name: web, namespace: shop, port: 80}}}]\n"
    )
    found = entered(plain_platform(tmp_path, WEB + hook + CLOSED + policy("ingress", SERVER)))
    assert not found.excess
    assert str(found.doubt).startswith("ValidatingWebhookConfiguration/check names it")


# Options, and backends


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("command: [psql, '--host=web']", True),
        ("command: [psql], args: ['--host', web]", True),
        ("command: [sh, -c, 'psql -h web -U x']", True),
        ("command: [psql, 'host=web dbname=x']", True),
        ("command: [serve, '--host=0.0.0.0']", False),
        ("command: [serve, '--host=elsewhere']", False),
        ("command: [serve, web]", False),
    ],
)
def test_an_option_that_names_a_service_is_why_it_is_called(tmp_path: Path, words: str, meant: bool) -> None:
    """It is not demanded, for a host may be one to listen on; but it is not in excess."""
    caller = workload("Deployment", "caller", words)
    peer = "{podSelector: {matchLabels: {app: caller}}}"
    found = entered(plain_platform(tmp_path, WEB + caller + policy("ingress", peer)))
    assert bool(found.excess) is not meant


def backend(root: Path, statement: str) -> OutboundBackend:
    """Give a backend that may call a network outside."""
    platform = plain_platform(root, WEB + CLOSED + policy("egress", "{ipBlock: {cidr: 10.9.0.0/24}}"), statement)
    (found,) = subjects(OutboundBackend, platform)
    return found


def test_where_no_host_outside_is_stated_none_is_judged(tmp_path: Path) -> None:
    """As docs/platform.md says of [[external]]: on the first day nobody has stated any."""
    with pytest.raises(NotJudged, match="external"):
        _ = backend(tmp_path, '[services]\nbackend = ["web"]\n').beyond


def test_where_another_host_is_stated_the_network_is_none_of_them(tmp_path: Path) -> None:
    """Then they all are."""
    stated = '[services]\nbackend = ["web"]\n[[external]]\nhost = "a.test.net"\ncidr = ["192.0.2.0/24"]\n'
    assert [one.other for one in backend(tmp_path, stated).beyond] == ["10.9.0.0/24 outside"]


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("{matchLabels: {app: web server}}", "'web server' is no label's value"),
        ("{matchLabels: {app: " + 64 * "a" + "}}", "is no label's value"),
        ("{matchLabels: {'app/': web}}", "'app/' is no label's key"),
        ("{matchLabels: {'Example.com/app': web}}", "'Example.com/app' is no label's key"),
        ("{matchExpressions: [{key: a b, operator: Exists}]}", "'a b' is no label's key"),
        ("{matchExpressions: [{key: app, operator: NotIn, values: ['*']}]}", "'*' is no label's value"),
        ("{matchLabels: {app: '', example.com/App.x_1: a.B_c-1}}", None),
    ],
)
def test_a_selector_by_what_no_label_can_be_is_refused(tmp_path: Path, selector: str, said: str | None) -> None:
    """As the API server does: `NotIn` of such a value would else select everything."""
    manifest = policy("ingress", "{podSelector: {}}").replace("{matchLabels: {app: web}}", selector)
    found = [one for one in WrittenPolicy.collect(plain_platform(tmp_path, WEB + manifest)) if isinstance(one, Gap)]
    assert [said in one.reason for one in found if said is not None] == [True] * (said is not None)
    assert bool(found) is (said is not None)


# Policies of the cluster's administrators


@pytest.mark.parametrize(
    ("kind", "spec", "ingress", "egress"),
    [
        ("AdminNetworkPolicy", "ingress: [{action: Allow}]", True, False),
        ("AdminNetworkPolicy", "egress: [{action: Deny}, {action: Allow}]", False, True),
        ("AdminNetworkPolicy", "ingress: [{action: Deny}, {action: Pass}]", False, False),
        ("ClusterNetworkPolicy", "tier: Admin, ingress: [{action: Accept}]", True, False),
        ("ClusterNetworkPolicy", "tier: Baseline, ingress: [{action: Accept}]", False, False),
        ("BaselineAdminNetworkPolicy", "ingress: [{action: Allow}]", False, False),
    ],
)
def test_administrators_let_pass(tmp_path: Path, kind: str, spec: str, ingress: bool, egress: bool) -> None:
    """What lets pass before network policies are asked is told, in its own direction."""
    written = (
        f"---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: {kind}\nmetadata: {{name: all}}\nspec: {{{spec}}}\n"
    )
    site = entered(plain_platform(tmp_path, WEB + CLOSED + written)).intended.site
    told = f"{kind}/all, which outranks network policies, is there, and is not judged"
    assert site.outranked("ingress") == (told if ingress else None)
    assert site.outranked("egress") == (told if egress else None)
