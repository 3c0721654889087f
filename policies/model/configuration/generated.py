"""ConfigMaps and Secrets that generators make, and whether anything reads them, key by key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.environments import taken_in
from policies.model.kept import kept
from policies.model.workloads.pods import listed, mapping, not_looked_at
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document, value_at
from policies.read.provenance import RenderedOrigin
from policies.read.yaml import FieldPath, YamlDocument, fields


@dataclass(frozen=True)
class Generated:
    """A ConfigMap or Secret that a generator makes. `used` says whether anything names it; `excuse` why that cannot be told."""

    noun: ClassVar[str] = "generated ConfigMap or Secret"
    only_in_files: ClassVar[bool] = True

    place: Place
    document: Document
    used: bool
    excuse: str | None

    @property
    def id(self) -> str:
        """Place and object, without its hash."""
        return identify(self.place, self.document)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the generator as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Generated | Gap]:
        """Yield what the generators of every overlay make."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            for document in generated(item):
                yield cls(item.place, document, document.name in _mentions(item), _excuse(item, document))


@dataclass(frozen=True)
class GeneratedKey:
    """A key of a generated object that something uses, and whether it is read: with all the others, or by its name."""

    noun: ClassVar[str] = "key of a generated ConfigMap or Secret"
    only_in_files: ClassVar[bool] = True

    place: Place
    document: Document
    path: FieldPath
    read: bool

    @property
    def name(self) -> str:
        """The key."""
        return str(self.path[-1])

    @property
    def id(self) -> str:
        """Place, object and key."""
        return f"{identify(self.place, self.document)}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the key's line as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(self.path),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[GeneratedKey | Gap]:
        """Yield every key of what the generators of every overlay make and something uses."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            for document in generated(item):
                if document.name in _mentions(item):
                    taken = {
                        one.key for one in taken_in(item) if (one.kind, one.name) == (document.kind, document.name)
                    }
                    whole = None in taken or any(not _by_key(*mention) for mention in _mentions(item)[document.name])
                    for field in ("data", "stringData", "binaryData"):
                        for key in mapping(document.get(field)):
                            read = whole or key in taken or _replaced(item, key)
                            yield cls(item.place, document, (field, key), read)


def generated(item: Deployed) -> Iterator[Document]:
    """Yield the objects that kustomize's generators make."""
    for document in item.documents:
        if (
            document.kind in ("ConfigMap", "Secret")
            and isinstance(document.origin, RenderedOrigin)
            and document.origin.path is None
        ):
            yield document


@kept
def _mentions(item: Deployed) -> Mapping[str, list[tuple[Document, FieldPath]]]:
    """Every text of every object that could be another's name, with the fields that hold it."""
    found: dict[str, list[tuple[Document, FieldPath]]] = {}
    for document in item.documents:
        for path, value in fields(document.body):
            if isinstance(value, str) and len(value) < 254 and path[:2] != ("metadata", "name"):
                found.setdefault(value, []).append((document, path))
    return found


def _by_key(document: Document, path: FieldPath) -> bool:
    """Whether a field that names an object takes only what it says: one key, or the items of a volume."""
    items = document.get(*path[:-1], "items")
    return any(step in ("configMapKeyRef", "secretKeyRef") for step in path) or bool(items and "volumes" in path)


def _excuse(item: Deployed, document: Document) -> str | None:
    if not re.search(r"-[bcdfghkmt2456789]{10}\Z", document.name):
        return "its name has no hash, so that something outside of the overlay may use it"
    for kustomization in item.sources.by_depth if item.sources else ():
        for field in ("configMapGenerator", "secretGenerator"):
            for _, one in listed(kustomization.data.get(field)):
                if one.get("name") == document.origin.source_name and value_at(one, ("options", "labels")):
                    return "its generator gives it labels, by which something may find it"
    return None


def _replaced(item: Deployed, key: str) -> bool:
    """Whether a replacement or a variable of kustomize takes a key."""
    for kustomization in item.sources.by_depth if item.sources else ():
        texts = [str(kustomization.data.get(field)) for field in ("replacements", "vars")]
        texts += [
            str(document.data) for documents in _settings_files(item, kustomization.file) for document in documents
        ]
        if any(f"data.{key}'" in text or f"data.[{key}]" in text for text in texts):
            return True
    return False


def _settings_files(item: Deployed, file: str) -> Iterator[tuple[YamlDocument, ...]]:
    for entry in item.sources.entries if item.sources else ():
        if entry.kustomization == file and entry.position[0] == "replacements":
            yield item.sources.manifests.get(entry.target, ()) if item.sources else ()
