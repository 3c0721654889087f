"""YAML as Kubernetes reads it, with the line of every field.

kubectl and kustomize read YAML 1.1 booleans and octal numbers and YAML 1.2 strings for the rest: dates, sexagesimals and
`=` stay strings, and keys become strings on the way to JSON (sigs.k8s.io/yaml, `convertToJSONableObject`).
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from policies.errors import SourceError

FieldPath = tuple[str | int, ...]
"""The way to a field: keys of mappings and positions in lists."""

MAXIMUM_DEPTH = 100
MAXIMUM_NODES = 500_000
"""More than this, aliases counted as often as they are used and long texts by their length, is no manifest but a bomb."""

MAXIMUM_PROBLEMS = 100
"""How many problems of one document are told."""

_BOOLEANS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]{0,20})\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_LOOSE_UNDERSCORE = re.compile(r"_(?![0-9])|(?<![0-9])_")
_NO_NUMBERS = frozenset(sign + name for name in (".inf", ".Inf", ".INF") for sign in ("", "+", "-")) | {
    ".nan",
    ".NaN",
    ".NAN",
}
_STANDARD = "tag:yaml.org,2002:"
_PLAIN = _STANDARD + "plain"

# A document can only be deep with many brackets or a long run of what opens a level of its own; only such a one is measured
# exactly. (Runs are sought everywhere, not at the beginnings of lines: to YAML a lone CR or U+2028 begins a line too.)
_RUN = re.compile(rb"[ \t\-?:]{%d}" % (MAXIMUM_DEPTH // 2))
_OPENING = (b"[", b"{")
# Every value but a document's first has one of these before it or before its key.
_SEPARATING = (*_OPENING, b",", b":", b"-", b"?")


class _Loader(yaml.CSafeLoader):
    """Composes nodes only. Plain scalars keep a tag of their own: what they mean is decided in `_scalar`."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own attribute)

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:  # noqa: ARG002 (PyYAML calls it so)
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _STANDARD + "str"
        return _STANDARD + ("seq" if kind is yaml.SequenceNode else "map")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that its readers disagree on or refuse, but that can be read past.

    `repair` says how it was read past where kustomize refuses it; it is empty where kustomize takes the file as it is.
    """

    line: int
    text: str
    repair: str = ""


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
            if not _is_merge(key) and _key(key) == step:
                return value, key.start_mark.line + 1
        for key, value in holder.value:
            if _is_merge(key):
                pending.extend(reversed(value.value) if isinstance(value, yaml.SequenceNode) else (value,))
    return None


def _is_merge(key: yaml.Node) -> bool:
    return bool(key.value == "<<" and key.tag in (_PLAIN, _STANDARD + "merge"))


def parse(content: bytes, file: str) -> tuple[YamlDocument, ...]:
    """Give every document of a file that is not empty.

    Raises SourceError, with the line, for what is no UTF-8, holds NUL, nests deeper than `MAXIMUM_DEPTH`, holds more than
    `MAXIMUM_NODES` or grows to as many through aliases, refers to itself, or is not YAML.
    """
    raw = _utf8(content, file)
    _check_bounds(raw, file)
    documents = []
    try:
        for node in yaml.compose_all(raw, Loader=_Loader):
            builder = _Builder(file)
            data = builder.build(node)[0]
            if data is not None:
                documents.append(YamlDocument(data, node, tuple(builder.problems)))
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


def _check_bounds(raw: bytes, file: str) -> None:
    # libyaml's own parser keeps a stack on the heap, but composing recurses in C: 200,000 open brackets end the process.
    may_be_deep = sum(map(raw.count, _OPENING)) >= MAXIMUM_DEPTH // 2 or _RUN.search(raw)
    if not may_be_deep and sum(map(raw.count, _SEPARATING)) < MAXIMUM_NODES // 2:
        return
    depth = nodes = 0
    try:
        for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else None
            if isinstance(event, yaml.NodeEvent):
                nodes += 1
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAXIMUM_DEPTH:
                raise SourceError(file, f"nests deeper than {MAXIMUM_DEPTH} levels and was not read", line)
            if nodes > MAXIMUM_NODES:
                raise SourceError(file, f"holds more than {MAXIMUM_NODES:,} values and was not read", line)
    except yaml.YAMLError as error:
        raise _not_yaml(error, raw, file) from None


def _not_yaml(error: yaml.YAMLError, raw: bytes, file: str) -> SourceError:
    if isinstance(error, yaml.MarkedYAMLError):
        mark, problem = error.problem_mark or error.context_mark, error.problem or error.context
        # What is not closed is missed below the last line.
        return SourceError(
            file, f"is not YAML: {problem}", min(mark.line, len(raw.splitlines()) - 1) + 1 if mark else None
        )
    line = raw.count(b"\n", 0, error.position) + 1 if isinstance(error, yaml.reader.ReaderError) else None
    return SourceError(file, f"is not YAML: {str(error).splitlines()[0]}", line)


class _Builder:
    """Builds one document's data from its nodes, once a node, counting what aliases would make of it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._built: dict[int, tuple[Any, int, int]] = {}
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> tuple[Any, int, int]:
        """Give the data of a node, the number of nodes in it, aliases counted as often as they are used, and its depth."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), 1 + len(node.value) // 100, 0
        identity = id(node)
        if identity in self._built:
            return self._built[identity]
        line = node.start_mark.line + 1
        if identity in self._open:
            raise SourceError(self.file, "an alias refers to what it stands in, which never ends", line)
        self._open.add(identity)
        data, size, depth = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
        self._open.discard(identity)
        if size > MAXIMUM_NODES:
            raise SourceError(
                self.file, f"grows to more than {MAXIMUM_NODES:,} values through aliases and was not read", line
            )
        if depth > MAXIMUM_DEPTH:
            raise SourceError(
                self.file, f"nests deeper than {MAXIMUM_DEPTH} levels through aliases and was not read", line
            )
        self._built[identity] = data, size, depth
        return data, size, depth

    def _sequence(self, node: yaml.Node) -> tuple[list[Any], int, int]:
        self._note_tag(node, "seq")
        data, size, depth = [], 1, 0
        for item in node.value:
            value, grown, below = self.build(item)
            data.append(value)
            size, depth = size + grown, max(depth, below)
        return data, size, depth + 1

    def _mapping(self, node: yaml.MappingNode) -> tuple[dict[str, Any], int, int]:
        self._note_tag(node, "map")
        data: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        size, depth = 1, 0
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise SourceError(self.file, "a key is a list or a mapping, which JSON does not have", line)
            value, grown, below = self.build(value_node)
            size, depth = size + grown, max(depth, below)
            if _is_merge(key_node):
                self._merge(merged, value, data, line)
                continue
            key = self._checked_key(key_node)
            if key in data:
                text = f"the key {key!r} stands twice (first in line {lines[key]}); some readers refuse it, others take the last"
                self._note(line, text, "its last declaration was taken")
            data[key], lines[key] = value, line
        return ({**merged, **data} if merged else data), size, depth + 1

    def _merge(self, merged: dict[str, Any], value: Any, data: dict[str, Any], line: int) -> None:
        for source in reversed(value) if isinstance(value, list) else (value,):
            if not isinstance(source, dict):
                raise SourceError(self.file, "a merge (<<) takes a mapping", line)
            merged.update(source)
            for key in source:
                if key in data:
                    self._note(
                        line,
                        f"a merge (<<) brings the key {key!r}, which stands above it; kustomize takes the one above, kubectl the merge's",
                    )

    def _checked_key(self, node: yaml.ScalarNode) -> str:
        key = _key(node)
        if node.tag != _STANDARD + "str" and not isinstance(_plain(node.value), str):
            self._note(
                node.start_mark.line + 1,
                f"the key {node.value} is no string; kustomize refuses it, so write it in quotes",
                f"{key!r} was taken",
            )
        return key

    def _note_tag(self, node: yaml.Node, expected: str) -> None:
        if node.tag != _STANDARD + expected:
            self._note(
                node.start_mark.line + 1,
                f"the tag {node.tag.replace(_STANDARD, '!!')} means nothing to Kubernetes, which drops it",
            )

    def _note(self, line: int, text: str, repair: str = "") -> None:
        if len(self.problems) < MAXIMUM_PROBLEMS:
            self.problems.append(Problem(line, text, repair))

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        kind = node.tag.removeprefix(_STANDARD)
        if kind == "plain":
            if text in _NO_NUMBERS:
                self._note(
                    node.start_mark.line + 1,
                    f"holds {text}, which JSON does not have; kustomize and kubectl refuse it",
                    "it was taken as text",
                )
                return text
            return _plain(text)
        if kind in _TYPES:
            value = _plain(text)
            if isinstance(value, _TYPES[kind]) and (kind == "bool") is isinstance(value, bool):
                return value
        if kind == "binary":
            try:
                return base64.b64decode(text).decode(errors="replace")
            except binascii.Error:
                pass
        if kind in _TYPES or kind == "binary":
            self._note(
                node.start_mark.line + 1,
                f"the tag !!{kind} does not fit its value; kubectl refuses it",
                "it was taken as text",
            )
        else:
            self._note_tag(node, "str")
        return text


_TYPES: dict[str, Any] = {"int": int, "float": (int, float), "bool": bool, "null": type(None)}


def _key(node: yaml.ScalarNode) -> str:
    """Give a mapping's key as JSON has it: what YAML takes for a number or a boolean is spelled as Go spells it."""
    value = node.value if node.tag == _STANDARD + "str" else _plain(node.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _spell_float(value)
    return "null" if value is None else str(value)


def _spell_float(value: float) -> str:
    # As strconv.FormatFloat(value, 'g', -1, 32): the fewest digits that mean the same to 32 bits, an exponent from 1e6 on.
    try:
        single = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return ".inf" if value > 0 else "-.inf"
    for digits in range(9):
        text = f"{single:.{digits}e}"
        if struct.unpack("<f", struct.pack("<f", float(text)))[0] == single:
            break
    exponent = text.partition("e")[2]
    return text if int(exponent) not in range(-4, 6) else f"{single:.{max(0, digits - int(exponent))}f}"


def _plain(text: str) -> Any:
    """Say what a plain scalar means (go-yaml v2, `resolve.go`)."""
    if text in _NULLS:
        return None
    first = text[0]
    if first in "yYnNtTfFoO":
        return _BOOLEANS.get(text, text)
    if first not in "+-.0123456789":
        return text
    if first == "." and _LOOSE_UNDERSCORE.search(text):
        return text
    digits = text.replace("_", "")
    if _INTEGER.match(digits):
        value = _integer(digits)
        if -(2**63) <= value < 2**63:
            return value
        if 0 < value < 2**64 and digits[0] != "+":
            return float(value)
    if _FLOAT.match(digits):
        approximate = float(digits)
        return text if approximate in (float("inf"), float("-inf")) else approximate
    return text


def _integer(digits: str) -> int:
    sign, magnitude = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    if len(magnitude) > 1 and magnitude[0] == "0" and magnitude[1].isdigit():
        magnitude = "0o" + magnitude[1:]
    return sign * int(magnitude, 0)


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
