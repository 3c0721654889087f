"""How a token comes in cookies: RFC 6265 (5.2, 5.4), and what browsers and proxies make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.edge.attack import attack
from policies.edge.attacks.transport import in_cookies, in_every_order
from policies.edge.jose import Ruling
from policies.edge.viewer import Visit

Made = Iterator[tuple[Any, ...]]


@attack(
    "a prefix before it",
    "a suffix behind it",
    "in other capitals",
    "in another's value",
    "white space within",
    "no sign of equality",
)
def cookie_lookalikes(visit: Visit) -> Made:
    """A token that holds, in a cookie whose name is nearly the one."""
    name, token = visit.contract.cookie or "", visit.token
    for before in ("x", "x-", "__Host-", "__Secure-", "_", ".", "not", "$"):
        yield "a prefix before it", in_cookies(visit, f"{before}{name}={token}")
        yield "a prefix before it", in_cookies(visit, f"a=b; {before}{name}={token}; c=d")
    for behind in ("x", "-2", "_old", ".", "[]", "."):
        yield "a suffix behind it", in_cookies(visit, f"{name}{behind}={token}")
    capitals = {name.upper(), name.title(), name[0].swapcase() + name[1:], name.lower(), name.capitalize()}
    for other in sorted(capitals - {name}):
        yield "in other capitals", in_cookies(visit, f"{other}={token}")
    for line in (
        f"a={name}={token}",
        f'a="b {name}={token}"',
        f"a=b, {name}={token}",
        f"a=b {name}={token}",
        f"a=b&{name}={token}",
    ):
        yield "in another's value", in_cookies(visit, line)
    half = len(name) // 2
    # White space around it is trimmed by whoever follows RFC 6265 (5.2), and JavaScript's trim() takes more for white space than that.
    for other in (f"{name[:half]} {name[half:]}", f"{name}\x00", f"{name[:half]}%2d{name[half:]}"):
        yield "white space within", in_cookies(visit, f"{other}={token}")
    for line in (token, f"{name}:{token}", f"{name} {token}", name, f"{name};={token}"):
        yield "no sign of equality", in_cookies(visit, line)


@attack("in one header", expects=None, examples=6)
def cookie_twice(visit: Visit) -> Made:
    """The cookie twice in one header: a browser sends the longer path's first, and anybody on a sister domain can set one."""
    name = visit.contract.cookie
    yield from in_every_order(
        visit, "in one header", lambda order: in_cookies(visit, "; ".join(f"{name}={token}" for token in order))
    )


@attack("in two headers", expects=None, examples=6)
def cookie_headers(visit: Visit) -> Made:
    """The cookie in several Cookie headers, as HTTP/2 allows (RFC 9113, 8.2.3)."""
    name = visit.contract.cookie
    yield from in_every_order(
        visit, "in two headers", lambda order: in_cookies(visit, *(f"{name}={token}" for token in order))
    )


@attack("others around it", "white space", "without any", "others that are odd", expects=Ruling.LET)
def neighbours(visit: Visit) -> Made:
    """A token that holds, among whatever cookies a browser has."""
    name, token = visit.contract.cookie, visit.token
    for line in (
        f"a=b; {name}={token}",
        f"{name}={token}; a=b",
        f"a=b; {name}={token}; c=d",
        f"x{name}=no; {name}={token}; {name}2=no",
    ):
        yield "others around it", in_cookies(visit, line)
    for line in (f"a=b;{name}={token};c=d", f"a=b;  {name}={token}", f"{name}={token} ; a=b", f"{name}={token};"):
        yield "white space", in_cookies(visit, line)
    yield "without any", in_cookies(visit, f"{name}={token}")
    for other in (
        'a="q"',
        "=v",
        "flag",
        'j={"a":1}',
        "u=%EA%B0%80",
        "c=a,b",
        "d==",
        "__proto__=1",
        "constructor=2",
        "hasOwnProperty=3",
    ):
        yield "others that are odd", in_cookies(visit, f"{other}; {name}={token}")
        yield "others that are odd", in_cookies(visit, f"{name}={token}; {other}")
    yield "others that are odd", in_cookies(visit, "a=b; c=d", f"{name}={token}")
