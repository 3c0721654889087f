"""Namespaces that hold workloads, as subjects: whether their policies would isolate any pod, whatever its labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.network.flows import Intended, intended
from policies.model.network.labels import Selector, unselected
from policies.model.network.parties import DEFAULT_NAMESPACE
from policies.model.network.policies import Direction, Policy
from policies.model.workloads.pods import PodTemplate, not_looked_at
from policies.platform import Platform


@dataclass(frozen=True)
class PolicedNamespace:
    """A namespace that the place's workloads are in. It holds other pods too, some day: those of a Job that somebody starts by hand."""

    noun: ClassVar[str] = "namespace with workloads"
    only_in_files: ClassVar[bool] = False

    intended: Intended
    name: str
    first: PodTemplate

    @property
    def place(self) -> Place:
        """The place that deploys into it."""
        return self.intended.site.place

    @property
    def id(self) -> str:
        """Place and namespace."""
        return f"{self.place.name}:{self.name}"

    @property
    def incomplete(self) -> str | None:
        """What its place was rendered without: policies may be in that."""
        return self.intended.site.incomplete

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """Its policies."""
        return tuple(policy for policy in self.intended.site.policies if policy.namespace == self.name)

    def unisolated(self, direction: Direction) -> str | None:
        """Give labels, spelled, with which a pod would not be isolated; None where there are none. Raises OverflowError if that is not known."""
        selectors = [policy.pods for policy in self.policies if direction in policy.directions]
        if any(selector == Selector() for selector in selectors):
            return None
        found = unselected(selectors)
        if found is None:
            return None
        return ", ".join(f"{key}={value}" for key, value in sorted(found.items())) or "no labels"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the policies' selectors as the place; where there are none, the first workload."""
        found = tuple(policy.locate(("spec", "podSelector")) for policy in self.policies[:3])
        return Evidence(message.format(*values), found or (self.first.document.origin.locate(),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[PolicedNamespace | Gap]:
        """Yield every namespace that a place's workloads are in."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            network = intended(item, platform) if item.documents else None
            found: dict[str, PodTemplate] = {}
            for party in network.site.own if network is not None else ():
                if party.template is not None:
                    found.setdefault(party.template.document.namespace or DEFAULT_NAMESPACE, party.template)
            for name, first in found.items():
                assert network is not None  # noqa: S101 (its workloads were found in it)
                yield cls(network, name, first)
