"""AWS' spelling of nested objects as Terraform's: `ManagedRuleGroupStatement: {…}` is `managed_rule_group_statement { … }`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from policies.live.aws.deployed.found import Whole

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPECIAL = {"CloudWatchMetricsEnabled": "cloudwatch_metrics_enabled"}


def snake(name: str) -> str:
    """Give a name as Terraform has it."""
    return _SPECIAL.get(name) or _WORD.sub("_", name).lower()


def blocks(value: Any, lists: Mapping[str, str]) -> Any:
    """Give an object as the values of a block: an object in it is a nested block, and so is each element of a list of them by the name in `lists`."""
    if not isinstance(value, Mapping):
        return value
    made = Whole()
    for name, inner in value.items():
        ours = lists.get(name) or snake(name)
        if isinstance(inner, Mapping):
            made[ours] = (blocks(inner, lists),)
        elif isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
            made[ours] = tuple(blocks(one, lists) for one in inner)
        elif isinstance(inner, bytes):
            made[ours] = inner.decode(errors="replace")
        else:
            made[ours] = inner
    return made


def items(value: Mapping[str, Any] | None) -> list[Any]:
    """Give a list as CloudFront has it as a list."""
    return list((value or {}).get("Items") or ())
