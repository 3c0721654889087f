"""What expressions want of resources, data sources and modules that nobody has written down: attributes known only when they are applied."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from policies.read.hcl import Declaration, Expression
from policies.read.terraform_spans import Span, Traversal, traversals

LISTS = frozenset({"names", "ids", "zone_ids", "arns", "cidr_blocks", "group_names", "instance_tenancies"})
"""Attributes of data sources that are lists."""

_TAKES_LISTS = re.compile(r"\b(?:slice|element|toset|sort|distinct|zipmap|setproduct|flatten|in)[\s(]*\Z")
_AFTER_CALL = re.compile(r"[)\]]\s*(?:\[\s*\*\s*\]|\.\s*\*)?\s*\.\s*([^\W\d][\w-]*)")
_LOOP = re.compile(r"\bfor\s+([\w-]+)(?:\s*,\s*([\w-]+))?\s+in\b")

Steps = tuple[str | int | None, ...]


@dataclass
class Wanted:
    """The paths that are asked of each address in a folder; `loose` are names asked of what comes out of loops and calls."""

    paths: dict[str, set[Steps]] = field(default_factory=lambda: defaultdict(set))
    whole: set[str] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)


def expressions(blocks: Iterable[Declaration]) -> Iterator[tuple[Expression, Declaration]]:
    """Yield every expression in blocks and in the blocks in them, with the outermost block."""
    for outermost in blocks:
        pending = [outermost]
        while pending:
            block = pending.pop()
            for expression in block.attributes.values():
                yield expression, outermost
            pending += block.blocks


def find_wanted(blocks: list[Declaration], declared: dict[str, Declaration]) -> Wanted:
    """Find what the blocks of a folder ask of its resources, data sources and module calls."""
    wanted = Wanted()
    for expression, _ in expressions(blocks):
        code = expression.code
        loops = {name for found in _LOOP.finditer(code) for name in found.groups() if name}
        wanted.loose.update(_AFTER_CALL.findall(code))
        for name in traversals(Span.of(expression)):
            if name.name in loops:
                wanted.loose.update(step for step in name.steps if isinstance(step, str))
                continue
            address, rest = _address(name)
            block = declared.get(address)
            if block is None:
                kept = {"module": 2, "local": 1, "var": 1, "each": 1}.get(name.name, len(name.steps))
                wanted.loose.update(step for step in name.steps[kept:] if isinstance(step, str))
                continue
            if "count" in block.attributes or "for_each" in block.attributes:
                rest = rest[1:]
            if not rest or not isinstance(rest[0], str):
                wanted.whole.add(address)
                continue
            if (
                len(rest) == 1
                and (rest[0] in LISTS or _TAKES_LISTS.search(code[: name.start]))
                and block.type == "data"
            ):
                rest = (*rest, None)
            wanted.paths[address].add(rest)
            wanted.loose.update(step for step in rest[1:] if isinstance(step, str))
    return wanted


def _address(name: Traversal) -> tuple[str, Steps]:
    count = 2 if name.name == "data" else 1
    return ".".join((name.name, *map(str, name.steps[:count]))), name.steps[count:]


def spell_value(paths: set[Steps], stand_in: str) -> str:
    """Spell, in HCL, a value in which every path leads to a stand-in; `stand_in` is a string with a `%s` for the path."""
    return _spell(sorted(paths, key=repr), stand_in, "", 0)


def _spell(paths: list[Steps], stand_in: str, label: str, depth: int) -> str:
    deeper = [path for path in paths if path]
    if not deeper or depth > 8:
        return f'"{stand_in % label}"'
    names = sorted({path[0] for path in deeper if isinstance(path[0], str)})
    if names:
        inner = {name: [path[1:] for path in deeper if path[0] == name] for name in names}
        return (
            "{"
            + ", ".join(f'"{name}" = {_spell(inner[name], stand_in, f"{label}.{name}", depth + 1)}' for name in names)
            + "}"
        )
    count = min(max((path[0] + 1 if isinstance(path[0], int) else 6) for path in deeper), 20)
    inside = [path[1:] for path in deeper]
    return "[" + ", ".join(_spell(inside, stand_in, f"{label}[{index}]", depth + 1) for index in range(count)) + "]"
