"""Sets of whole numbers as intervals: ports of a protocol, addresses of a network. Pure and hashable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Intervals:
    """A set of whole numbers: disjoint intervals `(first, last)`, both inclusive, in order, never adjacent. Made by `of`."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> Intervals:
        """Make the set of what is in any of these intervals."""
        joined: list[tuple[int, int]] = []
        for first, last in sorted(spans):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
            elif first <= last:
                joined.append((first, last))
        return cls(tuple(joined))

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __contains__(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.spans)

    def __or__(self, other: Intervals) -> Intervals:
        if not other.spans or self == other:
            return self
        return Intervals.of((*self.spans, *other.spans)) if self.spans else other

    def __and__(self, other: Intervals) -> Intervals:
        return self if self == other else Intervals.of(self._common(other))

    def _common(self, other: Intervals) -> Iterator[tuple[int, int]]:
        for first, last in self.spans:
            for begin, end in other.spans:
                if begin <= last and first <= end:
                    yield max(first, begin), min(last, end)

    def __sub__(self, other: Intervals) -> Intervals:
        left = list(self.spans)
        for begin, end in other.spans:
            left = [
                (low, high)
                for first, last in left
                for low, high in ((first, min(last, begin - 1)), (max(first, end + 1), last))
                if low <= high
            ]
        return Intervals.of(left)

    def is_within(self, other: Intervals) -> bool:
        """Whether all of it is in another set."""
        return not self - other

    @property
    def size(self) -> int:
        """How many numbers are in it."""
        return sum(last - first + 1 for first, last in self.spans)


NOTHING = Intervals()
