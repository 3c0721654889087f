"""Tokens that are well signed and whose payload is no plain object of claims: RFC 7519 (4, 7.2), RFC 8725 (2.6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from policies.edge.attack import attack
from policies.edge.viewer import Visit

Made = Iterator[tuple[Any, ...]]


@attack("null", "a number", "a list", "a text", "no JSON")
def payload_is_no_object(visit: Visit) -> Made:
    """A payload that holds no claims."""
    for label, text in (
        ("null", "null"),
        ("a number", "1"),
        ("a number", str(visit.second + 600)),
        ("a list", "[]"),
        ("a text", '"x"'),
    ):
        yield label, visit.request(visit.sign(text))
        yield label, visit.request(visit.sign(text), uri=visit.prefix)
    yield "a list", visit.request(visit.sign([visit.claims]))
    yield "a text", visit.request(visit.sign(json.dumps(json.dumps(visit.claims))))
    plain = json.dumps(visit.claims)
    for text in (
        "",
        "{",
        plain[:-1],
        f"{plain},",
        f"{plain}{plain}",
        plain.replace('"', "'"),
        f"{plain[:-1]},}}",
        f"/**/{plain}",
        f'{plain[:-1]},"x":NaN}}',
    ):
        yield "no JSON", visit.request(visit.sign(text))


@attack("exp", "the subject", "escaped", "further down")
def repeated_claim(visit: Visit) -> Made:
    """A name twice (RFC 7519, 4; RFC 8725, 2.6): which counts depends on who reads."""
    plain, later = json.dumps(visit.claims), visit.second + 600
    subject = visit.contract.claims.subject
    for first, last in ((later, later + 1), (0, later)):
        body = json.dumps({**visit.claims, "exp": last})
        yield "exp", visit.request(visit.sign(f'{{"exp":{first},{body[1:]}'))
        yield "escaped", visit.request(visit.sign(f'{{"\\u0065xp":{first},{body[1:]}'))
    yield "the subject", visit.request(visit.sign(f'{{"{subject}":"admin",{plain[1:]}'))
    yield "the subject", visit.request(visit.sign(f'{plain[:-1]},"{subject}":"{visit.subject}"}}'))
    yield "further down", visit.request(visit.sign(f'{plain[:-1]},"x":{{"a":1,"a":2}}}}'))


@attack("nothing in its place", "instead of claims", "all of them", expects=None)
def inherited(visit: Visit) -> Made:
    """Claims that an object inherits, where a reader assigns what it parsed: with them and without, a token is decided alike."""
    claims = visit.claims
    for group, name in enumerate(("exp", visit.contract.claims.subject)):
        rest = {key: value for key, value in claims.items() if key != name}
        yield "nothing in its place", visit.request(visit.sign(rest)), None, group
        for holder in ("__proto__", "constructor", "prototype"):
            text = json.dumps({**rest, holder: {name: claims[name]}})
            yield "instead of claims", visit.request(visit.sign(text)), None, group
    yield "nothing in its place", visit.request(visit.sign({})), None, 2
    yield "all of them", visit.request(visit.sign(json.dumps({"__proto__": claims}))), None, 2


@attack("not UTF-8", "overlong", "a byte order mark", "UTF-16")
def not_text(visit: Visit) -> Made:
    """Bytes that readers repair in ways of their own."""
    plain = json.dumps(visit.claims).encode()
    for bad in (b"\xff", b"\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"):
        yield "not UTF-8", visit.request(visit.sign(plain[:-1] + b',"x":"' + bad + b'"}'))
    yield "overlong", visit.request(visit.sign(plain[:-1] + b',"x":"\xc0\xaf"}'))
    yield "a byte order mark", visit.request(visit.sign(b"\xef\xbb\xbf" + plain))
    yield "UTF-16", visit.request(visit.sign(json.dumps(visit.claims).encode("utf-16")))
