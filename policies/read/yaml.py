"""YAML as Kubernetes reads it, with the line of every field.

kubectl and kustomize read YAML 1.1 booleans and octal numbers and YAML 1.2 strings for the rest: dates, sexagesimals and
`=` stay strings, and keys become strings on the way to JSON (sigs.k8s.io/yaml, `convertToJSONableObject`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from policies.errors import SourceError

FieldPath = tuple[str | int, ...]
"""The way to a field: keys of mappings and positions in lists."""

MAXIMUM_DEPTH = 100
MAXIMUM_NODES = 500_000
"""More than this, aliases counted as often as they are used, is no manifest but a bomb."""

_BOOLEANS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL = {".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
_STANDARD = "tag:yaml.org,2002:"
_PLAIN = _STANDARD + "plain"

# Bounds that no document deeper than MAXIMUM_DEPTH can stay under; only what exceeds them is measured exactly.
_LEADING = re.compile(rb"^[ \t\-?:]*", re.MULTILINE)
_OPENING = re.compile(rb"[\[{]")


class _Loader(yaml.CSafeLoader):
    """Composes nodes only. Plain scalars keep a tag of their own: what they mean is decided in `_scalar`."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own attribute)
    DEFAULT_SCALAR_TAG = _STANDARD + "str"

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _STANDARD + "str"
        return _STANDARD + ("seq" if kind is yaml.SequenceNode else "map")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that its readers disagree on or refuse, but that can be read past."""

    line: int
    text: str


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


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        merged = None
        for key, value in reversed(node.value):
            if key.value == step:
                return value, key.start_mark.line + 1
            if key.value == "<<" and key.tag == _PLAIN:
                for source in value.value if isinstance(value, yaml.SequenceNode) else (value,):
                    merged = merged or _child(source, step)
        return merged
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and -1 < step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    return None


def parse(content: bytes, file: str) -> tuple[YamlDocument, ...]:
    """Give every document of a file that is not empty.

    Raises SourceError, with the line, for what is no UTF-8, holds NUL, nests deeper than `MAXIMUM_DEPTH`, grows beyond
    `MAXIMUM_NODES` through aliases, refers to itself, uses a tag that Kubernetes has no use for, or is not YAML.
    """
    text = _text(content, file)
    _check_depth(text, file)
    documents = []
    try:
        for node in yaml.compose_all(text, Loader=_Loader):  # noqa: S506 (a loader that builds nothing)
            builder = _Builder(file)
            data = builder.build(node)[0]
            if data is not None:
                documents.append(YamlDocument(data, node, tuple(builder.problems)))
    except yaml.YAMLError as error:
        raise _not_yaml(error, file) from None
    return tuple(documents)


def _text(content: bytes, file: str) -> str:
    if (position := content.find(b"\0")) >= 0:
        raise SourceError(file, "holds a NUL byte: it is not text", content.count(b"\n", 0, position) + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(file, f"is not UTF-8 (byte 0x{content[error.start]:02x}); save it as UTF-8", line) from None


def _check_depth(text: str, file: str) -> None:
    # libyaml's own parser keeps a stack on the heap, but composing recurses in C: 200,000 open brackets end the process.
    raw = text.encode()
    bound = len(_OPENING.findall(raw)) + max(map(len, _LEADING.findall(raw)), default=0)
    if bound <= MAXIMUM_DEPTH:
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAXIMUM_DEPTH:
                    raise SourceError(file, f"nests deeper than {MAXIMUM_DEPTH} levels and was not read", event.start_mark.line + 1)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError as error:
        raise _not_yaml(error, file) from None


def _not_yaml(error: yaml.YAMLError, file: str) -> SourceError:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return SourceError(file, f"is not YAML: {error.problem or error.context}", mark.line + 1 if mark else None)
    return SourceError(file, f"is not YAML: {str(error).splitlines()[0]}")


class _Builder:
    """Builds one document's data from its nodes, once a node, counting what aliases would make of it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._built: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> tuple[Any, int]:
        """Give the data of a node and the number of nodes in it, aliases counted as often as they are used."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), 1
        identity = id(node)
        if identity in self._built:
            return self._built[identity]
        line = node.start_mark.line + 1
        if identity in self._open:
            raise SourceError(self.file, "an alias refers to what it stands in, which never ends", line)
        self._open.add(identity)
        data, size = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
        self._open.discard(identity)
        if size > MAXIMUM_NODES:
            raise SourceError(self.file, f"grows to more than {MAXIMUM_NODES:,} values through aliases and was not read", line)
        self._built[identity] = data, size
        return data, size

    def _sequence(self, node: yaml.Node) -> tuple[list[Any], int]:
        self._check_tag(node, "seq")
        data, size = [], 1
        for item in node.value:
            value, grown = self.build(item)
            data.append(value)
            size += grown
        return data, size

    def _mapping(self, node: yaml.MappingNode) -> tuple[dict[str, Any], int]:
        self._check_tag(node, "map")
        data: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        size = 1
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise SourceError(self.file, "a key is a list or a mapping, which JSON does not have", line)
            value, grown = self.build(value_node)
            size += grown
            if key_node.tag == _PLAIN and key_node.value == "<<":
                for source in reversed(value) if isinstance(value, list) else (value,):
                    if not isinstance(source, dict):
                        raise SourceError(self.file, "a merge (<<) takes a mapping", line)
                    merged.update(source)
                continue
            key = self._key(key_node)
            if key in data:
                self.problems.append(Problem(line, f"the key {key!r} stands twice (first in line {lines[key]}); kubectl refuses it"))
            data[key], lines[key] = value, line
        return ({**merged, **data} if merged else data), size

    def _key(self, node: yaml.ScalarNode) -> str:
        value = self._scalar(node)
        if isinstance(value, bool):
            return "true" if value else "false"
        return "null" if value is None else str(value)

    def _check_tag(self, node: yaml.Node, expected: str) -> None:
        if node.tag != _STANDARD + expected:
            shown = node.tag.removeprefix(_STANDARD)
            raise SourceError(self.file, f"the tag {shown!r} has no meaning in a manifest", node.start_mark.line + 1)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        if node.tag == _PLAIN:
            return _plain(text)
        kind = node.tag.removeprefix(_STANDARD)
        if kind == "str":
            return text
        if kind in {"int", "float", "bool", "null"}:
            value = _plain(text)
            if not isinstance(value, str):
                return value
        self._check_tag(node, "str")
        return text


def _plain(text: str) -> Any:
    if text in _NULLS:
        return None
    first = text[0]
    if first in "yYnNtTfFoO":
        return _BOOLEANS.get(text, text)
    if first not in "+-.0123456789":
        return text
    if _INTEGER.match(text):
        return _integer(text)
    if _FLOAT.match(text):
        return float(text)
    return _SPECIAL.get(text.lower(), text)


def _integer(text: str) -> Any:
    digits = text.replace("_", "")
    sign, magnitude = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    if len(magnitude) > 1 and magnitude[0] == "0" and magnitude[1].isdigit():
        magnitude = "0o" + magnitude[1:]
    try:
        return sign * int(magnitude, 0)
    except ValueError:
        return text


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
