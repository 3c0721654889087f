"""A YAML document's data from its nodes, as kubectl and kustomize would have it in JSON, and what they disagree on in it."""

from __future__ import annotations

import base64
from typing import Any

import yaml

from policies.errors import SourceError
from policies.read.problem import Problem
from policies.read.yaml_bounds import MAXIMUM_DEPTH, MAXIMUM_NODES
from policies.read.yaml_scalars import NO_NUMBERS, STANDARD, is_merge, resolve_plain, spell_key

MAXIMUM_PROBLEMS = 100
"""How many problems of one document are told."""

_TYPES: dict[str, Any] = {"int": int, "float": (int, float), "bool": bool, "null": type(None)}
"""The types that a tag can ask for, as JSON has them."""


def construct(node: yaml.Node, file: str) -> tuple[Any, tuple[Problem, ...]]:
    """Give the data of a document, and its problems.

    Raises SourceError, with the line, where it grows out of bounds through aliases, refers to itself or is not JSON.
    """
    builder = _Builder(file)
    data = builder.build(node)[0]
    return data, tuple(builder.problems)


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
            if is_merge(key_node):
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
        key = spell_key(node)
        if node.tag != STANDARD + "str" and not isinstance(resolve_plain(node.value), str):
            self._note(
                node.start_mark.line + 1,
                f"the key {node.value} is no string; kustomize refuses it, so write it in quotes",
                f"{key!r} was taken",
            )
        return key

    def _note_tag(self, node: yaml.Node, expected: str) -> None:
        if node.tag != STANDARD + expected:
            self._note(
                node.start_mark.line + 1,
                f"the tag {node.tag.replace(STANDARD, '!!')} means nothing to Kubernetes, which drops it",
            )

    def _note(self, line: int, text: str, repair: str = "") -> None:
        if len(self.problems) < MAXIMUM_PROBLEMS:
            self.problems.append(Problem(line, text, repair))

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text: str = node.value
        kind = node.tag.removeprefix(STANDARD)
        if kind == "plain":
            if text in NO_NUMBERS:
                self._note(
                    node.start_mark.line + 1,
                    f"holds {text}, which JSON does not have; kustomize and kubectl refuse it",
                    "it was taken as text",
                )
                return text
            return resolve_plain(text)
        if kind in _TYPES:
            value = resolve_plain(text)
            if isinstance(value, _TYPES[kind]) and (kind == "bool") is isinstance(value, bool):
                return value
        if kind == "binary":
            try:
                return base64.b64decode(text).decode(errors="replace")
            except ValueError:
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
