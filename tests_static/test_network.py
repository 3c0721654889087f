"""Network policies (clauses 2a, 2b, 2c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.network.connected import Connected, Policed, Resolver
from policies.model.network.excess import Entered, Leaving
from policies.model.network.exposed import ReachedFromOutside
from policies.model.network.needed_flows import EnteringFlow, NeededFlow, UsedPort
from policies.model.network.outbound import OutboundBackend
from policies.model.network.policed_namespaces import PolicedNamespace
from policies.model.network.policies import Direction
from policies.model.network.policy_peers import RulePeer
from policies.model.network.policy_ports import EgressPort, IngressPort
from policies.model.network.policy_rules import IngressRule, NetworkPolicy, WrittenPolicy

_DENY = "Add a NetworkPolicy with podSelector: {} and policyTypes [Ingress, Egress] to the namespace."

_POLICED = ("CIS Kubernetes Benchmark 5.3.2 Ensure that all Namespaces have NetworkPolicies defined",)

# Deny by default


@requirement("NET-01a", Policed, clause="2a", severity=HIGH, remedy=_DENY)
def test_workload_is_isolated_for_ingress(workload):
    """Kubernetes lets everything in to a pod that no policy selects for ingress."""
    if workload.incomplete and not workload.is_isolated(Direction.INGRESS):
        not_judged(workload.incomplete)
    assert workload.is_isolated(Direction.INGRESS), workload.evidence(
        "no policy isolates {} for ingress", workload.name
    )
    _not_outranked(workload, Direction.INGRESS)


@requirement("NET-01b", Policed, clause="2a", severity=HIGH, remedy=_DENY)
def test_workload_is_isolated_for_egress(workload):
    """Kubernetes lets everything out of a pod that no policy selects for egress: whoever breaks in can call anywhere."""
    if workload.incomplete and not workload.is_isolated(Direction.EGRESS):
        not_judged(workload.incomplete)
    assert workload.is_isolated(Direction.EGRESS), workload.evidence("no policy isolates {} for egress", workload.name)
    _not_outranked(workload, Direction.EGRESS)


@requirement("NET-01c", PolicedNamespace, clause="2a", severity=HIGH, remedy=_DENY, maps=_POLICED)
def test_any_pod_would_be_isolated_for_ingress(namespace):
    """Policies that name what they select leave the next pod open, and so whatever somebody starts by hand."""
    _isolates_all(namespace, Direction.INGRESS)


@requirement("NET-01d", PolicedNamespace, clause="2a", severity=HIGH, remedy=_DENY, maps=_POLICED)
def test_any_pod_would_be_isolated_for_egress(namespace):
    """A pod with labels of its own could call anywhere from inside the namespace."""
    _isolates_all(namespace, Direction.EGRESS)


def _isolates_all(namespace, direction):
    try:
        labels = namespace.unisolated(direction)
    except OverflowError:
        not_judged(
            f"the selectors of {namespace.name} have too many combinations to try; one with podSelector: {{}} ends it"
        )
    if labels is not None and namespace.incomplete:
        not_judged(namespace.incomplete)
    assert labels is None, namespace.evidence(
        "a pod of the namespace {} with {} would not be isolated for {}", namespace.name, labels, direction.word
    )
    _not_outranked(namespace, direction)


def _not_outranked(subject, direction):
    if outranked := subject.intended.site.outranked(direction.word):
        not_judged(outranked)


# What may come in


@requirement("NET-02a", IngressRule, clause="2b", severity=MEDIUM, remedy="List the rule's ports one by one.")
def test_ingress_rule_lists_its_ports(rule):
    """A rule without ports opens every port of the pods, those of tomorrow's debug servers too."""
    assert rule.lists_ports, rule.evidence("{} lets in on {}", rule.policy, rule.opened)


@requirement(
    "NET-02b",
    IngressPort,
    clause="2b",
    severity=LOW,
    remedy="Take the port out, or declare it in the container's ports.",
)
def test_allowed_port_is_served(port):
    """A port that is open and that nobody serves is a mistake in its number, or waits for whoever opens it first."""
    if port.unknown:
        not_judged(port.unknown)
    assert not port.unserved, port.evidence(
        "{} lets in on {}, and no pod that it selects serves {}", port.policy, port.clause, port.unserved
    )


@requirement(
    "NET-02c", UsedPort, clause="2b", severity=HIGH, remedy="Add an ingress rule with the port to the pods' policies."
)
def test_target_port_with_a_client_is_allowed(port):
    """A Service whose pods let nobody in on its port has clients that wait for a time-out."""
    if port.incomplete and not port.is_allowed:
        not_judged(port.incomplete)
    assert port.is_allowed, port.evidence(
        "no ingress rule of {} allows {} {}, to which its Service leads", port.target, port.protocol, port.number
    )


# What may go out


@requirement(
    "NET-03a",
    OutboundBackend,
    clause="2c",
    severity=HIGH,
    remedy="Narrow the rule to the host's networks, or state the host as [[external]].",
)
def test_backend_calls_only_stated_hosts_outside(backend):
    """An egress rule to everywhere is the way by which data leaves."""
    if not backend.is_isolated(Direction.EGRESS):
        not_judged("no policy isolates it for egress (NET-01b)")
    beyond = backend.beyond
    assert not beyond, backend.blame_rules(
        beyond,
        "{} may call {}: platform.toml states no such host outside ([[external]] with cidr and ports)",
        backend.name,
        "; ".join(map(str, beyond)),
    )


@requirement(
    "NET-03b",
    OutboundBackend,
    clause="2c",
    severity=MEDIUM,
    remedy="Name the pods that it calls, by namespace and labels.",
)
def test_backend_calls_only_named_pods(backend):
    """A rule to every pod of every namespace lets a service call what other teams run, whose policies may be none."""
    if not backend.is_isolated(Direction.EGRESS):
        not_judged("no policy isolates it for egress (NET-01b)")
    strangers = backend.reached_strangers
    assert not strangers, backend.blame_rules(strangers, "{} may call {}", backend.name, "; ".join(map(str, strangers)))


# What is meant, and what passes


@requirement(
    "NET-04a",
    NeededFlow,
    clause="2c, +",
    severity=HIGH,
    remedy="Add the egress rule, or take out the setting that leads there.",
)
def test_intended_flow_may_leave(flow):
    """A connection that a policy stops is a time-out in operation, and nothing in the manifests of either end shows why."""
    if not flow.passes and flow.is_told_of_dns:
        not_judged("the DNS is asked over the other protocol alone (NET-06)")
    if flow.incomplete and not flow.passes:
        not_judged(flow.incomplete)
    assert flow.passes, flow.blame()


@requirement(
    "NET-04b",
    EnteringFlow,
    clause="2b, +",
    severity=HIGH,
    remedy="Add the ingress rule, or take out the setting that leads there.",
)
def test_intended_flow_may_enter(flow):
    """What one end lets out the other has to let in: the two rules stand in different policies, and drift."""
    if flow.incomplete and not flow.passes:
        not_judged(flow.incomplete)
    assert flow.passes, flow.blame()


@requirement(
    "NET-05a",
    Entered,
    clause="+",
    severity=MEDIUM,
    remedy="Narrow the rule to blame, or state the flow: [[overlays.NAME.flows]].",
)
def test_workload_is_reached_only_as_intended(workload):
    """Each way in that nobody needs is one that an intruder may take."""
    if not workload.is_isolated(Direction.INGRESS):
        not_judged("no policy isolates it for ingress (NET-01a)")
    if workload.incomplete and workload.beyond:
        not_judged(workload.incomplete)
    assert not workload.excess, workload.blame_excess()
    if workload.doubt:
        not_judged(workload.doubt)


@requirement(
    "NET-05b",
    Leaving,
    clause="+",
    severity=MEDIUM,
    remedy="Narrow the rule to blame, or state the flow: [[overlays.NAME.flows]].",
)
def test_workload_reaches_others_only_as_intended(workload):
    """Each way out of the platform that nobody needs is one by which data may leave."""
    if not workload.is_isolated(Direction.EGRESS):
        not_judged("no policy isolates it for egress (NET-01b)")
    if workload.incomplete and workload.beyond:
        not_judged(workload.incomplete)
    assert not workload.excess, workload.blame_excess()
    if workload.doubt:
        not_judged(workload.doubt)


@requirement("NET-06", Resolver, clause="2c, +", severity=MEDIUM, remedy="Allow port 53 for both UDP and TCP.")
def test_dns_egress_allows_both_protocols(workload):
    """An answer that does not fit in UDP is asked for again over TCP (RFC 7766): without it long answers fail, and only those."""
    missing = {"UDP", "TCP"}.difference(workload.reaches_dns)
    if missing and workload.incomplete:
        not_judged(workload.incomplete)
    assert not missing, workload.blame(
        "{} may ask the DNS over {}, and not over {}", workload.name, *workload.reaches_dns, *missing
    )


@requirement(
    "NET-07",
    ReachedFromOutside,
    clause="+",
    severity=HIGH,
    remedy="Take the addresses out of the rule, or state the Service: [overlays.NAME] exposed.",
)
def test_only_what_is_exposed_accepts_from_outside(workload):
    """A pod that accepts from outside is one route away from the internet."""
    if not workload.is_isolated(Direction.INGRESS):
        not_judged("no policy isolates it for ingress (NET-01a)")
    entered = workload.from_outside
    if entered and workload.is_exposed is None:
        not_judged(f"platform.toml does not state what may be reached from outside: {workload.key} exposed")
    assert not entered or workload.is_exposed, workload.blame_rules(
        entered,
        "{} accepts {}, and {} exposed names no Service of it",
        workload.name,
        "; ".join(map(str, entered)),
        workload.key,
    )


# What does nothing, what escapes


@requirement(
    "NET-08a", NetworkPolicy, clause="+", severity=MEDIUM, remedy="Correct the selector, or delete the policy."
)
def test_policy_selects_a_pod(policy):
    """A policy that selects nothing protects nothing, and looks as if it did."""
    if not policy.selected and (reason := policy.unknown):
        not_judged(reason)
    assert policy.selected, policy.evidence("{} selects no pod ({})", policy.policy, policy.policy.pods)


@requirement("NET-08b", RulePeer, clause="+", severity=MEDIUM, remedy="Correct the peer's labels, or delete it.")
def test_peer_is_a_pod(peer):
    """A peer that nothing has the labels of is a rule that somebody relies on, and that does nothing."""
    if not peer.found and (reason := peer.unknown):
        not_judged(reason)
    assert peer.found, peer.evidence("{}: the peer is {}, and there is none", peer.policy, peer.peer)


@requirement("NET-08c", EgressPort, clause="+", severity=LOW, remedy="Correct the port, or take it out.")
def test_egress_port_is_served(port):
    """A port that none of the peers serves is a mistake in its number, or left over."""
    if port.unknown:
        not_judged(port.unknown)
    assert port.is_served, port.evidence("{} lets out to {}, which none of the peers serves", port.policy, port.clause)


@requirement(
    "NET-08d",
    NetworkPolicy,
    clause="+",
    severity=MEDIUM,
    remedy="Add the direction to policyTypes, or delete the rules.",
)
def test_policy_has_the_types_of_its_rules(policy):
    """Rules of a direction that policyTypes leaves out do nothing, and whoever reads the policy believes them."""
    assert not policy.idle, policy.blame(
        ("spec", "policyTypes"),
        "{} has {} rules, and its policyTypes leave {} out: they are not in force",
        policy.policy,
        *(one.word for one in policy.idle),
        *policy.idle,
    )


@requirement("NET-09a", Connected, clause="+", severity=HIGH, remedy="Take hostNetwork out of the pods' spec.")
def test_workload_is_not_in_the_nodes_network(workload):
    """No policy is in force in a node's network: the pod reaches all that the node reaches."""
    assert not workload.is_on_host, workload.blame_host(
        "{} has hostNetwork, where no NetworkPolicy is in force", workload.name
    )


@requirement(
    "NET-09b",
    Connected,
    clause="+",
    severity=MEDIUM,
    remedy="Give the pods a label of their own, as app.kubernetes.io/name.",
)
def test_pods_have_labels(workload):
    """No rule can name a pod without labels: it gets what every pod of the namespace gets, or nothing."""
    assert workload.party.pod.labels, workload.blame_labels("the pods of {} have no labels", workload.name)


@requirement("NET-10", WrittenPolicy, clause="2a, +", severity=HIGH, remedy="Write it as the API server takes it.")
def test_policy_is_taken_by_the_api_server(policy):
    """A policy that the API server refuses is not in force: what was open before stays open."""
    assert policy.policy, policy.evidence("it is none")
