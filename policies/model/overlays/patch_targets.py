"""Which objects a patch of kustomize is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.model.workloads.pods import mapping
from policies.read.documents import Document, value_at

_BETWEEN = re.compile(r",(?![^()]*\))")
"""What stands between two demands of a selector: a comma, but for those of a list in parentheses."""


@dataclass(frozen=True)
class Target:
    """Which objects a patch is for: patterns that match as a whole (kustomize `types.Selector`)."""

    group: Any
    version: Any
    kind: Any
    name: Any
    labels: Any
    annotations: Any

    @classmethod
    def of(cls, target: Mapping[str, Any]) -> Target:
        """Take a patch's target, or the object that a patch without one names itself."""
        if "metadata" in target or "apiVersion" in target:
            group, _, version = str(target.get("apiVersion") or "").rpartition("/")
            return cls(
                group or None, version or None, target.get("kind"), value_at(target, ("metadata", "name")), None, None
            )
        labels, annotations = target.get("labelSelector"), target.get("annotationSelector")
        return cls(
            target.get("group"), target.get("version"), target.get("kind"), target.get("name"), labels, annotations
        )

    def __str__(self) -> str:
        return f"{self.kind or 'any kind'}/{self.name or self.labels or self.annotations or 'any name'}"

    def selects(self, document: Document) -> bool:
        """Whether an object is meant, by its name now or before anything renamed it."""
        group, _, version = document.api_version.rpartition("/")
        names = (document.name, document.origin.source_name)
        return (
            _matches(self.group, group) and _matches(self.version, version) and _matches(self.kind, document.kind)
            and any(_matches(self.name, name) for name in names)
            and _labelled(self.labels, document.metadata.get("labels"))
            and _labelled(self.annotations, document.metadata.get("annotations"))
        )  # fmt: skip


def _matches(pattern: Any, text: str) -> bool:
    if pattern is None or pattern == "":
        return True
    try:
        return bool(re.fullmatch(str(pattern), text))
    except re.error:
        return str(pattern) == text


def _labelled(selector: Any, labels: Any) -> bool:
    """Whether labels satisfy a selector written as text; what is more than `key=value` and `key` counts as satisfied (`tier in (a, b)`)."""
    for part in _BETWEEN.split(str(selector or "")):
        match = re.fullmatch(r"\s*([\w./-]+)\s*(?:==?\s*([\w.-]*)\s*)?", part)
        if match and (match[1] not in mapping(labels) or match[2] not in (None, mapping(labels)[match[1]])):
            return False
    return True
