"""NetworkPolicies to paste: the narrowest that lets one flow out, or in. YAML on one line, so that it stands in any report."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from policies.model.network.address_ranges import networks
from policies.model.network.endpoints import Endpoint, Outside, Pod, Several
from policies.model.network.flow import Flow
from policies.model.network.intervals import Intervals
from policies.model.network.labels import IN, NAMESPACE_NAME, Expression, Selector
from policies.model.network.parties import Party
from policies.model.network.policies import Direction
from policies.model.network.ports import ranges
from policies.model.network.universe import Universe

_TELLING = ("app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/instance", "name", "component")
"""Keys of labels that tell one workload from another, where any does: the recommended one first."""


def letting_pass(universe: Universe, flow: Flow, direction: Direction) -> str:
    """Give a whole policy that lets a flow out of its source, or into its target."""
    mine, other = (flow.source, flow.target) if direction is Direction.EGRESS else (flow.target, flow.source)
    pod = mine.pod
    assert pod is not None  # noqa: S101 (only pods are isolated, so only they lack a policy)
    rule = rule_for(universe, direction, (other,), flow.ports, pod.namespace)
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": _name(flow, direction), "namespace": pod.namespace},
        "spec": {
            "podSelector": {"matchLabels": identifying(universe, pod)},
            "policyTypes": [direction.value],
            direction.word: [rule],
        },
    }
    return spell(policy)


def rule_for(
    universe: Universe, direction: Direction, others: Iterable[Party], found: Intervals, namespace: str
) -> dict[str, Any]:
    """Give a rule that names these parties and ports and nothing else."""
    peers = []
    for other in others:
        # Two hosts in one network are one peer.
        peers += [peer for peer in _peers(universe, other.endpoint, namespace) if peer not in peers]
    field = "to" if direction is Direction.EGRESS else "from"
    return {**({field: peers} if peers else {}), "ports": [_port(*one) for one in ranges(found)]}


def _port(protocol: str, first: int, last: int) -> dict[str, Any]:
    return {"protocol": protocol, "port": first, **({"endPort": last} if last > first else {})}


def _peers(universe: Universe, other: Endpoint, namespace: str) -> Iterable[dict[str, Any]]:
    if isinstance(other, Outside):
        found = list(networks(other.addresses))
        return (
            []
            if len(found) == 2 and not any(one.prefixlen for one in found)
            else [{"ipBlock": {"cidr": str(one)}} for one in found]
        )
    if isinstance(other, Several):
        return [peer for pod in sorted(other.pods, key=repr) for peer in _peers(universe, pod, namespace)]
    if not isinstance(other, Pod):
        return []
    labels = identifying(universe, other)
    peer: dict[str, Any] = {"podSelector": {"matchLabels": labels} if labels else {}}
    if other.namespace != namespace:
        peer = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: other.namespace}}, **peer}
    return [peer]


def identifying(universe: Universe, pod: Pod) -> dict[str, str]:
    """Give the fewest labels that select these pods and no others of their namespace; all of them where no fewer do."""
    mine = 1 << universe.index(pod)
    known = sorted(pod.labels, key=lambda label: (_TELLING.index(label[0]) if label[0] in _TELLING else 99, label))
    for count in (1, 2):
        for chosen in combinations(known, count):
            selector = Selector(tuple(Expression(key, IN, frozenset({value})) for key, value in chosen))
            if universe.select(selector, pod.namespace) == mine:
                return dict(chosen)
    return dict(known)


def _name(flow: Flow, direction: Direction) -> str:
    ends = [
        party.template.document.name if party.template is not None else _plain(party.name)
        for party in (flow.source, flow.target)
    ]
    # With the port: of two policies for one pair of ends the second would take the first one's place.
    return f"{ends[0]}-to-{ends[1]}"[:200].rstrip("-.") + f"-{direction.word}-{flow.protocol.lower()}-{flow.port}"


def _plain(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name.lower()).strip("-")


def spell(value: Any) -> str:
    """Spell data as YAML's flow style, with quotes where a plain word would be read as something else."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_word(key)}: {spell(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(spell, value)) + "]"
    return str(value) if isinstance(value, int) else _word(str(value))


def _word(text: str) -> str:
    plain = text and text[0].isalpha() and all(one.isalnum() or one in "-./_" for one in text)
    return (
        text
        if plain and text.lower() not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
        else f'"{text}"'
    )
