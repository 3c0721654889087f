"""Paths that the handler's own code names, without a token."""

from __future__ import annotations

from collections.abc import Iterator

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.viewer import Visit

Made = Iterator[tuple[str, Request]]


@attack("as it is named", "below it", "behind a protected path")
def named(visit: Visit) -> Made:
    """A path that the code names and that is no stated bypass: what is below a protected path asks for a token nevertheless."""
    # Of a handler that names no path, the visit's own stands for one: its paths are all stated.
    for path in (*visit.contract.named, visit.prefix):
        # A stated prefix alone is asked for elsewhere (EDGE-02a).
        named_at = f"{path}/" if path in visit.contract.protected else path
        yield "as it is named", visit.request(uri=named_at)
        yield "below it", visit.request(uri=f"{path}/{visit.event}")
        yield "behind a protected path", visit.request(uri=f"{visit.prefix}{path}")
        yield "behind a protected path", visit.request(uri=f"{visit.prefix}/{visit.event}{path}")
