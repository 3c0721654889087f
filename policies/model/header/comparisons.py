"""Comparisons of CloudFront's header in a gateway's Java as subjects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Place
from policies.model.header.checks import Comparison
from policies.model.header.contract import ends
from policies.model.header.openings import Opening, openings
from policies.model.header.refusals import Decision, decisions, is_in_service
from policies.model.header.specification import blamed
from policies.platform import Platform


@dataclass(frozen=True, eq=False)
class HeaderComparison:
    """A comparison of CloudFront's header with a secret, in a gateway's Java."""

    noun: ClassVar[str] = "comparison of CloudFront's header"
    only_in_files: ClassVar[bool] = True

    comparison: Comparison

    @property
    def place(self) -> Place:
        """The platform: the same Java runs everywhere."""
        return PLATFORM

    @property
    def id(self) -> str:
        """Project, class and method."""
        method = self.comparison.scope.method
        return f"{self.comparison.project.folder}:{self.comparison.scope.owner.name}.{method.name if method is not None else ''}"

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """The branches by which it decides whether a request passes."""
        return decisions(self.comparison)

    @cached_property
    def openings(self) -> tuple[Opening, ...]:
        """What lets a request pass beside it that everybody may send."""
        return openings(self.comparison)

    @property
    def out_of_service(self) -> tuple[Decision, ...]:
        """The decisions of classes that nothing takes into service."""
        return tuple(one for one in self.decisions if not is_in_service(self.comparison, one.type))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the line of the comparison."""
        return blamed(message, values, [self.comparison.location])

    def blame_openings(self, message: str, *values: object) -> Evidence:
        """Give the branches that let everybody pass, and the line of the comparison."""
        return blamed(message, values, (one.location for one in self.openings), [self.comparison.location])

    def blame_decisions(self, message: str, *values: object) -> Evidence:
        """Give the branches, and the line of the comparison."""
        return blamed(message, values, (one.location for one in self.decisions), [self.comparison.location])

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[HeaderComparison | Gap]:
        """Yield the comparisons of every gateway, once each."""
        found = ends(platform)
        if found.gap is not None:
            yield found.gap
        own = {(one.comparison.location, one.comparison.by): one.comparison for one in found.all_checks}
        yield from (cls(one) for one in own.values())
        for gateway in {one.name: one for one in found.gateways}.values() if found.fronts else ():
            if not found.checks(gateway):
                yield Gap(gateway.name, "it compares no header of the request with a secret (HDR-03a)", PLATFORM)
