"""Requests that must go through, or be sent to the queue."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import strategies as st

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.jose import Ruling
from policies.edge.viewer import METHODS, Draw, Visit, list_of

Made = Iterator[tuple[str, Request]]


def _valid(visit: Visit, draw: Draw) -> Made:
    claims = visit.claims
    yield "as issued", visit.request(visit.token)
    for method in METHODS:
        yield "method", visit.request(visit.token, method=method)
    order = draw(st.permutations(sorted(claims)))
    yield "claims in another order", visit.request(visit.sign({name: claims[name] for name in order}))
    yield "claims with white space", visit.request(visit.sign(json.dumps(claims, indent=1)))
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in visit.subject)
    text = json.dumps(claims, ensure_ascii=False).replace(json.dumps(visit.subject, ensure_ascii=False), f'"{escaped}"')
    yield "claims with escapes", visit.request(visit.sign(text))
    yield "further claims", visit.request(visit.sign({**claims, "jti": "b7e2", "position": 17, "tags": ["a", None]}))
    yield "header in another order", visit.request(visit.sign(header={"typ": "JWT", "alg": "HS256"}))
    yield "last second", visit.request(visit.sign({**claims, "exp": visit.second + 1}))
    if "/" not in visit.below:
        yield "path of the prefix alone", visit.request(visit.token, uri=visit.prefix)


_LABELS = (
    "as issued",
    "method",
    "claims in another order",
    "claims with white space",
    "claims with escapes",
    "further claims",
    "header in another order",
    "last second",
    "path of the prefix alone",
)


@attack(*_LABELS, expects=Ruling.LET, whole=True)
def valid_cookie(visit: Visit, draw: Draw) -> Made:
    """A token that holds, in the cookie."""
    yield from _valid(visit.by("cookie"), draw)


@attack(*_LABELS, expects=Ruling.LET, whole=True)
def valid_header(visit: Visit, draw: Draw) -> Made:
    """A token that holds, in the header."""
    yield from _valid(visit.by("header"), draw)


@attack("protected, with a token", "bypass", "public", "many headers", expects=Ruling.LET)
def passing(visit: Visit) -> Made:
    """Whatever is let through."""
    odd = {
        "x-forwarded-for": list_of("X-Forwarded-For", ["192.0.2.7", "198.51.100.9"]),
        "accept": list_of("ACCEPT", ["text/html", "*/*;q=0.8"]),
        "x-empty": list_of("X-Empty", [""]),
        "authorization": list_of("Authorization", ["Bearer opaque"]),
    }
    yield "protected, with a token", visit.request(visit.token)
    yield "many headers", visit.request(visit.token, headers=odd)
    for path in visit.contract.bypass:
        yield "bypass", visit.request(uri=path, headers=odd)
    yield "public", visit.request(uri="/", headers=odd)
    yield "public", visit.request(visit.token, uri="/index.html")


@attack("stated header of the viewer's", expects=Ruling.LET)
def own_headers(visit: Visit) -> Made:
    """A viewer who sends a header that is the platform's own."""
    for pattern in visit.contract.removes:
        for name in (
            (pattern.lower(),)
            if not pattern.endswith("*")
            else (f"{pattern[:-1].lower()}{end}" for end in ("x", "origin-verify", "user-id", ""))
        ):
            sent = {name: list_of(name.title(), ["forged"])}
            yield "stated header of the viewer's", visit.request(visit.token, headers=sent)
            yield "stated header of the viewer's", visit.request(uri="/", headers=sent)
            for path in visit.contract.bypass:
                yield "stated header of the viewer's", visit.request(uri=path, headers=sent)


@attack("no token", "the prefix alone", "with a slash", "a forged platform header", "every method", whole=True)
def tokenless(visit: Visit) -> Made:
    """A protected path, plainly spelled, without any token."""
    yield "no token", visit.request()
    for prefix in visit.contract.protected:
        yield "the prefix alone", visit.request(uri=prefix)
        yield "with a slash", visit.request(uri=f"{prefix}/")
    for method in METHODS:
        yield "every method", visit.request(method=method)
    for pattern in (*visit.contract.removes, "x-forwarded-for", "x-user-id", "x-real-ip"):
        name = pattern.replace("*", "origin-verify").lower()
        value = "127.0.0.1" if name in ("x-forwarded-for", "x-real-ip") else "forged"
        yield "a forged platform header", visit.request(headers={name: list_of(name.title(), [value])})


@attack("bypass", "below a bypass", "with a slash", expects=Ruling.LET)
def bypasses(visit: Visit) -> Made:
    """What asks for no token, with and without one."""
    for path in visit.contract.bypass:
        yield "bypass", visit.request(uri=path)
        yield "bypass", visit.request("broken", uri=path)
        yield "below a bypass", visit.request(uri=f"{path}/{visit.event}")
        yield "with a slash", visit.request(uri=f"{path}/")


@attack(
    "unrelated",
    "goes on without a boundary",
    "bypass without a boundary",
    "protected further down",
    expects=Ruling.LET,
    whole=True,
)
def public(visit: Visit) -> Made:
    """What is neither protected nor a bypass."""
    for path in ("/", "/index.html", "/assets/app.js", f"/{visit.event}"):
        yield "unrelated", visit.request(uri=path)
    for prefix in visit.contract.protected:
        for end in ("x", "-2", "_", visit.event):
            yield "goes on without a boundary", visit.request(uri=f"{prefix}{end}")
        yield "protected further down", visit.request(uri=f"/help{prefix}")
    for prefix in visit.contract.bypass:
        yield "bypass without a boundary", visit.request(uri=f"{prefix}x")


@attack("query", "event of odd characters", "path of odd characters", "host of another")
def redirected(visit: Visit) -> Made:
    """What a redirect could be led astray by."""
    for query in ("next=https://evil.example", "%0d%0aLocation:%20//evil.example", "event=../..//evil.example"):
        yield "query", visit.request(query=query)
    for event in (
        "evil.example",
        "a@evil.example",
        "a%0d%0aSet-Cookie:x=1",
        "%2f%2fevil.example",
        "a\r\nx: y",
        "https:evil",
        "%5cevil.example",
    ):
        yield "event of odd characters", visit.request(uri=f"{visit.prefix}/{event}")
    for path in (
        f"/{visit.path}",
        f"//evil.example{visit.path}",
        f"/\\evil.example/..{visit.path}",
        f"{visit.path}\r\nx: y",
    ):
        yield "path of odd characters", visit.request(uri=path)
    yield "host of another", visit.request(headers={"host": list_of("Host", ["evil.example"])})
