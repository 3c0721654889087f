"""An attack: classes of requests, and what makes them from one visit; and what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from policies.edge.answers import Answer, Request
from policies.edge.jose import Ruling
from policies.edge.oracle import Decision
from policies.edge.viewer import Draw, Visit

EXAMPLES = 12


@dataclass(frozen=True)
class Variant:
    """A request of a class (`label`) at a time; those of one `group` must all be decided alike.

    `visit` is what it was made from: where that is let through without any token, this one shows nothing.
    """

    label: str
    request: Request
    now: float
    group: int | None = None
    visit: Visit | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Tried:
    """A variant, what must become of it, and what the handler did."""

    variant: Variant
    decision: Decision
    answer: Answer


@dataclass(frozen=True)
class Attack:
    """Classes of requests, and what makes them from a visit. Each class must be generated, and ruled as `expects` says, or the run fails.

    `why` is what it is about; `whole` takes in the protected paths that ask for no token at all too, which is a defect of its own; `fresh` is sent
    to a process of its own, for what was sent before would count.
    """

    name: str
    why: str
    labels: tuple[str, ...]
    make: Callable[..., Iterable[tuple[Any, ...]]]
    draws: bool
    expects: Ruling | None
    examples: int
    whole: bool
    fresh: bool

    def variants(self, visit: Visit, draw: Draw) -> list[Variant]:
        """Give a batch: what is made yields `(label, request)`, and where they matter a time and a group."""
        made = self.make(visit, draw) if self.draws else self.make(visit)
        found = []
        for label, request, *rest in made:
            now = rest[0] if rest and rest[0] is not None else visit.now
            found.append(Variant(label, request, now, rest[1] if len(rest) > 1 else None, visit))
        return found


def attack(
    *labels: str,
    expects: Ruling | None = Ruling.REFUSE,
    examples: int = EXAMPLES,
    whole: bool = False,
    fresh: bool = False,
) -> Callable[[Callable[..., Iterable[tuple[Any, ...]]]], Attack]:
    """Make a function an attack: it takes a visit and, where it chooses something, Hypothesis' draw."""

    def attach(make: Callable[..., Iterable[tuple[Any, ...]]]) -> Attack:
        draws = make.__code__.co_argcount > 1
        return Attack(
            make.__name__, " ".join((make.__doc__ or "").split()), labels, make, draws, expects, examples, whole, fresh
        )

    return attach


@dataclass
class Statistics:
    """How many requests of each class were generated, by attack and label, and how many of them count."""

    generated: Counter[tuple[str, str]] = field(default_factory=Counter)
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    through: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, attack: Attack, tried: Iterable[Tried]) -> None:
        """Count a batch."""
        for one in tried:
            key = (attack.name, one.variant.label)
            self.generated[key] += 1
            self.counted[key] += attack.expects is None or one.decision.ruling is attack.expects
            self.through[key] += one.answer.through
