"""Tokens that are well signed and say the wrong thing: RFC 7519 (4.1), RFC 8725 (3.8 to 3.10, 3.12)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.viewer import Visit

Made = Iterator[tuple[Any, ...]]


def _with(visit: Visit, **changed: Any) -> Request:
    return visit.request(visit.sign({**visit.claims, **changed}))


def _written(visit: Visit, name: str, text: str) -> Request:
    """Give the request with a token in which the claim's value is written as it stands."""
    claims = {**visit.claims, name: "@@"}
    return visit.request(visit.sign(json.dumps(claims).replace('"@@"', text)))


@attack("at the very second", "a moment ago", "long ago", "at the beginning", "before the beginning")
def expired(visit: Visit) -> Made:
    """RFC 7519, 4.1.4: on or after that second it must not be accepted."""
    leeway = visit.contract.claims.leeway
    end = visit.second + 60
    token = visit.sign({**visit.claims, "exp": end, "jti": "never let through before"})
    for milliseconds in (0, 1, 999, 1000):
        yield "at the very second", visit.request(token), (end + leeway) * 1000 + milliseconds
    for seconds in (1, 2, 59, 61):
        yield "a moment ago", _with(visit, exp=visit.second - leeway - seconds)
    for seconds in (3600, 86_400, 10**9):
        yield "long ago", _with(visit, exp=visit.second - leeway - seconds)
    yield "at the beginning", _with(visit, exp=0)
    for value in (-1, -(10**10), -(2**53)):
        yield "before the beginning", _with(visit, exp=value)


@attack("missing", "under another name")
def without_expiry(visit: Visit) -> Made:
    """A token that never ends."""
    claims = {name: value for name, value in visit.claims.items() if name != "exp"}
    yield "missing", visit.request(visit.sign(claims))
    yield "missing", visit.request(visit.sign({**claims, "nbf": visit.second - 60}))
    for name in ("Exp", "EXP", "expires", "exp ", "expiry"):
        yield "under another name", visit.request(visit.sign({**claims, name: visit.second + 600}))


@attack("a text", "a list", "an object", "true, false, null", "infinite")
def expiry_is_no_number(visit: Visit) -> Made:
    """An expiry with which a comparison is always true, or never."""
    later = visit.second + 600
    for text in (str(later), "9999999999", "never", "", "Infinity", "2099-01-01", "1e400", "0x7fffffff"):
        yield "a text", _with(visit, exp=text)
    for items in ([later], [], [later, 0], [[later]], [str(later)]):
        yield "a list", _with(visit, exp=items)
    for item in ({}, {"valueOf": later}, {"$numberLong": str(later)}):
        yield "an object", _with(visit, exp=item)
    for value in (True, False, None):
        yield "true, false, null", _with(visit, exp=value)
    for text in ("1e400", "1E309", "9" * 400, "-1e400"):
        yield "infinite", _written(visit, "exp", text)


@attack("missing", "empty", "no text")
def without_subject(visit: Visit) -> Made:
    """A token of nobody, which serves everybody."""
    name = visit.contract.claims.subject
    yield "missing", visit.request(visit.sign({key: value for key, value in visit.claims.items() if key != name}))
    yield (
        "missing",
        visit.request(visit.sign({("Sub" if key == name else key): value for key, value in visit.claims.items()})),
    )
    yield "empty", _with(visit, **{name: ""})
    values: tuple[Any, ...] = (None, 0, 42, True, False, [], ["user-42"], {}, {"id": 1})
    for value in values:
        yield "no text", _with(visit, **{name: value})


@attack("seconds ahead", "long ahead", "milliseconds", "no number")
def not_yet_valid(visit: Visit) -> Made:
    """RFC 7519, 4.1.5: before that second it must not be accepted."""
    leeway = visit.contract.claims.leeway
    for name in visit.contract.claims.not_before:
        for seconds in (1, 2, 30, 300):
            yield "seconds ahead", _with(visit, **{name: visit.second + 1 + leeway + seconds}, exp=visit.second + 10**6)
        for seconds in (86_400, 10**9):
            yield "long ahead", _with(visit, **{name: visit.second + seconds}, exp=visit.second + 2 * 10**9)
        token = visit.sign({**visit.claims, name: visit.second + 100, "exp": visit.second + 1000})
        for milliseconds in (1, 500):
            yield "milliseconds", visit.request(token), (visit.second + 100 - leeway) * 1000 - milliseconds
        values: tuple[Any, ...] = (str(visit.second + 600), [], {}, True, "x")
        for value in values:
            yield "no number", _with(visit, **{name: value})


@attack("of another", "in other capitals", "longer and shorter", "missing", "no text")
def other_event(visit: Visit) -> Made:
    """A token of one event, used for another."""
    name = visit.contract.claims.event or ""
    event = visit.event
    for other in ("zz-other", f"{event}x", event[::-1] + "q"):
        yield "of another", visit.request(visit.sign({**visit.claims, name: other}))
        yield "of another", visit.request(visit.token, uri=f"{visit.prefix}/{other}")
    yield "in other capitals", visit.request(visit.sign({**visit.claims, name: event.upper()}))
    yield "in other capitals", visit.request(visit.token, uri=f"{visit.prefix}/{event.upper()}")
    for other in (f"{event}-2", f"{event}/", f"{event} ", f"{event}/seats", f"{event}\u0000", event[:-1] + "_"):
        yield "longer and shorter", _with(visit, **{name: other})
    yield "missing", visit.request(visit.sign({key: value for key, value in visit.claims.items() if key != name}))
    for value in ("", None, True, 0, [], [event], {"id": event}, "*", ".*"):
        yield "no text", _with(visit, **{name: value})


def _stated(visit: Visit, name: str, right: str) -> Made:
    for other in (f"{right}x", right[:-1], right.upper(), f" {right}", "*", "https://evil.example"):
        yield "another", _with(visit, **{name: other})
    yield "missing", visit.request(visit.sign({key: value for key, value in visit.claims.items() if key != name}))
    for value in ("", None, True, 0, {}, {right: 1}, [], [[right]], [f"{right}x"]):
        yield "no text", _with(visit, **{name: value})


@attack("another", "missing", "no text")
def other_audience(visit: Visit) -> Made:
    """A token that was made for somebody else (RFC 8725, 3.9)."""
    yield from _stated(visit, "aud", visit.contract.claims.audience or "")


@attack("another", "missing", "no text")
def other_issuer(visit: Visit) -> Made:
    """A token that somebody else issued (RFC 8725, 3.8)."""
    yield from _stated(visit, "iss", visit.contract.claims.issuer or "")
    yield "no text", _with(visit, iss=[visit.contract.claims.issuer])
