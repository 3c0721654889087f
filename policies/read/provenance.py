"""Which line of the platform's own files decided a field of what kustomize rendered.

kustomize does not say which patch, `images` entry or generator set a field. The last layer that sets the field to the value it
has in the end decided it: patches from the overlay inwards, then kustomize's own transformers, then the object's own manifest.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.evidence import Location
from policies.read import yaml
from policies.read.documents import Document, expand, value_at
from policies.read.kustomization import Kustomization, Sources, Use
from policies.read.yaml import FieldPath, YamlDocument

_IDENTITIES = ("name", "containerPort", "port", "mountPath", "key", "ip", "host", "topologyKey", "path")
"""What tells the items of a list apart, in the order in which it is tried (the API's own merge keys, and what is unique in use)."""


@dataclass(frozen=True)
class RenderedOrigin:
    """An object that kustomize rendered from an overlay's sources."""

    sources: Sources
    body: Mapping[str, Any]

    @property
    def source_name(self) -> str:
        """The object's name in its own manifest or generator, before prefixes, suffixes and hashes."""
        own = self._own
        if own is not None:
            return str(value_at(own[1].data, (*own[2], "metadata", "name")) or "")
        generators = [str(item.get("name")) for _, _, item in self._generators]
        return generators[0] if generators else self._name

    @property
    def _name(self) -> str:
        return str(value_at(self.body, ("metadata", "name")) or "")

    def locate(self, path: FieldPath = ()) -> Location:
        """Give the file and line that decided the field, and what brought it in."""
        for layer in (self._in_patches, self._in_transformers, self._in_generators, self._in_own_manifest):
            found = layer(path)
            if found is not None:
                return found
        generator = self._generator_entry
        return generator or Location(self.path or self.sources.by_depth[0].file, 1)

    @cached_property
    def path(self) -> str | None:
        """The file of the object's own manifest; None for one that a generator made."""
        return self._own[0] if self._own is not None else None

    @cached_property
    def _own(self) -> tuple[str, YamlDocument, FieldPath] | None:
        """The file, document and place in it of the object's own manifest, found by its kind and name.

        kustomize can tell it itself (`originAnnotations`), and takes ten times as long over 200 services when it is asked to.
        """
        if any(item.get("behavior", "create") == "create" for _, _, item in self._generators):
            return None
        best, best_score, kind, full = None, (0, 0, False, False), str(self.body.get("kind")), self._name
        # The name that all prefixes and suffixes make this one of is the best there can be.
        whole = self.sources.objects_by_name.get((kind, self._stem), ()) if self._stem is not None else ()
        for one in whole or self.sources.objects.get(kind, ()):
            comes = self._comes_from(one.name) if one.name in full else 0
            # A patch may rename an object; what a generator could have made is then left to it.
            if not comes and (self._generators or not one.name or one.name not in full):
                continue
            space = ("metadata", "namespace")
            score = (
                comes,
                len(one.name),
                one.body.get("apiVersion") == self.body.get("apiVersion"),
                value_at(one.body, space) == value_at(self.body, space),
            )
            if best is None or score > best_score:
                best, best_score = (one.file, one.document, one.base), score
        return best

    def _comes_from(self, name: str, generated: bool = False) -> int:
        """How well a name with the kustomizations' prefixes and suffixes, and a generator's hash, gives this object's: 2 with all, 1 with some."""
        # A hash has only these characters (kustomize `api/hasher`): none that could spell a word.
        hashed = "(?:-[bcdfghkmt2456789]{10})?" if generated else ""
        prefixes, suffixes = self._affixes
        whole = re.escape("".join(prefixes) + name + "".join(reversed(suffixes)))
        some = f"{_any_of(prefixes)}{re.escape(name)}{_any_of(suffixes)}"
        return 2 if re.fullmatch(whole + hashed, self._name) else 1 if re.fullmatch(some + hashed, self._name) else 0

    @property
    def _affixes(self) -> tuple[list[str], list[str]]:
        """The kustomizations' prefixes and suffixes, the overlay's own first."""
        prefixes, suffixes = (
            [str(item.data[field]) for item in self.sources.by_depth if isinstance(item.data.get(field), str)]
            for field in ("namePrefix", "nameSuffix")
        )
        return prefixes, suffixes

    @cached_property
    def _stem(self) -> str | None:
        """This object's name without every prefix and suffix; None where it does not have them all."""
        prefixes, suffixes = ("".join(self._affixes[0]), "".join(reversed(self._affixes[1])))
        name = self._name
        if len(name) < len(prefixes) + len(suffixes) or not (name.startswith(prefixes) and name.endswith(suffixes)):
            return None
        return name[len(prefixes) : len(name) - len(suffixes)]

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
        identifies = self._identifies(path)
        for kustomization in self.sources.by_depth:
            for file, document, offset, target in patches_of(self.sources, kustomization):
                if isinstance(document.data, list):
                    found = self._in_operations(document, path, wanted) if self._is_target(target) else None
                elif isinstance(document.data, dict) and not identifies and self._is_target(target or document.data):
                    field = _same_field(self.body, path, document.data)
                    found = field if len(field) == len(path) and value_at(document.data, field) == wanted else None
                else:
                    found = None
                if found is not None:
                    return Location(file, document.line_of(found) + offset, via="patch")
        return None

    def _identifies(self, path: FieldPath) -> bool:
        """Whether a merged patch names this field to say what it is about: the object's name, an item's, where its own manifest has the same."""
        if path in (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")):
            return True
        if len(path) < 2 or not isinstance(path[-2], int) or path[-1] not in _IDENTITIES or self._own is None:
            return False
        own = value_at(self._own[1].data, self._own[2])
        found = _same_field(self.body, path, own)
        return len(found) == len(path) and value_at(own, found) == value_at(self.body, path)

    def _in_operations(self, document: YamlDocument, path: FieldPath, wanted: Any) -> FieldPath | None:
        """Find the operation of a JSON patch (RFC 6902) that set the field; positions may have moved since, values have not."""
        pointer = [str(step) for step in path]
        for index, operation in reversed(list(enumerate(document.data))):
            if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
                continue
            steps = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
            rest = path[len(steps) :]
            alike = all(
                one == other or (one.isdigit() and (other.isdigit() or other == "-"))
                for one, other in zip(pointer, steps, strict=False)
            )
            if len(steps) <= len(path) and alike and value_at(operation.get("value"), rest) == wanted:
                return (index, "value", *rest)
        return None

    def _is_target(self, target: Mapping[str, Any]) -> bool:
        kind = target.get("kind")
        name = target.get("name") or value_at(target, ("metadata", "name"))
        if kind is not None and kind != self.body.get("kind") and not _matches(str(kind), str(self.body.get("kind"))):
            return False
        # A target without a name selects by label or annotation: that the value is the same is what then tells.
        return name is None or name in (self.source_name, self._name) or _matches(str(name), self.source_name)

    def _in_transformers(self, path: FieldPath) -> Location | None:
        wanted = value_at(self.body, path)
        for kustomization in self.sources.by_depth:
            position = self._transformer(kustomization.data, path, wanted)
            if position is not None:
                return Location(kustomization.file, kustomization.line_of(*position), via=f"{position[0]} entry")
        return None

    def _transformer(self, data: dict[str, Any], path: FieldPath, wanted: Any) -> FieldPath | None:
        if (
            path[-1:] == ("image",)
            and path[-3:-2] in (("containers",), ("initContainers",))
            and isinstance(wanted, str)
        ):
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
        if path[-2:-1] == ("annotations",) and value_at(data, ("commonAnnotations", path[-1])) == wanted is not None:
            return ("commonAnnotations", path[-1])
        if path[-2:-1] in (("labels",), ("matchLabels",), ("selector",)):
            common = data.get("commonLabels")
            if isinstance(common, dict) and common.get(str(path[-1])) == wanted is not None:
                return ("commonLabels", path[-1])
            for index, entry in _items(data, "labels"):
                if value_at(entry, ("pairs", path[-1])) == wanted is not None:
                    return ("labels", index, "pairs", path[-1])
        return None

    @cached_property
    def _generators(self) -> tuple[tuple[Kustomization, FieldPath, dict[str, Any]], ...]:
        """The generators that make or merge into this object, the overlay's own first."""
        field = {"Secret": "secretGenerator", "ConfigMap": "configMapGenerator"}.get(str(self.body.get("kind")))
        found = [
            (
                (self._comes_from(str(item.get("name")), generated=True), len(str(item.get("name")))),
                kustomization,
                (field, index),
                item,
            )
            for kustomization in self.sources.by_depth
            for index, item in _items(kustomization.data, field or "")
            if field is not None and str(item.get("name")) in self._name
        ]
        best = max((score for score, *_ in found), default=None)
        return tuple((kustomization, position, item) for score, kustomization, position, item in found if score == best)

    @property
    def _generator_entry(self) -> Location | None:
        for kustomization, position, _ in self._generators:
            return Location(kustomization.file, kustomization.line_of(*position), via="generator")
        return None

    def _in_generators(self, path: FieldPath) -> Location | None:
        if len(path) != 2 or path[0] not in ("data", "stringData", "binaryData"):
            return None
        for kustomization, position, item in self._generators:
            found = self._in_generator(kustomization, position, item, str(path[1]))
            if found is not None:
                return found
        return None

    def _in_generator(
        self, kustomization: Kustomization, position: FieldPath, item: dict[str, Any], key: str
    ) -> Location | None:
        literals = item.get("literals")
        for index, literal in reversed(list(enumerate(literals if isinstance(literals, list) else ()))):
            if str(literal).partition("=")[0] == key:
                return Location(
                    kustomization.file, kustomization.line_of(*position, "literals", index), via="generator"
                )
        for entry in reversed(self.sources.entries_by_file.get(kustomization.file, {}).values()):
            if entry.position[:2] != position:
                continue
            if entry.use is Use.CONTENT:
                written = str(value_at(kustomization.data, entry.position))
                if (written.partition("=")[0] if "=" in written else posixpath.basename(written)) == key:
                    return Location(entry.target, 1, via="generator")
                continue
            environment = self.sources.environments.get(entry.target)
            for declaration in reversed(environment.declarations if environment else ()):
                if declaration.key == key:
                    return Location(declaration.file, declaration.line, via="generator")
        return None


def _any_of(texts: list[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, texts))})*" if any(texts) else ""


def _items(data: dict[str, Any], field: str) -> Iterator[tuple[int, dict[str, Any]]]:
    values = data.get(field)
    yield from (
        (index, item) for index, item in enumerate(values if isinstance(values, list) else ()) if isinstance(item, dict)
    )


def _matches(pattern: str, name: str) -> bool:
    try:
        return bool(re.fullmatch(pattern, name))
    except re.error:
        return False


def patches_of(
    sources: Sources, kustomization: Kustomization
) -> Iterator[tuple[str, YamlDocument, int, Mapping[str, Any]]]:
    """Yield the patches of one kustomization, the last applied first: file, document, lines above it in the file, target."""
    by_position = sources.entries_by_file.get(kustomization.file, {})
    for field in ("patchesJson6902", "patches", "patchesStrategicMerge"):
        values = kustomization.data.get(field)
        for index, item in reversed(list(enumerate(values if isinstance(values, list) else ()))):
            target = item.get("target") if isinstance(item, dict) else None
            selected = target if isinstance(target, dict) else {}
            entry = by_position.get((field, index, "path") if isinstance(item, dict) else (field, index))
            if entry is not None:
                yield from (
                    (entry.target, document, 0, selected) for document in sources.manifests.get(entry.target, ())
                )
                continue
            position: FieldPath = (field, index, "patch") if isinstance(item, dict) else (field, index)
            offset = kustomization.document.lines_above_text(position)
            inline = sources.inline.get((kustomization.file, position), ())
            yield from ((kustomization.file, document, offset, selected) for document in inline)


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
    if wanted in others:
        return others.index(wanted)
    if not isinstance(wanted, dict):
        return index if index < len(others) else None
    told_apart = False
    for identity in _IDENTITIES:
        for position, other in enumerate(others):
            if isinstance(other, dict) and identity in wanted and identity in other:
                if other[identity] == wanted[identity]:
                    return position
                told_apart = True
    return None if told_apart or index >= len(others) else index


def rendered_documents(sources: Sources, output: str) -> Iterator[Document]:
    """Yield the objects of kustomize's output with their origins. Raises SourceError where the output is out of all bounds."""
    for document in yaml.parse(output.encode(), f"what kustomize made of {sources.overlay}"):
        for _, body in expand(document.data):
            yield Document(body, RenderedOrigin(sources, body))
