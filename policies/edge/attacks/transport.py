"""How a token comes: RFC 6265 (5.2, 5.4), RFC 9110 (5.3), RFC 6750 (2.3), and what browsers and proxies make of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.tokens import base64url, spell
from policies.edge.viewer import Visit, list_of

Made = Iterator[tuple[Any, ...]]


def in_cookies(visit: Visit, *lines: str, headers: dict[str, list[dict[str, str]]] | None = None) -> Request:
    """Give the request with these Cookie headers and no token in its own header."""
    return visit.request(cookies=(), headers={**(headers or {}), "cookie": list_of("Cookie", lines)})


def _bad(visit: Visit) -> tuple[str, ...]:
    """Tokens that do not hold, each in a way of its own."""
    token = visit.token
    other = visit.sign(
        {**visit.claims, visit.contract.claims.subject: "somebody-else"}, key=b"another-key-0123456789-abcdefghijk"
    )
    none = f"{base64url(spell({'alg': 'none'}))}.{base64url(spell(visit.claims))}."
    return (
        other,
        f"{token[:-5]}AAAAA" if token[-5:] != "AAAAA" else f"{token[:-5]}BBBBB",
        none,
        "",
        "x",
        visit.sign({**visit.claims, "exp": visit.second - 600}),
    )


def in_every_order(visit: Visit, label: str, make: Any, *, of_valid: bool = True) -> Made:
    """Yield each two or three tokens in every order, one group an assortment."""
    token, bad = visit.token, _bad(visit)
    other = visit.sign({**visit.claims, "jti": "second"})
    sets: list[tuple[str, ...]] = [(token, one) for one in bad] + [(token, bad[0], bad[1])]
    if visit.contract.claims.event is not None:
        sets.append((token, visit.sign({**visit.claims, visit.contract.claims.event: "another"})))
    if of_valid:
        sets.append((token, other))
    for group, tokens in enumerate(sets):
        for order in permutations(tokens):
            yield label, make(order), None, group


@attack("several headers", expects=None, examples=6)
def header_twice(visit: Visit) -> Made:
    """The token's header more than once."""
    name = visit.contract.header or ""
    yield from in_every_order(
        visit, "several headers", lambda order: visit.request(cookies=(), headers={name.lower(): list_of(name, order)})
    )


@attack("joined by commas", expects=None, examples=6)
def header_joined(visit: Visit) -> Made:
    """The token's header joined into one, as any proxy may (RFC 9110, 5.3)."""
    name = visit.contract.header or ""
    for comma in (", ", ","):
        for label, request, when, group in in_every_order(
            visit,
            "joined by commas",
            lambda order: visit.request(cookies=(), headers={name.lower(): list_of(name, [comma.join(order)])}),  # noqa: B023 (used at once)
        ):
            if not request["headers"][name.lower()][0]["value"].strip(" ,").count(","):
                continue  # Next to nothing but a comma: that is a token written otherwise (EDGE-04k).
            yield label, request, when, group if comma == "," else group + 100


@attack("the cookie holds", "the header holds", "both hold and differ")
def cookie_against_header(visit: Visit) -> Made:
    """Two tokens, of which the edge would check one and the gateway read the other."""
    name, cookie, token = visit.contract.header or "", visit.contract.cookie, visit.token
    for bad in _bad(visit):
        yield "the cookie holds", in_cookies(visit, f"{cookie}={token}", headers={name.lower(): list_of(name, [bad])})
        yield "the header holds", in_cookies(visit, f"{cookie}={bad}", headers={name.lower(): list_of(name, [token])})
    other = visit.sign({**visit.claims, visit.contract.claims.subject: "somebody-else"})
    yield "both hold and differ", in_cookies(visit, f"{cookie}={token}", headers={name.lower(): list_of(name, [other])})


@attack("in the query", "as a bearer", "in another header", "in the path", "in the other carrier")
def elsewhere(visit: Visit) -> Made:
    """A token that holds, where no token is looked for: addresses stand in logs, and other headers mean other things."""
    contract, token = visit.contract, visit.token
    queried = {"token", "access_token", "t", contract.cookie or "token", contract.token_header or "token"}
    for name in sorted(queried):
        yield "in the query", visit.request(query=f"{name}={token}")
    if contract.header is None or contract.header.lower() != "authorization":
        yield "as a bearer", visit.request(headers={"authorization": list_of("Authorization", [f"Bearer {token}"])})
    else:
        yield (
            "as a bearer",
            visit.request(headers={"proxy-authorization": list_of("Proxy-Authorization", [f"Bearer {token}"])}),
        )
    for name in (
        "x-token",
        "x-entry-token",
        "x-access-token",
        "token",
        f"x-{contract.token_header or 'y'}",
        f"{contract.token_header or 'y'}-2",
    ):
        yield "in another header", visit.request(headers={name: list_of(name.title(), [token])})
    yield "in the path", visit.request(uri=f"{visit.path}/{token}"[:1000])
    header_name = contract.cookie or ""
    if contract.cookie is None:
        lines = [f"{contract.token_header}={token}; token={token}; {contract.header}={token}"]
        yield "in the other carrier", visit.request(headers={"cookie": list_of("Cookie", lines)})
    else:
        if contract.token_header != header_name.lower():
            yield "in the other carrier", visit.request(headers={header_name.lower(): list_of(header_name, [token])})
        yield (
            "in the other carrier",
            visit.request(headers={"set-cookie": list_of("Set-Cookie", [f"{header_name}={token}"])}),
        )
