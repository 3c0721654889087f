"""Sets of endpoints as whole numbers with one bit an endpoint: a selector over ten thousand pods is then a handful of operations."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

Bits = int
"""A set of endpoints: bit `index` is the endpoint at `index`."""

Key = TypeVar("Key", bound=Hashable)


def members(bits: Bits) -> Iterator[int]:
    """Yield the indices in a set, from low to high."""
    text = bin(bits)[:1:-1]
    index = text.find("1")
    while index >= 0:
        yield index
        index = text.find("1", index + 1)


def bits_of(indices: Iterable[int]) -> Bits:
    """Make a set of indices: in one go, for each addition to a large number copies it."""
    listed = list(indices)
    if not listed:
        return 0
    text = bytearray(b"0") * (max(listed) + 1)
    for index in listed:
        text[-1 - index] = 49
    return int(text, 2)


def sets_by_key(pairs: Iterable[tuple[Key, int]]) -> dict[Key, Bits]:
    """Give, for each key, the set of the indices that stand with it."""
    found: dict[Key, list[int]] = {}
    for key, index in pairs:
        found.setdefault(key, []).append(index)
    return {key: bits_of(indices) for key, indices in found.items()}


def union(sets: Iterable[Bits]) -> Bits:
    """Give what is in any of several sets."""
    found = 0
    for bits in sets:
        found |= bits
    return found
