"""A kustomization: its file, its entries that name files or directories, and what is found of all that it is made of."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from policies.errors import SourceError
from policies.read import yaml
from policies.read.documents import expand, value_at
from policies.read.environment import EnvironmentFile
from policies.read.tree import Tree
from policies.read.yaml import FieldPath, YamlDocument

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""The names that kustomize looks for, in its order (`konfig.RecognizedKustomizationFileNames`)."""

PLUGINS = ("generators", "transformers", "validators")


class Use(Enum):
    """What an entry of a kustomization names."""

    DIRECTORY_OR_MANIFEST = "a manifest or a kustomization"
    DIRECTORY = "a component"
    PATCH = "a patch"
    SETTINGS = "a file of settings"
    ENVIRONMENT = "an environment file"
    CONTENT = "a file whose content becomes a value"


class DefectKind(Enum):
    """Why an entry was left out, or an overlay refused."""

    REMOTE = "remote"
    HELM = "helm"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"  # A key that stands twice, or another thing in a YAML file that can be read past.
    REFUSED = "refused"


@dataclass(frozen=True)
class Defect:
    """Something in an overlay's sources that keeps kustomize from building it as it stands; `repair` says what was done in the copy."""

    kind: DefectKind
    file: str
    line: int | None
    text: str
    repair: str


@dataclass(frozen=True)
class Entry:
    """One entry of a kustomization that names a file or a directory.

    `position` is its path in the kustomization's document, `named` what it says, `target` the path relative to the platform
    that this means. A file that a Secret is made from may be absent and have an `example` instead.
    """

    kustomization: str
    position: FieldPath
    line: int
    use: Use
    named: str
    target: str
    generates_secret: bool = False
    example: str | None = None


@dataclass(frozen=True)
class SourceObject:
    """An object as a manifest holds it: the file, the document, its place in the document, its body and its name."""

    file: str
    document: YamlDocument
    base: FieldPath
    body: Mapping[str, Any]
    name: str


@dataclass
class Sources:
    """All that one overlay is built from: its kustomizations by folder, the files they name, and what is wrong with them.

    `environments` and `contents` are by path; where a Secret's file has an example they hold the example's. `inline` holds the
    patches that stand in a kustomization, by file and position. `links` says which path is a link to which. `left_out` lists,
    by kustomization file, the positions that kustomize must not see. `real_keys` are the keys (never the values) of a Secret's
    real files, where they are there beside their examples.
    """

    overlay: str
    kustomizations: dict[str, Kustomization] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    manifests: dict[str, tuple[YamlDocument, ...]] = field(default_factory=dict)
    environments: dict[str, EnvironmentFile] = field(default_factory=dict)
    real_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    inline: dict[tuple[str, FieldPath], tuple[YamlDocument, ...]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, list[FieldPath]] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)

    @cached_property
    def objects(self) -> Mapping[str, tuple[SourceObject, ...]]:
        """The objects that its manifests (not its patches) hold, by kind; ask when all of them have been read."""
        found: dict[str, list[SourceObject]] = {}
        files = dict.fromkeys(entry.target for entry in self.entries if entry.use is Use.DIRECTORY_OR_MANIFEST)
        for file in files:
            for document in self.manifests.get(file, ()):
                for base, body in expand(document.data):
                    name = str(value_at(body, ("metadata", "name")) or "")
                    found.setdefault(str(body["kind"]), []).append(SourceObject(file, document, base, body, name))
        return {kind: tuple(listed) for kind, listed in found.items()}

    @cached_property
    def objects_by_name(self) -> Mapping[tuple[str, str], tuple[SourceObject, ...]]:
        """The same by kind and name."""
        found: dict[tuple[str, str], list[SourceObject]] = {}
        for kind, listed in self.objects.items():
            for one in listed:
                found.setdefault((kind, one.name), []).append(one)
        return {key: tuple(listed) for key, listed in found.items()}

    @cached_property
    def entries_by_file(self) -> Mapping[str, dict[FieldPath, Entry]]:
        """The entries by the file of their kustomization and their position in it; ask when all of them have been read."""
        found: dict[str, dict[FieldPath, Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.kustomization, {})[entry.position] = entry
        return found

    def uses(self, file: str) -> bool:
        """Whether the overlay is made from this manifest, patch or kustomization."""
        return file in self.manifests or any(item.file == file for item in self.kustomizations.values())

    @property
    def by_depth(self) -> tuple[Kustomization, ...]:
        """The kustomizations, the overlay's own first: a later transformation is nearer to the overlay."""
        return tuple(self.kustomizations.values())


@dataclass(frozen=True)
class Kustomization:
    """One kustomization file: the folder it stands in, its path, its document."""

    folder: str
    file: str
    document: YamlDocument
    raw: bytes

    @property
    def data(self) -> dict[str, Any]:
        """Its fields."""
        return self.document.data if isinstance(self.document.data, dict) else {}

    def line_of(self, *position: str | int) -> int:
        """The line of a field of it."""
        return self.document.line_of(position)

    @property
    def is_component(self) -> bool:
        """Whether it can only be built as a part of another."""
        return self.data.get("kind") == "Component"


def kustomization_file(tree: Tree, folder: str) -> str | None:
    """Give the path of the kustomization in a folder, or None."""
    for name in NAMES:
        path = posixpath.join(folder, name) if folder not in ("", ".") else name
        if tree.is_file(path):
            return path
    return None


def read_kustomization(tree: Tree, file: str) -> Kustomization:
    """Read one kustomization file. Raises SourceError where it is not one mapping."""
    raw = tree.read(file)
    documents = yaml.parse(raw, file)
    if len(documents) != 1 or not isinstance(documents[0].data, dict):
        raise SourceError(file, f"is not one mapping, as a kustomization is, but {len(documents)} documents", 1)
    return Kustomization(posixpath.dirname(file) or ".", file, documents[0], raw)


def entries_of(kustomization: Kustomization) -> Iterator[tuple[FieldPath, Use, str, bool]]:
    """Yield each entry that names a file or directory: position, use, what it names, whether it makes a Secret."""
    data = kustomization.data
    for name in ("resources", "bases"):
        yield from ((position, Use.DIRECTORY_OR_MANIFEST, named, False) for position, named in _strings(data, name))
    yield from ((position, Use.DIRECTORY, named, False) for position, named in _strings(data, "components"))
    for name in ("patchesStrategicMerge", *PLUGINS, "crds", "configurations"):
        use = Use.PATCH if name == "patchesStrategicMerge" else Use.SETTINGS
        inline = name == "patchesStrategicMerge" or name in PLUGINS
        yield from (
            (position, use, named, False)
            for position, named in _strings(data, name)
            if not (inline and _is_yaml(named))
        )
    for name, use in (("patches", Use.PATCH), ("patchesJson6902", Use.PATCH), ("replacements", Use.SETTINGS)):
        for index, item in mappings(data, name):
            if isinstance(item.get("path"), str):
                yield (name, index, "path"), use, item["path"], False
    if isinstance(data.get("openapi"), dict) and isinstance(data["openapi"].get("path"), str):
        yield ("openapi", "path"), Use.SETTINGS, data["openapi"]["path"], False
    for name in ("configMapGenerator", "secretGenerator"):
        secret = name == "secretGenerator"
        for index, item in mappings(data, name):
            if isinstance(item.get("env"), str):
                yield (name, index, "env"), Use.ENVIRONMENT, item["env"], secret
            for position, named in _strings(item, "envs"):
                yield (name, index, *position), Use.ENVIRONMENT, named, secret
            for position, named in _strings(item, "files"):
                yield (name, index, *position), Use.CONTENT, named.partition("=")[2] or named, secret


def inline_yaml(data: dict[str, Any]) -> Iterator[tuple[FieldPath, str]]:
    """Yield what stands as YAML in a kustomization's own text: patches, generators, transformers."""
    for name in ("patches", "patchesJson6902"):
        for index, item in mappings(data, name):
            if isinstance(item.get("patch"), str):
                yield (name, index, "patch"), item["patch"]
    for name in ("patchesStrategicMerge", *PLUGINS):
        yield from ((position, text) for position, text in _strings(data, name) if _is_yaml(text))


def _is_yaml(text: str) -> bool:
    return "\n" in text or text.lstrip().startswith("{")


def _strings(data: dict[str, Any], name: str) -> Iterator[tuple[FieldPath, str]]:
    values = data.get(name)
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, str):
            yield (name, index), value


def mappings(data: dict[str, Any], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the items of one of a kustomization's lists that are mappings, each with its position."""
    values = data.get(name)
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, dict):
            yield index, value
