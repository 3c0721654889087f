"""How the network engine grows: generated clusters with as many workloads as label sets, each figure also a ratio to the smallest.

Every workload has labels of its own, so that no two are equivalent: the worst case for an engine that works on sets. Measured from the
policies as objects of the API to who reaches whom on which ports, for every pair.

Run: python benchmarks/network.py [WORKLOADS ...]
"""

from __future__ import annotations

import argparse
import random
import time
from typing import Any

from policies.model.network.endpoints import NamedPort, Pod
from policies.model.network.engine import Network
from policies.model.network.policies import blocks
from policies.model.network.policy_schema import read_policy
from policies.model.network.universe import Universe
from policies.read.documents import ApiOrigin, Document

OF_NAMESPACE = 50
"""How many workloads a namespace has."""

DENY = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
DNS_PEER = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", type=int, default=[100, 300, 1_000, 3_000, 10_000])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    first = 0.0
    print(
        f"{'workloads':>10}{'policies':>10}{'pairs':>14}{'that pass':>12}{'ms':>9}{'ratio':>8}{'ms a million pairs':>20}"
    )
    for count in options.workloads:
        pods, documents = cluster(count, count * 3 // 10)
        taken, passing = min(measured(pods, documents) for _ in range(options.runs))
        first = first or taken
        pairs = (count + 1) ** 2
        print(
            f"{count:>10,}{len(documents):>10,}{pairs:>14,}{passing:>12,}{taken * 1000:>9.0f}{taken / first:>8.1f}{taken * 1e9 / pairs:>20.1f}"
        )


def measured(pods: tuple[Pod, ...], documents: list[Document]) -> tuple[float, int]:
    """Give the seconds that it takes to say who reaches whom, and how many pairs of workloads do on any port."""
    start = time.perf_counter()
    policies = tuple(map(read_policy, documents))
    universe = Universe(pods, {}, tuple(block.addresses for block in blocks(policies)))
    network = Network(universe, policies)
    every = universe.all_pods
    passing = sum((bits & every).bit_count() for index in range(len(pods)) for bits, _ in network.reaching(index))
    return time.perf_counter() - start, passing


def cluster(workloads: int, policies: int) -> tuple[tuple[Pod, ...], list[Document]]:
    """Generate a cluster: default deny in each namespace, and policies that name peers, tiers, named ports, ranges and blocks."""
    chance = random.Random(workloads)  # noqa: S311 (the same cluster every time)
    namespaces = [f"team-{index}" for index in range(max(1, workloads // OF_NAMESPACE))]
    pods = [
        Pod(
            namespaces[index % len(namespaces)],
            frozenset(
                {("app", f"app-{index}"), ("tier", chance.choice(("front", "back", "data"))), ("team", f"{index % 20}")}
            ),
            frozenset({NamedPort("http", "TCP", 8080 + index % 3)}),
        )
        for index in range(workloads)
    ]
    dns = Pod("kube-system", frozenset({("k8s-app", "kube-dns")}), frozenset({NamedPort("dns", "UDP", 53)}))
    documents = [document(namespace, "deny", DENY) for namespace in namespaces]
    while len(documents) < policies:
        documents.append(named(chance, pods, len(documents), workloads))
    return (*pods, dns), documents


def named(chance: random.Random, pods: list[Pod], number: int, workloads: int) -> Document:
    """Generate a policy of a workload: who of its tier may call it, whom it may call, and a block outside."""
    own = pods[number * 7 % workloads]
    tier = {"podSelector": {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "back"]}]}}
    called = [_peer(chance.choice(pods), own) for _ in range(3)]
    block = {"cidr": f"10.{number % 250}.0.0/16", "except": [f"10.{number % 250}.{number % 100}.0/24"]}
    spec = {
        "podSelector": {"matchLabels": {"app": dict(own.labels)["app"]}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {"from": [_peer(chance.choice(pods), own) for _ in range(3)], "ports": [{"port": "http"}]},
            {"from": [{**tier, "namespaceSelector": {}}], "ports": [{"port": 8080, "endPort": 8082}]},
        ],
        "egress": [
            {"to": called, "ports": [{"port": "http"}]},
            {"to": [{**tier}], "ports": [{"port": 8080, "endPort": 8082}]},
            {"to": [DNS_PEER], "ports": [{"protocol": "UDP", "port": 53}, {"port": 53}]},
            {"to": [{"ipBlock": block}], "ports": [{"port": 443}]},
        ],
    }
    return document(own.namespace, f"policy-{number}", spec)


def _peer(pod: Pod, own: Pod) -> dict[str, Any]:
    peer: dict[str, Any] = {"podSelector": {"matchLabels": {"app": dict(pod.labels)["app"]}}}
    if pod.namespace != own.namespace:
        peer["namespaceSelector"] = {"matchLabels": {"kubernetes.io/metadata.name": pod.namespace}}
    return peer


def document(namespace: str, name: str, spec: dict[str, Any]) -> Document:
    """Give a policy as the API gives it."""
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }
    return Document(body, ApiOrigin("NetworkPolicy", namespace, name))


if __name__ == "__main__":
    main()
