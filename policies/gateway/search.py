"""Looks for a request on which edge and gateway do not do what they must; the same platform gives the same result in every run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from policies.edge.attack import Attack
from policies.edge.jose import Ruling
from policies.edge.oracle import decide
from policies.edge.search import NotGeneratedError
from policies.edge.viewer import visits
from policies.gateway import attacks
from policies.gateway.answers import NEVER_SENT
from policies.gateway.chain import Crossing
from policies.gateway.trials import Trial

if TYPE_CHECKING:
    from policies.gateway.agreement import Agreement

SHRINKS = 40
LATER = 3_600_000.0
"""What a token is must be the same an hour later: between to make it and to send it the machine's clock goes on."""


@dataclass(frozen=True)
class Failure:
    """What was found: the request, its way, and what is wrong."""

    attack: Attack
    crossing: Crossing
    problem: str


class _Found(Exception):  # noqa: N818
    def __init__(self, failure: Failure) -> None:
        self.failure = failure


@dataclass(eq=False)
class Findings:
    """What was tried of an agreement: `generated` counts requests by trial, attack and class, `counted` those that show something."""

    agreement: Agreement
    generated: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    counted: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    found: dict[str, Failure | None] = field(default_factory=dict)

    def look(self, trial: Trial) -> Failure | None:
        """Give what a trial finds, once. Raises NotGeneratedError where a class of requests did not come about."""
        if trial.name not in self.found:
            failures = (self._look(trial, attack) for attack in trial.attacks if self._applies(attack))
            self.found[trial.name] = next((one for one in failures if one is not None), None)
        return self.found[trial.name]

    def _applies(self, attack: Attack) -> bool:
        need = attacks.NEEDS.get(attack.name, "")
        if attack.name == "cookie_alone":
            need = "cookie"
        known = self.agreement.validator.running.knows(need) if need else True
        return known and (need not in ("cookie", "header") or getattr(self.agreement.contract, need) is not None)

    def _look(self, trial: Trial, attack: Attack) -> Failure | None:
        search = _Search(self, trial, attack)
        _current.append(search)
        try:
            _runner(trial.examples)()
        except _Found as found:
            return found.failure
        except Flaky:
            return next(iter(search.failures.values()))
        finally:
            _current.pop()
        labels = [label for label in attack.labels if (attack.name, label) not in attacks.OF_THE_CLOCK]
        missing = [label for label in labels if not self.counted[trial.name, attack.name, label]]
        if missing:
            raise NotGeneratedError(
                f"no request of the class {attack.name}: {', '.join(missing)} came about, so nothing is known of it"
            )
        return None


@dataclass(eq=False)
class _Search:
    findings: Findings
    trial: Trial
    attack: Attack
    failures: dict[str, Failure] = field(default_factory=dict)
    label: str = ""
    after: int = 0

    def example(self, data: Any) -> None:
        """Try one visit with all that the attack makes of it. Raises _Found where something is wrong."""
        agreement, trial = self.findings.agreement, self.trial
        contract = (
            agreement.contract if trial.through else replace(agreement.contract, protected=agreement.behind.shared)
        )
        visit = agreement.at_present(data.draw(visits(contract)))
        if not trial.through and visit.method not in agreement.behind.methods:
            visit = replace(visit, method=agreement.behind.methods[0])
        if trial.carrier:
            visit = visit.by(trial.carrier)
        variants = self.attack.variants(visit, data.draw)
        # The gateway's clock cannot be set.
        variants = [one for one in variants if one.now == visit.now and (not self.label or one.label == self.label)]
        spelled = repr([(one.label, one.request) for one in variants])
        if self.failures:
            self.after += 1
            if self.after > SHRINKS and spelled not in self.failures:
                return
        crossings = agreement.cross(trial, variants)
        if not self.failures:
            self._note(crossings)
        for one in crossings:
            problem = trial.wrong(agreement, one) if self._shows(one) else ""
            if problem:
                self.label = one.variant.label
                failure = Failure(self.attack, one, problem)
                # By the class that shows it: what is tried later is of this one alone.
                own = [each for each in variants if each.label == self.label]
                self.failures[repr([(each.label, each.request) for each in own])] = failure
                self.failures[spelled] = failure
                raise _Found(failure)

    def _shows(self, one: Crossing) -> bool:
        """Whether a request is what its attack is about: by the edge's contract, now and an hour later."""
        due = self.attack.expects
        if one.answer is not None and one.answer.is_late:
            return False  # Nothing is known of it, and where that is so of a whole class, it is told.
        if due is None:
            return True
        if one.decision.ruling is not due:
            return False
        later = decide(self.findings.agreement.contract, one.variant.request, one.variant.now + LATER)
        return later.ruling is due

    def _note(self, crossings: list[Crossing]) -> None:
        for one in crossings:
            key = (self.trial.name, self.attack.name, one.variant.label)
            self.findings.generated[key] += 1
            # What must be let in counts where it came to the gateway.
            came = self.attack.expects is not Ruling.LET or (one.answer is not None and one.answer is not NEVER_SENT)
            self.findings.counted[key] += self._shows(one) and came


_current: list[_Search] = []


@lru_cache(maxsize=8)
def _runner(examples: int) -> Any:
    def run(data: Any) -> None:
        _current[-1].example(data)

    return settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False,
    )(given(st.data())(run))  # fmt: skip
