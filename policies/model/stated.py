"""What `platform.toml` states of places: one value a place, and what is said where none is stated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.deployed import Deployed
from policies.evidence import PLATFORM, Gap, Location
from policies.intent.intent import FILE
from policies.model.workloads.pods import not_looked_at
from policies.platform import Platform


def stated(
    platform: Platform, key: str, what: str, released: bool | None = None, table: bool = False
) -> Iterator[tuple[Deployed, Any] | Gap]:
    """Yield each place that states a key, with the value; `released` chooses the stage, None both.

    A place of which other things are stated, and not this, is named, but for a `table`, which only some places have. Where no place
    states it, or there is none of the stage, one gap says so, with the key.
    """
    found = False
    items = [item for item in platform.deployed if released in (None, item.place.released)]
    for item in items:
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
    if not items:
        yield Gap(f"no stated {key}", _none(released), PLATFORM)
    elif not found:
        stage = {None: "place", True: "release", False: "development place"}[released]
        where = f"[overlays.NAME.{key}]" if table else f"[overlays.NAME] {key}"
        yield Gap(f"no stated {key}", f"platform.toml states of no {stage} {what}: {where}", PLATFORM)


def no_release(platform: Platform) -> Iterator[Gap]:
    """Say, where it is so, that users are served nowhere: what is demanded of releases alone is not judged."""
    if not any(item.place.released for item in platform.deployed):
        yield Gap("no release", _none(True), PLATFORM)


def _none(released: bool | None) -> str:
    if released is None:
        return "the platform has no overlay: [overlays.NAME] path states one"
    return f"the platform has no {'release' if released else 'development place'}: [overlays.NAME] stage states one"


def places_of(item: Deployed) -> tuple[Location, ...]:
    """Give where a thing is stated and where it would be added: `platform.toml` and the place's own kustomization."""
    own = Location(item.sources.by_depth[0].file, 1) if item.sources else Location(item.folder)
    return (Location(FILE), own)
