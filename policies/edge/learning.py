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
MAXIMUM_HOLDERS = 20
_EVENT_NAMES = ("event", "eventId", "event_id", "evt", "eid", "show", "showId", "show_id", "room", "resource")
_TEXT = re.compile(r"""['"`]([A-Za-z0-9][\w.:/ -]{1,80})['"`]""")
_HOLDER = "user-42"
_HOLDERS = re.compile(
    r"(?i)(?:sub|subject|uid|sid|holder|owner|jti)|.*(?:user|viewer|visitor|customer|account|client|member|person).*"
)
"""Words that may name the claim of the one whom a token was given to."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{1,60}")


def _words(running: Running) -> list[str]:
    words = dict.fromkeys(match[0] for source in running.package.sources.values() for match in _WORD.finditer(source))
    return list(words)


def _texts(running: Running) -> list[str | None]:
    texts = dict.fromkeys(match[1] for source in running.package.sources.values() for match in _TEXT.finditer(source))
    return [None, *list(texts)[:MAXIMUM_TEXTS]]


def _holders(running: Running) -> list[str]:
    return [word for word in _words(running) if _HOLDERS.fullmatch(word)][:MAXIMUM_HOLDERS]


def learn_token(running: Running, contract: Contract) -> Contract | None:
    """Find a token that is taken, in what it comes where nobody states that, and what of it is asked for; None where none is."""
    path = f"{contract.protected[0]}/{EVENT}"
    texts = _texts(running)
    stated = contract.claims
    pairs = product([stated.issuer] if stated.issuer else texts, [stated.audience] if stated.audience else texts)
    plain = [_claims(contract, issuer, audience) for issuer, audience in pairs]
    holders = [] if running.stated.claims.subject is not None else _holders(running)
    cookies, headers = ([name] if name is not None else [] for name in (contract.cookie, contract.header))
    groups = [(cookies, headers)] if contract.carriers else [(some, some) for some in _chunks(_words(running))]
    # A claim more is one that a handler may hold against something: without the holders' first.
    tries_of_all = [(group, plain) for group in groups]
    tries_of_all += [(group, [dict.fromkeys(holders, _HOLDER) | one for one in plain]) for group in groups if holders]
    for group, tries in tries_of_all:
        requests = (_carried(path, *group, sign(claims, contract.key)) for claims in tries)
        for some in _batches(requests):
            answers = ask(running, some[1])
            taken = [at for at, answer in enumerate(answers) if answer.through]
            if taken:
                return _narrow(running, contract, path, tries[some[0] + taken[0]])
    return None


def _claims(contract: Contract, issuer: str | None, audience: str | None) -> dict[str, Any]:
    claims: dict[str, Any] = dict.fromkeys(_EVENT_NAMES, EVENT)
    claims |= {contract.claims.subject: _HOLDER, "exp": NOW + 600, "iat": NOW - 60, "nbf": NOW - 60}
    if contract.claims.event:
        claims[contract.claims.event] = EVENT
    return claims | ({"iss": issuer} if issuer else {}) | ({"aud": audience} if audience else {})


def _carried(path: str, cookies: Sequence[str], headers: Sequence[str], token: str) -> Request:
    """Give a request with a token in these cookies and headers."""
    plain = {name.lower(): token for name in headers if name.lower() not in ("cookie", "host")}
    return plain_request(path, [f"{name}={token}" for name in cookies], plain)


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


def _narrow(running: Running, contract: Contract, path: str, claims: dict[str, Any]) -> Contract:
    """Leave out of what was taken all that is not asked for."""

    def taken(requests: list[Request]) -> list[bool]:
        return [answer.through for answer in ask(running, requests)]

    token = sign(claims, contract.key)
    names = _words(running) if not contract.carriers else []
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
    cookie = contract.cookie or next(iter(cookies), None)
    header = contract.header or next(iter(headers), None)

    # A carrier that is stated, and in which nothing is taken, is one defect: it says nothing of claims.
    of_cookie, of_header = [cookie] if cookie else [], [header] if header else []
    nothing: list[str] = []
    ways = ((of_cookie, nothing), (nothing, of_header), (of_cookie, of_header))
    tried = taken([_carried(path, *way, token) for way in ways])
    way = next((one for one, is_taken in zip(ways, tried, strict=True) if is_taken), ways[-1])

    def with_claims(some: dict[str, Any]) -> Request:
        return _carried(path, *way, sign(some, contract.key))

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
    asked_for = [name for name, still in without.items() if not still]
    subject = next((name for name in asked_for if name == rules.subject), None)
    others = [name for name in asked_for if claims[name] == _HOLDER]
    return replace(
        contract,
        cookie=cookie,
        header=header,
        claims=replace(
            rules,
            subject=subject or next(iter(others), rules.subject),
            issuer=claims.get("iss") if "iss" in claims and not without["iss"] else rules.issuer,
            audience=claims.get("aud") if "aud" in claims and not without["aud"] else rules.audience,
            event=rules.event or next((name for name, asked in other.items() if asked), None),
            not_before=rules.not_before or tuple(ahead),
        ),
    )
