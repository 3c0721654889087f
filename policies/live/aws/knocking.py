"""What is asked at the way in: through the edge and CloudFront, and straight at the gateway; and what must become of each request.

Clause 8c: CloudFront's header with the right value lets in, else a valid token in the token header, else 403.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from policies.edge.answers import Request
from policies.edge.contract import Contract
from policies.edge.viewer import Visit, list_of, plain_visit
from policies.gateway.chain import as_http
from policies.model.delivery import cloudfront as delivery

GUESS = "turnstile-guess-0123456789-abcdefghijklmno"
"""A value that is nobody's header's."""

CLOUDFRONTS = frozenset({502, 503, 504})
"""What CloudFront answers where the function or the origin failed (HTTP 5xx, Amazon CloudFront Developer Guide)."""


class Due(StrEnum):
    """What must become of a request."""

    IN = "let in"
    QUEUE = "sent to the queue"
    REFUSED = "refused with 403"


@dataclass(frozen=True)
class Reply:
    """What was answered; `problem` says why nothing was."""

    status: int
    location: str = ""
    problem: str = ""

    def is_due(self, due: Due, queue: str | None) -> bool:
        """Whether it is what must become of the request."""
        to_queue = 300 <= self.status < 400 and (queue is None or self.location.startswith(queue))
        if self.problem:
            return False
        if due is Due.QUEUE:
            return to_queue
        if due is Due.REFUSED:
            return self.status == 403
        return self.status not in (401, 403) and self.status not in CLOUDFRONTS and not to_queue

    def __str__(self) -> str:
        if self.problem:
            return f"no answer ({self.problem})"
        return f"{self.status}{f', to {self.location}' if self.location else ''}"


@dataclass(frozen=True)
class Knock:
    """A request, of a kind; `straight` goes to the gateway itself."""

    kind: str
    request: delivery.Request
    due: Due
    straight: bool = False


COOKIE = "a valid token in the cookie"
HEADER = "a valid token in the token header"
NOTHING = "no token"
OWN_HEADER = "a viewer's own header, and no token"
OWN_HEADER_BESIDE = "a viewer's own header beside a valid token"
RIGHT = "the right header"
TOKEN_STRAIGHT = "a valid token in the token header, straight to the gateway"  # noqa: S105 (a kind of request)
COOKIE_STRAIGHT = "a cookie alone, straight to the gateway"
WRONG = "a wrong header, straight to the gateway"
EXPIRED = "an expired token, straight to the gateway"
BARE = "neither header nor token, straight to the gateway"


def knocks(contract: Contract, names: Sequence[str], value: str | None, *, signs: bool = True) -> Iterator[Knock]:
    """Yield the requests for each protected path. `names` are CloudFront's header's, `value` what it has to say; `signs` that the tokens' key is known."""
    now = float(int(time.time()) * 1000)
    for prefix in contract.protected:
        visit = replace(plain_visit(contract), prefix=prefix, now=now)
        guesses = {name.lower(): list_of(name, [GUESS]) for name in names}
        yield _knock(NOTHING, visit.request(), Due.QUEUE)
        yield _knock(OWN_HEADER, visit.request(headers=guesses), Due.QUEUE)
        yield _knock(WRONG, visit.request(headers=guesses), Due.REFUSED, straight=True)
        yield _knock(BARE, visit.request(), Due.REFUSED, straight=True)
        if value is not None:
            given = {name.lower(): list_of(name, [value]) for name in names[:1]}
            yield _knock(RIGHT, visit.request(headers=given), Due.IN, straight=True)
        if signs:
            yield from _with_tokens(visit, guesses)


def _with_tokens(visit: Visit, guesses: dict[str, list[dict[str, str]]]) -> Iterator[Knock]:
    if visit.contract.cookie is not None:
        by_cookie = visit.request(visit.token, carrier="cookie")
        yield _knock(COOKIE, by_cookie, Due.IN)
        beside = visit.request(visit.token, carrier="cookie", headers=guesses)
        yield _knock(OWN_HEADER_BESIDE, beside, Due.IN)
        yield _knock(COOKIE_STRAIGHT, by_cookie, Due.REFUSED, straight=True)
    if visit.contract.header is not None:
        yield _knock(HEADER, visit.request(visit.token, carrier="header"), Due.IN)
        yield _knock(TOKEN_STRAIGHT, visit.request(visit.token, carrier="header"), Due.IN, straight=True)
        old = visit.sign(visit.claims | {"exp": visit.second - 3600})
        yield _knock(EXPIRED, visit.request(old, carrier="header"), Due.REFUSED, straight=True)


def _knock(kind: str, request: Request, due: Due, *, straight: bool = False) -> Knock:
    return Knock(kind, as_http(request), due, straight)
