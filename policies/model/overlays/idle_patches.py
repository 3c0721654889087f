"""Patches that set what is so already: each value that they state is the one that the object's own manifest has.

Only what is sure is told: nothing else, another patch or a transformer, may have set a field of the patch before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from policies.model.overlays.patch_targets import Target
from policies.model.workloads.pods import mapping
from policies.read.documents import Document, value_at
from policies.read.kustomization import Sources
from policies.read.kustomize_patches import patches_of
from policies.read.provenance import RenderedOrigin
from policies.read.yaml import FieldPath, YamlDocument

_TRANSFORMED = frozenset(
    "image replicas name namespace labels annotations matchLabels selector podSelector".split()  # noqa: SIM905
)
"""Fields that kustomize's own transformers set too, before a patch of an outer kustomization; so may they any `...Name`."""

_MERGED = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
}
"""Lists of pods that are merged by a key (`x-kubernetes-patch-merge-key`); of others, the whole has to be the same."""

_PODS = frozenset({"apps/v1", "batch/v1", "v1"})


def changes_nothing(sources: Sources, patch: YamlDocument, objects: Iterable[Document]) -> bool:
    """Whether a patch sets, in each object that it is for, only what the object's own manifest has, and no other patch touches that."""
    told = [_of_object(sources, patch, one) for one in objects]
    return bool(told) and all(told)


def _of_object(sources: Sources, patch: YamlDocument, document: Document) -> bool:
    manifest = document.origin.manifest if isinstance(document.origin, RenderedOrigin) else None
    if manifest is None or document.api_version not in _PODS:
        return False
    touched = set(_touched(patch.data))
    if not touched or any(step in _TRANSFORMED or step.endswith("Name") for path in touched for step in path):
        return False
    same = _restates(patch.data, manifest) if isinstance(patch.data, dict) else _repeats(patch.data, manifest)
    others = (
        path
        for kustomization in sources.by_depth
        for _, other, _, target in patches_of(sources, kustomization)
        if other is not patch and Target.of(target or mapping(other.data)).selects(document)
        for path in _touched(other.data)
    )
    return same and not any(_meet(path, other) for other in others for path in touched)


def _touched(patch: Any) -> Iterator[tuple[str, ...]]:
    """Yield the fields that a patch sets or takes away, without positions and what entries of lists are found by."""
    if isinstance(patch, list):
        written = [one.get(field) for one in patch if isinstance(one, dict) for field in ("path", "from")]
        pointers = (str(one) for one in written if one is not None)
        yield from (tuple(step for step in _steps(one) if not (step.isdigit() or step == "-")) for one in pointers)
        return
    body = {key: value for key, value in mapping(patch).items() if key not in ("apiVersion", "kind")}
    named = {
        key: value for key, value in mapping(body.pop("metadata", None)).items() if key not in ("name", "namespace")
    }
    yield from _leaves({**body, **({"metadata": named} if named else {})}, ())


def _leaves(data: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from [path] if str(key).startswith("$") else _leaves(value, (*path, str(key)))
    elif isinstance(data, list) and path[-1] in _MERGED and all(isinstance(one, dict) for one in data):
        key = _MERGED[path[-1]]
        for one in data:
            yield from _leaves({name: value for name, value in one.items() if name != key}, path)
    else:
        yield path


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _restates(patch: Any, there: Any, field: str = "") -> bool:
    """Whether merging a patch leaves what is there as it is."""
    if isinstance(patch, dict) and isinstance(there, dict):
        return all(
            key in there
            and value is not None
            and not str(key).startswith("$")
            and _restates(value, there[key], str(key))
            for key, value in patch.items()
        )
    if isinstance(patch, list) and isinstance(there, list) and field in _MERGED:
        key = _MERGED[field]
        found = [[one for one in there if mapping(one).get(key) == mapping(entry).get(key)] for entry in patch]
        pairs = zip(patch, found, strict=True)
        return all(len(same) == 1 and key in mapping(entry) and _restates(entry, same[0]) for entry, same in pairs)
    return _equal(patch, there)


def _repeats(operations: Any, manifest: Any) -> bool:
    """Whether each operation of a JSON patch replaces a value by itself (RFC 6902)."""
    listed = operations if isinstance(operations, list) else []
    return bool(listed) and all(
        isinstance(one, dict)
        and one.get("op") == "replace"
        and one.get("value") is not None
        and _equal(one["value"], value_at(manifest, _path(manifest, str(one.get("path")))))
        for one in listed
    )


def _path(data: Any, pointer: str) -> FieldPath:
    """Give a pointer as a path: a number is a position only in a list."""
    path: list[str | int] = []
    for step in _steps(pointer):
        path.append(int(step) if isinstance(value_at(data, tuple(path)), list) and step.isdigit() else step)
    return tuple(path)


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are written alike: `true` is not 1, and "1" is not 1."""
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)
