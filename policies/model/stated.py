"""What `platform.toml` states of places: one value a place, and what is said where none is stated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.evidence import PLATFORM, Gap, Location
from policies.intent import FILE
from policies.model.pods import not_looked_at
from policies.platform import Deployed, Platform


def stated(
    platform: Platform, key: str, what: str, released: bool | None = None, table: bool = False
) -> Iterator[tuple[Deployed, Any] | Gap]:
    """Yield each place that states a key, with the value; `released` chooses the stage, None both.

    A place of which other things are stated, and not this, is named, but for a `table`, which only some places have. Where no place
    states it one gap says so, with the key.
    """
    found = False
    for item in platform.deployed:
        if released is not None and item.place.released is not released:
            continue
        value = getattr(item.statement, key.replace("-", "_")) if item.statement is not None else None
        if value is not None:
            found = True
            gaps = tuple(not_looked_at(item))
            yield from gaps or ((item, value),)
        elif item.statement is not None and not table:
            found = True
            yield Gap(
                f"{item.place.name}:{key}", f"platform.toml does not state {what}: [{item.key}] {key}", item.place
            )
    if not found:
        stage = {None: "place", True: "release", False: "development place"}[released]
        where = f"[overlays.NAME.{key}]" if table else f"[overlays.NAME] {key}"
        yield Gap(f"no stated {key}", f"platform.toml states of no {stage} {what}: {where}", PLATFORM)


def places_of(item: Deployed) -> tuple[Location, ...]:
    """Give where a thing is stated and where it would be added: `platform.toml` and the place's own kustomization."""
    own = Location(item.sources.by_depth[0].file, 1) if item.sources else Location(item.folder)
    return (Location(FILE), own)
