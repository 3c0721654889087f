"""Which pods a selector selects (`LabelSelector`, `ServiceSpec.selector`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policies.model.pods import PodTemplate, listed, mapping


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


def in_namespace(pods: Iterable[PodTemplate], namespace: str) -> tuple[PodTemplate, ...]:
    """Give the pods of a namespace."""
    return tuple(pod for pod in pods if pod.document.namespace == namespace)
