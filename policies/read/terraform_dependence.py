"""What a value of Terraform depends on that is not known, and how that is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """Why something is not known."""

    UNSET = "has no value"
    APPLIED = "is known only when it is applied"
    ELSEWHERE = "comes from a module that is not here"
    NOTHING = "is not declared"
    FUNCTION = "is a function that is not evaluated"
    DEEP = "comes from too far away to be followed"


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that is not known."""

    name: str
    reason: Reason

    @property
    def is_there(self) -> bool:
        """Whether it is certainly not null, once it is known."""
        return self.reason is Reason.APPLIED

    def __str__(self) -> str:
        return f"{self.name} {self.reason.value}"


@dataclass(frozen=True, slots=True)
class Dependence:
    """What a value depends on that is not known; `hidden` are those that the value may not show; `null` says that it may be null.

    `fails` says that it may come to nothing because of what is not known, `cut` that a function may have made another text of what it shows.
    `targets` are the resources, data sources and remote modules that it names, each by the path of its scope, its address there, and the key of
    its instance, where that is written down.
    """

    causes: frozenset[Cause] = frozenset()
    hidden: frozenset[Cause] = frozenset()
    null: bool = False
    fails: bool = False
    targets: frozenset[tuple[str, str, str]] = frozenset()
    cut: bool = False

    @property
    def certainly_null(self) -> bool:
        """Whether, where the value comes to nothing, it is because it is null."""
        return (
            self.null
            and not self.hidden
            and (not self.causes or (not self.fails and all(cause.is_there for cause in self.causes)))
        )

    def __or__(self, other: Dependence) -> Dependence:
        if self is NONE or other is NONE:
            return other if self is NONE else self
        return Dependence(
            self.causes | other.causes, self.hidden | other.hidden, self.null or other.null,
            self.fails or other.fails, self.targets | other.targets, self.cut or other.cut,
        )  # fmt: skip


NONE = Dependence()


def caused(name: str, reason: Reason) -> Dependence:
    """Depend on something that is not known, and that the value shows."""
    return Dependence(frozenset([Cause(name, reason)]))


def hiding(name: str, reason: Reason) -> Dependence:
    """Depend on something that is not known, and that the value does not show."""
    cause = frozenset([Cause(name, reason)])
    return Dependence(cause, cause)


def spell(causes: Iterable[Cause]) -> str:
    """Say why a value is not known: the first of its causes, and how many more there are."""
    listed = sorted(map(str, causes))
    return listed[0] + (f" (and {len(listed) - 1} more)" if len(listed) > 1 else "") if listed else "it is not known"
