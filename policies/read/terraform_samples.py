"""Values for variables that have none: of their type, and a stand-in in every part of it."""

from __future__ import annotations

import re

from policies.read.hcl import Declaration
from policies.read.terraform_edits import Edit, insert
from policies.read.terraform_spans import Span, elements, inside, items

_NARROW = re.compile(r"\b(?:number|bool)\b")


def give_value(block: Declaration, relaxed: bool, unset: bool) -> list[Edit]:
    """Give a variable a value where it is `unset`, and take its type's narrowness away where that, or what it is given, is a stand-in."""
    edits = []
    type = block.attributes.get("type")
    if type is not None and (relaxed or unset):
        for found in _NARROW.finditer(type.code):
            edits.append(Edit(type.start + found.start(), type.start + found.end(), "any"))
    if unset and "default" not in block.attributes:
        label = f"⟦|var.{block.labels[0]}|%s⟧"
        edits += insert(block, [f"default = {_sample(Span.of(type) if type else None, label)}"])
    return edits


def _sample(type: Span | None, label: str, path: str = "", depth: int = 0) -> str:
    """Spell a value of a type in which everything is a stand-in."""
    plain = f'"{label % path}"'
    if type is None or depth > 6:
        return plain
    found = re.match(r"\s*(list|set|map|object|tuple|optional)\s*(?=\()", type.code)
    held = inside(Span(type.expression, type.start + found.end(), type.end), "(") if found else None
    if found is None or held is None:
        return plain
    if found[1] in ("list", "set"):
        return f"[{_sample(held, label, f'{path}[0]', depth + 1)}]"
    if found[1] == "map":
        return f"{{{plain} = {_sample(held, label, f'{path}.*', depth + 1)}}}"
    if found[1] == "optional":
        comma = re.match(r"[^,]*", held.code)
        return _sample(
            Span(held.expression, held.start, held.start + (comma.end() if comma else 0)), label, path, depth
        )
    if found[1] == "tuple":
        listed = elements(held) or []
        return "[" + ", ".join(_sample(one, label, f"{path}[{at}]", depth + 1) for at, one in enumerate(listed)) + "]"
    known = items(held) or {}
    return (
        "{"
        + ", ".join(f'"{key}" = {_sample(one, label, f"{path}.{key}", depth + 1)}' for key, one in known.items())
        + "}"
    )
