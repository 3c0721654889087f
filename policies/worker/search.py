"""Looks for a batch of which a worker does not make what it must, and shrinks what it finds.

The same worker gives the same result in every run: nothing is random, nothing is remembered between runs, and what was delivered once is
only judged again. What is found counts where a fresh process with longer timeouts shows it too.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import hypothesis.configuration
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from policies.errors import TurnstileError
from policies.worker.attacks import Attack
from policies.worker.faults import Fault, Violation
from policies.worker.messages import Batch
from policies.worker.outcome import Tried
from policies.worker.running import Running
from policies.worker.shapes import simpler

hypothesis.configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "turnstile-hypothesis")

SHRINKS = 40
"""How often Hypothesis tries for a smaller batch after one was found; then each message is left out, and made plainer, in turn."""

TRIES = 3
"""How often it is looked for something else where what was found does not show again."""


@dataclass(frozen=True)
class Failure:
    """A batch, what became of it, and what is wrong with that."""

    tried: Tried
    violation: Violation


class NotGeneratedError(TurnstileError):
    """A class of batches of which no example came about: what it would have shown is not known."""


class _Found(Exception):  # noqa: N818
    pass


@dataclass
class Search:
    """One search for faults of some kinds among the batches of an attack."""

    running: Running
    attack: Attack
    faults: Collection[Fault]
    counted: Counter[str] = field(default_factory=Counter)
    smallest: tuple[Batch, Violation] | None = None
    after: int = 0
    tried: list[Batch] = field(default_factory=list)

    def run(self) -> Failure | None:
        """Give the smallest failure, or None. Raises NotGeneratedError where a class did not come about."""
        known = self.running.batches.get(self.attack.name)
        if known is not None and not any(self._wrong(batch) for batch in known):
            return None  # They would be the same ones again.
        for _ in range(TRIES):
            self.smallest, self.after = None, 0
            self.counted.clear()
            self.tried.clear()
            self._look()
            if self.smallest is None:
                missing = [label for label in self.attack.labels(self.running) if not self.counted[label]]
                if missing:
                    told = ", ".join(missing)
                    raise NotGeneratedError(
                        f"no batch of the class {self.attack.name}: {told} came about, so nothing is known of it"
                    )
                self.running.batches[self.attack.name] = list(self.tried)
                return None
            batch, violation = self._smaller(*self.smallest)
            confirmed = self.running.confirmed(batch, violation)
            if confirmed is not None:
                return Failure(*confirmed)
        return None

    def _smaller(self, batch: Batch, violation: Violation) -> tuple[Batch, Violation]:
        """Leave out, and make plainer, what the fault does not need."""
        going = True
        while going:
            going = False
            for other in simpler(batch):
                wrong = self._wrong(other)
                if wrong:
                    batch, violation, going = other, wrong[0], True
                    break
        return batch, violation

    def _look(self) -> None:
        _current.append((self, self.attack.batches(self.running)))
        try:
            for batch in self.attack.plain(self.running):
                self.example(batch)
            _runner(self.attack.examples)()
        except (_Found, Flaky):
            pass
        finally:
            _current.pop()

    def example(self, batch: Batch) -> None:
        """Try one batch. Raises _Found where something is wrong."""
        if self.smallest is not None:
            self.after += 1
            if self.after > SHRINKS and batch not in self.running.memory:
                return
        else:
            self.tried.append(batch)
            self.counted.update(set(self.attack.count(self.running.contract, batch)))
        wrong = self._wrong(batch)
        if wrong:
            self.smallest = (batch, wrong[0])
            raise _Found

    def _wrong(self, batch: Batch) -> list[Violation]:
        return [one for one in self.running.wrong(batch) if one.fault in self.faults]


_current: list[tuple[Search, st.SearchStrategy[Batch]]] = []


@lru_cache(maxsize=16)
def _runner(examples: int) -> Callable[[], None]:
    """Give Hypothesis' own runner; one serves every search, for to make one costs as much as to run it."""

    def run(data: st.DataObject) -> None:
        search, batches = _current[-1]
        search.example(data.draw(batches))

    made: Callable[[], None] = settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False,
    )(given(st.data())(run))  # fmt: skip
    return made
