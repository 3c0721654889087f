"""Settings of a cloud: whole numbers, and blocks of which it is known how many there are."""

from __future__ import annotations

from typing import Any

from policies.read.terraform import Block
from policies.requirement import not_judged


def whole(value: Any, default: int) -> int:
    """Give a number, however it is written (`7`, `"7"`); the default where there is none. Raises NotJudged for what is no whole number."""
    if value is None:
        return default
    try:
        number = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        number = None
    if number is None or not number.is_integer():
        not_judged(f"{value!r} is no whole number")
    return int(number)


def settled(block: Block, name: str) -> tuple[Block, ...]:
    """Give a block's nested blocks of a name. Raises NotJudged where it is not known which there are."""
    found = block.blocks(name)
    for one in found:
        if one.unknown is not None:
            not_judged(one.unknown.why)
    return found
