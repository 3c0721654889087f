"""Labels that controllers put on the pods that they make, whatever the template says, and what selectors find by them.

Source: https://kubernetes.io/docs/reference/labels-annotations-taints/. NetworkPolicies select by them as by any other label. Their values
differ between the pods of one workload, or only the controller knows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from policies.model.network.labels import DOES_NOT_EXIST, EXISTS, IN, Expression, Selector

Added = frozenset[tuple[str, frozenset[str]]]
"""Keys that each of a workload's pods has, with the values that there are among them; none where only the controller knows."""

HASH, REVISION, GENERATION = "pod-template-hash", "controller-revision-hash", "pod-template-generation"
POD_NAME, POD_INDEX = "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"
JOB_NAMES = ("batch.kubernetes.io/job-name", "job-name")
JOB_IDS = ("batch.kubernetes.io/controller-uid", "controller-uid")
COMPLETION = "batch.kubernetes.io/job-completion-index"
ADDED = frozenset((HASH, REVISION, GENERATION, POD_NAME, POD_INDEX, *JOB_NAMES, *JOB_IDS, COMPLETION))


class Found(IntEnum):
    """Which of a workload's pods a selector finds."""

    NONE = 0
    PERHAPS = 1
    SOME = 2
    ALL = 3


def found(selector: Selector, labels: Mapping[str, str], made: Mapping[str, frozenset[str]]) -> Found:
    """Say which pods of a workload a selector finds; of two demands each may find some, and both together none."""
    answers = [_of(one, labels, made) for one in selector.expressions]
    least = min(answers, default=Found.ALL)
    return Found.PERHAPS if least is Found.SOME and answers.count(Found.SOME) > 1 else least


def _of(demand: Expression, labels: Mapping[str, str], made: Mapping[str, frozenset[str]]) -> Found:
    if demand.key not in made:
        return Found.ALL if demand.holds(labels) else Found.NONE
    if demand.operator in (EXISTS, DOES_NOT_EXIST):
        return Found.ALL if demand.operator == EXISTS else Found.NONE
    values = made[demand.key]
    if not values:
        return Found.PERHAPS
    wanted = values & demand.values if demand.operator == IN else values - demand.values
    return Found.ALL if wanted == values else Found.SOME if wanted else Found.NONE
