"""Container images: how they are named, what is a placeholder, and how they came to be pinned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.workloads import Container, containers, containers_of, identify
from policies.platform import Platform
from policies.read.documents import Document, FileOrigin, expand

_REFERENCE = re.compile(
    r"(?:(?P<registry>(?:localhost|[a-zA-Z0-9.-]+\.[a-zA-Z0-9.-]+|[a-zA-Z0-9.-]+(?=:))(?::[0-9]+)?|\[[0-9a-fA-F:]+\](?::[0-9]+)?)/)?"
    r"(?P<name>[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\Z"
)
"""The grammar of distribution/reference, which the kubelet parses images by."""

_PLACEHOLDER = re.compile(
    r"(?ix) (?:^|[^a-z0-9]) (?: your | place-?_?holders? | change[-_]?(?:me|it|this) | replace[-_]?(?:me|with|this) | fix[-_]?me | insert[-_]?here"
    r" | to[-_]?be[-_]?(?:set|defined|replaced) | x{3,} ) (?:$|[^a-z0-9]) | [<>{}$] | \.\.\."
)
_PLACEHOLDER_PART = re.compile(r"(?i)(?:todo|tbd|dummy|fixme|none|null|undefined|unset|image[-_]?tag|image[-_]?name|tag|registry|repository|my[-_]?registry|ecr[-_]?uri|account[-_]?id)\Z")
_RESERVED_HOST = re.compile(r"(?i)(?:^|\.)example(?:\.(?:com|org|net))?(?::\d+)?\Z|\.(?:invalid|test)(?::\d+)?\Z|^0{12}\.dkr\.ecr\.")
"""Hosts that never exist (RFC 2606, RFC 6761), and an AWS account of zeros."""


@dataclass(frozen=True)
class Image:
    """A parsed image; every part but the text is None where the text is no reference or has no such part."""

    text: str
    registry: str | None = None
    name: str | None = None
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> Image:
        """Take a reference apart by the grammar of distribution/reference."""
        match = _REFERENCE.match(text)
        return cls(text, match["registry"], match["name"], match["tag"], match["digest"]) if match else cls(text)

    @property
    def is_reference(self) -> bool:
        """Whether a kubelet could parse it."""
        return self.name is not None

    @property
    def effective_tag(self) -> str | None:
        """The tag that is pulled: `latest` where neither a tag nor a digest is given; None where a digest alone decides."""
        return self.tag or (None if self.digest else "latest")

    @property
    def placeholder(self) -> str | None:
        """What in it stands for something that nobody has filled in, in words, or None."""
        if not self.text.strip():
            return "it is empty"
        shown = _PLACEHOLDER.search(self.text)
        if shown:
            return f"{shown[0].strip('-_/.:@ ') or shown[0]!r} stands for something else"
        if not self.is_reference:
            return "it is no image's name, so something was to be filled in"
        if self.registry and _RESERVED_HOST.search(self.registry):
            return f"the registry {self.registry!r} can never exist"
        for what, part in (("registry", self.registry), *(("name", part) for part in (self.name or "").split("/")), ("tag", self.tag)):
            if part and _PLACEHOLDER_PART.match(part):
                return f"the {what} {part!r} stands for something else"
        return _made_up(self.digest)


def _made_up(digest: str | None) -> str | None:
    """Say what shows that a digest was typed and not computed: the hexadecimal digits repeat."""
    if digest is None:
        return None
    algorithm, _, digits = digest.partition(":")
    if algorithm == "sha256" and len(digits) != 64:
        return f"the digest has {len(digits)} digits, and sha256 has 64"
    for period in range(1, len(digits) // 2 + 1):
        if digits == (digits[:period] * len(digits))[: len(digits)]:
            return "the digest is all zero" if set(digits) == {"0"} else f"the digest repeats {digits[:period]!r}"
    return None


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
                    for document in documents:
                        for base, body in expand(document.data):
                            yield from cls._of(platform.place_of_source(file), file, Document(body, FileOrigin(file, document, base)))
            for document in item.documents if item.sources is None else ():
                if isinstance(document.origin, FileOrigin):
                    yield from cls._of(item.place, document.origin.file, document)

    @classmethod
    def _of(cls, place: Place, file: str, document: Document) -> Iterator[SourceImage]:
        yield from (cls(place, container, file) for container in containers(place, [document]) if "image" in container.body)


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

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeployedImage | Gap]:
        """Yield the image of every container of every place; a stated place without one is a broken promise."""
        for item in platform.deployed:
            found = list(containers_of(item))
            if not found:
                yield item.gap or Gap(item.place.name, f"{item.folder} holds no container", item.place, promised=item.statement is not None)
            by_digest: dict[str, set[str]] = {}
            for container in found:
                image = Image.parse(str(container.body.get("image") or ""))
                if image.digest and image.name:
                    by_digest.setdefault(image.digest, set()).add(image.name.rpartition("/")[2])
            for container in found:
                image = Image.parse(str(container.body.get("image") or ""))
                own = (image.name or "").rpartition("/")[2]
                yield cls(container, tuple(sorted(by_digest.get(image.digest or "", set()) - {own})))


@dataclass(frozen=True)
class ReleasedImage(DeployedImage):
    """The image of a container in a place where users are served."""

    noun: ClassVar[str] = "image of a release"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeployedImage | Gap]:
        """Yield the images of releases; a platform without a release is not judged on them."""
        found = False
        for subject in super().collect(platform):
            if subject.place.released:
                found = True
                yield subject
        if not found:
            yield Gap("no release", "no overlay is a release; state it: [overlays.NAME] stage = \"release\"", PLATFORM)


@dataclass(frozen=True)
class OverlayImage(ReleasedImage):
    """The image of a container that a release overlay renders, with a digest."""

    noun: ClassVar[str] = "image with a digest in a release overlay"
    only_in_files: ClassVar[bool] = True

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeployedImage | Gap]:
        """Yield the images with a digest of the overlays that kustomize renders."""
        overlays = {item.place.name for item in platform.deployed if item.is_overlay}
        for subject in super().collect(platform):
            if isinstance(subject, Gap) or (subject.place.name in overlays and subject.image.digest):
                yield subject


def describe(container: Container) -> str:
    """Name a container in a sentence."""
    return identify(container.place, container.document).partition(":")[2] + f", container {container.name}"
