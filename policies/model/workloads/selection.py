"""Which pods a selector selects (`LabelSelector`, `ServiceSpec.selector`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policies.deployed import Deployed
from policies.model.kept import kept
from policies.model.workloads.pods import PodTemplate, listed, mapping, templates


def selects(selector: Any, labels: dict[str, Any]) -> bool:
    """Whether a `LabelSelector` selects what has these labels: all of it must hold; an empty one selects everything, none nothing."""
    if not isinstance(selector, dict):
        return False
    wanted = mapping(selector.get("matchLabels"))
    every = (_holds(expression, labels) for _, expression in listed(selector.get("matchExpressions")))
    return equals(wanted, labels) and all(every)


def equals(wanted: dict[str, Any], labels: dict[str, Any]) -> bool:
    """Whether all of these labels are there with these values."""
    return all(key in labels and labels[key] == value for key, value in wanted.items())


def _holds(expression: dict[str, Any], labels: dict[str, Any]) -> bool:
    key, operator, given = str(expression.get("key")), expression.get("operator"), expression.get("values")
    values = given if isinstance(given, list) else []
    if operator == "In":
        return key in labels and labels[key] in values
    if operator == "NotIn":
        return key not in labels or labels[key] not in values
    return operator in ("Exists", "DoesNotExist") and (key in labels) == (operator == "Exists")


def in_namespace(item: Deployed, namespace: str) -> Sequence[PodTemplate]:
    """Give the workloads of a namespace."""
    return _by_namespace(item).get(namespace, ())


def labelled(item: Deployed, namespace: str, wanted: dict[str, Any]) -> Sequence[PodTemplate]:
    """Give the workloads of a namespace whose pods may have all of these labels, and all of those that have them."""
    for pair in wanted.items():
        if isinstance(pair[1], str):  # A text equals only a text; a number also equals another type's.
            return _by_label(item).get((namespace, *pair), ())
    return in_namespace(item, namespace)


@kept
def _by_namespace(item: Deployed) -> Mapping[str, list[PodTemplate]]:
    found: dict[str, list[PodTemplate]] = {}
    for pod in templates(item):
        found.setdefault(pod.document.namespace, []).append(pod)
    return found


@kept
def _by_label(item: Deployed) -> Mapping[tuple[str, str, str], list[PodTemplate]]:
    found: dict[tuple[str, str, str], list[PodTemplate]] = {}
    for pod in templates(item):
        for key, value in pod.labels.items():
            if isinstance(value, str):
                found.setdefault((pod.document.namespace, key, value), []).append(pod)
    return found
