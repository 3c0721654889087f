"""The same field in two forms of one object, as in its manifest and as rendered: items of lists may stand in other places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.read.yaml import FieldPath

IDENTITIES = ("name", "containerPort", "port", "mountPath", "key", "ip", "host", "topologyKey", "path")
"""What tells the items of a list apart, in the order in which it is tried (the API's own merge keys, and what is unique in use)."""


def same_field(body: Mapping[str, Any], path: FieldPath, other: Any) -> FieldPath:
    """Give the path in `other` of the field at `path` in `body`, as deep as `other` has it: items are matched by what names them."""
    found: FieldPath = ()
    here: Any = body
    for step in path:
        if isinstance(step, int):
            wanted = here[step] if isinstance(here, list) and step < len(here) else None
            position = _same_item(wanted, other, step) if isinstance(other, list) else None
            if position is None:
                return found
            here, other = wanted, other[position]
            found = (*found, position)
        else:
            if not isinstance(other, dict) or step not in other:
                return found
            here = here.get(step) if isinstance(here, dict) else None
            other = other[step]
            found = (*found, step)
    return found


def _same_item(wanted: Any, others: list[Any], index: int) -> int | None:
    if wanted in others:
        return others.index(wanted)
    if not isinstance(wanted, dict):
        return index if index < len(others) else None
    told_apart = False
    for identity in IDENTITIES:
        for position, other in enumerate(others):
            if isinstance(other, dict) and identity in wanted and identity in other:
                if other[identity] == wanted[identity]:
                    return position
                told_apart = True
    return None if told_apart or index >= len(others) else index
