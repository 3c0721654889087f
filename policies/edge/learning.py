"""How a token must look that nobody described: asked of the handler with the words of its own code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from policies.edge.answers import Request
from policies.edge.asking import EVENT, NOW, ask, plain_request
from policies.edge.contract import Contract
from policies.edge.tokens import sign

if TYPE_CHECKING:
    from policies.edge.running import Running

MAXIMUM_WORDS = 400
MAXIMUM_TEXTS = 60
_EVENT_NAMES = ("event", "eventId", "event_id", "evt", "eid", "show", "showId", "show_id", "room", "resource")
_TEXT = re.compile(r"""['"`]([A-Za-z0-9][\w.:/ -]{1,80})['"`]""")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{1,60}")


def _words(running: Running) -> list[str]:
    words = dict.fromkeys(match[0] for source in running.package.sources.values() for match in _WORD.finditer(source))
    return list(words)


def _texts(running: Running) -> list[str | None]:
    texts = dict.fromkeys(match[1] for source in running.package.sources.values() for match in _TEXT.finditer(source))
    return [None, *list(texts)[:MAXIMUM_TEXTS]]


def learn_token(running: Running, contract: Contract) -> Contract | None:
    """Find a token that is taken, in what it comes, and what of it is asked for; None where none is."""
    path = f"{contract.protected[0]}/{EVENT}"
    names = _words(running)
    texts = _texts(running)
    stated = contract.claims
    pairs = product([stated.issuer] if stated.issuer else texts, [stated.audience] if stated.audience else texts)
    tries = [_claims(contract, issuer, audience) for issuer, audience in pairs]
    for group in _chunks(names):
        requests = (_everywhere(path, group, sign(claims, contract.key)) for claims in tries)
        for some in _batches(requests):
            answers = ask(running, some[1])
            taken = [at for at, answer in enumerate(answers) if answer.through]
            if taken:
                return _narrow(running, contract, path, group, tries[some[0] + taken[0]])
    return None


def _claims(contract: Contract, issuer: str | None, audience: str | None) -> dict[str, Any]:
    claims: dict[str, Any] = dict.fromkeys(_EVENT_NAMES, EVENT)
    claims |= {contract.claims.subject: "user-42", "exp": NOW + 600, "iat": NOW - 60, "nbf": NOW - 60}
    if contract.claims.event:
        claims[contract.claims.event] = EVENT
    return claims | ({"iss": issuer} if issuer else {}) | ({"aud": audience} if audience else {})


def _everywhere(path: str, names: Sequence[str], token: str) -> Request:
    return plain_request(
        path,
        [f"{name}={token}" for name in names],
        {name.lower(): token for name in names if name.lower() not in ("cookie", "host")},
    )


def _chunks(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, min(len(names), MAXIMUM_WORDS * 5), 40):
        yield names[start : start + 40]


def _batches(requests: Iterator[Request]) -> Iterator[tuple[int, list[Request]]]:
    start, batch = 0, []
    for request in requests:
        batch.append(request)
        if len(batch) == 200:
            yield start, batch
            start, batch = start + len(batch), []
    if batch:
        yield start, batch


def _narrow(running: Running, contract: Contract, path: str, names: list[str], claims: dict[str, Any]) -> Contract:
    """Leave out of what was taken all that is not asked for."""

    def taken(requests: list[Request]) -> list[bool]:
        return [answer.through for answer in ask(running, requests)]

    token = sign(claims, contract.key)
    names = _words(running)
    cookies = [
        name
        for name, is_taken in zip(
            names, taken([plain_request(path, [f"{name}={token}"]) for name in names]), strict=True
        )
        if is_taken
    ]
    plain = [name for name in names if name.lower() not in ("cookie", "host")]
    headers = [
        name
        for name, is_taken in zip(
            plain, taken([plain_request(path, (), {name.lower(): token}) for name in plain]), strict=True
        )
        if is_taken
    ]
    cookie, header = next(iter(cookies), None), next(iter(headers), None)

    def with_claims(some: dict[str, Any], where: str = path) -> Request:
        text = sign(some, contract.key)
        return (
            plain_request(where, [f"{cookie}={text}"])
            if cookie
            else plain_request(where, (), {(header or "").lower(): text})
        )

    without = dict(
        zip(
            claims, taken([with_claims({k: v for k, v in claims.items() if k != name}) for name in claims]), strict=True
        )
    )
    other = {
        name: not one
        for name, one in zip(
            _EVENT_NAMES, taken([with_claims({**claims, name: "another"}) for name in _EVENT_NAMES]), strict=True
        )
    }
    ahead = [
        name
        for name, one in zip(
            ("nbf", "iat"), taken([with_claims({**claims, name: NOW + 300}) for name in ("nbf", "iat")]), strict=True
        )
        if not one
    ]
    rules = contract.claims
    return replace(
        contract,
        cookie=cookie,
        header=header,
        claims=replace(
            rules,
            issuer=claims.get("iss") if "iss" in claims and not without["iss"] else rules.issuer,
            audience=claims.get("aud") if "aud" in claims and not without["aud"] else rules.audience,
            event=rules.event or next((name for name, asked in other.items() if asked), None),
            not_before=rules.not_before or tuple(ahead),
        ),
    )
