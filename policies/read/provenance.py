"""Which line of the platform's own files decided a field of what kustomize rendered.

kustomize says which file an object came from, not which patch, `images` entry or generator set a field of it. The last layer
that sets the field to the value it has in the end decided it: patches from the overlay inwards, then kustomize's own
transformers, then the object's own manifest.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.errors import SourceError
from policies.evidence import Location
from policies.read import yaml
from policies.read.documents import Document, expand, value_at
from policies.read.kustomization import Kustomization, Sources
from policies.read.yaml import FieldPath, YamlDocument

_ORIGIN = "config.kubernetes.io/origin"

_IDENTITIES = ("name", "containerPort", "port", "mountPath", "key", "ip", "host", "topologyKey", "path")
"""What tells the items of a list apart, in the order in which it is tried (the API's own merge keys, and what is unique in use)."""


@dataclass(frozen=True)
class RenderedOrigin:
    """An object that kustomize rendered from an overlay's sources."""

    sources: Sources
    body: Mapping[str, Any]
    path: str | None
    configured_in: str | None

    @property
    def source_name(self) -> str:
        """The object's name in its own manifest or generator, before prefixes, suffixes and hashes."""
        own = self._own
        if own is not None:
            return str(value_at(own[1].data, (*own[2], "metadata", "name")) or "")
        generators = [str(item.get("name")) for _, _, item in self._generators()]
        return generators[0] if generators else str(value_at(self.body, ("metadata", "name")) or "")

    def locate(self, path: FieldPath = ()) -> Location:
        """Give the file and line that decided the field, and what brought it in."""
        for layer in (self._in_patches, self._in_transformers, self._in_own_manifest, self._in_generators):
            found = layer(path)
            if found is not None:
                return found
        return Location(self.configured_in or self.path or self.sources.by_depth[0].file, 1)

    @cached_property
    def _own(self) -> tuple[str, YamlDocument, FieldPath] | None:
        """The file, document and place in it of the object's own manifest."""
        if self.path is None:
            return None
        best, best_length = None, -1
        rendered = str(value_at(self.body, ("metadata", "name")) or "")
        for document in self.sources.manifests.get(self.path, ()):
            for base, item in expand(document.data):
                name = str(value_at(item, ("metadata", "name")) or "")
                if item.get("kind") == self.body.get("kind") and name in rendered and len(name) > best_length:
                    best, best_length = (self.path, document, base), len(name)
        return best

    def _in_own_manifest(self, path: FieldPath) -> Location | None:
        if self._own is None:
            return None
        file, document, base = self._own
        found = _same_field(self.body, path, value_at(document.data, base))
        return Location(file, document.line_of((*base, *found)))

    def _in_patches(self, path: FieldPath) -> Location | None:
        wanted = value_at(self.body, path)
        if not path or wanted is None:
            return None
        for kustomization in self.sources.by_depth:
            for file, document, offset, target in _patches(self.sources, kustomization):
                if isinstance(document.data, list):
                    found = self._in_operations(document, path, wanted) if self._is_target(target) else None
                elif self._is_target(target or document.data):
                    field = _same_field(self.body, path, document.data)
                    found = field if len(field) == len(path) and value_at(document.data, field) == wanted else None
                else:
                    found = None
                if found is not None:
                    return Location(file, document.line_of(found) + offset, via="patch")
        return None

    def _in_operations(self, document: YamlDocument, path: FieldPath, wanted: Any) -> FieldPath | None:
        """Find the operation of a JSON patch (RFC 6902) that set the field; positions may have moved since, values have not."""
        pointer = [str(step) for step in path]
        for index, operation in reversed(list(enumerate(document.data))):
            if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
                continue
            steps = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
            rest = path[len(steps) :]
            alike = all(one == other or (other.isdigit() or other == "-") and one.isdigit() for one, other in zip(pointer, steps, strict=False))
            if len(steps) <= len(path) and alike and value_at(operation.get("value"), rest) == wanted:
                return (index, "value", *rest)
        return None

    def _is_target(self, target: Mapping[str, Any]) -> bool:
        kind = target.get("kind")
        name = target.get("name") or value_at(target, ("metadata", "name"))
        own = str(value_at(self.body, ("metadata", "name")) or "")
        # A target without a name selects by label or annotation: that the value is the same is what then tells.
        return kind in (None, self.body.get("kind")) and (name is None or str(name).strip("^$") in (self.source_name, own) or _matches(str(name), self.source_name))

    def _in_transformers(self, path: FieldPath) -> Location | None:
        wanted = value_at(self.body, path)
        for kustomization in self.sources.by_depth:
            position = self._transformer(kustomization.data, path, wanted)
            if position is not None:
                return Location(kustomization.file, kustomization.line_of(*position), via=f"{position[0]} entry")
        return None

    def _transformer(self, data: dict[str, Any], path: FieldPath, wanted: Any) -> FieldPath | None:
        if path[-1:] == ("image",) and isinstance(wanted, str):
            for index, entry in _items(data, "images"):
                new_name = str(entry.get("newName") or entry.get("name"))
                rest = wanted.removeprefix(new_name)
                if rest != wanted and rest[:1] in ("", ":", "@"):
                    for field, mark in (("digest", "@"), ("newTag", ":")):
                        if field in entry and rest.endswith(f"{mark}{entry[field]}"):
                            return ("images", index, field)
                    if "newName" in entry:
                        return ("images", index, "newName")
        if path == ("spec", "replicas"):
            for index, entry in _items(data, "replicas"):
                if entry.get("name") == self.source_name and entry.get("count") == wanted:
                    return ("replicas", index, "count")
        if path == ("metadata", "namespace") and wanted is not None and data.get("namespace") == wanted:
            return ("namespace",)
        if path[-2:-1] in (("labels",), ("matchLabels",)):
            common = data.get("commonLabels")
            if isinstance(common, dict) and common.get(str(path[-1])) == wanted is not None:
                return ("commonLabels", path[-1])
            for index, entry in _items(data, "labels"):
                if value_at(entry, ("pairs", path[-1])) == wanted is not None:
                    return ("labels", index, "pairs", path[-1])
        return None

    def _generators(self) -> Iterator[tuple[Kustomization, FieldPath, dict[str, Any]]]:
        """The generators that make or merge into this object, the overlay's own first."""
        field = "secretGenerator" if self.body.get("kind") == "Secret" else "configMapGenerator"
        rendered = str(value_at(self.body, ("metadata", "name")) or "")
        found = [
            (len(str(item.get("name"))), kustomization, (field, index), item)
            for kustomization in self.sources.by_depth
            for index, item in _items(kustomization.data, field)
            if str(item.get("name")) in rendered
        ]
        longest = max((length for length, *_ in found), default=0)
        yield from ((kustomization, position, item) for length, kustomization, position, item in found if length == longest)

    def _in_generators(self, path: FieldPath) -> Location | None:
        first = None
        for kustomization, position, item in self._generators():
            first = first or Location(kustomization.file, kustomization.line_of(*position), via="generator")
            if len(path) == 2 and path[0] in ("data", "stringData", "binaryData"):
                found = self._in_generator(kustomization, position, item, str(path[1]))
                if found is not None:
                    return found
        return first

    def _in_generator(self, kustomization: Kustomization, position: FieldPath, item: dict[str, Any], key: str) -> Location | None:
        for index, literal in enumerate(item.get("literals") or ()):
            if str(literal).partition("=")[0] == key:
                return Location(kustomization.file, kustomization.line_of(*position, "literals", index), via="generator")
        for entry in reversed(self.sources.entries):
            if entry.kustomization != kustomization.file or entry.position[:2] != position:
                continue
            environment = self.sources.environments.get(entry.target)
            for declaration in reversed(environment.declarations if environment else ()):
                if declaration.key == key:
                    return Location(declaration.file, declaration.line, via="generator")
            file_key, _, named = entry.named.rpartition("=")
            if environment is None and (file_key or posixpath.basename(named)) == key:
                return Location(entry.target, 1, via="generator")
        return None


def _items(data: dict[str, Any], field: str) -> Iterator[tuple[int, dict[str, Any]]]:
    values = data.get(field)
    yield from ((index, item) for index, item in enumerate(values if isinstance(values, list) else ()) if isinstance(item, dict))


def _matches(pattern: str, name: str) -> bool:
    import re

    try:
        return bool(re.fullmatch(pattern, name))
    except re.error:
        return False


def _patches(sources: Sources, kustomization: Kustomization) -> Iterator[tuple[str, YamlDocument, int, Mapping[str, Any]]]:
    """Yield the patches of one kustomization, the last applied first: file, document, lines above it in the file, target."""
    by_position = {entry.position: entry for entry in sources.entries if entry.kustomization == kustomization.file}
    for field in ("patchesJson6902", "patches", "patchesStrategicMerge"):
        values = kustomization.data.get(field)
        for index, item in reversed(list(enumerate(values if isinstance(values, list) else ()))):
            target = item.get("target") if isinstance(item, dict) else None
            entry = by_position.get((field, index, "path") if isinstance(item, dict) else (field, index))
            if entry is not None:
                yield from ((entry.target, document, 0, target or {}) for document in sources.manifests.get(entry.target, ()))
                continue
            text = item.get("patch") if isinstance(item, dict) else item
            if isinstance(text, str):
                # A block scalar begins on the line below its key.
                line = kustomization.line_of(field, index, "patch") if isinstance(item, dict) else kustomization.line_of(field, index)
                try:
                    documents = yaml.parse(text.encode(), kustomization.file)
                except SourceError:
                    continue
                yield from ((kustomization.file, document, line, target or {}) for document in documents)


def _same_field(body: Mapping[str, Any], path: FieldPath, other: Any) -> FieldPath:
    """Give the path in `other` of the field at `path` in `body`, as deep as `other` has it: items are matched by what names them."""
    found: FieldPath = ()
    here: Any = body
    for step in path:
        if isinstance(step, int):
            wanted = here[step] if isinstance(here, list) and step < len(here) else None
            position = _same_item(wanted, other, step) if isinstance(other, list) else None
            if position is None:
                return found
            here, other = wanted, other[position]
            found = (*found, position)
        else:
            if not isinstance(other, dict) or step not in other:
                return found
            here = here.get(step) if isinstance(here, dict) else None
            other = other[step]
            found = (*found, step)
    return found


def _same_item(wanted: Any, others: list[Any], index: int) -> int | None:
    if isinstance(wanted, dict):
        for identity in _IDENTITIES:
            if identity in wanted:
                for position, other in enumerate(others):
                    if isinstance(other, dict) and other.get(identity) == wanted[identity]:
                        return position
                return None
    elif wanted in others:
        return others.index(wanted)
    return index if index < len(others) else None


def rendered_documents(sources: Sources, output: str) -> Iterator[Document]:
    """Yield the objects of kustomize's output with their origins. Raises SourceError where the output is out of all bounds."""
    for document in yaml.parse(output.encode(), f"what kustomize made of {sources.overlay}"):
        for _, body in expand(document.data):
            metadata = dict(body.get("metadata") or {})
            annotations = dict(metadata.get("annotations") or {})
            origin = _origin(annotations.pop(_ORIGIN, ""))
            if annotations:
                metadata["annotations"] = annotations
            else:
                metadata.pop("annotations", None)
            cleaned = {**body, "metadata": metadata}
            yield Document(cleaned, RenderedOrigin(sources, cleaned, _platform_path(origin.get("path")), _platform_path(origin.get("configuredIn"))))


def _origin(annotation: str) -> dict[str, Any]:
    lines = (line.partition(": ") for line in str(annotation).splitlines() if not line.startswith(" "))
    return {key: value for key, _, value in lines}


def _platform_path(path: str | None) -> str | None:
    # Paths are relative to the folder of our own kustomization, one below the platform's.
    return None if path is None else posixpath.normpath(posixpath.join("wrapper", path))
