"""Labels, and the selectors of NetworkPolicies over them (`LabelSelector`, apimachinery's `meta/v1`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Labels = frozenset[tuple[str, str]]
"""Labels as pairs, so that equal ones are one key."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that the API server puts on every namespace: its name."""

IN, NOT_IN, EXISTS, DOES_NOT_EXIST = "In", "NotIn", "Exists", "DoesNotExist"
OPERATORS = (IN, NOT_IN, EXISTS, DOES_NOT_EXIST)
"""`LabelSelectorRequirement.operator`."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One demand of a selector on one key; `matchLabels` are demands `In` with one value each."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether labels keep it; `NotIn` holds where the key is not there too."""
        if self.operator == IN:
            return labels.get(self.key) in self.values
        if self.operator == NOT_IN:
            return labels.get(self.key) not in self.values
        return (self.key in labels) == (self.operator == EXISTS)

    def __str__(self) -> str:
        values = sorted(self.values)
        if self.operator in (IN, NOT_IN) and len(values) == 1:
            return f"{self.key}{'=' if self.operator == IN else '!='}{values[0]}"
        if self.operator in (IN, NOT_IN):
            return f"{self.key} {'in' if self.operator == IN else 'not in'} ({', '.join(values)})"
        return self.key if self.operator == EXISTS else f"!{self.key}"


@dataclass(frozen=True, slots=True)
class Selector:
    """All demands must hold; one without demands selects everything."""

    expressions: tuple[Expression, ...] = ()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether it selects what has these labels."""
        return all(expression.holds(labels) for expression in self.expressions)

    def __str__(self) -> str:
        """Spell it as `kubectl --selector` does; what selects everything as `*`."""
        return ",".join(map(str, self.expressions)) or "*"


EVERYTHING = Selector()


def unselected(selectors: Iterable[Selector]) -> Mapping[str, str] | None:
    """Give labels that none of the selectors selects, or None where there are none: every selector must miss by one of its demands.

    Raises OverflowError where so many combinations would have to be tried that the answer is not known.
    """
    wanted = sorted(set(selectors), key=lambda selector: (len(selector.expressions), str(selector)))
    steps = [100_000]

    def search(index: int, labels: dict[str, str], absent: frozenset[str]) -> dict[str, str] | None:
        steps[0] -= 1
        if steps[0] < 0:
            raise OverflowError("too many combinations of labels")
        while index < len(wanted) and _misses(wanted[index], labels, absent):
            index += 1
        if index == len(wanted):
            return labels
        for expression in wanted[index].expressions:
            for value in _breaking(expression, wanted):
                known = labels.get(expression.key)
                if known is not None or expression.key in absent:
                    continue
                found = (
                    search(index + 1, labels, absent | {expression.key})
                    if value is None
                    else search(index + 1, {**labels, expression.key: value}, absent)
                )
                if found is not None:
                    return found
        return None

    return search(0, {}, frozenset())


def _misses(selector: Selector, labels: Mapping[str, str], absent: frozenset[str]) -> bool:
    """Whether a selector misses already, by the keys that are decided."""
    return any(
        not expression.holds(labels)
        for expression in selector.expressions
        if expression.key in labels or expression.key in absent
    )


def _breaking(expression: Expression, selectors: Iterable[Selector]) -> list[str | None]:
    """Give values of the key that break a demand, None for its absence: of all that no selector names, one stands for the rest."""
    named = {
        value for one in selectors for other in one.expressions if other.key == expression.key for value in other.values
    }
    other = next(
        text for text in ("other", *(f"other-{index}" for index in range(len(named) + 1))) if text not in named
    )
    values: list[str | None] = [None, other, *sorted(named)]
    return [value for value in values if not expression.holds({} if value is None else {expression.key: value})]
