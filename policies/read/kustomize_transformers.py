"""Which field of a kustomization gave an object's field its value by a transformer: images, replicas, a namespace, labels, annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.evidence import Location
from policies.read.documents import value_at
from policies.read.kustomization import Sources, mappings
from policies.read.yaml import FieldPath


def in_transformers(sources: Sources, body: Mapping[str, Any], path: FieldPath, source_name: str) -> Location | None:
    """Find the transformer that gave a field of an object its value, from the overlay inwards."""
    wanted = value_at(body, path)
    for kustomization in sources.by_depth:
        position = _transformer(kustomization.data, path, wanted, source_name)
        if position is not None:
            return Location(kustomization.file, kustomization.line_of(*position), via=f"{position[0]} entry")
    return None


def _transformer(data: dict[str, Any], path: FieldPath, wanted: Any, source_name: str) -> FieldPath | None:
    if path[-1:] == ("image",) and path[-3:-2] in (("containers",), ("initContainers",)) and isinstance(wanted, str):
        image = _image(data, wanted)
        if image is not None:
            return image
    if path == ("spec", "replicas"):
        for index, entry in mappings(data, "replicas"):
            if entry.get("name") == source_name and entry.get("count") == wanted:
                return ("replicas", index, "count")
    if path == ("metadata", "namespace") and wanted is not None and data.get("namespace") == wanted:
        return ("namespace",)
    if path[-2:-1] == ("annotations",) and value_at(data, ("commonAnnotations", path[-1])) == wanted is not None:
        return ("commonAnnotations", path[-1])
    if path[-2:-1] in (("labels",), ("matchLabels",), ("selector",)):
        return _label(data, path[-1], wanted)
    return None


def _image(data: dict[str, Any], wanted: str) -> FieldPath | None:
    for index, entry in mappings(data, "images"):
        new_name = str(entry.get("newName") or entry.get("name"))
        rest = wanted.removeprefix(new_name)
        if rest != wanted and rest[:1] in ("", ":", "@"):
            for field, mark in (("digest", "@"), ("newTag", ":")):
                if field in entry and rest.endswith(f"{mark}{entry[field]}"):
                    return ("images", index, field)
            if "newName" in entry:
                return ("images", index, "newName")
    return None


def _label(data: dict[str, Any], key: str | int, wanted: Any) -> FieldPath | None:
    common = data.get("commonLabels")
    if isinstance(common, dict) and common.get(str(key)) == wanted is not None:
        return ("commonLabels", key)
    for index, entry in mappings(data, "labels"):
        if value_at(entry, ("pairs", key)) == wanted is not None:
            return ("labels", index, "pairs", key)
    return None
