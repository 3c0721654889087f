"""Releases: whether a pipeline builds the platform's images, and sets their digests where the overlays take them from."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.overlays.pipelines import delivery
from policies.model.workloads.images import Image
from policies.model.workloads.pods import listed
from policies.model.workloads.workload import containers
from policies.platform import Platform

_BUILDS = re.compile(
    r"docker(?:\s+buildx)?\s+(?:build|bake)\b|docker/(?:build-push|bake)-action|\bbuildah\s+(?:bud|build)\b|\bpodman\s+build\b|kaniko|\bjib"
    r"|bootBuildImage|\bko\s+(?:build|publish|resolve|apply)\b|\bskaffold\s+(?:build|run)\b|\bpack\s+build\b|\bnerdctl\s+build\b|docker[ -]compose\s+build"
)
_PUSHES = re.compile(
    r"(?m)(?:docker|podman|buildah|nerdctl|crane|skopeo)\s+(?:push|copy)\b|--push\b|^\s*push:\s*(?:\|-?\s*)?[\"']?(?:true|\$\{\{)|kaniko|\bjib|--publish"
    r"|\bko\s+(?:build|publish|resolve|apply)\b|\bskaffold\s+(?:build|run)\b|docker[ -]compose\s+push|type=registry|push=true"
)
_SETS = re.compile(r"kustomize\s+edit\s+set\s+image(?P<images>(?:\\\n|[^\n;|&])*)")
_PINNED = re.compile(r"[\"']?(?P<name>[^\s\"'=]+)=[^\s\"']*@|[\"']?(?P<own>[^\s\"'=@]+)@(?:sha256:|\$)")
_EDITS = tuple(map(re.compile, (r"\bimages\b", r"\bdigest\b", r"kustomization", r"\byq\b|\bsed\b|write")))
"""What a script says that writes the digest itself."""

_EXPRESSION = re.compile(r"\$\{\{[^}]*\}\}")
"""An expression of GitHub's, which may hold blanks."""

_TEMPLATE = re.compile(r"\$\{\{[^}]*\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+")


@dataclass(frozen=True)
class OwnImage:
    """An image of the base that a release overlay pins by an `images` entry: the pipelines that build it, and those that set its digest."""

    noun: ClassVar[str] = "base image of the platform's own"
    only_in_files: ClassVar[bool] = True

    name: str
    location: Location
    built_by: tuple[str, ...]
    set_by: tuple[str, ...]
    pipelines: tuple[str, ...]
    elsewhere: str | None
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """Its name in the base."""
        return self.name

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the image's line in the base, and the pipelines."""
        return Evidence(message.format(*values), (self.location, *(Location(file, 1) for file in self.pipelines)))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[OwnImage | Gap]:
        """Yield each image without a digest of a service that the base registers, where a release overlay's `images` names it."""
        if isinstance(platform.base_sources, Gap):
            yield platform.base_sources
            return
        known, pinned, seen = delivery(platform), _entries(platform), set[str]()
        services = platform.intent.services
        ours = {*services.backend, *services.frontend} if services else set()
        documents = [one for one in platform.base_documents if not ours or one.name in ours]
        for container in containers(PLATFORM, documents):
            image = Image.parse(str(container.body.get("image") or ""))
            name = "/".join(part for part in (image.registry, image.name) if part)
            if name in pinned and not image.digest and name not in seen:
                seen.add(name)
                built = tuple(file for file, text in known.said.items() if _builds(text, name))
                fixed = tuple(file for file, text in known.said.items() if _sets(text, name))
                yield cls(name, container.locate("image"), built, fixed, tuple(known.said), known.elsewhere)


def _entries(platform: Platform) -> set[str]:
    overlays = [item.sources for item in platform.deployed if item.sources is not None and item.place.released]
    entries: Iterator[dict[str, Any]] = (
        entry for sources in overlays for one in sources.by_depth for _, entry in listed(one.data.get("images"))
    )
    return {str(entry.get("name")) for entry in entries}


def _mentions(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(posixpath.basename(name))}(?![\w-])", text))


def _builds(text: str, name: str) -> bool:
    return bool(_BUILDS.search(text)) and bool(_PUSHES.search(text)) and _mentions(text, name)


def _sets(text: str, name: str) -> bool:
    """Whether a pipeline sets the digest of an image: by its name, or by a variable where the pipeline names it elsewhere."""
    for command in _SETS.finditer(_EXPRESSION.sub("${X}", text)):
        for pinned in _PINNED.finditer(command["images"]):
            given = pinned["name"] or pinned["own"]
            pattern = _TEMPLATE.sub("*", given)
            if given == name or ("*" in pattern and fnmatch.fnmatchcase(name, pattern) and _mentions(text, name)):
                return True
    return not _SETS.search(text) and all(one.search(text) for one in _EDITS) and _mentions(text, name)
