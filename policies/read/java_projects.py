"""Projects of Java in a platform: the folders that a build file makes one of, each with its types and the constants in them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from policies.errors import SourceError
from policies.evidence import Location
from policies.read import java
from policies.read.java import Method, Type, Variable
from policies.read.java_nodes import string, text_of
from policies.read.tree import Tree

BUILD_FILES = ("pom.xml", "build.gradle", "build.gradle.kts")
_TEST = re.compile(r"(^|/)(src/[a-z]*[tT]est[A-Za-z]*|tests?)/")


@dataclass(frozen=True)
class Constant:
    """A text that the source itself states, and where."""

    text: str
    location: Location


@dataclass(frozen=True, eq=False)
class Project:
    """A folder with a build file and the Java below it, tests left out. `errors` are the files of it that cannot be read."""

    tree: Tree
    folder: str
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """The folder's name."""
        return posixpath.basename(self.folder)

    @cached_property
    def _contents(self) -> tuple[dict[str, bytes], list[SourceError]]:
        contents: dict[str, bytes] = {}
        errors: list[SourceError] = []
        for file in self.files:
            try:
                contents[file] = self.tree.read(file)
            except SourceError as error:
                errors.append(error)
        return contents, errors

    @cached_property
    def _read(self) -> tuple[tuple[Type, ...], tuple[SourceError, ...]]:
        contents, errors = self._contents
        types: list[Type] = []
        for file, content in contents.items():
            try:
                types += java.read(file, content)
            except SourceError as error:
                errors.append(error)
        return tuple(types), tuple(errors)

    @property
    def types(self) -> tuple[Type, ...]:
        """Its types, those in others too."""
        return self._read[0]

    @property
    def errors(self) -> tuple[SourceError, ...]:
        """Its files that cannot be read."""
        return self._read[1]

    def mentions(self, word: bytes, outside: str = "") -> bool:
        """Whether any of its files holds a word, one file left out: what does not needs no parsing."""
        return any(word in content for file, content in self._contents[0].items() if file != outside)

    @cached_property
    def by_name(self) -> dict[str, Type]:
        """Its types by name, the first where two have the same."""
        return {one.name: one for one in reversed(self.types)}

    @cached_property
    def methods(self) -> dict[tuple[str, int], tuple[Method, ...]]:
        """Its methods by name and number of parameters."""
        found: dict[tuple[str, int], list[Method]] = {}
        for one in (method for type in self.types for method in type.methods):
            found.setdefault((one.name, len(one.parameters)), []).append(one)
        return {key: tuple(methods) for key, methods in found.items()}

    def field(self, owner: Type, name: str) -> tuple[Type, Variable] | None:
        """Find a field as a name in a type means it: its own, one of what it extends, one of what it stands in."""
        pending, seen = [owner], set[str]()
        while pending:
            type = pending.pop(0)
            if type.name in seen:
                continue
            seen.add(type.name)
            if name in type.by_name:
                return type, type.by_name[name]
            pending += [self.by_name[above] for above in type.above if above in self.by_name]
            pending += self._around(type)
        return None

    def _around(self, type: Type) -> Iterator[Type]:
        inner = type.node
        yield from (
            one
            for one in self.types
            if one.file == type.file and one.node.start_byte < inner.start_byte and one.node.end_byte >= inner.end_byte
        )

    def constant(self, node: Node | None, owner: Type) -> Constant | None:
        """Give the text that an expression states: a literal, a constant, several put together. None where it is none."""
        texts: list[str] = []
        where: Location | None = None
        pending: list[tuple[Node | None, Type]] = [(node, owner)]
        for _ in range(1000):
            if not pending:
                break
            part, type = pending.pop()
            literal = string(part)
            if part is None:
                return None
            if literal is not None:
                texts.append(literal)
                where = where or type.locate(part)
            elif part.type == "parenthesized_expression":
                pending.append((part.named_children[0] if part.named_children else None, type))
            elif part.type == "binary_expression" and text_of(part.child_by_field_name("operator")) == "+":
                pending += [(part.child_by_field_name("right"), type), (part.child_by_field_name("left"), type)]
            elif (found := self._named(part, type)) is not None and found[1].value is not None:
                pending.append((found[1].value, found[0]))
            else:
                return None
        return Constant("".join(texts), where) if where is not None and not pending else None

    def _named(self, node: Node, owner: Type) -> tuple[Type, Variable] | None:
        if node.type == "identifier":
            return self.field(owner, text_of(node))
        if node.type == "field_access":
            holder = text_of(node.child_by_field_name("object")).rpartition(".")[2]
            type = owner if holder == "this" else self.by_name.get(holder)
            return self.field(type, text_of(node.child_by_field_name("field"))) if type is not None else None
        return None


def find_projects(tree: Tree) -> tuple[Project, ...]:
    """Find every project of a platform that has Java: by build files, else by `src/main/java`, else the platform as a whole."""
    folders = {posixpath.dirname(path) or "." for path in tree.files if posixpath.basename(path) in BUILD_FILES}
    found: dict[str, list[str]] = {}
    for path in tree.files:
        if path.endswith(".java") and not _TEST.search(path):
            found.setdefault(_project_of(path, folders), []).append(path)
    return tuple(Project(tree, folder, tuple(files)) for folder, files in sorted(found.items()))


def _project_of(path: str, folders: set[str]) -> str:
    folder = posixpath.dirname(path)
    while folder and folder not in folders:
        folder = posixpath.dirname(folder)
    if folder or "." in folders:
        return folder or "."
    above = path.partition("/src/main/java/")[0]
    return above if above != path else "."
