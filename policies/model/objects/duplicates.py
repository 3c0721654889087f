"""What is declared twice: objects in a place, and variables, ports and mounts in a container."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.objects.inventory import group_of
from policies.model.workloads.pods import Fault, PodContainer, listed, not_looked_at
from policies.model.workloads.workload import identify, is_from_api
from policies.platform import Platform
from policies.read.documents import Document


@dataclass(frozen=True)
class Declaration:
    """The objects of a place with one group, kind, namespace and name; all of the place's where none is there twice.

    A place without such objects is one subject, not hundreds: `documents` are then none.
    """

    noun: ClassVar[str] = "place with objects"
    only_in_files: ClassVar[bool] = True

    place: Place
    documents: tuple[Document, ...] = ()

    @property
    def id(self) -> str:
        """The place, and the object that is there twice."""
        return identify(self.place, self.documents[0]) if self.documents else self.place.name

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give each declaration as the place."""
        return Evidence(message.format(*values), tuple(document.origin.locate() for document in self.documents))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Declaration | Gap]:
        """Yield what each place declares twice, or else the place."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            if is_from_api(item):
                continue
            by_name: dict[tuple[str, str, str, str], list[Document]] = {}
            for document in item.documents:
                if document.metadata.get("name"):  # A name that is to be generated is a new one every time.
                    key = (group_of(document), document.kind, document.namespace, document.name)
                    by_name.setdefault(key, []).append(document)
            twice = [cls(item.place, tuple(same)) for same in by_name.values() if len(same) > 1]
            yield from twice or ([cls(item.place)] if item.documents else [])


class _WithList(PodContainer):
    """A container with more than one entry in one of its lists; `again` are the entries whose key stands there already."""

    field_name: ClassVar[str]
    key: ClassVar[str]
    what: ClassVar[str]

    @property
    def counts(self) -> bool:
        """Whether there is more than one entry with such a key."""
        return len(self._keyed) > 1

    @property
    def _keyed(self) -> list[tuple[int, Any]]:
        entries = listed(self.body.get(self.field_name))
        return [(index, entry[self.key]) for index, entry in entries if isinstance(entry.get(self.key), str)]

    @property
    def again(self) -> Iterator[Fault]:
        """What is declared again."""
        seen: set[str] = set()
        for index, value in self._keyed:
            if value in seen:
                path = (*self.container.path, self.field_name, index, self.key)
                yield Fault(path, f"container {self.name} declares {self.what} {value!r} again")
            seen.add(value)


class Variables(_WithList):
    """A container with several variables: of two with one name the last is taken (`Container.env`)."""

    noun: ClassVar[str] = "container with several variables"
    field_name, key, what = "env", "name", "the variable"


class NamedPorts(_WithList):
    """A container with several named ports: each name must be unique (`ContainerPort.name`)."""

    noun: ClassVar[str] = "container with several named ports"
    field_name, key, what = "ports", "name", "the port name"


class Mounts(_WithList):
    """A container with several mounts: each path must be unique."""

    noun: ClassVar[str] = "container with several mounts"
    field_name, key, what = "volumeMounts", "mountPath", "the mount path"
