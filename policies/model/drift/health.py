"""Autoscalers and disruption budgets as they run, as subjects: whether they can do what they are for, by their own status."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap
from policies.model.configuration.serving import number
from policies.model.drift.comparison import Compared, comparisons
from policies.model.workloads.pods import listed
from policies.model.workloads.scalers import AUTOSCALER
from policies.platform import Platform

_ABLE = ("AbleToScale", "ScalingActive")
"""Conditions that a HorizontalPodAutoscaler must have (`k8s.io/api/autoscaling/v2`): it can set the count, and knows what to set."""


class RunningAutoscaler(Compared):
    """A declared HorizontalPodAutoscaler that runs, and what its conditions say."""

    noun: ClassVar[str] = "HorizontalPodAutoscaler that runs"
    only_in_files: ClassVar[bool] = False

    @cached_property
    def hindrances(self) -> tuple[str, ...]:
        """The conditions that keep it from scaling; one that it has not said yet is one."""
        said = {str(one.get("type")): one for _, one in listed(self.running.get("status", "conditions"))}
        found = []
        for name in _ABLE:
            one = said.get(name)
            if one is None:
                found.append(f"{name} is not known yet")
            elif one.get("status") != "True":
                found.append(f"{name} is {one.get('status')}: {one.get('reason')}: {one.get('message')}")
        return tuple(found)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its conditions as the place."""
        return self.blame(("status", "conditions"), message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RunningAutoscaler | Gap]:
        """Yield each declared one that runs."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
            else:
                yield from (
                    cls(one, pair.declared, pair.running) for pair in one.pairs if pair.declared.kind == AUTOSCALER
                )


class RunningBudget(Compared):
    """A declared PodDisruptionBudget that runs, and how many pods it lets go now."""

    noun: ClassVar[str] = "PodDisruptionBudget that runs"
    only_in_files: ClassVar[bool] = False

    @property
    def allowed(self) -> int | None:
        """How many pods it lets go; None where its controller has not said so yet."""
        return number(self.running.get("status", "disruptionsAllowed"))

    @property
    def healthy(self) -> tuple[int | None, int | None]:
        """How many pods are healthy, and how many must be."""
        return number(self.running.get("status", "currentHealthy")), number(
            self.running.get("status", "desiredHealthy")
        )

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its status as the place."""
        return self.blame(("status", "disruptionsAllowed"), message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RunningBudget | Gap]:
        """Yield each declared one that runs."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
            else:
                budgets = (pair for pair in one.pairs if pair.declared.kind == "PodDisruptionBudget")
                yield from (cls(one, pair.declared, pair.running) for pair in budgets)
