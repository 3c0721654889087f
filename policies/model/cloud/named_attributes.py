"""Which attribute of a resource a value is: to a service its name, its ARN and its URL are not the same."""

from __future__ import annotations

import re
from typing import Any

from policies.read.terraform import Block

_STEP = re.compile(r"(?:\.(?P<attribute>\w+))?\}")


def attribute_of(target: Block, holder: Block, *path: str | int, text: Any = None) -> str | None:
    """Give the attribute of a block that the value at a path of another is, `id` for the block itself; `text` where it is but a part of that value.

    None where it is not that block's alone, where it is known by its letters, and where a function may have made another text of it.
    """
    value = holder.get(*path) if text is None else text
    begin = f"${{{target.address}"
    found = _STEP.fullmatch(value, len(begin)) if isinstance(value, str) and value.startswith(begin) else None
    if found is None or holder.is_cut(*path):
        return None
    return found["attribute"] or "id"
