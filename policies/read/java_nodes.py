"""Nodes of Java's syntax tree: walking them, their text, their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

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
