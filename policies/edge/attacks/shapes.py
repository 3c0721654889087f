"""What nobody expects: requests with parts that are missing, empty, huge or odd, and rubbish in place of a token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.viewer import Draw, Visit, list_of

Made = Iterator[tuple[str, Request]]

_RUBBISH = (
    "%", "%%", "%E0%A4%A", "%C3%28", "%ZZ", "%u12", "{", "{}", "[]", "null", "undefined", "NaN", "\x00", "\x7f", '"', '"a', "a.b.c", "..", "...",
    "e30.e30.", "e30.e30.e30", "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10", "\ud7ff", "😀.😀.😀", "=.=.=", "__proto__", "constructor.prototype.x",
    "eyJhbGciOiJIUzI1NiJ9.bnVsbA.AAAA", "eyJhbGciOm51bGx9.e30.AA", "MQ.MQ.MQ", "//8.//8.//8", "__8.__8.__8", "-" * 300, "." * 300,
)  # fmt: skip


def _token_of(visit: Visit, text: str) -> Iterator[Request]:
    for carrier in visit.contract.carriers:
        yield visit.request(text, carrier=carrier)


@attack("rubbish", "any text", "signed rubbish", "percent signs beside it")
def rubbish(visit: Visit, draw: Draw) -> Made:
    """Rubbish in place of a token: what cannot be read is refused."""
    for text in _RUBBISH:
        for request in _token_of(visit, text):
            yield "rubbish", request
    for data in draw(st.lists(st.binary(max_size=40), min_size=4, max_size=4)):
        text = data.decode("latin-1").replace(";", ".")
        for request in _token_of(visit, text):
            yield "any text", request
    for payload in ("null", "[]", "0", '""', "{", "", "\x00", "{" * 50, '{"exp":}', b"\xff\xfe"):
        for request in _token_of(visit, visit.sign(payload)):
            yield "signed rubbish", request
        for request in _token_of(visit, visit.sign(header=payload)):
            yield "signed rubbish", request
    for text in ("a=%", "b=%E0%A4%A", "%=%", "c=%ZZ; d=%"):
        yield "percent signs beside it", visit.request(headers={"cookie": list_of("Cookie", [text])})


@attack("no headers", "empty lists", "values missing", "odd names", expects=None)
def bare(visit: Visit) -> Made:
    """Headers that are not there, or hold nothing."""
    plain = visit.request()
    yield "no headers", {**plain, "headers": {}}
    yield "no headers", {name: value for name, value in plain.items() if name != "headers"}
    for name in ("cookie", visit.contract.token_header or "x-token", "host"):
        yield "empty lists", visit.request(headers={name: []})
        yield "values missing", visit.request(headers={name: [{"key": name}]})
        yield "values missing", visit.request(headers={name: [{"key": name, "value": ""}]})
        yield "values missing", visit.request(headers={name: [{}]})
    for name in ("__proto__", "constructor", "toString", "hasownproperty"):
        yield "odd names", visit.request(headers={name: list_of(name, ["x"])})


@attack("no path", "an empty path", "odd paths", "every method", "no query", "broken percent signs", expects=None)
def oddities(visit: Visit) -> Made:
    """Paths, methods and queries that are none."""
    plain = visit.request(visit.token)
    yield "no path", {name: value for name, value in plain.items() if name != "uri"}
    yield "an empty path", {**plain, "uri": ""}
    for path in (
        "*",
        "x",
        "?",
        "//",
        "/\x00",
        "/%",
        "/\ud7ff",
        "/" + "a/" * 2000,
        "http://evil.example/",
        "/" + "%25" * 500,
    ):
        yield "odd paths", {**plain, "uri": path}
    for path in (f"{visit.prefix}/%", f"{visit.prefix}/%E0%A4%A", f"{visit.prefix}/%C3%28", "/%ZZ", "/%u12"):
        yield "broken percent signs", visit.request(visit.token, uri=path)
        yield "broken percent signs", visit.request(uri=path)
        yield "broken percent signs", visit.request(cookies=(path, f"a={path}"))
        yield "broken percent signs", visit.request(query=path)
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""):
        yield "every method", {**plain, "method": method}
    yield "no query", {name: value for name, value in plain.items() if name != "querystring"}


@attack("nested deep", "a long token", "many cookies", "many segments", "long numbers", expects=None, examples=3)
def huge(visit: Visit) -> Made:
    """As much as CloudFront passes (20 KB of headers, 8 KB of address), and more."""
    plain = json.dumps(visit.claims)
    for depth in (33, 200, 7000):
        for text in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
            for request in _token_of(visit, visit.sign(f'{plain[:-1]},"x":{text}}}')):
                yield "nested deep", request
        for request in _token_of(visit, visit.sign(header="[" * depth)):
            yield "nested deep", request
    for length in (4096, 20_000):
        for request in _token_of(visit, visit.sign({**visit.claims, "x": "y" * length})):
            yield "a long token", request
    yield "many cookies", visit.request(visit.token, cookies=tuple(f"c{number}=v" for number in range(2000)))
    for text in ("." * 8000, "a." * 4000, "=" * 8000):
        for request in _token_of(visit, text):
            yield "many segments", request
    for text in ("1" * 5000, "1e" + "9" * 400, "-0", "0.1e-400"):
        for request in _token_of(visit, visit.sign(f'{{"exp":{text},{plain[1:]}')):
            yield "long numbers", request


def growing(visit: Visit, size: int) -> Iterator[tuple[str, Request]]:
    """Yield requests of about `size` bytes on which careless patterns take longer than linear: the time of each is taken at several sizes."""
    token = visit.token
    contract = visit.contract
    fillers = {
        "blanks": " ",
        "tabs": "\t",
        "letters": "a",
        "dashes": "-",
        "dots": "a.",
        "equals": "=",
        "pairs": "a=",
        "semicolons": "; ",
        "escapes": "%25",
        "quotes": '"',
        "nulls": "0",
    }
    short = size // 2  # CloudFront passes 8 KB of address, and 20 KB of headers.
    for name, filler in fillers.items():
        text = filler * (size // len(filler))
        part = filler * (short // len(filler))
        if contract.cookie is not None:
            yield f"a cookie of {name}", visit.request(cookies=(f"{contract.cookie}={text}!",))
            yield f"a cookie line of {name}", visit.request(cookies=(f"{text}!",))
            yield f"{name} before the token", visit.request(cookies=(f"a={text}!; {contract.cookie}={token}",))
            yield f"{name} behind the token", visit.request(cookies=(f"{contract.cookie}={token}{text}!",))
        if contract.header is not None:
            yield f"a header of {name}", visit.request(f"{text}!", carrier="header")
        yield f"a query of {name}", visit.request(query=f"{part}!")
        yield f"a path of {name}", visit.request(uri=f"{visit.prefix}/{part}!")
    for name, filler in {"slashes": "/", "dot segments": "/..", "short segments": "/a"}.items():
        yield f"a path of {name}", visit.request(uri=f"{visit.prefix}{filler * (short // len(filler))}!")
    payloads: dict[str, dict[str, Any]] = {
        "a claim": {"x": "a" * size},
        "a list": {"x": [0] * (size // 2)},
        "names": {f"n{number}": 0 for number in range(size // 9)},
    }
    for name, payload in payloads.items():
        for carrier in contract.carriers:
            text = visit.sign({**visit.claims, **payload})
            yield f"a token with {name}, in the {carrier}", visit.request(text, carrier=carrier)


def timed(visit: Visit, sizes: tuple[int, ...]) -> dict[str, list[Any]]:
    """Give, for each kind, its request at each size."""
    found: dict[str, list[Any]] = {}
    for size in sizes:
        for name, request in growing(visit, size):
            found.setdefault(name, []).append(request)
    return found
