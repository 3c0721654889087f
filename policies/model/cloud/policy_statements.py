"""Statements of policies of IAM: who may do what on what, and under which conditions ("IAM JSON policy elements reference")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.evidence import Location
from policies.read.terraform import Unknown


@dataclass(frozen=True)
class Condition:
    """A line of a statement's Condition: its operator, its key, and the values, of which one must fit."""

    operator: str
    key: str
    values: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Statement:
    """A statement. `principals` are pairs of type and identifier (`("*", "*")` for anybody); `inverted` names what is a Not… element.

    `places` are the lines of its elements by name, "" for the statement's own.
    """

    effect: Any
    actions: tuple[Any, ...] = ()
    resources: tuple[Any, ...] = ()
    principals: tuple[tuple[Any, Any], ...] = ()
    conditions: tuple[Condition, ...] = ()
    inverted: frozenset[str] = frozenset()
    places: Mapping[str, Location] = field(default_factory=dict)
    sid: str = ""

    @property
    def allows(self) -> bool:
        """Whether it allows; one whose effect is not known is taken to."""
        return isinstance(self.effect, Unknown) or self.effect == "Allow"

    @property
    def is_for_everybody(self) -> bool:
        """Whether anybody may be its principal, whoever is not known left aside."""
        everybody = any(
            "*" in (identifier if isinstance(identifier, str) else "",) for _, identifier in self.principals
        )
        return everybody or "principals" in self.inverted

    @property
    def unknown(self) -> Unknown | None:
        """What is not known of whom it speaks of, of what and for what."""
        parts = (self.effect, *self.actions, *self.resources, *(name for pair in self.principals for name in pair))
        return next((part for part in parts if isinstance(part, Unknown)), None)

    def covers(self, action: str) -> bool:
        """Whether it speaks of an action, by its name or by a pattern."""
        named = any(isinstance(pattern, str) and matches(pattern, action) for pattern in self.actions)
        return named != ("actions" in self.inverted)

    def locate(self, element: str = "") -> Location:
        """Give the line of an element, or the statement's own."""
        return self.places.get(element, self.places[""])


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern of IAM (`*`, `?`, any case) fits a text."""
    expression = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in pattern.lower())
    return re.fullmatch(expression, text.lower()) is not None


def many(value: Any) -> tuple[Any, ...]:
    """Give what may be one value or a list of them as a tuple."""
    return () if value is None else tuple(value) if isinstance(value, (list, tuple)) else (value,)
