"""Policies of which it is not known whom they select: they ask for labels that a controller makes, or by which the pods of a workload differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.model.network.bits import Bits, members
from policies.model.network.endpoints import Pod
from policies.model.network.labels import IN, NOT_IN, Selector
from policies.model.network.policies import Policy
from policies.model.network.universe import Universe
from policies.model.workloads.pod_labels import Found


def unsettled(universe: Universe, policies: Iterable[Policy]) -> Iterator[tuple[Bits, str]]:
    """Yield, for each selector of policies that is not settled, the pods of which it is not known what the policy does, and why."""
    for policy in policies:
        bits = doubted(universe, policy.pods, policy.namespace)
        if bits:
            yield bits, reason_of(universe, policy, policy.pods, bits)
        for rule in policy.rules:
            for peer in rule.peers or () if rule.direction in policy.directions else ():
                where = policy.namespace if peer.namespaces is None else peer.namespaces
                bits = doubted(universe, peer.pods, where) if peer.pods is not None else 0
                if bits and peer.pods is not None:
                    isolated = universe.select(policy.pods, policy.namespace, Found.PERHAPS)
                    yield bits | isolated, reason_of(universe, policy, peer.pods, bits)


def doubted(universe: Universe, pods: Selector, namespaces: Selector | str) -> Bits:
    """Give the pods of workloads of which a selector finds some, or perhaps any."""
    return universe.select(pods, namespaces, Found.PERHAPS) & ~universe.select(pods, namespaces)


def reason_of(universe: Universe, policy: Policy, selector: Selector, bits: Bits) -> str:
    """Say why it is not known which of some pods a policy's selector finds."""
    pod = universe.endpoints[next(members(bits))]
    assert isinstance(pod, Pod)  # noqa: S101 (selectors find nothing else)
    values = dict(pod.added)
    key = next(one.key for one in selector.expressions if one.key in values and one.operator in (IN, NOT_IN))
    reason = "in which the pods of a workload differ" if values[key] else "whose value only the pods' controller knows"
    return f"{policy} selects by {key}, {reason}"
