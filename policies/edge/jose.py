"""A token as a strict verifier judges it: JWS compact serialisation (RFC 7515), HS256, JWT's claims (RFC 7519), by RFC 8725's advice.

The signature is joserfc's to judge, the JSON Python's. Where the RFCs leave a validator its choice the judgement is open.
"""

from __future__ import annotations

import base64
import json
import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from joserfc import errors, jws
from joserfc.jwk import OctKey

from policies.edge.contract import ClaimRules, Contract

LARGEST = 2**53 - 1
DEEPEST = 32
_SEGMENT = re.compile(r"[A-Za-z0-9_-]*\Z")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_REGISTRY = jws.JWSRegistry(algorithms=["HS256"], strict_check_header=False)


class Ruling(Enum):
    """What must become of a request: it must go through, must be refused, or may do either."""

    LET = "let through"
    REFUSE = "refused"
    OPEN = "either"


@dataclass(frozen=True)
class Judged:
    """A ruling, its reason, and of a token that holds its claims."""

    ruling: Ruling
    reason: str
    claims: dict[str, Any] | None = None


class _Refused(Exception):  # noqa: N818 (a ruling, not an error)
    """The token does not hold, for this reason."""


class _Open(Exception):  # noqa: N818
    """A validator may take the token or not."""


def judge_token(token: str, contract: Contract, now: float) -> Judged:
    """Judge a token at `now` (milliseconds)."""
    signed = _signed(token, contract.key)
    if isinstance(signed, str):
        return Judged(Ruling.REFUSE, signed)
    claims, choice = signed
    try:
        _check_claims(claims, contract.claims, now)
    except _Refused as reason:
        return Judged(Ruling.REFUSE, str(reason))
    except _Open as reason:
        return Judged(Ruling.OPEN, str(reason), claims)
    return Judged(Ruling.OPEN if choice else Ruling.LET, choice or "the token holds", claims)


@lru_cache(maxsize=50_000)
def _signed(token: str, key: bytes) -> tuple[dict[str, Any], str] | str:
    """Give the claims and what about the header is a validator's choice; or why a token does not hold at any time."""
    try:
        choice = _check_signature(token, key)
        claims = _object(_decode(token.split(".")[1]), "payload")
    except _Refused as reason:
        return str(reason)
    return claims, choice


def _check_signature(token: str, key: bytes) -> str:
    """Give what about the header is a validator's choice."""
    segments = token.split(".")
    if len(segments) != 3:
        raise _Refused(f"it has {len(segments)} segments, a JWS in compact serialisation has 3")
    parts = [_decode(segment) for segment in segments]
    if not parts[2]:
        raise _Refused("it has no signature")
    header = _object(parts[0], "header")
    for name in ("crit", "b64"):
        if name in header:
            raise _Refused(f"its header has {name!r}, which must be understood, and a JWT has none")
    try:
        jws.deserialize_compact(token.encode("ascii"), OctKey.import_key(key), registry=_REGISTRY)
    except (errors.JoseError, ValueError, TypeError) as error:
        raise _Refused(f"a strict verifier says {str(error) or type(error).__name__}") from None
    kind = header.get("typ")
    if kind is not None and str(kind).lower() != "jwt":
        raise _Refused(f"its typ is {kind!r}: it is a token of another kind")
    choice = sorted(set(header) - {"alg", "typ"})
    if choice:
        return f"its header has {', '.join(choice)}"
    return "" if kind in (None, "JWT") else "its typ is not written in capitals"


def _decode(segment: str) -> bytes:
    """RFC 4648, 3.5, and RFC 7515, 2: no padding, no other alphabet, and bits that nothing uses are zero."""
    if not _SEGMENT.match(segment):
        raise _Refused("a segment has characters that are not base64url's")
    if len(segment) % 4 == 1:
        raise _Refused("a segment has a length that base64url does not give")
    tail = segment[len(segment) // 4 * 4 :]
    unused = {0: 0, 2: 4, 3: 2}[len(tail)]
    if tail and _ALPHABET.index(tail[-1]) & ((1 << unused) - 1):
        raise _Refused("a segment has bits that nothing uses and that are not zero")
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _object(data: bytes, what: str) -> dict[str, Any]:
    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            raise _Refused(f"its {what} has a name twice")
        return made

    def constant(text: str) -> Any:
        raise _Refused(f"its {what} has {text}, which is no JSON")

    try:
        text = data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=distinct, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise _Refused(f"its {what} is no JSON in UTF-8 ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise _Refused(f"its {what} is no JSON object")
    return value


def _check_claims(claims: dict[str, Any], rules: ClaimRules, now: float) -> None:
    choice = _time(claims, "exp", lambda seconds: now >= (seconds + rules.leeway) * 1000, "expired", required=True)
    if not choice and now >= claims["exp"] * 1000:
        choice = "expired by less than the leeway"
    subject = claims.get(rules.subject)
    if not isinstance(subject, str) or not subject:
        raise _Refused(f"its {rules.subject} is {subject!r}, nobody's")
    if rules.issuer is not None and claims.get("iss") != rules.issuer:
        raise _Refused(f"its iss is {claims.get('iss')!r}, not {rules.issuer!r}")
    if rules.audience is not None:
        audience = claims.get("aud")
        if isinstance(audience, list) and rules.audience in audience and all(isinstance(one, str) for one in audience):
            choice = choice or "its aud is a list"
        elif audience != rules.audience:
            raise _Refused(f"its aud is {audience!r}, not {rules.audience!r}")
    if rules.event is not None and (not isinstance(claims.get(rules.event), str) or not claims[rules.event]):
        raise _Refused(f"its {rules.event} is {claims.get(rules.event)!r}, no event")
    for name in rules.not_before:
        if name in claims:
            choice = _time(claims, name, lambda seconds: (seconds - rules.leeway) * 1000 > now, "ahead") or choice
    if _depth(claims) > DEEPEST:
        choice = choice or "it is nested deep"
    if choice:
        raise _Open(choice)


def _time(
    claims: dict[str, Any], name: str, fails: Callable[[float], bool], how: str, *, required: bool = False
) -> str:
    """Judge a NumericDate (RFC 7519, 2); give what is a validator's choice about it."""
    if name not in claims and required:
        raise _Refused(f"it has no {name}")
    value = claims[name]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > sys.float_info.max:
        value = (
            math.inf if value > 0 else -math.inf
        )  # As every reader has it whose numbers are IEEE 754's (RFC 8259, 6).
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _Refused(f"its {name} is {value!r}, no time")
    if fails(value):
        raise _Refused(f"its {name} is {value!r}: {how}")
    if isinstance(value, float) or abs(value) > LARGEST:
        return f"its {name} is {value!r}, no whole number of seconds"
    return ""


def _depth(value: Any) -> int:
    deepest, pending = 0, [(value, 0)]
    while pending:
        item, depth = pending.pop()
        deepest = max(deepest, depth)
        inside = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        pending.extend((one, depth + 1) for one in inside)
    return deepest
