"""Peers that take pods of any namespace by labels: whoever gives a pod there the labels is meant too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.model.network.endpoints import Pod
from policies.model.network.labels import DOES_NOT_EXIST, EXISTS, IN, NOT_IN, Selector
from policies.model.network.policies import PeerClause, Policy, Rule
from policies.model.network.universe import Universe


def labelled_peers(
    universe: Universe, policies: Iterable[Policy], stranger: Pod
) -> Iterator[tuple[Policy, Rule, PeerClause]]:
    """Yield the peers of rules in force that take pods of a namespace of which nothing is known, and not the stranger, who has no labels."""
    labels = universe.labels_of(stranger.namespace)
    for policy in policies:
        for rule in policy.rules:
            for peer in rule.peers or () if rule.direction in policy.directions else ():
                if peer.pods is None or peer.namespaces is None or not peer.namespaces.selects(labels):
                    continue
                if not peer.pods.selects(dict(stranger.labels)) and can_be_worn(peer.pods):
                    yield policy, rule, peer


def can_be_worn(selector: Selector) -> bool:
    """Whether there are labels that a selector selects."""
    for key in {one.key for one in selector.expressions}:
        demands = [one for one in selector.expressions if one.key == key]
        held = any(one.operator in (IN, EXISTS) for one in demands)
        if held and any(one.operator == DOES_NOT_EXIST for one in demands):
            return False
        listed = [one.values for one in demands if one.operator == IN]
        refused = frozenset(value for one in demands if one.operator == NOT_IN for value in one.values)
        if listed and not frozenset.intersection(*listed) - refused:
            return False
    return True
