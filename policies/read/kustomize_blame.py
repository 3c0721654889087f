"""Which entry of a kustomization a refusal is for: the one without which the overlay builds, or at least something else is refused."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from policies.read import yaml
from policies.read.documents import value_at
from policies.read.kustomization import Kustomization, Sources
from policies.read.kustomize_attempt import Attempt, entries_at
from policies.read.yaml import FieldPath

_OF_ALL = frozenset(
    {
        "apiVersion",
        "kind",
        "metadata",
        "namespace",
        "namePrefix",
        "nameSuffix",
        "commonLabels",
        "commonAnnotations",
        "labels",
    }
)
"""Fields that change everything: they are left out after all that changes less."""

_MADE_OF = ("resources", "bases", "components")


def blame(attempt: Attempt, sources: Sources, refusal: str) -> tuple[Kustomization, FieldPath, str | None, str] | None:
    """Find the entry without which the overlay builds, or at least something else is refused.

    What the refusal speaks of is tried first, and of that what takes least away: a patch before a manifest before a whole base.
    """
    groups: dict[tuple[bool, int], list[tuple[Kustomization, FieldPath]]] = {}
    for kustomization, position in _removable(sources):
        if (
            position not in sources.left_out.get(kustomization.file, ())
            and (kustomization.file, position) not in attempt.removed
        ):
            key = (not _mentions(refusal, sources, kustomization, position), _weight(sources, kustomization, position))
            groups.setdefault(key, []).append((kustomization, position))
    for (unmentioned, _), candidates in sorted(groups.items()):
        second_best = None
        for kustomization, position in candidates:
            if not attempt.may_run:
                return second_best
            output, other = attempt.run(also_without=(kustomization.file, position))
            if output is not None:
                return kustomization, position, output, ""
            if other != refusal and second_best is None:
                second_best = (kustomization, position, output, other)
        if second_best is not None and not unmentioned:
            return second_best
    return None


def _removable(sources: Sources) -> Iterator[tuple[Kustomization, FieldPath]]:
    for kustomization in sources.by_depth:
        for name, value in kustomization.data.items():
            if isinstance(value, list):
                # The last that was added is more likely the one too many.
                yield from ((kustomization, (name, index)) for index in reversed(range(len(value))))
            if name not in _MADE_OF or not isinstance(value, list):
                yield kustomization, (name,)


def _weight(sources: Sources, kustomization: Kustomization, position: FieldPath) -> int:
    if position[0] not in _MADE_OF:
        whole_list = len(position) == 1 and isinstance(value_at(kustomization.data, position), list)
        return 2 if whole_list or position[0] in _OF_ALL else 0
    entry = next((entry for entry in entries_at(sources, kustomization, position)), None)
    return 3 if entry is not None and entry.target in sources.kustomizations else 1


def _mentions(refusal: str, sources: Sources, kustomization: Kustomization, position: FieldPath) -> bool:
    """Whether kustomize speaks of an entry: of its field, of a file or name in it, or of an object or field that it patches."""
    documents = [value_at(kustomization.data, position)]
    for entry in entries_at(sources, kustomization, position):
        documents += [
            document.data for document in sources.manifests.get(entry.target, ()) if position[0] != "resources"
        ]
        documents += [
            value_at(document.data, ("metadata", "name")) for document in sources.manifests.get(entry.target, ())
        ]
    for (file, where), inline in sources.inline.items():
        if file == kustomization.file and where[: len(position)] == position:
            documents += [document.data for document in inline]
    words = {str(position[0])}
    for document in documents:
        for _, value in yaml.fields(document):
            if isinstance(value, str) and "\n" not in value:
                words.update((value, posixpath.basename(value)))
    return any(
        word and word in refusal and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", refusal) for word in words
    )
