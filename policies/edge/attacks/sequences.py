"""The same token again: whatever came before, a decision depends on the request and the clock alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from policies.edge.attack import attack
from policies.edge.viewer import Draw, Visit

Made = Iterator[tuple[Any, ...]]
Step = Callable[[Visit, str], tuple[Any, ...]]


def _end(visit: Visit) -> float:
    return (visit.second + visit.lifetime + visit.contract.claims.leeway) * 1000.0


_STEPS: dict[str, Step] = {
    "again": lambda visit, token: (visit.request(token), visit.now),
    "on another event": lambda visit, token: (visit.request(token, uri=f"{visit.prefix}/other-event"), visit.now),
    "on another path": lambda visit, token: (
        visit.request(token, uri=f"{visit.contract.protected[-1]}/{visit.event}"),
        visit.now,
    ),
    "after expiry": lambda visit, token: (visit.request(token), _end(visit) + 500.0),
    "the clock goes back": lambda visit, token: (visit.request(token), visit.now + 1.0),
    "none after it": lambda visit, _: (visit.request(), visit.now),
    "another's after it": lambda visit, _: (
        visit.request(visit.sign(key=b"another-key-0123456789-abcdefghijk")),
        visit.now,
    ),
    "altered after it": lambda visit, token: (visit.request(f"{token[:-4]}AAAA"), visit.now),
}


@attack(*_STEPS, expects=None, fresh=True)
def sequences(visit: Visit, draw: Draw) -> Made:
    """One token, sent again and again: on other events, after its end, with a clock that goes back."""
    token = visit.token
    first = draw(st.permutations(tuple(_STEPS)))
    then = draw(st.lists(st.sampled_from(tuple(_STEPS)), max_size=8))
    groups = {name: number for number, name in enumerate(_STEPS)}
    for name in (*first, *then, *_STEPS):
        request, now = _STEPS[name](visit, token)
        yield name, request, now, groups[name]
