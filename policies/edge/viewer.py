"""Viewer requests as CloudFront hands them to a function, and the generated visit that attacks start from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from policies.edge.answers import Request
from policies.edge.contract import Contract
from policies.edge.tokens import HEADER, sign

EPOCH = 1_767_225_600
"""When the tests' clock starts, in seconds: 2026-01-01."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""What CloudFront lets a viewer send."""

Draw = Callable[[st.SearchStrategy[Any]], Any]

_LIFETIMES = (600, 1, 2, 60, 86_400)
_ISSUED = (60, 0, 1, 3600)
_BELOW = ("", "", "/seats", "/seats/12", "/")
_COOKIES = ("session=8f2a1c", "theme=dark", "_ga=GA1.2.3.4", "lang=ko", "empty=", "a=b=c", "consent=1")
_QUERIES = ("", "", "page=2", "next=%2Fhome", "t=1767225600&x=%2Fapi", "q=a+b%20c")
_PEOPLE = ("user-42", "u", "5d0c9a8e-7b1f-4c55-9a63-0d6f6a0d3e11", "홍길동", "a b", "user@shop")


def list_of(name: str, values: Iterable[str]) -> list[dict[str, str]]:
    """Give a header's values in CloudFront's form."""
    return [{"key": name, "value": value} for value in values]


@dataclass(frozen=True)
class Visit:
    """One viewer on one protected path, with all that a valid token of theirs says; attacks change one thing of it.

    `now` is in milliseconds; `cookies` are other cookies that the browser has; `carrier` is in what the token comes.
    """

    contract: Contract
    prefix: str
    event: str
    below: str
    method: str
    query: str
    subject: str
    now: float
    lifetime: int
    issued: int
    carrier: str
    cookies: tuple[str, ...]
    position: int

    @property
    def path(self) -> str:
        """The protected path."""
        return f"{self.prefix}/{self.event}{self.below}"

    @property
    def second(self) -> int:
        """Now, in whole seconds."""
        return int(self.now // 1000)

    @property
    def claims(self) -> dict[str, Any]:
        """The claims of a token that holds here."""
        rules = self.contract.claims
        claims: dict[str, Any] = {} if rules.issuer is None else {"iss": rules.issuer}
        if rules.audience is not None:
            claims["aud"] = rules.audience
        claims[rules.subject] = self.subject
        if rules.event is not None:
            claims[rules.event] = self.event
        return claims | {"iat": self.second - self.issued, "exp": self.second + self.lifetime}

    def sign(self, claims: Any = None, header: Any = HEADER, key: bytes | None = None, digest: str = "sha256") -> str:
        """Sign claims (these, where none are given) with the validator's key, or another."""
        return sign(
            self.claims if claims is None else claims, self.contract.key if key is None else key, header, digest
        )

    @property
    def token(self) -> str:
        """A token that holds."""
        return self.sign()

    def request(
        self,
        *tokens: str,
        uri: str | None = None,
        carrier: str | None = None,
        cookies: tuple[str, ...] | None = None,
        headers: Mapping[str, list[dict[str, str]]] | None = None,
        query: str | None = None,
        method: str | None = None,
    ) -> Request:
        """Give the request with these tokens, each a cookie or a header of its own; without any it carries none."""
        others = list(self.cookies if cookies is None else cookies)
        all_headers: dict[str, list[dict[str, str]]] = {
            "host": list_of("Host", ["www.shop.internal"]),
            "user-agent": list_of("User-Agent", ["Mozilla/5.0"]),
        }
        if tokens and (carrier or self.carrier) == "cookie":
            others[self.position % (len(others) + 1) : 0] = [f"{self.contract.cookie}={token}" for token in tokens]
        elif tokens:
            all_headers[self.contract.token_header] = list_of(self.contract.header or "", tokens)
        if others:
            all_headers["cookie"] = list_of("Cookie", ["; ".join(others)])
        return {
            "clientIp": "192.0.2.7",
            "method": self.method if method is None else method,
            "uri": self.path if uri is None else uri,
            "querystring": self.query if query is None else query,
            "headers": {**all_headers, **(headers or {})},
        }

    def control(self, request: Request) -> Request:
        """Give the same visit, plainly spelled, without a token: to the prefix alone where that is what was asked for."""
        alone = str(request.get("uri")).rstrip("/").count("/") <= self.prefix.count("/")
        return self.request(uri=self.prefix if alone else f"{self.prefix}/{self.event}")

    def by(self, carrier: str) -> Visit:
        """The same visit with its token in another carrier."""
        return replace(self, carrier=carrier)


def plain_visit(contract: Contract) -> Visit:
    """Give a visit with nothing odd about it."""
    prefix, carrier = contract.protected[0], contract.carriers[0]
    return Visit(contract, prefix, "event-1", "", "GET", "", "user-42", EPOCH * 1000.0, 600, 60, carrier, (), 0)


@lru_cache(maxsize=64)
def visits(contract: Contract) -> st.SearchStrategy[Visit]:
    """Generate visits to a validator's protected paths; one number for each choice, for a draw costs more than what is made of it."""
    taken = {path.rsplit("/", 1)[-1].lower() for path in contract.bypass}

    def made(numbers: tuple[int, int, int, int, int]) -> Visit:
        mixed, event, moment, tenths, position = numbers
        prefix, mixed = _pick(contract.protected, mixed)
        carrier, mixed = _pick(contract.carriers, mixed)
        method, mixed = _pick(METHODS, mixed)
        below, mixed = _pick(_BELOW, mixed)
        query, mixed = _pick(_QUERIES, mixed)
        subject, mixed = _pick(_PEOPLE, mixed)
        lifetime, mixed = _pick(_LIFETIMES, mixed)
        issued, mixed = _pick(_ISSUED, mixed)
        name = _named(event)
        return Visit(
            contract,
            prefix,
            name if name not in taken else f"{name}-1",
            below,
            method,
            query,
            subject,
            (EPOCH + moment) * 1000.0 + tenths * 100.0,
            lifetime,
            issued,
            carrier,
            _COOKIES[mixed % 7 : mixed % 7 + position % 4],
            position,
        )

    choices = len(contract.protected) * len(contract.carriers) * 7 * 5 * 6 * 6 * 5 * 4 * 7
    return st.tuples(
        st.integers(0, choices - 1),
        st.integers(0, 36**6),
        st.integers(0, 10**7),
        st.integers(0, 9),
        st.integers(0, 2**16),
    ).map(made)


def _pick(choices: tuple[Any, ...], number: int) -> tuple[Any, int]:
    rest, index = divmod(number, len(choices))
    return choices[index], rest


def _named(number: int) -> str:
    """Give an event's id: a letter, then letters, digits and dashes."""
    text = "e"
    while number:
        number, digit = divmod(number, 36)
        text += "abcdefghijklmnopqrstuvwxyz0123456789"[digit]
    return text if len(text) < 5 else f"{text[:3]}-{text[3:]}"
