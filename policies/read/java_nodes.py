"""Nodes of Java's syntax tree: walking them, their text, their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from policies.errors import SourceError

MAXIMUM_DEPTH = 200
"""How deep brackets may be nested: unbalanced `<` take the parser gigabytes."""

_BRACKET = re.compile(rb"[(){}\[\]<>;]")
_SHORT = 300
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "0": "\0"}


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, in the order in which they are written."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        pending += reversed(found.named_children)


def text_of(node: Node | None) -> str:
    """Give the source of a node."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def short_text(node: Node | None) -> str:
    """Give the source of a node that is as short as a name or a call; nothing for a longer one."""
    return text_of(node) if node is not None and node.end_byte - node.start_byte <= _SHORT else ""


def line_of(node: Node) -> int:
    """Give the line on which a node begins."""
    return int(node.start_point[0]) + 1


def simple(node: Node | None) -> str:
    """Give a type's name without package and type arguments."""
    return re.sub(r"<.*|\[.*|\.\.\.", "", text_of(node), flags=re.DOTALL).strip().rpartition(".")[2]


def string(node: Node | None) -> str | None:
    """Give the text of a string literal; None for anything else."""
    if node is None or node.type != "string_literal":
        return None
    inner = "".join(text_of(one) for one in node.named_children)
    return re.sub(r"\\([0abfnrst\"'\\])", lambda found: _ESCAPES.get(found[1], found[1]), inner)


def check_depth(file: str, content: bytes) -> None:
    """Raise SourceError where brackets are nested more deeply than the parser can take."""
    depth = angles = 0
    for found in _BRACKET.finditer(content):
        bracket = found[0]
        if bracket in b"<>":
            angles = max(0, angles + (1 if bracket == b"<" else -1))
        else:
            angles = angles if bracket in b"()[]" else 0
            depth += bracket in b"({["
            depth -= bracket in b")}]"
        if max(depth, angles) > MAXIMUM_DEPTH:
            line = content.count(b"\n", 0, found.start()) + 1
            raise SourceError(file, f"nests brackets more than {MAXIMUM_DEPTH} deep and was not read", line)
