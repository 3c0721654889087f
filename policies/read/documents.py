"""Objects of Kubernetes as documents: a body, and an origin that knows where each of its fields was written.

This is the seam between sources. Rendered by kustomize, written in a plain manifest, or read from an API: what is above
asks a document for its body and its origin for a location, and does not ask which of the three it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from policies.evidence import Location
from policies.read.yaml import FieldPath, YamlDocument


class Origin(Protocol):
    """Where a document came from."""

    def locate(self, path: FieldPath = ()) -> Location:
        """Give the place that decided the field at `path`, or, where it has no such field, the nearest one above it."""
        ...

    @property
    def source_name(self) -> str:
        """The object's name before anything renamed it."""
        ...


@dataclass(frozen=True)
class Document:
    """One object of Kubernetes. `body` is JSON data: read it, do not change it."""

    body: Mapping[str, Any]
    origin: Origin

    @cached_property
    def kind(self) -> str:
        """Its kind, `Deployment`; empty where it states none."""
        return str(self.body.get("kind") or "")

    @cached_property
    def api_version(self) -> str:
        """Its group and version, `apps/v1`."""
        return str(self.body.get("apiVersion") or "")

    @cached_property
    def name(self) -> str:
        """Its name, or what it is generated from."""
        metadata = self.metadata
        return str(metadata.get("name") or metadata.get("generateName") or "")

    @cached_property
    def namespace(self) -> str:
        """Its namespace; empty where it states none."""
        return str(self.metadata.get("namespace") or "")

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """Its metadata; empty where it is no mapping."""
        metadata = self.body.get("metadata")
        return metadata if isinstance(metadata, dict) else {}

    def get(self, *path: str | int) -> Any:
        """Give the value at a path, or None where any step of it is missing or of another type."""
        return value_at(self.body, path)

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def value_at(data: Any, path: FieldPath) -> Any:
    """Give the value at a path, or None where any step of it is missing or of another type."""
    for step in path:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and -1 < step < len(data) else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data


@dataclass(frozen=True)
class FileOrigin:
    """An object written as it is in a file; `base` is its path in the document (an item of a `List`)."""

    file: str
    document: YamlDocument
    base: FieldPath = ()

    def locate(self, path: FieldPath = ()) -> Location:
        """Give the line of the field."""
        return Location(self.file, self.document.line_of((*self.base, *path)))

    @property
    def source_name(self) -> str:
        """Its own name."""
        return str(value_at(self.document.data, (*self.base, "metadata", "name")) or "")


@dataclass(frozen=True)
class ApiOrigin:
    """An object as an API gave it: its fields are evidence, there are no lines."""

    kind: str
    namespace: str
    name: str

    def locate(self, path: FieldPath = ()) -> Location:
        """Give the object and the field in kubectl's own spelling: `Deployment shop/web spec.replicas`."""
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return Location(f"{self.kind} {where}", None, spell(path))

    @property
    def source_name(self) -> str:
        """Its name: what renamed it cannot be known."""
        return self.name


def spell(path: FieldPath) -> str:
    """Spell a path as kubectl does: `spec.containers[0].image`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def is_object(data: Any) -> bool:
    """Whether JSON data is an object of Kubernetes: it states its version and its kind."""
    return isinstance(data, dict) and isinstance(data.get("apiVersion"), str) and isinstance(data.get("kind"), str)


def expand(data: Any, base: FieldPath = ()) -> Iterator[tuple[FieldPath, Mapping[str, Any]]]:
    """Yield the objects in a document: itself, or the items of a `List`, however deep."""
    if not is_object(data):
        return
    if data["kind"].endswith("List") and isinstance(data.get("items"), list):
        for index, item in enumerate(data["items"]):
            yield from expand(item, (*base, "items", index))
    else:
        yield base, data
