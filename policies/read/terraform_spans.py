"""Parts of an expression: what stands at a path in an object or a list that is written out, and what names it takes in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from policies.read.hcl import Expression

_BRACKET = re.compile(r"[({\[«)}\]»]")
_OPENS = frozenset("({[«")
_CALL = re.compile(r"\s*(jsonencode|yamlencode|tomap|tolist|tuple|nonsensitive|sensitive|merge)?\s*\(")
_KEY = re.compile(r"\s*(?:([^\W\d][\w.-]*)|(«[^«»]*»)|(\d+))\s*(?:=(?![=>])|:)")
_TRAVERSAL = re.compile(r"(?<![\w.\-])([^\W\d][\w-]*)((?:\s*\.\s*(?:[\w-]+|\*)|\[[^\[\]]*\])+)(?!\w*\()")
_STEP = re.compile(r"\s*\.\s*([\w-]+|\*)|\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an expression, from `start` to `end`."""

    expression: Expression
    start: int
    end: int

    @classmethod
    def of(cls, expression: Expression) -> Span:
        """Give the whole of an expression."""
        return cls(expression, 0, len(expression.code))

    @property
    def code(self) -> str:
        """Its code, with strings blank."""
        return self.expression.code[self.start : self.end]

    @property
    def text(self) -> str:
        """Its text, in one line."""
        return " ".join(self.expression.text[self.start : self.end].split())

    @property
    def line(self) -> int:
        """The line on which it begins."""
        blank = len(self.code) - len(self.code.lstrip())
        return self.expression.line + self.expression.text.count("\n", 0, self.start + blank)


@dataclass(frozen=True, slots=True)
class Traversal:
    """A name and the steps from it: `module.queue["a"].arn`. A step is None where it is computed; `end` is where it ends."""

    name: str
    steps: tuple[str | int | None, ...]
    start: int
    end: int


def traversals(span: Span) -> Iterator[Traversal]:
    """Yield the names with steps that a part takes in, those in an index included."""
    pending = [(span.start, span.end)]
    while pending:
        begin, end = pending.pop()
        for found in _TRAVERSAL.finditer(span.expression.code, begin, end):
            steps: list[str | int | None] = []
            for step in _STEP.finditer(span.expression.code, found.start(2), found.end(2)):
                if step[1] is not None:
                    steps.append(int(step[1]) if step[1].isdigit() else None if step[1] == "*" else step[1])
                    continue
                inside = step[2].strip()
                if inside.startswith("«") and "(" not in inside:
                    steps.append(span.expression.text[step.start(2) : step.end(2)].strip().strip('"'))
                else:
                    steps.append(int(inside) if inside.isdigit() else None)
                    pending.append(step.span(2))
            yield Traversal(found[1], tuple(steps), *found.span())


def trim(span: Span) -> Span:
    """Take white space away at both ends, and a pair of parentheses around it all."""
    code = span.expression.code
    start, end = span.start, span.end
    while start < end and code[start].isspace():
        start += 1
    while end > start and code[end - 1].isspace():
        end -= 1
    return Span(span.expression, start, end)


def parts(span: Span, separators: str) -> Iterator[Span]:
    """Split at separators that stand in no bracket."""
    code, start = span.expression.code, span.start
    for found in _outside(span, separators):
        yield Span(span.expression, start, found)
        start = found + 1
    if code[start : span.end].strip():
        yield Span(span.expression, start, span.end)


def _outside(span: Span, separators: str) -> Iterator[int]:
    depth = 0
    for found in re.compile(rf"[({{\[«)}}\]»]|[{separators}]").finditer(span.expression.code, span.start, span.end):
        if found[0] in _OPENS:
            depth += 1
        elif found[0] in ")}]»":
            depth -= 1
        elif depth == 0:
            yield found.start()


def inside(span: Span, opening: str) -> Span | None:
    """Give what a bracket holds where the part is that bracket and nothing else."""
    span = trim(span)
    code = span.code
    if not code.startswith(opening):
        return None
    depth = 0
    for found in _BRACKET.finditer(code):
        depth += 1 if found[0] in _OPENS else -1
        if depth == 0:
            return Span(span.expression, span.start + 1, span.end - 1) if found.end() == len(code) else None
    return None


@lru_cache(maxsize=2048)
def items(span: Span) -> dict[str, Span] | None:
    """Give the items of an object that is written out, or None where it is none or a key is computed."""
    held = inside(span, "{")
    if held is None or re.match(r"\s*for\b", held.code):
        return None
    found: dict[str, Span] = {}
    for item in parts(held, ",\n"):
        if not item.code.strip():
            continue
        key = _KEY.match(item.code)
        if key is None or (key[2] and "(" in key[2]):
            return None
        start, end = key.span(2) if key[2] else key.span(1) if key[1] else key.span(3)
        name = span.expression.text[item.start + start : item.start + end].strip('"')
        found[name] = Span(span.expression, item.start + key.end(), item.end)
    return found


@lru_cache(maxsize=2048)
def elements(span: Span) -> list[Span] | None:
    """Give the elements of a list that is written out, or None where it is none."""
    held = inside(span, "[")
    if held is None or re.match(r"\s*for\b", held.code):
        return None
    return [part for part in parts(held, ",") if part.code.strip()]


def descend(span: Span, path: tuple[str | int | None, ...]) -> list[tuple[Span, tuple[str | int | None, ...]]]:
    """Follow a path through what is written out; give the parts that may hold what is there, each with the steps that are left."""
    while path:
        call = _CALL.match(span.code)
        if call and inside(Span(span.expression, span.start + call.end() - 1, span.end), "("):
            held = inside(Span(span.expression, span.start + call.end() - 1, span.end), "(")
            assert held is not None  # noqa: S101 (just asked)
            if call[1] == "merge":
                return _merged(list(parts(held, ",")), path)
            span = held
            continue
        step = path[0]
        if isinstance(step, str) and (known := items(span)) is not None:
            if step not in known:
                return []
            span, path = known[step], path[1:]
        elif isinstance(step, int) and (listed := elements(span)) is not None:
            if step >= len(listed):
                return []
            span, path = listed[step], path[1:]
        elif step is None and (every := _every(span)) is not None:
            return [found for one in every for found in descend(one, path[1:])]
        else:
            break
    return [(trim(span), path)]


def _every(span: Span) -> list[Span] | None:
    known = items(span)
    return list(known.values()) if known is not None else elements(span)


def _merged(objects: list[Span], path: tuple[str | int | None, ...]) -> list[tuple[Span, tuple[str | int | None, ...]]]:
    """What a path means in merged objects: the last that has the key, or that may have it, and those before which may."""
    found: list[tuple[Span, tuple[str | int | None, ...]]] = []
    for one in reversed(objects):
        known = items(one)
        if known is None or not isinstance(path[0], str):
            found += descend(one, path)
        elif path[0] in known:
            return [*found, *descend(known[path[0]], path[1:])]
    return found
