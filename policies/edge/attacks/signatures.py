"""Tokens whose bytes were changed: RFC 7515 (2, 5.2, 7), RFC 4648 (3, 5), RFC 8725 (2.2, 3.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import strategies as st

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.attacks.headers import ATTACKER
from policies.edge.tokens import base64url, sign_input, spell
from policies.edge.viewer import Draw, Visit

Made = Iterator[tuple[str, Request]]

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _flip(text: str, at: int, bit: int) -> str:
    """Flip one of the six bits of a character; where that changes no byte's bit, the next character's."""
    return f"{text[:at]}{_ALPHABET[_ALPHABET.index(text[at]) ^ 1 << bit]}{text[at + 1 :]}"


@attack("a bit of the signature", "a bit of the claims", "a bit of the header", "other claims under the signature")
def altered(visit: Visit, draw: Draw) -> Made:
    """A token that holds, with one bit of it flipped."""
    token = visit.token
    segments = token.split(".")
    for number, label in ((2, "a bit of the signature"), (1, "a bit of the claims"), (0, "a bit of the header")):
        text = segments[number]
        step = 1 if number == 2 else max(1, len(text) // 24)
        for at in range(draw(st.integers(0, 5)) % step, len(text), step):
            changed = [*segments]
            bit = draw(st.integers(0, 5)) if number != 2 else (at + visit.position) % 6
            # Of a last character the high bit alone is sure to be used.
            changed[number] = _flip(text, at, bit if at < len(text) - 1 else 5)
            yield label, visit.request(".".join(changed))
    for change in ({"exp": visit.second + 10**6}, {visit.contract.claims.subject: "somebody"}):
        claims = base64url(spell({**visit.claims, **change}))
        yield "other claims under the signature", visit.request(f"{segments[0]}.{claims}.{segments[2]}")


@attack("another key", "an empty key", "nearly the key", "a well-known key")
def other_key(visit: Visit, draw: Draw) -> Made:
    """Signed by somebody else."""
    key = visit.contract.key
    for other in (ATTACKER, draw(st.binary(min_size=1, max_size=64)) + b"\x01"):
        yield "another key", visit.request(visit.sign(key=other))
    yield "an empty key", visit.request(visit.sign(key=b""))
    nearly = [
        key[:-1],
        key[1:],
        key[:16],
        key + b"\n",
        key + b"x",
        key.swapcase(),
        base64url(key).encode(),
        key[::-1],
        key[:32],
    ]
    for other in nearly:
        yield "nearly the key", visit.request(visit.sign(key=other))
    for word in (
        "undefined",
        "null",
        "secret",
        "CHANGE_ME",
        "changeme",
        "[object Object]",
        "false",
        "NaN",
        "test",
        "dev-secret",
    ):
        yield "a well-known key", visit.request(visit.sign(key=word.encode()))


@attack("absent", "empty", "truncated", "lengthened", "of the same length in other bytes")
def no_signature(visit: Visit) -> Made:
    """The right header, and a signature that is none or only a part of it."""
    head, claims, signature = visit.token.split(".")
    yield "absent", visit.request(f"{head}.{claims}")
    yield "empty", visit.request(f"{head}.{claims}.")
    for length in (1, 2, 4, 8, 22, 24, 40, 42):
        yield "truncated", visit.request(f"{head}.{claims}.{signature[:length]}")
    for more in ("AA", "AAAA", signature, "A" * 43):
        yield "lengthened", visit.request(f"{head}.{claims}.{signature}{more}")
    for text in ("é" * 43, "\u00e9" * 21 + "A", "𝟘" * 21, "A" * 43, "\x00" * 43, "_" * 42 + "8"):
        yield "of the same length in other bytes", visit.request(f"{head}.{claims}.{text}")


@attack("padding", "the other alphabet", "white space", "bits that nothing uses", "a length that nothing gives")
def not_canonical(visit: Visit) -> Made:
    """The same bytes written otherwise: a token with two spellings goes by a list of revoked ones."""
    token = visit.token
    head, claims, signature = token.split(".")
    yield "padding", visit.request(f"{token}=")
    yield "padding", visit.request(f"{token}==")
    padded = claims + "=" * (-len(claims) % 4)
    yield "padding", visit.request(sign_input(f"{head}.{padded or claims}=", visit.contract.key))
    for number in range(40):
        found = visit.sign({**visit.claims, "jti": str(number)})
        segments = found.split(".")
        if "-" in segments[2] or "_" in segments[2]:
            yield (
                "the other alphabet",
                visit.request(f"{segments[0]}.{segments[1]}.{segments[2].replace('-', '+').replace('_', '/')}"),
            )
            break
    for at in (1, len(head) + 2, len(token) - 3):
        for blank in (" ", "\t", "\n", "\u00a0", "\x00", "!", "*"):
            yield "white space", visit.request(f"{token[:at]}{blank}{token[at:]}")
    index = _ALPHABET.index(signature[-1])
    for more in (1, 2, 3):
        yield "bits that nothing uses", visit.request(f"{head}.{claims}.{signature[:-1]}{_ALPHABET[index | more]}")
    for text, place in ((claims, 1), (head, 0)):
        if len(text) % 4:
            last = _ALPHABET[_ALPHABET.index(text[-1]) | 1]
            changed = f"{head}.{text[:-1]}{last}" if place else f"{text[:-1]}{last}.{claims}"
            yield "bits that nothing uses", visit.request(sign_input(changed, visit.contract.key))
    yield "a length that nothing gives", visit.request(f"{head}.{claims}.{signature}AA")
    yield "a length that nothing gives", visit.request(sign_input(f"{head}.{_odd(claims)}", visit.contract.key))


def _odd(text: str) -> str:
    """Give a text of a length that leaves one of four over."""
    return text + "A" * ((1 - len(text)) % 4 or 4)


@attack("too few", "too many", "empty ones", "JSON serialisation", "several tokens")
def segments(visit: Visit) -> Made:
    """What is no compact serialisation (RFC 7515, 7.1, 7.2)."""
    token = visit.token
    head, claims, signature = token.split(".")
    for text in (head, claims, "", ".", f"{head}.{claims}", f"{claims}.{signature}"):
        yield "too few", visit.request(text)
    for text in (
        f"{token}.",
        f"{token}.{signature}",
        f"{token}.e30",
        f"{token}..",
        f".{token}",
        f"{head}.{claims}.{claims}.{signature}",
    ):
        yield "too many", visit.request(text)
    for text in ("..", f".{claims}.{signature}", f"{head}..{signature}", "..." * 40):
        yield "empty ones", visit.request(text)
    flattened = {"payload": claims, "protected": head, "signature": signature}
    general = {"payload": claims, "signatures": [{"protected": head, "signature": signature}]}
    for form in (flattened, general, [token], token):
        text = json.dumps(form, separators=(",", ":"))
        yield "JSON serialisation", visit.request(text if text[0] != '"' else f"[{text}]")
    for text in (f"{token}|{token}", f"Bearer {token}", f"{token}:{token}", f"{signature}.{claims}.{head}"):
        yield "several tokens", visit.request(text)
