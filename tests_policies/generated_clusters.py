"""Whole clusters as raw objects that the API server takes, and questions to ask about them, for Hypothesis.

What can stand in one place is listed once, the simplest first, and two bytes of a tape choose from it. Hypothesis draws the tape at
once: a cluster costs a fraction of a millisecond, and shrinks to the simple part by part. Drawn choice by choice it cost twice
as much, and Hypothesis, which varies an example by repeating its parts, made the same object four times out of five.

The vocabulary is small on purpose: labels of pods and of namespaces are the same words, names and numbers of ports meet
again on other pods and protocols, and address ranges overlap, so that what an engine confuses comes to light.

Left out is what the documentation leaves undefined: one name for two ports of one protocol in one pod, and a pod's address.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from itertools import chain, pairwise, product
from typing import Any, NamedTuple

from hypothesis import strategies as st
from naive_network import NAME_LABEL, Node, Object, Outside, Peer, Pod

PROTOCOLS = ("TCP", "UDP", "SCTP")
NUMBERS = (80, 53, 81, 443, 8080, 8081, 65535)
NEIGHBOURS = (1, 52, 54, 79, 82, 442, 444, 8079, 8082, 65534)
PORT_NAMES = ("http", "dns", "metrics", "unknown")
ABSENT = object()

WORDS: dict[str, tuple[str, ...]] = {"app": ("web", "db"), "tier": ("front", "back", ""), "track": ("canary",)}
LABELS: list[dict[str, str]] = [
    {key: value for key, value in zip(WORDS, values, strict=True) if value is not None}
    for values in product(*((None, *known) for known in WORDS.values()))
]


def requirements(words: dict[str, tuple[str, ...]]) -> list[Object]:
    """List matchExpressions of every operator over some labels."""
    listed: list[Object] = []
    for key, values in words.items():
        for operator in ("In", "NotIn"):
            listed += [{"key": key, "operator": operator, "values": [value]} for value in values]
            listed.append({"key": key, "operator": operator, "values": [*values, "other"]})
        listed += [{"key": key, "operator": operator} for operator in ("Exists", "DoesNotExist")]
    return listed


def selectors(words: dict[str, tuple[str, ...]]) -> list[Object]:
    """List label selectors over some labels: empty, by labels, by expressions, by both."""
    single = [{"matchLabels": {key: value}} for key, values in words.items() for value in values]
    expressions = requirements(words)
    pairs = [{"matchExpressions": [one, other]} for one, other in pairwise(expressions[::3])]
    both = [{**one, "matchExpressions": [other]} for one, other in zip(single, expressions[::2], strict=False)]
    empty: list[Object] = [{}] * 6 + [
        {"matchLabels": {}},
        {"matchExpressions": []},
        {"matchLabels": {}, "matchExpressions": []},
    ]
    two_labels: list[Object] = [
        {"matchLabels": {"app": "web", "tier": "front"}},
        {"matchLabels": {"app": "db", "tier": ""}},
    ]
    return empty + 2 * single + two_labels + [{"matchExpressions": [one]} for one in expressions] + pairs + both


POD_SELECTORS = selectors({**WORDS, "name": ("w0", "w1")})
NAMESPACE_SELECTORS = selectors({**WORDS, NAME_LABEL: ("shop", "default")})

RANGES: dict[str, list[str]] = {
    "10.0.0.0/8": ["10.1.0.0/16", "10.1.2.0/24", "10.0.0.0/32", "10.255.255.255/32", "10.128.0.0/9"],
    "0.0.0.0/0": ["10.0.0.0/8", "169.254.169.254/32", "128.0.0.0/1", "0.0.0.0/1"],
    "10.1.0.0/16": ["10.1.2.0/24", "10.1.2.128/25"],
    "192.168.1.0/24": ["192.168.1.0/25", "192.168.1.128/25"],
    "203.0.113.7/32": [],
    "10.1.2.3/16": ["10.1.2.3/24"],  # bits behind the prefix: taken, and ignored
    "2001:db8::/32": ["2001:db8:1::/48", "2001:db8:1:1::/64", "2001:db8::/128"],
    "::/0": ["2001:db8::/32", "fe80::/10", "8000::/1"],
    "2001:db8:1::/48": ["2001:db8:1:1::/64"],
    "2001:db8::1/128": [],
}
BLOCKS: list[Object] = [
    {"cidr": cidr, **({} if holes is None else {"except": holes})}
    for cidr, known in RANGES.items()
    for holes in (None, [], *([one] for one in known), *([one, other] for one, other in pairwise(known)))
]
PEERS: list[Object] = [
    *({"podSelector": one} for one in POD_SELECTORS),
    *({"namespaceSelector": one} for one in NAMESPACE_SELECTORS),
    *(
        {"namespaceSelector": one, "podSelector": other}
        for one, other in zip(NAMESPACE_SELECTORS, [*POD_SELECTORS[7:], *POD_SELECTORS[:7]], strict=False)
    ),
    *({"ipBlock": one} for one in 2 * BLOCKS),
]

SPANS = ((80, 81), (53, 443), (80, 8080), (443, 443), (8081, 65535), (1, 65535))
OF_PROTOCOL: list[Object] = [{}, *({"protocol": one} for one in PROTOCOLS)]
NUMBERED: list[Object] = [{"port": number} for number in NUMBERS]
RANGED: list[Object] = [{"port": first, "endPort": last} for first, last in SPANS]
NAMED: list[Object] = [{"port": name} for name in PORT_NAMES + PORT_NAMES[:2]]
PORTS = OF_PROTOCOL + [{**port, **protocol} for port, protocol in product(NUMBERED + RANGED + NAMED, OF_PROTOCOL)]


def container(name: str, *ports: tuple[str | None, int, str | None], **more: Any) -> Object:
    """Write a container with ports, each a name, a number and a protocol."""
    keys = ("name", "containerPort", "protocol")
    written = [{key: value for key, value in zip(keys, port, strict=True) if value is not None} for port in ports]
    return {"name": name, "image": "example/image:1", **({"ports": written} if ports else {}), **more}


def pod_spec(*containers: Object, before: tuple[Object, ...] = ()) -> Object:
    """Write what a pod runs."""
    return {"containers": list(containers), **({"initContainers": list(before)} if before else {})}


ALWAYS = {"restartPolicy": "Always"}
POD_SPECS: list[Object] = [
    pod_spec(container("main")),
    pod_spec(container("main", ("http", 80, None))),
    pod_spec(container("main", ("http", 8080, "TCP"))),
    pod_spec(container("main", ("http", 8081, "TCP"), ("metrics", 65535, "TCP"))),
    pod_spec(container("main", ("http", 443, "UDP"))),
    pod_spec(container("main", (None, 443, None), (None, 80, "SCTP"))),
    pod_spec(container("main", ("dns", 53, "UDP"))),
    pod_spec(container("main", ("dns", 53, "UDP")), container("tcp", ("dns", 53, None))),
    pod_spec(container("main", ("dns", 53, "TCP")), container("other", ("dns", 8081, "UDP"), ("http", 81, "SCTP"))),
    pod_spec(container("main", ("http", 80, "TCP")), container("other", ("http", 8080, "UDP"))),
    pod_spec(container("main", ("http", 80, "TCP")), before=(container("side", ("metrics", 8081, "TCP"), **ALWAYS),)),
    pod_spec(container("main"), before=(container("side", ("http", 81, "TCP"), **ALWAYS),)),
    pod_spec(container("main"), before=(container("first", ("http", 80, "TCP")),)),
    pod_spec(container("main", ("metrics", 8080, "SCTP"), ("http", 65535, None))),
]

KINDS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")
NAMES: tuple[tuple[str, ...], ...] = (
    ("shop",),
    ("default",),
    ("default", "shop"),
    ("shop", "ops"),
    ("default", "shop", "ops"),
)

NAMESPACE_LABELS: list[Any] = [ABSENT, None, None, *LABELS, *LABELS[1:6]]
WORKLOADS = (1, 2, 3, 4, 5, 6)
POLICIES = (0, 1, 2, 3, 3, 4, 4, 5, 5, 6, 6)
HOST_NETWORK = (ABSENT, ABSENT, ABSENT, ABSENT, False, True)
PHASES = (ABSENT, ABSENT, "Running", "Pending", "Succeeded", "Failed")
SUBJECTS: list[Any] = [*4 * POD_SELECTORS[:9], ABSENT, ABSENT, *POD_SELECTORS]
TYPES: tuple[Any, ...] = (
    ABSENT,
    ABSENT,
    ["Ingress"],
    ["Egress"],
    ["Ingress", "Egress"],
    ["Egress", "Ingress"],
    [],
    None,
)
RULES: tuple[Any, ...] = (ABSENT, [], 1, 1, 1, 2, 2, 3, 3, [{}], None)
ITEMS: tuple[Any, ...] = (ABSENT, [], 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, None)


class Tape:
    """Chooses by two bytes each time, the first of a pool when they are 0 or used up."""

    def __init__(self, rest: bytes) -> None:
        self.rest = rest

    def cut(self, size: int) -> Tape:
        """Cut a piece off, so that what is chosen by it moves nothing that comes after."""
        piece, self.rest = self.rest[:size], self.rest[size:]
        return Tape(piece)

    def choose(self, pool: Sequence[Any]) -> Any:
        """Choose an item."""
        return pool[int.from_bytes(self.cut(2).rest.ljust(2, b"\0"), "big") * len(pool) >> 16]


HEAD, OF_WORKLOAD, OF_RULE, OF_QUESTION = 2 * (4 + 3), 2 * 7, 2 * (1 + 3 + 1 + 3), 2 * 5
OF_RULES = 2 + 3 * OF_RULE
OF_POLICY = 2 * 3 + 2 * OF_RULES
LENGTH = HEAD + WORKLOADS[-1] * OF_WORKLOAD + POLICIES[-1] * OF_POLICY


def present(**fields: Any) -> Object:
    """Keep the fields that are not absent."""
    return {name: value for name, value in fields.items() if value is not ABSENT}


def workload(kind: str, metadata: Object, labels: dict[str, str], spec: Object, phase: Any) -> Object:
    """Write a workload; its own labels are not its pods' labels."""
    if kind == "Pod":
        status = ABSENT if phase is ABSENT else {"phase": phase}
        return present(apiVersion="v1", kind=kind, metadata={**metadata, "labels": labels}, spec=spec, status=status)
    if kind in {"Job", "CronJob"}:
        job = {"template": {"metadata": {"labels": labels}, "spec": {**spec, "restartPolicy": "Never"}}}
        cron = {
            "schedule": "0 * * * *",
            "jobTemplate": {"metadata": {"labels": metadata.get("labels", {})}, "spec": job},
        }
        return {"apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": job if kind == "Job" else cron}
    own = {"name": metadata["name"]}
    template = {"metadata": {"labels": {**labels, **own}}, "spec": spec}
    extra = {"serviceName": metadata["name"]} if kind == "StatefulSet" else {}
    whole = {"selector": {"matchLabels": own}, "template": template, **extra}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": whole}


def rule(tape: Tape, side: str) -> Object:
    """Choose a rule."""
    peers, ports = tape.choose(ITEMS), tape.choose(ITEMS)
    chosen_peers = [tape.choose(PEERS) for _ in range(peers)] if isinstance(peers, int) else peers
    chosen_ports = [tape.choose(PORTS) for _ in range(ports)] if isinstance(ports, int) else ports
    return present(**{side: chosen_peers, "ports": chosen_ports})


def rules(tape: Tape, side: str) -> Any:
    """Choose an ingress or egress list, or that there is none."""
    count = tape.choose(RULES)
    return [rule(tape.cut(OF_RULE), side) for _ in range(count)] if isinstance(count, int) else count


def policy(tape: Tape, name: str, places: list[Any]) -> Object:
    """Choose a NetworkPolicy."""
    metadata = present(name=name, namespace=tape.choose(places))
    subjects, types = tape.choose(SUBJECTS), tape.choose(TYPES)
    ingress, egress = rules(tape.cut(OF_RULES), "from"), rules(tape.cut(OF_RULES), "to")
    spec = present(podSelector=subjects, policyTypes=types, ingress=ingress, egress=egress)
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def namespaces(tape: Tape, names: tuple[str, ...]) -> Iterator[Object]:
    """Choose the Namespaces' objects; of some there is none."""
    for name in names:
        labels = tape.choose(NAMESPACE_LABELS)
        if labels is None:
            continue
        by_hand = labels is not ABSENT and len(labels) == 1  # some write out what the API server sets anyway
        labels = {**labels, NAME_LABEL: name} if by_hand else labels
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": present(name=name, labels=labels)}


def cluster_of(tape: Tape) -> list[Object]:
    """Choose 1 to 3 Namespaces, 1 to 6 workloads and 0 to 6 NetworkPolicies."""
    head = tape.cut(HEAD)
    backwards, names, workloads, count = (head.choose(pool) for pool in ((False, True), NAMES, WORKLOADS, POLICIES))
    objects = list(namespaces(head, names))
    places = [*names, *([ABSENT] if "default" in names else [])]
    taken = dict.fromkeys(names, 0)
    for index in range(WORKLOADS[-1]):
        part = tape.cut(OF_WORKLOAD)
        if index < workloads:
            metadata = present(namespace=part.choose(places), labels=part.choose(LABELS))
            home = metadata.get("namespace", "default")
            metadata["name"] = f"w{taken[home]}"  # the same name again in another namespace
            taken[home] += 1
            spec = part.choose(POD_SPECS) | present(hostNetwork=part.choose(HOST_NETWORK))
            kind, labels, phase = part.choose(KINDS), part.choose(LABELS), part.choose(PHASES)
            objects.append(workload(kind, metadata, labels, spec, phase if index else ABSENT))  # one pod at least runs
    objects += [policy(tape.cut(OF_POLICY), f"p{index}", places) for index in range(count)]
    tape.cut((POLICIES[-1] - count) * OF_POLICY)
    # Copied, so that no cluster shares a list or mapping, with itself (YAML would write anchors) or with another.
    copied: list[Object] = json.loads(json.dumps(objects[::-1] if backwards else objects))
    return copied


def clusters() -> st.SearchStrategy[list[Object]]:
    """Draw a cluster."""
    return st.binary(min_size=LENGTH, max_size=LENGTH).map(lambda tape: cluster_of(Tape(tape)))


def pods(objects: list[Object]) -> list[Object]:
    """Make the pods of the workloads: one each, of the workload's name; a finished one is none. The namespace is always written."""
    made = []
    for one in objects:
        template = pod_template(one)
        if template is None or (one.get("status") or {}).get("phase") in {"Succeeded", "Failed"}:
            continue
        metadata = {
            "name": one["metadata"]["name"],
            "namespace": one["metadata"].get("namespace") or "default",
            "labels": template["metadata"].get("labels") or {},
        }
        made.append({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
    return made


def pod_template(one: Object) -> Object | None:
    """Find where a workload writes its pods."""
    if one["kind"] == "Pod":
        return one
    if one["kind"] == "CronJob":
        template: Object = one["spec"]["jobTemplate"]["spec"]["template"]
        return template
    return one["spec"]["template"] if one["kind"] in KINDS else None


def expanded(objects: list[Object]) -> list[Object]:
    """Put the pods in the workloads' place, as the naive reading wants it."""
    return [one for one in objects if pod_template(one) is None] + pods(objects)


class Question(NamedTuple):
    """May this connection be made: `allowed(expanded(objects), *question)`."""

    source: Peer
    target: Peer
    protocol: str
    port: int


class Ends(NamedTuple):
    """Who can ask whom (the pods each other, a pod an address outside or the other way round, a node its pods), and their ports."""

    pairs: list[list[tuple[Peer, Peer]]]
    ports: dict[Peer, list[tuple[str, int]]]


def ends(objects: list[Object]) -> Ends:
    """List who can ask whom, and the ports that containers declare, as protocol and number."""
    ports: dict[Peer, list[tuple[str, int]]] = {}
    for one in pods(objects):
        containers = one["spec"]["containers"] + one["spec"].get("initContainers", [])
        declared = chain.from_iterable(each.get("ports", []) for each in containers)
        pod = Pod(one["metadata"]["namespace"], one["metadata"]["name"])
        ports[pod] = [(port.get("protocol", "TCP"), port["containerPort"]) for port in declared]
    outside = [Outside(one) for one in addresses(objects)]
    crossing: list[tuple[Peer, Peer]] = [*product(ports, outside), *product(outside, ports)]
    return Ends([[*product(ports, ports)], crossing, [(Node(), one) for one in ports]], ports)


def question_of(tape: Tape, known: Ends) -> Question:
    """Choose a question: about pods as often as about addresses outside, every other time on a port that one end declares."""
    source, target = tape.choose(known.pairs[tape.choose((0, 0, 0, 0, 1, 1, 1, 1, 2))])
    declared = known.ports.get(target, []) + known.ports.get(source, [])
    if declared and tape.choose((True, False)):
        return Question(source, target, *tape.choose(declared))
    return Question(source, target, tape.choose(("TCP", *PROTOCOLS)), tape.choose((*NUMBERS, *NUMBERS, *NEIGHBOURS)))


def questions(objects: list[Object]) -> st.SearchStrategy[Question]:
    """Draw a question about a cluster."""
    known = ends(objects)
    return st.binary(min_size=OF_QUESTION, max_size=OF_QUESTION).map(lambda tape: question_of(Tape(tape), known))


def asked_clusters(count: int = 8) -> st.SearchStrategy[tuple[list[Object], list[Question]]]:
    """Draw a cluster and some questions about it, every time another cluster."""

    def both(drawn: bytes) -> tuple[list[Object], list[Question]]:
        tape = Tape(drawn)
        objects = cluster_of(tape)
        known = ends(objects)
        return objects, [question_of(tape.cut(OF_QUESTION), known) for _ in range(count)]

    length = LENGTH + count * OF_QUESTION
    return st.binary(min_size=length, max_size=length).map(both)


def every_question(objects: list[Object]) -> Iterator[Question]:
    """Ask all that can be asked of a cluster: thousands of questions."""
    for (source, target), protocol, port in product(chain(*ends(objects).pairs), PROTOCOLS, NUMBERS + NEIGHBOURS):
        yield Question(source, target, protocol, port)


def policies(objects: list[Object]) -> list[Object]:
    """Pick the NetworkPolicies."""
    return [one for one in objects if one["kind"] == "NetworkPolicy"]


def rules_of(policy: Object) -> list[Object]:
    """Pick the items of ingress and egress."""
    return [*(policy["spec"].get("ingress") or []), *(policy["spec"].get("egress") or [])]


def peers_of(policy: Object) -> list[Object]:
    """Pick the items of every from and to."""
    return [peer for rule in rules_of(policy) for peer in rule.get("from") or rule.get("to") or []]


def addresses(objects: list[Object]) -> list[str]:
    """List addresses at the bounds of every range in use (first, last, one before, one after), and two far from most."""
    found: dict[str, None] = {"198.51.100.9": None, "3fff::9": None}
    blocks = [peer["ipBlock"] for policy in policies(objects) for peer in peers_of(policy) if "ipBlock" in peer]
    for text in chain.from_iterable([block["cidr"], *(block.get("except") or [])] for block in blocks):
        network = ip_network(text, strict=False)
        first, last = int(network.network_address), int(network.broadcast_address)
        for number in (first, last, first - 1, last + 1):
            if 0 <= number < 2**network.max_prefixlen:
                found[str(type(network.network_address)(number))] = None
    return list(found)


def written(one: Object, field: str) -> str:
    """Tell how a list is written: absent, null, [], [{}] or listed."""
    if field not in one:
        return f"{field}: absent"
    known = {"null": "null", "[]": "[]", "[{}]": "[{}]"}
    return f"{field}: {known.get(json.dumps(one[field]), 'listed')}"


def features(objects: list[Object]) -> set[str]:
    """Name what a cluster contains, for `hypothesis.event`; FEATURES has them all."""
    found = {"objects reversed"} if objects[-1]["kind"] == "Namespace" else set()
    homes = {one["metadata"].get("namespace", "default") for one in objects if one["kind"] != "Namespace"}
    found |= (
        {"Namespace absent"}
        if homes - {one["metadata"]["name"] for one in objects if one["kind"] == "Namespace"}
        else set()
    )
    names = [(one["metadata"]["name"], one["metadata"]["namespace"]) for one in pods(objects)]
    found |= {"one name in two namespaces"} if len({name for name, _ in names}) < len(names) else set()
    found |= {"no NetworkPolicy"} if not policies(objects) else set()
    for one in objects:
        if one["kind"] == "NetworkPolicy":
            found |= features_of_policy(one)
        elif one["kind"] == "Namespace":
            labels = one["metadata"].get("labels")
            found.add("Namespace without labels" if not labels else "Namespace with labels")
            found |= {"Namespace with its name as label"} if labels and NAME_LABEL in labels else set()
        else:
            found |= features_of_workload(one)
    return found


def features_of_workload(one: Object) -> set[str]:
    """Name what a workload contains."""
    phase = (one.get("status") or {}).get("phase")
    found = {one["kind"], *({"finished pod"} if phase in {"Succeeded", "Failed"} else ())}
    found |= {"workload's namespace absent"} if "namespace" not in one["metadata"] else set()
    template = pod_template(one) or {}
    found |= {"empty label value"} if "" in template["metadata"]["labels"].values() else set()
    spec = template["spec"]
    found |= {f"hostNetwork: {str(spec['hostNetwork']).lower()}"} if "hostNetwork" in spec else set()
    for init in spec.get("initContainers") or []:
        found.add("port of a sidecar" if init.get("restartPolicy") == "Always" else "port of an init container")
    ports = [port for each in spec["containers"] for port in each.get("ports") or []]
    named = [port["name"] for port in ports if "name" in port]
    found |= {"one port name for two protocols"} if len(set(named)) < len(named) else set()
    found |= {"container port named"} if named else set()
    return found | ({"container port without name"} if len(named) < len(ports) else set())


def features_of_policy(policy: Object) -> set[str]:
    """Name what a NetworkPolicy contains."""
    spec = policy["spec"]
    types = spec.get("policyTypes") or []
    found = {written(spec, field) for field in ("ingress", "egress", "policyTypes")}
    found |= {f"policyTypes: {' and '.join(sorted(types))}"} if types else set()
    found |= {"ingress beside policyTypes Egress"} if types == ["Egress"] and spec.get("ingress") else set()
    found |= {"egress beside policyTypes Ingress"} if types == ["Ingress"] and spec.get("egress") else set()
    found |= {"policy's namespace absent"} if "namespace" not in policy["metadata"] else set()
    found |= {"podSelector absent"} if "podSelector" not in spec else features_of_selector(spec["podSelector"])
    for side, field in (("ingress", "from"), ("egress", "to")):
        for rule in spec.get(side) or []:
            found |= {written(rule, field), written(rule, "ports")}
    for rule in rules_of(policy):
        for port in rule.get("ports") or []:
            found |= features_of_port(port)
    for peer in peers_of(policy):
        found |= features_of_peer(peer)
    return found


def features_of_port(port: Object) -> set[str]:
    """Name what an item of ports contains."""
    found = {f"protocol {port.get('protocol', 'absent')}"}
    if "port" not in port:
        return found | {"port absent"}
    if "endPort" in port:
        return found | {"endPort", *({"endPort equal to port"} if port["endPort"] == port["port"] else ())}
    return found | {"named port" if isinstance(port["port"], str) else "numeric port"}


def features_of_peer(peer: Object) -> set[str]:
    """Name what an item of from or to contains."""
    if "ipBlock" in peer:
        cidr, holes = peer["ipBlock"]["cidr"], peer["ipBlock"].get("except")
        found = {"ipBlock v6" if ":" in cidr else "ipBlock v4", written(peer["ipBlock"], "except")}
        found |= {"ipBlock of everything"} if cidr.endswith("/0") else set()
        found |= (
            {"ipBlock of one address"} if cidr.endswith(("/32", "/128")) and len(cidr) > len("2001:db8::/32") else set()
        )
        found |= {"ipBlock with bits behind the prefix"} if cidr != str(ip_network(cidr, strict=False)) else set()
        nets = [ip_network(one, strict=False) for one in holes or []]
        return found | ({"excepts that overlap"} if len(nets) == 2 and nets[0].overlaps(nets[1]) else set())
    fields = [field for field in ("namespaceSelector", "podSelector") if field in peer]
    found = {f"peer by {' and '.join(fields)}"}
    return found.union(*(features_of_selector(peer[field]) for field in fields))


def features_of_selector(selector: Object) -> set[str]:
    """Name what a label selector contains."""
    found = {expression["operator"] for expression in selector.get("matchExpressions") or []}
    found |= {"matchLabels"} if selector.get("matchLabels") else set()
    found |= {"matchLabels and matchExpressions"} if len(found) > 1 and "matchLabels" in found else set()
    found |= {"selector by a namespace's name"} if NAME_LABEL in json.dumps(selector) else set()
    return found or {"empty selector"}


FEATURES: frozenset[str] = frozenset(
    {
        *(
            "no NetworkPolicy",
            "objects reversed",
            "Namespace absent",
            "Namespace without labels",
            "Namespace with labels",
        ),
        *("Namespace with its name as label", "one name in two namespaces", "workload's namespace absent", *KINDS),
        *("policy's namespace absent", "finished pod", "empty label value", "hostNetwork: true", "hostNetwork: false"),
        *("port of a sidecar", "port of an init container", "container port named", "container port without name"),
        *(
            "one port name for two protocols",
            "podSelector absent",
            "empty selector",
            "matchLabels",
            "In",
            "NotIn",
            "Exists",
        ),
        *("DoesNotExist", "matchLabels and matchExpressions", "selector by a namespace's name"),
        *(f"{side}: {form}" for side in ("ingress", "egress") for form in ("absent", "null", "[]", "[{}]", "listed")),
        *(f"{field}: {form}" for field in ("from", "to") for form in ("absent", "null", "[]", "listed")),
        *(f"ports: {form}" for form in ("absent", "null", "[]", "[{}]", "listed")),
        *(
            f"policyTypes: {form}"
            for form in ("absent", "null", "[]", "listed", "Ingress", "Egress", "Egress and Ingress")
        ),
        *("ingress beside policyTypes Egress", "egress beside policyTypes Ingress", "protocol absent", "port absent"),
        *(f"protocol {one}" for one in PROTOCOLS),
        *("endPort", "endPort equal to port", "named port", "numeric port"),
        *("peer by podSelector", "peer by namespaceSelector", "peer by namespaceSelector and podSelector"),
        *("ipBlock v4", "ipBlock v6", "except: absent", "except: []", "except: listed", "excepts that overlap"),
        *("ipBlock of everything", "ipBlock of one address", "ipBlock with bits behind the prefix"),
    }
)
