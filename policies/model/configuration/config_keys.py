"""Keys that a place's configuration must define, and the files that it is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.intent.intent import FILE
from policies.model.stated import stated
from policies.model.workloads.pods import mapping
from policies.platform import Platform
from policies.read.kustomization import Entry, Use


@dataclass(frozen=True)
class StatedKey:
    """A key that `platform.toml` states a place's configuration to define; `empty` is where it is defined with no value.

    `files` are those that its ConfigMaps are made from.
    """

    noun: ClassVar[str] = "stated key of configuration"
    only_in_files: ClassVar[bool] = False

    place: Place
    name: str
    key: str
    defined: bool
    empty: tuple[Location, ...]
    files: tuple[Location, ...]

    @property
    def id(self) -> str:
        """Place and key."""
        return f"{self.place.name}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where it is stated as the place, and the files that could define it."""
        return Evidence(message.format(*values), (Location(FILE), *self.files))

    def blame_empty(self, message: str, *values: object) -> Evidence:
        """Give the lines that define it with no value as the place."""
        return Evidence(message.format(*values), self.empty)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[StatedKey | Gap]:
        """Yield each stated key of each place; a place that states none is named."""
        for one in stated(platform, "configuration", "which keys its configuration must define"):
            if isinstance(one, Gap):
                yield one
                continue
            item, names = one
            maps = [document for document in item.documents if document.kind == "ConfigMap"]
            every = [
                (document, str(key), value) for document in maps for key, value in mapping(document.get("data")).items()
            ]
            defined = {key for _, key, _ in every}
            filled = {key for _, key, value in every if str(value or "").strip()}
            entries = item.sources.entries if item.sources else []
            files = dict.fromkeys(entry.target for entry in entries if is_config_file(entry))
            lines = tuple(Location(file, 1) for file in files)
            for name in names:
                void = [document for document, key, _ in every if key == name and name not in filled]
                empty = tuple(document.origin.locate(("data", name)) for document in void)
                yield cls(item.place, name, f"[{item.key}] configuration", name in defined, empty, lines)


def is_config_file(entry: Entry) -> bool:
    """Whether an entry of a kustomization names an environment file that a ConfigMap is made from."""
    return entry.use is Use.ENVIRONMENT and not entry.generates_secret
