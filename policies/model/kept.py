"""What was worked out of a place once is kept with it, and goes when it goes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

Subject = TypeVar("Subject")
Result = TypeVar("Result")


def kept(function: Callable[[Subject], Result]) -> Callable[[Subject], Result]:
    """Make a function of one object work once for each object, as a cached property does."""
    name = f"{function.__module__}.{function.__qualname__}"

    @functools.wraps(function)
    def call(subject: Subject) -> Result:
        known = vars(subject)
        if name not in known:
            known[name] = function(subject)
        result: Result = known[name]
        return result

    return call
