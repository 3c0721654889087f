"""Terraform's spelling of nested blocks as AWS': `managed_rule_group_statement { … }` is `ManagedRuleGroupStatement: {…}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.live.aws.resolving import Attributes

_SPECIAL = {"cloudwatch_metrics_enabled": "CloudWatchMetricsEnabled", "ip_set_reference_statement": "IPSetReferenceStatement",
            "arn": "ARN", "positional_constraint": "PositionalConstraint"}  # fmt: skip


def pascal(name: str) -> str:
    """Give a name as AWS has it."""
    return _SPECIAL.get(name) or "".join(part.capitalize() for part in name.split("_"))


def spelt(value: Any, lists: Mapping[str, str]) -> Any:
    """Give values with their names as AWS has them; a block that stands alone is an object, one of `lists` a list by another name."""
    if isinstance(value, Mapping):
        made: dict[str, Any] = {}
        for name, inner in value.items():
            if inner is None:
                continue
            if name in lists:
                made[lists[name]] = [spelt(one, lists) for one in inner]
            else:
                made[pascal(name)] = spelt(_alone(inner), lists)
        return made
    return [spelt(one, lists) for one in value] if isinstance(value, list) else value


def _alone(value: Any) -> Any:
    is_block = isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping)
    return value[0] if is_block else value


def counted(items: list[Any] | None) -> dict[str, Any]:
    """Give a list as CloudFront has it."""
    listed = list(items or ())
    return {"Quantity": len(listed), "Items": listed} if listed else {"Quantity": 0}


def first(value: Any) -> Attributes:
    """Give the first of nested blocks, nothing where there is none."""
    return dict(value[0]) if value else {}
