"""Looks for a request on which a handler does not do what it must, and shrinks what it finds.

One example is one visit with a whole batch of variants, so that the bridge is kept busy. The same handler gives the same result in
every run: nothing is random, nothing is remembered between runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import hypothesis.configuration
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from policies.edge.attack import Attack, Statistics, Tried, Variant
from policies.edge.bridge import Bridge
from policies.edge.contract import Contract
from policies.edge.jose import Ruling
from policies.edge.oracle import Decision, decide
from policies.edge.viewer import visits
from policies.errors import TurnstileError

hypothesis.configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "turnstile-hypothesis")

SHRINKS = 150
"""How often a smaller request is tried for after one was found."""


@dataclass(frozen=True)
class Failure:
    """What was found: the requests up to the one that shows it, and what is wrong with it."""

    tried: tuple[Tried, ...]
    problem: str

    @property
    def last(self) -> Tried:
        """The one that shows it."""
        return self.tried[-1]


Judge = Callable[[Contract, Sequence[Tried]], tuple[int, str] | None]
"""Gives the place in a batch of what is wrong, and a sentence; None where nothing is."""


class NotGeneratedError(TurnstileError):
    """A class of requests of which no example came about: what it would have shown is not known."""


class _Found(Exception):  # noqa: N818
    def __init__(self, failure: Failure) -> None:
        self.failure = failure


@dataclass
class Search:
    """One search: what it asks, and what it has found so far. `batches` are all that were tried, where nothing was found."""

    bridge: Bridge
    contract: Contract
    attack: Attack
    judge: Judge
    statistics: Statistics
    batches: list[list[Tried]] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)
    after: int = 0

    def run(self) -> Failure | None:
        """Give the smallest failure, or None. Raises NotGeneratedError where a class did not come about."""
        _current.append(self)
        try:
            _runner(self.attack.examples)()
        except _Found as found:
            return narrowed(self.bridge, self.contract, self.judge, found.failure)
        except Flaky:
            # It decides otherwise when it is asked again: the first failure cannot be shrunk, and stands as it is.
            return next(iter(self.failures.values()))
        finally:
            _current.pop()
        missing = [label for label in self.attack.labels if not self.statistics.counted[self.attack.name, label]]
        if missing:
            raise NotGeneratedError(
                f"no request of the class {self.attack.name}: {', '.join(missing)} came about, so nothing is known of it"
            )
        return None

    def _shows_nothing(self, one: Tried) -> bool:
        """Whether the same visit, plainly, is let through without any token, or refused with one: that is another requirement's (01, 02)."""
        visit, ruling = one.variant.visit, one.decision.ruling
        if self.attack.whole or visit is None or one.variant.group is not None:
            return False
        if ruling is Ruling.REFUSE and one.answer.through:
            return self.bridge.decide([visit.control(one.variant.request)], one.variant.now)[0].through
        if ruling is Ruling.LET and not one.answer.through:
            plain = [visit.request(visit.token, carrier=name, cookies=()) for name in self.contract.carriers]
            return not all(answer.through for answer in self.bridge.decide(plain, one.variant.now))
        return False

    def example(self, data: st.DataObject) -> None:
        """Try one example. Raises _Found where something is wrong."""
        visit = data.draw(visits(self.contract))
        variants = self.attack.variants(visit, data.draw)
        spelled = ""
        if self.failures:
            self.after += 1
            spelled = repr(variants)
            if self.after > SHRINKS and spelled not in self.failures:
                return
        tried = attempt(self.bridge, self.contract, variants)
        if not self.failures:
            self.statistics.note(self.attack, tried)
            self.batches.append(tried)
        wrong = self.judge(self.contract, tried)
        while wrong is not None and self._shows_nothing(tried[wrong[0]]):
            del tried[wrong[0]]
            wrong = self.judge(self.contract, tried)
        if wrong is not None:
            failure = Failure(tuple(tried[: wrong[0] + 1]), wrong[1])
            self.failures[spelled or repr(variants)] = failure
            raise _Found(failure)


_current: list[Search] = []


@lru_cache(maxsize=16)
def _runner(examples: int) -> Callable[[], None]:
    """Give Hypothesis' own runner; one serves every search, for to make one costs as much as to run it."""

    def run(data: st.DataObject) -> None:
        _current[-1].example(data)

    made: Callable[[], None] = settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False,
    )(given(st.data())(run))  # fmt: skip
    return made


def attempt(bridge: Bridge, contract: Contract, variants: Sequence[Variant]) -> list[Tried]:
    """Send variants to the handler, and ask the oracle about each while it works."""
    decisions: list[Decision] = []

    def rule() -> None:
        decisions[:] = [decide(contract, one.request, one.now) for one in variants]

    answers = bridge.decide([one.request for one in variants], [one.now for one in variants], rule)
    if not decisions:
        rule()
    return [Tried(*each) for each in zip(variants, decisions, answers, strict=True)]


def narrowed(bridge: Bridge, contract: Contract, judge: Judge, failure: Failure) -> Failure:
    """Leave out the requests before, where the last one shows the same without them."""
    group = failure.last.variant.group
    for kept in ([failure.last.variant], [one.variant for one in failure.tried if one.variant.group == group]):
        tried = attempt(bridge, contract, kept)
        wrong = judge(contract, tried)
        if wrong is not None and wrong[0] == len(kept) - 1:
            return Failure(tuple(tried), wrong[1])
    return failure
