"""PodDisruptionBudgets: which pods they are for, and how many of them a drain may take at once (`policy/v1`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.serving import number, pod_labels, workloads
from policies.model.kept import kept
from policies.model.workloads.pods import not_looked_at
from policies.model.workloads.scalers import least_replicas
from policies.model.workloads.selection import selects
from policies.model.workloads.stated import StatedWorkload
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document

_PERCENTAGE = re.compile(r"(\d{1,3})%\Z", re.ASCII)


class StatedCore(StatedWorkload):
    """A workload that `platform.toml` states as core."""

    noun: ClassVar[str] = "workload stated as core"
    listed_as: ClassVar[str] = "core"
    what: ClassVar[str] = "which workloads must survive a drain"

    @property
    def budgets(self) -> tuple[str, ...]:
        """The budgets that select its pods."""
        return self.beside

    @classmethod
    def find_beside(cls, item: Deployed, workload: Document) -> tuple[str, ...]:
        """Give the budgets that select a workload's pods."""
        return tuple(str(budget.document) for budget in budgets_of(item, workload))


@dataclass(frozen=True)
class DisruptionBudget:
    """A PodDisruptionBudget of a release, the workloads whose pods it selects, and other budgets that select some of the same.

    `pods` is how many pods these have at least, None where that cannot be said.
    """

    noun: ClassVar[str] = "PodDisruptionBudget of a release"
    only_in_files: ClassVar[bool] = False

    place: Place
    document: Document
    selected: tuple[str, ...]
    others: tuple[str, ...]
    pods: int | None

    @property
    def id(self) -> str:
        """Place and name."""
        return identify(self.place, self.document)

    @property
    def field(self) -> str | None:
        """The field that decides: `maxUnavailable` where it is set (`getExpectedPodCount` of the disruption controller)."""
        return next(
            (name for name in ("maxUnavailable", "minAvailable") if self.document.get("spec", name) is not None), None
        )

    @property
    def stated(self) -> Any:
        """What that field says."""
        return self.document.get("spec", self.field or "")

    @property
    def allowed(self) -> int | None:
        """How many of its pods may go at once; None where that cannot be said. Percentages are rounded up, as the controller rounds them."""
        if self.field is None:
            return 0
        if self.pods is None:
            return None
        percentage = _PERCENTAGE.match(str(self.stated))
        count = -(-self.pods * int(percentage[1]) // 100) if percentage else number(self.stated)
        if count is None:
            return None
        return min(count, self.pods) if self.field == "maxUnavailable" else max(0, self.pods - count)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the deciding field as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(("spec", self.field or "selector")),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DisruptionBudget | Gap]:
        """Yield every budget of every release."""
        for item in platform.deployed:
            if item.place.released:
                yield from not_looked_at(item)
                yield from budgets(item)


@kept
def budgets(item: Deployed) -> tuple[DisruptionBudget, ...]:
    """Give the budgets of a place."""
    listed = [document for document in item.documents if document.kind == "PodDisruptionBudget"]
    selected = {id(one): _selected(item, one) for one in listed}
    found = []
    for document in listed:
        mine = selected[id(document)]
        others = (one for one in listed if one is not document and _meet(mine, selected[id(one)]))
        counts = [least_replicas(item, workload) for workload in mine]
        pods = sum(count or 0 for count in counts) if counts and None not in counts else None
        found.append(DisruptionBudget(item.place, document, tuple(map(str, mine)), tuple(map(str, others)), pods))
    return tuple(found)


def _meet(some: list[Document], others: list[Document]) -> bool:
    return any(one is other for one in some for other in others)


def _selected(item: Deployed, budget: Document) -> list[Document]:
    selector = budget.get("spec", "selector")
    return [one for one in workloads(item) if one.namespace == budget.namespace and selects(selector, pod_labels(one))]


def budgets_of(item: Deployed, workload: Document) -> tuple[DisruptionBudget, ...]:
    """Give the budgets that select a workload's pods."""
    return tuple(one for one in budgets(item) if _meet([workload], _selected(item, one.document)))
