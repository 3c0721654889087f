"""Texts and files that an attribute names, by the source alone: tfparse gives nothing for `templatefile`, nor for the file of a computed path."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from policies.read.hcl import Expression
from policies.read.terraform import Block
from policies.read.terraform_scope import Scope
from policies.read.terraform_spans import Span, descend, inside, items, parts, traversals, trim

_READS = re.compile(r"(file|templatefile)\s*(?=\()")
_OPENS_OR_CLOSES = re.compile(r"[({\[«)}\]»]")
_DEEPEST = 20
"""How many names may stand between a text and what it is made of."""


@dataclass(frozen=True)
class FileRead:
    """What `file` or `templatefile` reads: a path in the platform, and, of a template, what its names stand for; None for what is not known."""

    path: str
    names: Mapping[str, str | None] | None = None


def file_read(block: Block, attribute: str) -> FileRead | None:
    """Give the file that is an attribute's whole value; None where it is another value, or the path cannot be told."""
    reader = block.root.reader
    expression = block.declaration.attributes.get(attribute) if block.declaration is not None else None
    if expression is None or reader is None or block not in reader.raw:
        return None
    scope: Scope = reader.raw[block][1].scope
    whole = trim(Span.of(expression))
    call = _READS.match(whole.code)
    held = inside(Span(expression, whole.start + call.end(), whole.end), "(") if call is not None else None
    given = list(parts(held, ",")) if held is not None else []
    path = _text(given[0], scope, block.root.folder) if given else None
    if call is None or path is None or posixpath.isabs(path):
        return None
    path = posixpath.normpath(posixpath.join(block.root.folder, path))
    if call[1] == "file":
        return FileRead(path)
    names = items(trim(given[1])) if len(given) > 1 else None
    return FileRead(path, {name: _text(one, scope, block.root.folder) for name, one in (names or {}).items()})


def _text(span: Span, scope: Scope, root: str, depth: int = 0) -> str | None:
    """Give the text that a part of an expression comes to; None where that takes more than names and strings."""
    span = trim(span)
    if depth > _DEEPEST:
        return None
    if (held := inside(span, "«")) is not None and span.expression.text[span.start] == '"':
        return _joined(held, scope, root, depth)
    name = next(traversals(span), None)
    if name is None or (name.start, name.end) != (span.start, span.end) or not isinstance(name.steps[0], str):
        return None
    first, path = name.steps[0], name.steps[1:]
    if name.name == "path":
        return {"module": posixpath.relpath(scope.folder, root), "root": "."}.get(first)
    found: tuple[Expression, Scope] | None = None
    if name.name == "local" and first in scope.locals:
        found = scope.locals[first][0], scope
    elif name.name == "var" and (value := scope.value_of(first)) is not None:
        found = value[:2]
    ends = descend(Span.of(found[0]), path) if found is not None else []
    return _text(ends[0][0], found[1], root, depth + 1) if found and len(ends) == 1 and not ends[0][1] else None


def _joined(held: Span, scope: Scope, root: str, depth: int) -> str | None:
    """Give what a quoted string comes to, with what its interpolations do."""
    text, at, made = held.expression.text, held.start, ""
    while at < held.end:
        begin = held.expression.code.find("(", at, held.end)
        plain = _unescaped(text[at : begin - 1 if begin >= 0 else held.end])
        if plain is None or (begin >= 0 and text[begin - 1] != "$"):
            return None
        made += plain
        if begin < 0:
            break
        end = _closing(held.expression.code, begin)
        inner = _text(Span(held.expression, begin + 1, end), scope, root, depth + 1)
        if inner is None:
            return None
        made, at = made + inner, end + 1
    return made


def _unescaped(text: str) -> str | None:
    try:
        return str(json.loads(f'"{text}"')).replace("$${", "${").replace("%%{", "%{")
    except ValueError:
        return None


def _closing(code: str, start: int) -> int:
    depth = 0
    for found in _OPENS_OR_CLOSES.finditer(code, start):
        depth += 1 if found[0] in "({[«" else -1
        if depth == 0:
            return found.start()
    return len(code)
