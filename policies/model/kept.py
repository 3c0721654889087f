"""What was worked out of a place once is kept with it, and goes when it goes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

Subject = TypeVar("Subject")
Result = TypeVar("Result")
Context = ParamSpec("Context")


def kept(function: Callable[Concatenate[Subject, Context], Result]) -> Callable[Concatenate[Subject, Context], Result]:
    """Make a function of an object work once for each object, as a cached property does.

    Further arguments tell results apart by what they are, not by what they equal: they live as long as the object.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @functools.wraps(function)
    def call(subject: Subject, /, *context: Context.args, **named: Context.kwargs) -> Result:
        known = vars(subject)
        key = ":".join((name, *(str(id(one)) for one in (*context, *named.values())))) if context or named else name
        if key not in known:
            known[key] = function(subject, *context, **named)
        result: Result = known[key]
        return result

    return call
