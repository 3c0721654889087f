"""What runs of a place, beside what is declared of it: one look at an environment, and the objects of the two that belong together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath

Kind = tuple[str, str]
"""Version with its group, and kind."""

Key = tuple[str, str, str, str]
"""Group, kind, namespace, name."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A place as it is declared (`item`), and the objects that an API gave of the namespaces and kinds in it.

    `namespace` is that of objects that declare none, `unserved` are kinds that the API does not know, `unnamespaced` those that stand in no namespace.
    With `secrets_read` it knows which keys Secrets have.
    """

    item: Deployed
    running: tuple[Document, ...]
    namespace: str = "default"
    unserved: frozenset[Kind] = frozenset()
    unnamespaced: frozenset[Kind] = frozenset()
    secrets_read: bool = False

    @property
    def place(self) -> Place:
        """Where it runs."""
        return Place(f"cluster {self.item.place.name}", self.item.place.stage)

    def key(self, document: Document) -> Key:
        """What makes an object the same one in both."""
        group = document.api_version.rpartition("/")[0]
        everywhere = (document.api_version, document.kind) in self.unnamespaced
        namespace = "" if everywhere else document.namespace or self.namespace
        return (group, document.kind, namespace, document.name)

    @cached_property
    def by_key(self) -> dict[Key, Document]:
        """The objects that run."""
        return {self.key(document): document for document in self.running}

    @cached_property
    def declared(self) -> dict[Key, Document]:
        """The objects that are declared by a name of their own."""
        return {self.key(one): one for one in self.item.documents if one.metadata.get("name")}

    @cached_property
    def pairs(self) -> tuple[Compared, ...]:
        """What is declared and runs."""
        return tuple(Compared(self, one, self.by_key[key]) for key, one in self.declared.items() if key in self.by_key)


@dataclass(frozen=True, eq=False)
class NotCompared:
    """A place of which nothing that runs can be held against what is declared, and why."""

    place: Place
    reason: str


@dataclass(frozen=True, eq=False)
class Compared:
    """An object as it is declared, and as it runs."""

    comparison: Comparison
    declared: Document
    running: Document

    @property
    def place(self) -> Place:
        """Where it runs."""
        return self.comparison.place

    @property
    def id(self) -> str:
        """Place and object."""
        return identify(self.place, self.declared)

    def blame(self, path: FieldPath, message: str, *values: object) -> Evidence:
        """Give the field as it runs, and the line that declares it, as the places."""
        places = (self.running.origin.locate(path), self.declared.origin.locate(path))
        return Evidence(message.format(*values), places)


def comparisons(platform: Platform, noun: str) -> Iterator[Comparison | Gap]:
    """Yield what was compared, and why something was not."""
    for one in platform.observations:
        if isinstance(one, Comparison):
            yield one
        elif isinstance(one, NotCompared):
            yield Gap(f"{one.place.name}: {noun}", one.reason, one.place, (Location(f"cluster of {one.place.name}"),))
