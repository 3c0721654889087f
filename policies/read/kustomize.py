"""What real kustomize makes of an overlay: run on a copy, without a network, a home or a program to call.

The copy holds only the files that the overlay is made from, as they are; a kustomization of ours beside them takes the
overlay as its one resource. An overlay that kustomize refuses is repaired in the copy, one defect at a
time, so that the first defect does not hide the others: what was wrong and what was done stands in `Build.defects`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from policies.read.kustomization import Defect, DefectKind, Sources
from policies.read.kustomize_attempt import Attempt
from policies.read.kustomize_blame import blame
from policies.read.kustomize_message import plain_message

if TYPE_CHECKING:
    from concurrent.futures import Future


@dataclass(frozen=True)
class Build:
    """What came of building one overlay: kustomize's output (None where no repair helped) and all that stood in its way."""

    overlay: str
    output: str | None
    defects: tuple[Defect, ...] = ()


def build(sources: Sources) -> Build:
    """Build an overlay. Raises ToolError where kubectl is missing."""
    attempt = Attempt(sources)
    readable = tuple(defect for defect in sources.defects if defect.kind is DefectKind.DUPLICATE)
    certain = tuple(defect for defect in sources.defects if defect.kind is not DefectKind.DUPLICATE)
    output, refusal = attempt.run()
    if output is not None:
        return Build(sources.overlay, output, certain)
    repaired = list(readable)
    attempt.rewritten = bool(readable)
    repaired += attempt.keep_last_declarations()
    if repaired:
        output, refusal = attempt.run()
    while output is None and attempt.may_run:
        blamed = blame(attempt, sources, refusal)
        if blamed is None:
            break
        kustomization, position, output, next_refusal = blamed
        attempt.removed.append((kustomization.file, position))
        text = f"kustomize refuses it: {plain_message(refusal)}"
        line = kustomization.line_of(*position)
        repaired.append(
            Defect(DefectKind.REFUSED, kustomization.file, line, text, f"the entry of {position[0]} was left out")
        )
        refusal = next_refusal
    if output is None:
        file = sources.by_depth[0].file
        text = f"kustomize refuses it, and no entry left out makes it build: {plain_message(refusal)}"
        repaired.append(Defect(DefectKind.REFUSED, file, 1, text, "nothing of it was judged"))
    return Build(sources.overlay, output, (*certain, *repaired))


class Building(Mapping[str, Build]):
    """Builds by their overlay's folder, made side by side, as many at once as there are processors; who asks for one waits.

    `progress` hears of each that took long.
    """

    def __init__(self, progress: Callable[[str], None] | None = None) -> None:
        self.progress = progress
        self.futures: dict[Future[Build], str] = {}

    def start(self, every: Iterable[Sources]) -> None:
        """Begin to build overlays, once."""
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
        self.futures = {pool.submit(build, sources): sources.overlay for sources in every}
        pool.shutdown(wait=False)

    @cached_property
    def finished(self) -> dict[str, Build]:
        """All of them. Raises ToolError where kubectl is missing."""
        from concurrent.futures import as_completed

        for number, future in enumerate(as_completed(self.futures), start=1):
            if self.progress is not None:
                self.progress(f"built {self.futures[future]} ({number} of {len(self.futures)})")
        return {overlay: future.result() for future, overlay in self.futures.items()}

    def __getitem__(self, overlay: str) -> Build:
        return self.finished[overlay]

    def __iter__(self) -> Iterator[str]:
        return iter(self.futures.values())

    def __len__(self) -> int:
        return len(self.futures)


def build_all(every: list[Sources], progress: Callable[[str], None] | None = None) -> list[Build]:
    """Build overlays; `progress` hears of each that took long."""
    building = Building(progress)
    building.start(every)
    return [building[sources.overlay] for sources in every]


def to_json(builds: list[Build]) -> str:
    """Give builds as text, for another process."""
    import msgspec

    return msgspec.json.encode(builds).decode()


def from_json(text: str) -> dict[str, Build]:
    """Take builds back, by their overlay's folder."""
    import msgspec

    return {build.overlay: build for build in msgspec.json.decode(text, type=list[Build])}
