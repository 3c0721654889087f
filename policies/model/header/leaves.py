"""Where a value comes to its end: a text that somebody wrote, in whatever file, or a variable of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from policies.errors import SourceError
from policies.evidence import Location
from policies.read import yaml
from policies.read.tree import Tree

DATA = (".json", ".yaml", ".yml")


@dataclass(frozen=True)
class Leaf:
    """The end of a value: `value` where it is known, and the `variable` of the environment that it is taken from; `is_default` where it stands in only."""

    location: Location
    value: str | None = None
    variable: str = ""
    is_default: bool = False

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.location.source


@dataclass(frozen=True)
class DataFile:
    """A file of JSON or YAML: what it says at a path, and on which line."""

    file: str
    document: yaml.YamlDocument

    def at(self, keys: tuple[str, ...]) -> Leaf | None:
        """Give the text at a path of keys, None where there is none."""
        value: Any = self.document.data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return (
            Leaf(Location(self.file, self.document.line_of(keys)), str(value))
            if isinstance(value, (str, int))
            else None
        )

    def saying(self, text: str) -> Leaf | None:
        """Give the place where it says a text, in any case of its letters; None where it does not, or in several."""
        found = [path for path, value in yaml.fields(self.document.data) if str(value).lower() == text.lower()]
        return Leaf(Location(self.file, self.document.line_of(found[0])), text) if len(found) == 1 else None


def data_file(tree: Tree, file: str) -> DataFile | None:
    """Read a file of JSON or YAML; None where it is none."""
    if not file.endswith(DATA) or not tree.is_file(file):
        return None
    try:
        documents = yaml.parse(tree.read(file), file)
    except SourceError:
        return None
    return DataFile(file, documents[0]) if len(documents) == 1 else None


def leaf_in_file(tree: Tree, file: str, keys: tuple[str, ...], wanted: str) -> Leaf | None:
    """Give the place in a file where a text that was read from it stands; None where it does not stand there as it is."""
    data = data_file(tree, file)
    if data is not None:
        found = data.at(keys) if keys else None
        return found if found is not None and found.value == wanted else data.saying(wanted)
    try:
        lines = tree.read(file).decode("utf-8", "replace").splitlines()
    except SourceError:
        return None
    numbers = [number for number, line in enumerate(lines, 1) if wanted.lower() in line.lower()]
    return Leaf(Location(file, numbers[0]), wanted) if len(numbers) == 1 else None


def is_resource(text: str | None) -> TypeGuard[str]:
    """Whether a text names a file for Spring to hand over: what it holds is not followed."""
    return text is not None and text.startswith(("classpath:", "file:"))


def merged(leaves: Iterator[Leaf]) -> tuple[Leaf, ...]:
    """Give leaves once each, in their order."""
    return tuple(dict.fromkeys(leaves))
