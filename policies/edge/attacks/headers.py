"""Tokens whose header lies: RFC 7515 (4.1), RFC 7519 (5), RFC 8725 (2.1, 3.1, 3.5, 3.11)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.tokens import base64url, sign_input, spell
from policies.edge.viewer import Visit

Made = Iterator[tuple[str, Request]]

ATTACKER = b"the-key-of-an-attacker-0123456789abcdef"
_OCT = {"kty": "oct", "k": base64url(ATTACKER), "alg": "HS256", "kid": "evil"}
_RSA = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs",
    "e": "AQAB",
}


@attack("as RFC 7519 writes it", "any casing", "no signature", "any signature", "with its dot left out")
def none_algorithm(visit: Visit) -> Made:
    """`none` (RFC 7518, 3.6): claims that nobody signed."""
    claims = base64url(spell(visit.claims))
    spellings = ["".join(letters) for letters in product(*((low, low.upper()) for low in "none"))]
    for name in spellings:
        head = base64url(spell({"alg": name, "typ": "JWT"}))
        label = "as RFC 7519 writes it" if name == "none" else "any casing"
        yield label, visit.request(f"{head}.{claims}.")
        yield "no signature", visit.request(f"{head}.{claims}.")
        yield "any signature", visit.request(f"{head}.{claims}.{visit.token.rpartition('.')[2]}")
        yield "any signature", visit.request(visit.sign(header={"alg": name}, key=b""))
        yield "with its dot left out", visit.request(f"{head}.{claims}")


@attack("HS384", "HS512", "SHA-1")
def other_digest(visit: Visit) -> Made:
    """Signed with the right key, by another algorithm, as the header says (RFC 8725, 3.1)."""
    for name, digest in (("HS384", "sha384"), ("HS512", "sha512"), ("HS1", "sha1")):
        label = name if name != "HS1" else "SHA-1"
        yield label, visit.request(visit.sign(header={"alg": name, "typ": "JWT"}, digest=digest))
        yield label, visit.request(visit.sign(header={"typ": "JWT", "alg": name}, digest=digest))


@attack("asymmetric", "another digest", "absent", "no text", "another casing", "with white space")
def mislabelled(visit: Visit) -> Made:
    """Signed as HS256 with the right key, under a header that says otherwise."""
    for name in ("RS256", "ES256", "PS256", "EdDSA", "ES256K"):
        yield "asymmetric", visit.request(visit.sign(header={"alg": name, "typ": "JWT"}))
    for name in ("HS384", "HS512", "HS1", "A256KW", "dir"):
        yield "another digest", visit.request(visit.sign(header={"alg": name, "typ": "JWT"}))
    yield "absent", visit.request(visit.sign(header={"typ": "JWT"}))
    values: tuple[Any, ...] = (["HS256"], 256, None, True, {"name": "HS256"}, "")
    for value in values:
        yield "no text", visit.request(visit.sign(header={"alg": value, "typ": "JWT"}))
    for name in ("hs256", "Hs256"):
        yield "another casing", visit.request(visit.sign(header={"alg": name, "typ": "JWT"}))
    for name in (" HS256", "HS256 ", "HS256\u0000", "HS256,none"):
        yield "with white space", visit.request(visit.sign(header={"alg": name, "typ": "JWT"}))


@attack("no JSON", "no object", "no text in UTF-8", "a byte order mark", "empty")
def broken_header(visit: Visit) -> Made:
    """A header that is none, signed with the right key."""
    for text in (
        "{",
        "{'alg':'HS256'}",
        '{"alg":"HS256",}',
        "alg=HS256",
        '{"alg":"HS256"}}',
        '{"alg":"HS256"}\u0000',
        "NaN",
    ):
        yield "no JSON", visit.request(visit.sign(header=text))
    for text in ("null", "[]", '"HS256"', "1", '["HS256"]', "true"):
        yield "no object", visit.request(visit.sign(header=text))
    yield "no text in UTF-8", visit.request(visit.sign(header=b'{"alg":"HS256","typ":"JWT\xff"}'))
    yield "no text in UTF-8", visit.request(visit.sign(header=b'{"alg":"HS256","\xc0\x80":1}'))
    yield "no text in UTF-8", visit.request(visit.sign(header='{"alg":"HS256"}'.encode("utf-16")))
    yield "a byte order mark", visit.request(visit.sign(header=b'\xef\xbb\xbf{"alg":"HS256","typ":"JWT"}'))
    yield "empty", visit.request(visit.sign(header=b""))


@attack("alg twice", "alg twice, once escaped", "typ twice")
def repeated_header_name(visit: Visit) -> Made:
    """RFC 7515, 4: names must be unique."""
    for first, second in (("HS256", "none"), ("none", "HS256"), ("HS256", "HS256")):
        yield "alg twice", visit.request(visit.sign(header=f'{{"alg":"{first}","alg":"{second}","typ":"JWT"}}'))
        yield "alg twice, once escaped", visit.request(visit.sign(header=f'{{"alg":"{first}","\\u0061lg":"{second}"}}'))
    yield "typ twice", visit.request(visit.sign(header='{"alg":"HS256","typ":"JWE","typ":"JWT"}'))


@attack("unknown", "empty", "no list", "b64", "known name")
def critical(visit: Visit) -> Made:
    """`crit` (RFC 7515, 4.1.11) and `b64` (RFC 7797): what must be understood, and is not."""
    plain = {"alg": "HS256", "typ": "JWT"}
    yield "unknown", visit.request(visit.sign(header={**plain, "crit": ["x-turnstile"], "x-turnstile": 1}))
    yield "unknown", visit.request(visit.sign(header={**plain, "crit": ["x-turnstile"]}))
    yield "empty", visit.request(visit.sign(header={**plain, "crit": []}))
    lists: tuple[Any, ...] = ("exp", None, {}, 1, [1], [[]])
    for value in lists:
        yield "no list", visit.request(visit.sign(header={**plain, "crit": value}))
    yield "known name", visit.request(visit.sign(header={**plain, "crit": ["alg"]}))
    yield "known name", visit.request(visit.sign(header={**plain, "crit": ["exp"], "exp": visit.second + 60}))
    unencoded = {"alg": "HS256", "b64": False, "crit": ["b64"]}
    yield "b64", visit.request(visit.sign(header=unencoded))
    yield "b64", visit.request(visit.sign(header={"alg": "HS256", "b64": False}))
    yield (
        "b64",
        visit.request(
            sign_input(f"{base64url(spell(unencoded))}.{json.dumps(visit.claims).replace('.', '')}", visit.contract.key)
        ),
    )


@attack("jwk", "jku", "x5u and x5c", "kid")
def brought_key(visit: Visit) -> Made:
    """A token that brings the key by which it is to be judged (RFC 8725, 3.10), signed with that key."""
    plain = {"alg": "HS256", "typ": "JWT"}
    for key in (_OCT, _RSA, {"kty": "oct", "k": ""}):
        yield "jwk", visit.request(visit.sign(header={**plain, "jwk": key}, key=ATTACKER))
        yield "jwk", visit.request(visit.sign(header={**plain, "jwk": key}, key=b""))
    for address in ("https://evil.example/keys.json", "file:///dev/null", "http://169.254.169.254/latest"):
        yield "jku", visit.request(visit.sign(header={**plain, "jku": address, "kid": "evil"}, key=ATTACKER))
        yield (
            "x5u and x5c",
            visit.request(visit.sign(header={**plain, "x5u": address, "x5c": [base64url(ATTACKER)]}, key=ATTACKER)),
        )
    for name in (
        "../../../../dev/null",
        "/dev/null",
        "' UNION SELECT '",
        "evil",
        "__proto__",
        "constructor",
        "a\u0000b",
        "|id",
    ):
        for secret in (ATTACKER, b"", b"undefined", b"null"):
            yield "kid", visit.request(visit.sign(header={**plain, "kid": name}, key=secret))


@attack("another typ", "a typ that is no text", "an encrypted token", "a compressed one")
def another_kind(visit: Visit) -> Made:
    """A token of one kind used as another (RFC 8725, 3.11)."""
    for name in ("at+jwt", "JWE", "JOSE", "dpop+jwt", "logout+jwt", "secevent+jwt", "JWT2", ""):
        yield "another typ", visit.request(visit.sign(header={"alg": "HS256", "typ": name}))
    values: tuple[Any, ...] = (["JWT"], 1, False, {})
    for value in values:
        yield "a typ that is no text", visit.request(visit.sign(header={"alg": "HS256", "typ": value}))
    head = base64url(spell({"alg": "dir", "enc": "A256GCM"}))
    yield (
        "an encrypted token",
        visit.request(f"{head}..AAAAAAAAAAAAAAAA.{base64url(spell(visit.claims))}.AAAAAAAAAAAAAAAAAAAAAA"),
    )
    yield (
        "a compressed one",
        visit.request(
            visit.sign(claims=b"\x78\x9c\xab\x56\x2a\x2e\x4d\x02\x00", header={"alg": "HS256", "zip": "DEF"})
        ),
    )
