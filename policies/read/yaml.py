"""YAML as Kubernetes reads it, with the line of every field.

kubectl and kustomize read YAML 1.1 booleans and octal numbers and YAML 1.2 strings for the rest: dates, sexagesimals and
`=` stay strings, and keys become strings on the way to JSON (sigs.k8s.io/yaml, `convertToJSONableObject`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from policies.errors import SourceError
from policies.read.problem import Problem
from policies.read.yaml_bounds import check_bounds
from policies.read.yaml_construct import construct
from policies.read.yaml_scalars import PLAIN, STANDARD, is_merge, spell_key

FieldPath = tuple[str | int, ...]
"""The way to a field: keys of mappings and positions in lists."""


class _Loader(yaml.CSafeLoader):
    """Composes nodes only. Plain scalars keep a tag of their own: what they mean is decided where data is made of them."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own attribute)

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:  # noqa: ARG002 (PyYAML calls it so)
        if kind is yaml.ScalarNode:
            return PLAIN if implicit[0] else STANDARD + "str"
        return STANDARD + ("seq" if kind is yaml.SequenceNode else "map")


@dataclass(frozen=True)
class YamlDocument:
    """One document: its data as JSON would hold it, and where each field stands. `line` is where it begins."""

    data: Any
    node: yaml.Node
    problems: tuple[Problem, ...] = ()

    @property
    def line(self) -> int:
        """The line on which the document begins, from 1."""
        return int(self.node.start_mark.line) + 1

    def line_of(self, path: FieldPath) -> int:
        """Give the line of the field at `path`, or of the nearest field above it that exists."""
        node, line = self.node, self.line
        for step in path:
            found = _child(node, step)
            if found is None:
                return line
            node, line = found
        return line

    def lines_above_text(self, path: FieldPath) -> int:
        """How many lines of the file stand above the first line of the text at `path`: a block scalar's begins below its `|`."""
        node = self.node
        for step in path:
            found = _child(node, step)
            if found is None:
                return self.line_of(path) - 1
            node = found[0]
        return int(node.start_mark.line) + (getattr(node, "style", None) in ("|", ">"))


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.SequenceNode):
        if isinstance(step, int) and -1 < step < len(node.value):
            item = node.value[step]
            return item, item.start_mark.line + 1
        return None
    # Its own keys first, then what it merges: not by recursion, for merges can be chained without nesting.
    pending, seen = [node], set()
    while pending:
        holder = pending.pop()
        if not isinstance(holder, yaml.MappingNode) or id(holder) in seen:
            continue
        seen.add(id(holder))
        for key, value in reversed(holder.value):
            if not is_merge(key) and spell_key(key) == step:
                return value, key.start_mark.line + 1
        for key, value in holder.value:
            if is_merge(key):
                pending.extend(reversed(value.value) if isinstance(value, yaml.SequenceNode) else (value,))
    return None


def parse(content: bytes, file: str) -> tuple[YamlDocument, ...]:
    """Give every document of a file that is not empty.

    Raises SourceError, with the line, for what is no UTF-8, holds NUL, nests deeper than `MAXIMUM_DEPTH`, holds more than
    `MAXIMUM_NODES` or grows to as many through aliases, refers to itself, or is not YAML.
    """
    raw = _utf8(content, file)
    documents = []
    try:
        check_bounds(raw, file)
        for node in yaml.compose_all(raw, Loader=_Loader):
            data, problems = construct(node, file)
            if data is not None:
                documents.append(YamlDocument(data, node, problems))
    except yaml.YAMLError as error:
        raise _not_yaml(error, raw, file) from None
    return tuple(documents)


def _utf8(content: bytes, file: str) -> bytes:
    if (position := content.find(b"\0")) >= 0:
        raise SourceError(file, "holds a NUL byte: it is not text", content.count(b"\n", 0, position) + 1)
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(file, f"is not UTF-8 (byte 0x{content[error.start]:02x}); save it as UTF-8", line) from None
    return content.removeprefix(b"\xef\xbb\xbf")


def _not_yaml(error: yaml.YAMLError, raw: bytes, file: str) -> SourceError:
    if isinstance(error, yaml.MarkedYAMLError):
        mark, problem = error.problem_mark or error.context_mark, error.problem or error.context
        # What is not closed is missed below the last line.
        return SourceError(
            file, f"is not YAML: {problem}", min(mark.line, len(raw.splitlines()) - 1) + 1 if mark else None
        )
    line = raw.count(b"\n", 0, error.position) + 1 if isinstance(error, yaml.reader.ReaderError) else None
    return SourceError(file, f"is not YAML: {str(error).splitlines()[0]}", line)


def fields(data: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Any]]:
    """Yield every scalar of a document with its path, depth first."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from fields(value, (*path, key))
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from fields(value, (*path, position))
    else:
        yield path, data
