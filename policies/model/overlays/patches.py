"""Patches of overlays, and what of them is in what kustomize renders.

kustomize drops without a word what it cannot merge: an entry of a Service's ports, where only one of the two sides states the
protocol (the list is merged by port and protocol), and a patch whose target selects nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.model.objects.inventory import inventory_of
from policies.model.overlays.idle_patches import changes_nothing
from policies.model.overlays.patch_targets import Target
from policies.model.workloads.pods import mapping, not_looked_at
from policies.platform import Platform
from policies.read.documents import Document, expand, spell, value_at
from policies.read.kustomization import Kustomization, Use
from policies.read.kustomize_patches import patches_of
from policies.read.yaml import FieldPath, YamlDocument

_IDENTITY = frozenset({("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")})
"""Fields by which a patch finds its object."""

_KEYS = ("name", "containerPort", "port", "mountPath", "devicePath", "key", "ip", "topologyKey", "uid", "type")
"""By what the entries of lists are merged (`x-kubernetes-patch-merge-key` of the API's schemas)."""


@dataclass(frozen=True)
class Patch:
    """A patch, the rendered objects that it is for, and each field that it sets and that none of them has.

    `gone` says that its object is among the sources, but not among what is rendered; `shared`, that it is a component's;
    `incomplete` says what the overlay was rendered without. `lost` are lines, and what was lost there; `idle` says that it sets what is so already.
    """

    noun: ClassVar[str] = "patch"
    only_in_files: ClassVar[bool] = True

    place: Place
    file: str
    line: int
    target: str
    objects: tuple[Document, ...]
    gone: bool
    shared: bool
    incomplete: str | None
    lost: tuple[tuple[int, str], ...]
    idle: bool

    @property
    def id(self) -> str:
        """Place, file and the object that it is for."""
        return f"{self.place.name}:{self.file}:{self.target}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the patch's first line as the place."""
        return Evidence(message.format(*values), (Location(self.file, self.line, via="patch"),))

    def blame(self) -> Evidence:
        """Give the line of each field that was lost."""
        locations = dict.fromkeys(Location(self.file, line, via="patch") for line, _ in self.lost)
        return Evidence("; ".join(text for _, text in self.lost), tuple(locations))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Patch | Gap]:
        """Yield every patch of every overlay."""
        for item in platform.deployed:
            if item.sources is None:
                continue
            yield from not_looked_at(item)
            for kustomization in item.sources.by_depth if item.documents else ():
                for file, document, offset, target in patches_of(item.sources, kustomization):
                    yield cls._of(item, kustomization, file, document, offset, target)

    @classmethod
    def _of(
        cls,
        item: Deployed,
        kustomization: Kustomization,
        file: str,
        document: YamlDocument,
        offset: int,
        target: Mapping[str, Any],
    ) -> Patch:
        wanted = Target.of(target or mapping(document.data))
        objects = tuple(one for one in item.documents if wanted.selects(one))
        gone = not objects and any(wanted.selects(one) for one in _sources(item))
        lost: list[tuple[int, str]] = []
        if isinstance(document.data, dict):
            for one in objects:
                for path, text in _lost(document.data, one, _is_rewritten(item)):
                    lost.append((document.line_of(path) + offset, f"{one}: {text}"))
        line, told, shared = document.line + offset, tuple(dict.fromkeys(lost)), kustomization.is_component
        sure = item.sources is not None and not shared and not _is_rewritten(item)
        idle = sure and item.sources is not None and changes_nothing(item.sources, document, objects)
        incomplete = inventory_of(item).incomplete
        return cls(item.place, file, line, str(wanted), objects, gone, shared, incomplete, told, idle)


def _sources(item: Deployed) -> Iterator[Document]:
    """Yield the objects that the overlay is made from, before anything deletes one."""
    sources = item.sources
    for entry in sources.entries if sources else ():
        if sources and entry.use is Use.DIRECTORY_OR_MANIFEST:
            for document in sources.manifests.get(entry.target, ()):
                yield from (
                    Document(body, _NoOrigin(str(value_at(body, ("metadata", "name")))))
                    for _, body in expand(document.data)
                )


@dataclass(frozen=True)
class _NoOrigin:
    source_name: str

    def locate(self, path: FieldPath = ()) -> Location:  # noqa: ARG002
        return Location("")


_HARMLESS = frozenset(
    "NamespaceTransformer LabelTransformer AnnotationsTransformer PrefixTransformer SuffixTransformer".split()  # noqa: SIM905
)
"""Transformers that set nothing that a patch sets."""


def _is_rewritten(item: Deployed) -> bool:
    """Whether values are written over by what names no file and line: replacements, variables and most transformers."""
    sources = item.sources
    if sources is None:
        return False
    written = (
        document
        for entry in sources.entries
        for document in sources.manifests.get(entry.target, ())
        if entry.position[0] == "transformers"
    )
    kinds = {mapping(document.data).get("kind") for document in written}
    return any(field in one.data for one in sources.by_depth for field in ("replacements", "vars")) or bool(
        kinds - _HARMLESS
    )


@dataclass(frozen=True)
class _Loss:
    """What a patch sets and the result has not: where in the patch and, where it has another value, where in the result."""

    path: FieldPath
    where: FieldPath | None
    text: str


def _lost(patch: dict[str, Any], document: Document, rewritten: bool) -> Iterator[tuple[FieldPath, str]]:
    if patch.get("$patch") == "delete":
        yield ("$patch",), "it was to be deleted, and is there"
        return
    for loss in _missing(patch, document.body, (), ()):
        # What another patch or a transformer has set after this one has its effect.
        overridden = loss.where is not None and (rewritten or bool(document.origin.locate(loss.where).via))
        if loss.path not in _IDENTITY and not overridden:
            yield loss.path, loss.text


def _missing(wanted: Any, there: Any, path: FieldPath, where: FieldPath) -> Iterator[_Loss]:
    if isinstance(wanted, dict) and isinstance(there, dict):
        for key, value in wanted.items():
            here = (*path, key)
            if key.startswith("$") or value is None or (key not in there and value in ({}, [])):
                continue  # A directive, a field that is taken away, or nothing.
            if key in there:
                yield from _missing(value, there[key], here, (*where, key))
            else:
                yield _Loss(here, None, f"{spell(here)} is not in what is rendered")
    elif isinstance(wanted, list) and isinstance(there, list):
        for index, entry in enumerate(wanted):
            yield from _missing_entry(entry, there, (*path, index), where)
    elif wanted != there and not _renamed(path, wanted, there):
        yield _Loss(path, where, f"{spell(path)} is another value in what is rendered")


def _missing_entry(entry: Any, there: list[Any], path: FieldPath, where: FieldPath) -> Iterator[_Loss]:
    if not isinstance(entry, dict):
        if entry not in there:
            yield _Loss(path, where, f"{spell(path)} is not in what is rendered")
        return
    key = next((key for key in _KEYS if key in entry), "")
    others = [(index, one) for index, one in enumerate(there) if isinstance(one, dict)]
    same = [(index, one) for index, one in others if one.get(key) == entry.get(key)]
    renamed = [(index, one) for index, one in others if _renamed((key,), entry.get(key), one.get(key))]
    if entry.get("$patch") == "delete":
        if key and same:
            yield _Loss((*path, "$patch"), None, f"{spell(path)} was to be deleted, and is there")
        return
    found = [list(_missing(entry, one, path, (*where, index))) for index, one in same or renamed]
    if found:
        yield from min(found, key=len)
    elif set(entry) - {"$patch"}:
        yield _Loss(path, None, f"{spell(path)} is not in what is rendered")


def _renamed(path: FieldPath, wanted: Any, there: Any) -> bool:
    """Whether a name or an image is there with what kustomize put before or behind it: a prefix, a suffix, a hash, a digest."""
    is_name = str(path[-1:]).lower().rstrip("',)").endswith(("name", "image"))
    return is_name and isinstance(wanted, str) and isinstance(there, str) and wanted in there
