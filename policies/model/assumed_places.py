"""What is assumed of where things are deployed, where nobody stated it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.deployed import Deployed
from policies.discovery import Assumption, guess_stage
from policies.intent.intent import FILE
from policies.platform import Platform


def found_places(platform: Platform) -> Iterator[Assumption]:
    """Yield what was found by looking: that there is nothing stated, each place with its stage, the base."""
    if not platform.stated:
        nothing = f"there is no {FILE}: what is deployed was found by looking"
        yield Assumption(nothing, f"turnstile init {platform.root.name}")
    for item in platform.written:
        if item.statement is None:
            yield from _of(platform, item)
    if platform.intent.base is None and platform.base is not None:
        yield Assumption(f"the base is {platform.base}, which most kustomizations are made from", "[base] path")


def _of(platform: Platform, item: Deployed) -> Iterator[Assumption]:
    _, reason = guess_stage(item.folder)
    kind = "the overlay" if item.is_overlay else "the folder of plain manifests"
    why = platform.found.kept.get(item.folder)
    if why is not None and item.is_overlay:
        yield Assumption(f"{kind} {item.folder} is deployed itself: {why}", f"[{item.key}] path")
    yield Assumption(f"{kind} {item.folder} is {item.place.stage.value}: {reason}", f"[{item.key}] stage")
