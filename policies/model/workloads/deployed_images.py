"""Images where they stand: in source manifests, in what is deployed, and what decided them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.model.stated import no_release
from policies.model.workloads.images import Image, Part
from policies.model.workloads.workload import Container, containers, containers_of, is_workload
from policies.platform import Platform
from policies.read.documents import Document, FileOrigin, expand
from policies.read.provenance import RenderedOrigin
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class SourceImage:
    """An image as a source manifest writes it, before any overlay changes it."""

    noun: ClassVar[str] = "image in a source manifest"
    only_in_files: ClassVar[bool] = True

    place: Place
    container: Container
    file: str

    @cached_property
    def image(self) -> Image:
        """The image."""
        return Image.parse(str(self.container.body.get("image") or ""))

    @property
    def id(self) -> str:
        """File, object and container."""
        return f"{self.file}:{self.container.document}/{self.container.name}"

    @property
    def meaning(self) -> str:
        """Place, object and container, whatever the file is called."""
        return self.container.id

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the image's line as the place."""
        return Evidence(message.format(*values), (self.container.locate("image"),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[SourceImage]:
        """Yield the image of every container in every manifest and patch that something deployed is made from."""
        seen: set[str] = set()
        for item in platform.deployed:
            for file, documents in item.sources.manifests.items() if item.sources else ():
                if file not in seen:
                    seen.add(file)
                    place = platform.place_of_source(file)
                    for read in documents:
                        for base, body in expand(read.data):
                            yield from cls._of(place, file, Document(body, FileOrigin(file, read, base)))
            for document in item.documents if item.sources is None else ():
                if isinstance(document.origin, FileOrigin):
                    yield from cls._of(item.place, document.origin.file, document)

    @classmethod
    def _of(cls, place: Place, file: str, document: Document) -> Iterator[SourceImage]:
        yield from (
            cls(place, container, file) for container in containers(place, [document]) if "image" in container.body
        )


_IN_ENTRY: dict[Part, str] = {"name": "newName", "tag": "newTag", "digest": "digest"}
"""The fields of kustomize's `images` entries."""


@dataclass(frozen=True)
class DeployedImage:
    """The image of a container as it is deployed. `twins` are other images of the place with the same digest."""

    noun: ClassVar[str] = "image"
    only_in_files: ClassVar[bool] = False

    container: Container
    twins: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where it is deployed."""
        return self.container.place

    @cached_property
    def image(self) -> Image:
        """The image."""
        return Image.parse(str(self.container.body.get("image") or ""))

    @property
    def id(self) -> str:
        """Place, object and container."""
        return self.container.id

    @cached_property
    def location(self) -> Location:
        """What decided it: the manifest, a patch, or an `images` entry."""
        return self.container.locate("image")

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the line that decided the image as the place."""
        return Evidence(message.format(*values), (self.location,))

    def blame(self, part: Part, message: str, *values: object) -> Evidence:
        """Give the line that decided a part of the image as the place: an `images` entry has one for each."""
        return Evidence(message.format(*values), (self._line_of(part),))

    def _line_of(self, part: Part) -> Location:
        origin, location = self.container.document.origin, self.location
        if isinstance(origin, RenderedOrigin) and location.via == "images entry":
            for kustomization in origin.sources.by_depth:
                listed = kustomization.data.get("images") if kustomization.file == location.source else None
                for index, entry in enumerate(listed if isinstance(listed, list) else ()):
                    lines = {
                        field: kustomization.line_of("images", index, field)
                        for field in _IN_ENTRY.values()
                        if field in entry
                    }
                    if location.line in lines.values() and _IN_ENTRY[part] in lines:
                        return Location(location.source, lines[_IN_ENTRY[part]], via=location.via)
        return location

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeployedImage | Gap]:
        """Yield the image of every container and custom resource of every place; a stated overlay without one is a broken promise."""
        found = {id(item): [*containers_of(item), *_in_custom_resources(item)] for item in platform.deployed}
        released = _by_digest(one for item in platform.deployed if item.place.released for one in found[id(item)])
        for item in platform.deployed:
            listed = found[id(item)]
            if not listed and (gap := _nothing(platform, item)) is not None:
                yield gap
            by_digest = released if item.place.released else _by_digest(listed)
            for container in listed:
                image = Image.parse(str(container.body.get("image") or ""))
                others = by_digest.get(image.digest or "", {}).items()
                yield cls(container, tuple(sorted(name for last, name in others if last != image.last_name)))


def _nothing(platform: Platform, item: Deployed) -> Gap | None:
    """Say why a place has no image to judge; nothing where that is no wonder: plain manifests may be of other things."""
    if item.gap is not None:
        return item.gap
    if not item.key.startswith("manifests."):
        reason = f"{item.folder} holds no container"
        return Gap(item.place.name, reason, item.place, promised=item.statement is not None)
    error = platform.unreadable_below(item.folder)
    if error is None:
        return None
    reason = f"{error.file} cannot be read (BUILD-01c), and nothing else in {item.folder} holds a container"
    return Gap(item.place.name, reason, item.place, (Location(error.file, error.line),))


_OF_KUBERNETES = re.compile(r"(?:\A|\.k8s\.io/)[^/]*\Z|\A(?:apps|batch|autoscaling|policy)/")
"""Versions of groups that Kubernetes itself has."""


def _in_custom_resources(item: Deployed) -> Iterator[Container]:
    """Yield the specs of custom resources that name an image, with a tag or digest, for an operator to run (Prometheus, a database)."""
    for document in item.documents:
        image = document.get("spec", "image")
        if isinstance(image, str) and not _OF_KUBERNETES.search(document.api_version) and not is_workload(document):
            parsed = Image.parse(image)
            if parsed.tag or parsed.digest:
                yield Container(item.place, document, _SPEC, document.get("spec"))


_SPEC: FieldPath = ("spec",)


def _by_digest(listed: Iterable[Container]) -> dict[str, dict[str, str]]:
    """Give for each digest the images that have it, whole, by the last part of their name: a mirror's is the same image."""
    found: dict[str, dict[str, str]] = {}
    for container in listed:
        image = Image.parse(str(container.body.get("image") or ""))
        if image.digest and image.name:
            whole = f"{image.registry}/{image.name}" if image.registry else image.name
            found.setdefault(image.digest, {}).setdefault(image.last_name, whole)
    return found


@dataclass(frozen=True)
class ReleasedImage(DeployedImage):
    """The image of a container in a place where users are served; what an operator runs is pinned by its own means."""

    noun: ClassVar[str] = "image of a release"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeployedImage | Gap]:
        """Yield the images of releases; a platform without a release is not judged on them."""
        for subject in super().collect(platform):
            if subject.place.released and (isinstance(subject, Gap) or subject.container.path != _SPEC):
                yield subject
        yield from no_release(platform)


@dataclass(frozen=True)
class OverlayImage(ReleasedImage):
    """The image of a container that a release overlay renders."""

    noun: ClassVar[str] = "image in a release overlay"
    only_in_files: ClassVar[bool] = True

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeployedImage | Gap]:
        """Yield the images of the overlays that kustomize renders."""
        overlays = {item.place.name for item in platform.deployed if item.is_overlay}
        for subject in super().collect(platform):
            if isinstance(subject, Gap) or subject.place.name in overlays:
                yield subject
