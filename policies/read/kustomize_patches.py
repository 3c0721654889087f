"""Patches of kustomizations, and which of them set a field of an object: merged ones, and those of operations (RFC 6902)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.evidence import Location
from policies.read.documents import FileOrigin, value_at
from policies.read.kustomization import Kustomization, Sources
from policies.read.same_field import IDENTITIES, same_field
from policies.read.yaml import FieldPath, YamlDocument


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


def in_patches(
    sources: Sources, body: Mapping[str, Any], path: FieldPath, own: FileOrigin | None, source_name: str
) -> Location | None:
    """Find the patch that gave a field of an object its value, from the overlay inwards; `own` is the object's own manifest."""
    wanted = value_at(body, path)
    if not path or wanted is None:
        return None
    identifies = _identifies(body, path, own)
    for kustomization in sources.by_depth:
        for file, document, offset, target in patches_of(sources, kustomization):
            merges = isinstance(document.data, dict) and not identifies
            if isinstance(document.data, list):
                found = _in_operations(document, path, wanted) if _is_target(target, body, source_name) else None
            elif merges and _is_target(target or document.data, body, source_name):
                field = same_field(body, path, document.data)
                found = field if len(field) == len(path) and value_at(document.data, field) == wanted else None
            else:
                found = None
            if found is not None:
                return Location(file, document.line_of(found) + offset, via="patch")
    return None


def _identifies(body: Mapping[str, Any], path: FieldPath, own: FileOrigin | None) -> bool:
    """Whether a merged patch names this field to say what it is about: the object's name, an item's, where its own manifest has the same."""
    if path in (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")):
        return True
    if len(path) < 2 or not isinstance(path[-2], int) or path[-1] not in IDENTITIES or own is None:
        return False
    manifest = value_at(own.document.data, own.base)
    found = same_field(body, path, manifest)
    return len(found) == len(path) and value_at(manifest, found) == value_at(body, path)


def _is_target(target: Mapping[str, Any], body: Mapping[str, Any], source_name: str) -> bool:
    kind = target.get("kind")
    name = target.get("name") or value_at(target, ("metadata", "name"))
    if kind is not None and kind != body.get("kind") and not _matches(str(kind), str(body.get("kind"))):
        return False
    if name is None:
        return True  # It selects by label or annotation: that the value is the same is what then tells.
    rendered = str(value_at(body, ("metadata", "name")) or "")
    return name in (source_name, rendered) or _matches(str(name), source_name)


def _matches(pattern: str, name: str) -> bool:
    try:
        return bool(re.fullmatch(pattern, name))
    except re.error:
        return False


def _in_operations(document: YamlDocument, path: FieldPath, wanted: Any) -> FieldPath | None:
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
