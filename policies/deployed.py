"""What is deployed somewhere: an overlay before it is built, and the objects of one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.errors import SourceError
from policies.evidence import Gap, Location, Place
from policies.intent.places import PlaceIntent
from policies.read.documents import Document
from policies.read.kustomization import Sources
from policies.read.kustomize import Build
from policies.read.provenance import rendered_documents


@dataclass(frozen=True)
class Deployed:
    """The objects of one place: an overlay as it is rendered, a folder of plain manifests, or what a cluster's API gave.

    `statement` is what `platform.toml` says of it; `sources` and `build` are there for an overlay alone. `gap` says why there are
    no objects where there are none.
    """

    place: Place
    folder: str
    documents: tuple[Document, ...] = ()
    statement: PlaceIntent | None = None
    key: str = ""
    sources: Sources | None = None
    build: Build | None = None
    gap: Gap | None = None

    @property
    def is_overlay(self) -> bool:
        """Whether kustomize renders it."""
        return self.sources is not None


@dataclass(frozen=True)
class Overlay:
    """An overlay as it was found or stated, before it is built."""

    place: Place
    folder: str
    key: str
    statement: PlaceIntent | None
    sources: Sources | None
    error: SourceError | None = None


def render(overlay: Overlay, builds: Mapping[str, Build]) -> Deployed:
    """Give an overlay's objects as kustomize built them, or say why there are none."""
    place, sources = overlay.place, overlay.sources
    if sources is None:
        assert overlay.error is not None  # noqa: S101 (collecting gives the one or the other)
        error = overlay.error
        unreadable = Gap(place.name, str(error), place, (Location(error.file, error.line),), unreadable=True)
        return Deployed(place, overlay.folder, statement=overlay.statement, key=overlay.key, gap=unreadable)
    build = builds[sources.overlay]
    documents: tuple[Document, ...] = ()
    reason = "it does not build, even without what keeps it from building (BUILD-01a)"
    if build.output is not None:
        documents = tuple(rendered_documents(sources, build.output))
        reason = "the overlay renders no object at all"
    nothing = Gap(place.name, reason, place, (Location(sources.by_depth[0].file, 1),), promised=True)
    gap = None if documents else nothing
    return Deployed(place, overlay.folder, documents, overlay.statement, overlay.key, sources, build, gap)
