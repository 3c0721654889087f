"""Numbers and switches of Terraform, which takes strings for them too."""

from __future__ import annotations

from typing import Any

from policies.requirement import NotJudged


def number(value: Any) -> float:
    """Give a number, which Terraform takes as a string too. Raises NotJudged for what is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise NotJudged(f"{value!r} is no number") from None


def says_true(value: Any) -> bool:
    """Whether a value is true; Terraform takes the string for it too."""
    return value is True or value == "true"


def says_false(value: Any) -> bool:
    """Whether a value is false; Terraform takes the string for it too."""
    return value is False or value == "false"
