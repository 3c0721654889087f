"""How a handler conducts itself beside deciding: its time, its comparisons, its words, the doors that it tries, its keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from policies.edge.answers import Answer, Request
from policies.edge.attacks.shapes import timed
from policies.edge.bridge import UnloadableError
from policies.edge.contract import SECRET
from policies.edge.running import Running
from policies.edge.tokens import base64url, sign
from policies.edge.viewer import plain_visit

SIZES = (2_000, 8_000, 16_000)
"""Lengths at which time is taken; CloudFront passes 20 KB of headers and 8 KB of address."""

SLOW_SECONDS = 0.010
"""What takes less at the largest size is not held to a curve: a function may take five seconds."""

GROWTH = 5.0
"""From 2,000 to 16,000 linear is 8 times, quadratic 64; from 8,000 to 16,000 it is 2 and 4. Judged where several times hold."""

_TRIES = 3


@dataclass(frozen=True)
class Slow:
    """A kind of request that takes longer than linear: the seconds at each size."""

    kind: str
    request: Request
    seconds: tuple[float, ...]

    def __str__(self) -> str:
        told = ", ".join("more than 3 s" if one == float("inf") else f"{one * 1000:.1f} ms" for one in self.seconds)
        return f"{self.kind}: {told} at {', '.join(f'{size:,}' for size in SIZES)} characters"


def slow_kinds(running: Running) -> list[Slow]:
    """Give the kinds of request that take longer than linear; a machine that is busy for a moment makes none, for the least time counts."""
    found = []
    visit = plain_visit(running.guarded)
    kinds = timed(visit, SIZES)
    largest = running.bridge.time([requests[-1] for requests in kinds.values()], visit.now)
    for (kind, requests), first in zip(kinds.items(), largest, strict=True):
        if first < SLOW_SECONDS:
            continue
        tries = 1 if first == float("inf") else _TRIES
        times = [min(running.bridge.time([request], visit.now)[0] for _ in range(tries)) for request in requests]
        if times[-1] >= SLOW_SECONDS and times[-1] > GROWTH * (SIZES[-1] / SIZES[0]) * max(times[0], 1e-6) / 2:
            found.append(Slow(kind, requests[-1], tuple(times)))
    return found


@dataclass(frozen=True)
class Comparison:
    """How a handler compared the signature of a token that was signed by another key."""

    how: str
    whole: bool


def comparisons(running: Running) -> list[list[Comparison]]:
    """Give, for signatures that differ in the first byte, in the last and in all, the comparisons in constant time that were seen."""
    visit = plain_visit(running.guarded)
    right = hmac.digest(visit.contract.key, visit.token.rpartition(".")[0].encode(), hashlib.sha256)
    wrong = [
        bytes([right[0] ^ 1]) + right[1:],
        right[:-1] + bytes([right[-1] ^ 1]),
        bytes(byte ^ 255 for byte in right),
    ]
    head = visit.token.rpartition(".")[0]
    bridge, seen = running.bridge, []
    bridge.observed = True
    try:
        for signature in wrong:
            bridge.noticed.compared.clear()
            bridge.decide([visit.request(f"{head}.{base64url(signature)}")], visit.now)
            seen.append(
                [_compared(how, {left, other}, right, signature) for how, left, other in bridge.noticed.compared]
            )
    finally:
        bridge.observed = False
    return seen


def _compared(how: str, values: set[str], right: bytes, given: bytes) -> Comparison:
    if how == "subtle.verify":
        return Comparison(how, whole=True)
    spelled = [{one.hex() for one in _spellings(digest)} for digest in (right, given)]
    return Comparison(how, whole=all(values & each for each in spelled) or _are_digests(values))


def _are_digests(values: set[str]) -> bool:
    """Whether both, in hexadecimal, are of one length, and that a digest's: some compare digests of what they compare."""
    lengths = {len(value) for value in values}
    return len(lengths) == 1 and lengths.pop() >= 32


def _spellings(digest: bytes) -> tuple[bytes, ...]:
    texts = (base64url(digest), base64.b64encode(digest).decode(), digest.hex())
    return (digest, *(text.encode()[:64] for text in texts))


@dataclass(frozen=True)
class Heard:
    """What a handler let out beside its decisions: secrets that it told, and doors that it tried."""

    told: tuple[str, ...]
    touched: tuple[str, ...]


def listen(running: Running) -> Heard:
    """Ask a process of its own, from its start on, with tokens that hold and tokens that do not, and give what was heard."""
    visit = plain_visit(running.guarded)
    other = visit.sign(key=b"another-key-0123456789-abcdefghijk")
    changed = ({"exp": "x"}, {"exp": 1}, {visit.contract.claims.subject: ""})
    texts = [visit.token, other, "%", "a.b.c", f"{visit.token}x", visit.sign("null")]
    texts += [visit.sign({**visit.claims, **change}) for change in changed]
    requests = [visit.request(text, carrier=carrier) for text in texts for carrier in visit.contract.carriers]
    requests += [visit.request(), visit.request(uri="/"), visit.request(uri=f"//{visit.path}")]
    requests += [{**requests[0], "headers": {"cookie": [{}]}}, {**requests[0], "uri": None}]
    bridge = running.another()
    try:
        answers = bridge.decide(requests, visit.now)
    finally:
        bridge.close()
    places = (("its output", bytes(bridge.noticed.said)), ("an answer", "".join(map(_text, answers)).encode()))
    secrets = (("its key", _secrets()), ("a token that holds", {visit.token.encode()}))
    told = tuple(
        f"{name} stands in {where}"
        for where, text in places
        for name, spellings in secrets
        if any(one in text for one in spellings)
    )
    return Heard(told, tuple(sorted(bridge.noticed.touched)))


def _text(answer: Answer) -> str:
    return "" if answer.through else repr(answer.value)


def _secrets() -> set[bytes]:
    raw = SECRET.encode()
    return {raw, base64.b64encode(raw).rstrip(b"="), raw.hex().encode(), raw[:20]}


def keyless_doors(running: Running) -> list[str]:
    """Say what a handler without any key lets in: claims signed with nothing, or with what a missing key is written as."""
    visit = plain_visit(running.guarded)
    outer, bridge = running.without_key()
    keys = {
        "no key at all": b"",
        "the text undefined": b"undefined",
        "the text null": b"null",
        "an object's text": b"[object Object]",
        "a placeholder": b"CHANGE_ME",
    }
    requests = [
        visit.request(sign(visit.claims, key), carrier=carrier)
        for key in keys.values()
        for carrier in visit.contract.carriers
    ]
    requests.append(visit.request())
    names = [name for name in keys for _ in visit.contract.carriers] + ["no token"]
    try:
        answers = bridge.decide(requests, visit.now)
    except UnloadableError:
        return []  # A function that does not start lets nobody in.
    finally:
        bridge.close()
        outer.cleanup()
    return [name for name, answer in zip(names, answers, strict=True) if answer.through]
