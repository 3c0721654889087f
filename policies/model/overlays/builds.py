"""Overlays as things that build, and the files that they are built from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.deployed import Deployed
from policies.errors import SourceError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place, lines_of
from policies.platform import Platform
from policies.read.kustomization import Defect, DefectKind
from policies.read.problem import Problem


@dataclass(frozen=True)
class Overlay:
    """An overlay, and what kept kustomize from building it as it stands."""

    noun: ClassVar[str] = "overlay"
    only_in_files: ClassVar[bool] = True

    place: Place
    file: str
    defects: tuple[Defect, ...]
    objects: int

    @property
    def id(self) -> str:
        """Its name."""
        return self.place.name

    @property
    def refused(self) -> tuple[Defect, ...]:
        """What is wrong with it."""
        return self._of(DefectKind.REFUSED, DefectKind.DUPLICATE, DefectKind.UNREADABLE)

    @property
    def remote(self) -> tuple[Defect, ...]:
        """What it would fetch."""
        return self._of(DefectKind.REMOTE)

    @property
    def charts(self) -> tuple[Defect, ...]:
        """The Helm charts that it takes in."""
        return self._of(DefectKind.HELM)

    def _of(self, *kinds: DefectKind) -> tuple[Defect, ...]:
        return tuple(defect for defect in self.defects if defect.kind in kinds)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the overlay's own kustomization as the place."""
        return Evidence(message.format(*values), (Location(self.file, 1),))

    def blame(self, message: str, defects: tuple[Defect, ...]) -> Evidence:
        """Give every one of these defects with its line, and what was done so that the rest could be judged."""
        told = "; ".join(f"{_sentence(defect)} ({defect.repair} to judge the rest)" for defect in defects)
        return Evidence(f"{message}: {told}", tuple(Location(defect.file, defect.line) for defect in defects))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Overlay | Gap]:
        """Yield every overlay; a chart is named as not judged, a kustomization that cannot be read is an error."""
        for item in platform.deployed:
            if item.build is not None and item.sources is not None:
                yield cls(item.place, item.sources.by_depth[0].file, item.build.defects, len(item.documents))
            elif item.gap is not None and item.key.startswith("overlays."):
                yield item.gap
        for folder in platform.unstated_overlays:
            reason = f'platform.toml states overlays, and not this one: [overlays.NAME] path = "{folder}"'
            yield Gap(folder, reason, PLATFORM)
        if not platform.deployed and not platform.only_clusters:
            reason = "the platform holds neither a kustomization nor a manifest"
            # Of a platform of Terraform alone nothing of Kubernetes was promised.
            empty = not platform.terraform.roots
            yield Gap(".", f"{reason}: there is nothing to judge" if empty else reason, PLATFORM, promised=empty)
        for chart in platform.plain.charts:
            reason = "Helm charts are not judged; render them ('helm template NAME DIR > FILE') and judge the plain manifests"
            yield Gap(chart, reason, PLATFORM, (Location(f"{chart}/Chart.yaml", 1),))
        for error in platform.found.unreadable:
            if not any(
                item.gap is not None and item.gap.locations == (Location(error.file, error.line),)
                for item in platform.deployed
            ):
                yield Gap(
                    posixpath.dirname(error.file) or ".",
                    str(error),
                    PLATFORM,
                    (Location(error.file, error.line),),
                    unreadable=True,
                )


_TO_KUBECTL = (
    ("; some readers refuse it, others take the last", "; kubectl takes the last"),
    ("; kustomize takes the one above, kubectl the merge's", "; kubectl takes the merge's"),
    ("; kustomize refuses it, so write it in quotes", "; write it in quotes"),
    ("; kustomize and kubectl refuse it", "; kubectl refuses it"),
)


def _to_kubectl(text: str) -> str:
    """Say what is wrong with a line of a plain manifest, which kustomize never sees."""
    for both, alone in _TO_KUBECTL:
        text = text.replace(both, alone)
    return text


def _sentence(defect: Defect) -> str:
    return f"{defect.file} {defect.text}" if defect.kind is DefectKind.UNREADABLE else defect.text


@dataclass(frozen=True)
class SourceFile:
    """A file that something deployed is made from, with the lines that its readers refuse or take for something else."""

    noun: ClassVar[str] = "source file"
    only_in_files: ClassVar[bool] = True

    place: Place
    path: str
    problems: tuple[tuple[int, str], ...]

    @property
    def id(self) -> str:
        """Its path."""
        return self.path

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the lines with a problem as the place."""
        return Evidence(message.format(*values), lines_of(self.path, self.problems))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[SourceFile | Gap]:
        """Yield every file that was read; one that cannot be is an error, a template is not judged."""
        seen: set[str] = set()
        for item in platform.deployed:
            yield from cls._of_overlay(platform, item, seen)
        unreadable = {error.file for error in platform.plain.unreadable}
        for path in platform.plain.files:
            if path not in seen and path not in unreadable:
                problems = platform.plain.problems.get(path, ())
                yield cls(PLATFORM, path, tuple((problem.line, _to_kubectl(problem.text)) for problem in problems))
        for error in platform.plain.unreadable:
            if error.file not in seen:
                yield _unreadable(error, PLATFORM)
        for error in platform.plain.templates:
            reason = "it is a template, which is judged when it has been rendered"
            yield Gap(error.file, reason, PLATFORM, (Location(error.file, error.line),))

    @classmethod
    def _of_overlay(cls, platform: Platform, item: Deployed, seen: set[str]) -> Iterator[SourceFile | Gap]:
        sources = item.sources
        if sources is None:
            return
        read: dict[str, list[Problem]] = {one.file: list(one.document.problems) for one in sources.by_depth}
        for path, documents in sources.manifests.items():
            read.setdefault(path, []).extend(problem for document in documents for problem in document.problems)
        for environment in sources.environments.values():
            read.setdefault(environment.path, []).extend(environment.problems)
        for path, problems in read.items():
            if path not in seen:
                seen.add(path)
                yield cls(
                    platform.place_of_source(path), path, tuple((problem.line, problem.text) for problem in problems)
                )
        for defect in sources.defects:
            if defect.kind is DefectKind.UNREADABLE and defect.file not in seen:
                seen.add(defect.file)
                yield _unreadable(SourceError(defect.file, defect.text, defect.line), item.place)


def _unreadable(error: SourceError, place: Place) -> Gap:
    return Gap(error.file, str(error), place, (Location(error.file, error.line),), unreadable=True)
