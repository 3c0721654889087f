"""The decision on a viewer request as the specification states it; it shares no code and no parser with any handler."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from policies.edge.answers import Request
from policies.edge.contract import Contract
from policies.edge.jose import Judged, Ruling, judge_token
from policies.edge.readings import is_canonical, is_under, readings


@dataclass(frozen=True)
class Decision:
    """What must become of a request, and why."""

    ruling: Ruling
    reason: str


def decide(contract: Contract, request: Request, now: float) -> Decision:
    """Give the decision at `now` (milliseconds)."""
    path = request.get("uri")
    if not isinstance(path, str):
        return Decision(Ruling.REFUSE, "it has no path")
    asked = protected_reading(contract, path)
    if asked is None:
        if is_canonical(path) and (is_bypassed(contract, path) or not _in_other_capitals(contract, path)):
            return Decision(Ruling.LET, f"{path} asks for no token")
        return Decision(Ruling.OPEN, "nothing is stated about such a path")
    reading, prefix = asked
    why = (
        f"{path} is protected by {prefix}"
        if reading == path
        else f"{path!r} can be read as {reading}, which is protected"
    )
    token = judge_carried(contract, request, now)
    if token.ruling is Ruling.REFUSE:
        return Decision(Ruling.REFUSE, f"{why}, and {token.reason}")
    if not is_canonical(path):
        return Decision(Ruling.OPEN, f"{why}, and the token holds; such a path may be refused nevertheless")
    event = path[len(prefix) + 1 :].partition("/")[0]
    if contract.claims.event is not None and event and (token.claims or {}).get(contract.claims.event) != event:
        return Decision(Ruling.REFUSE, f"{why}, and the token is of another event")
    if path[: len(prefix)] != prefix:
        return Decision(Ruling.OPEN, f"{why} in other capitals, and the token holds")
    return Decision(token.ruling, f"{why}, and {token.reason}")


def protected_reading(contract: Contract, path: str) -> tuple[str, str] | None:
    """Give the first way to read a path by which it is protected, and what protects it; None where it is not."""
    return _protected_reading(contract.protected, contract.bypass, contract.case_sensitive, path)


@lru_cache(maxsize=50_000)
def _protected_reading(
    protected: tuple[str, ...], bypass: tuple[str, ...], case_sensitive: bool, path: str
) -> tuple[str, str] | None:
    # Where capitals make no difference, a bypass in capitals is the bypass to one handler, and a protected path to a stricter one: both may be.
    def spelled(text: str) -> str:
        return text if case_sensitive else text.lower()

    for reading in readings(path):
        text = spelled(reading)
        if any(is_under(text, spelled(prefix)) for prefix in bypass):
            continue
        for prefix in protected:
            if is_under(text, spelled(prefix)):
                return reading, prefix
    return None


def is_bypassed(contract: Contract, path: str) -> bool:
    """Whether a path is a bypass, letter by letter, or below one."""
    return any(is_under(path, prefix) for prefix in contract.bypass)


def _in_other_capitals(contract: Contract, path: str) -> bool:
    """Whether a path is something that is stated, but for its capitals: then nothing is stated about it."""
    lowered = path.lower()
    return any(is_under(lowered, prefix.lower()) for prefix in (*contract.bypass, *contract.protected))


def carried(contract: Contract, request: Request) -> tuple[list[str], list[str]]:
    """Give the tokens in cookies (RFC 6265, 5.4) and those in the header, each in their order."""
    headers = request.get("headers") or {}
    cookies, tokens = [], []
    for line in _values(headers, "cookie") if contract.cookie is not None else ():
        for pair in line.split(";"):
            name, equals, value = pair.partition("=")
            if equals and name.strip(" \t") == contract.cookie:
                cookies.append(value.strip(" \t"))
    if contract.header is not None:
        tokens = _values(headers, contract.token_header)
    return cookies, tokens


def judge_carried(contract: Contract, request: Request, now: float) -> Judged:
    """Judge what a request carries: exactly one token is sure; of several that differ, none."""
    cookies, tokens = carried(contract, request)
    every = [*cookies, *tokens]
    if not every:
        return Judged(Ruling.REFUSE, "it carries no token")
    judged = [judge_token(token, contract, now) for token in every]
    if len(every) == 1:
        return judged[0] if judged[0].ruling is not Ruling.REFUSE else _loosely(every[0], contract, now) or judged[0]
    if cookies and tokens and set(cookies) != set(tokens):
        return Judged(Ruling.REFUSE, "cookie and header carry different tokens")
    held = [one for one in judged if one.ruling is not Ruling.REFUSE]
    if held or any(_loosely(token, contract, now) for token in every):
        return Judged(Ruling.OPEN, "it carries several tokens", (held or judged)[0].claims)
    return judged[0]


def _loosely(token: str, contract: Contract, now: float) -> Judged | None:
    """Judge a token within quotes, percent signs or between commas: what some unpack is theirs to unpack, and harms nobody."""
    inner = unquote(token).strip(' \t"')
    for text in dict.fromkeys((inner, *(part.strip(" \t") for part in token.split(",")))):
        if text == token:
            continue
        judged = judge_token(text, contract, now)
        if judged.ruling is not Ruling.REFUSE:
            return Judged(Ruling.OPEN, "it carries a token within other characters", judged.claims)
    return None


def _values(headers: object, name: str) -> list[str]:
    found = headers.get(name) if isinstance(headers, dict) else None
    items = found if isinstance(found, list) else []
    return [item["value"] for item in items if isinstance(item, dict) and isinstance(item.get("value"), str)]
