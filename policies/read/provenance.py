"""Which line of the platform's own files decided a field of what kustomize rendered.

kustomize does not say which patch, `images` entry or generator set a field. The last layer that sets the field to the value it
has in the end decided it: patches from the overlay inwards, then kustomize's own transformers, then the object's own manifest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.evidence import Location
from policies.read import yaml
from policies.read.documents import Document, FileOrigin, expand, value_at
from policies.read.kustomization import Sources
from policies.read.kustomize_generators import Generator, generators_of, in_generators
from policies.read.kustomize_names import Affixes
from policies.read.kustomize_patches import in_patches
from policies.read.kustomize_transformers import in_transformers
from policies.read.same_field import same_field
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class RenderedOrigin:
    """An object that kustomize rendered from an overlay's sources."""

    sources: Sources
    body: Mapping[str, Any]

    @property
    def source_name(self) -> str:
        """The object's name in its own manifest or generator, before prefixes, suffixes and hashes."""
        if self._own is not None:
            return self._own.source_name
        return self._generators[0].name if self._generators else self._name

    @cached_property
    def path(self) -> str | None:
        """The file of the object's own manifest; None for one that a generator made."""
        return self._own.file if self._own is not None else None

    @property
    def manifest(self) -> Any:
        """The object as its own manifest has it, before anything changed it; None for one that a generator made."""
        return value_at(self._own.document.data, self._own.base) if self._own is not None else None

    def locate(self, path: FieldPath = ()) -> Location:
        """Give the file and line that decided the field, and what brought it in."""
        return (
            in_patches(self.sources, self.body, path, self._own, self.source_name)
            or in_transformers(self.sources, self.body, path, self.source_name)
            or in_generators(self.sources, self._generators, path)
            or self._in_own_manifest(path)
        )

    def _in_own_manifest(self, path: FieldPath) -> Location:
        """Give the field's line in the object's own manifest; for an object without one, the generator's line."""
        if self._own is not None:
            manifest = value_at(self._own.document.data, self._own.base)
            return self._own.locate(same_field(self.body, path, manifest))
        return self._generators[0].locate() if self._generators else Location(self.sources.by_depth[0].file, 1)

    @cached_property
    def _name(self) -> str:
        return str(value_at(self.body, ("metadata", "name")) or "")

    @cached_property
    def _affixes(self) -> Affixes:
        return Affixes.of(self.sources)

    @cached_property
    def _generators(self) -> tuple[Generator, ...]:
        return generators_of(self.sources, str(self.body.get("kind")), self._name, self._affixes)

    @cached_property
    def _own(self) -> FileOrigin | None:
        """The object's own manifest, found by its kind and name.

        kustomize can tell it itself (`originAnnotations`), and takes ten times as long over 200 services when it is asked to.
        """
        if any(generator.creates for generator in self._generators):
            return None
        best, best_score, kind, full = None, (0, 0, False, False), str(self.body.get("kind")), self._name
        # The name that all prefixes and suffixes make this one of is the best there can be.
        stem = self._affixes.stem(full)
        whole = self.sources.objects_by_name.get((kind, stem), ()) if stem is not None else ()
        for one in whole or self.sources.objects.get(kind, ()):
            fits = self._affixes.fit(full, one.name) if one.name in full else 0
            # A patch may rename an object; what a generator could have made is then left to it.
            if not fits and (self._generators or not one.name or one.name not in full):
                continue
            space = ("metadata", "namespace")
            score = (
                fits,
                len(one.name),
                one.body.get("apiVersion") == self.body.get("apiVersion"),
                value_at(one.body, space) == value_at(self.body, space),
            )
            if best is None or score > best_score:
                best, best_score = FileOrigin(one.file, one.document, one.base), score
        return best


def rendered_documents(sources: Sources, output: str) -> Iterator[Document]:
    """Yield the objects of kustomize's output with their origins. Raises SourceError where the output is out of all bounds."""
    for document in yaml.parse(output.encode(), f"what kustomize made of {sources.overlay}"):
        for _, body in expand(document.data):
            yield Document(body, RenderedOrigin(sources, body))
