"""What is wrong with the answers of a batch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policies.edge.answers import LOST, Answer, Kind
from policies.edge.attack import Tried
from policies.edge.contract import Contract
from policies.edge.jose import Ruling

_HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+\Z")
_REDIRECTS = frozenset({"302", "303", "307"})
MAXIMUM_RESPONSE = 40_000
"""What CloudFront takes from a function at viewer request, headers and body, in bytes (40 KB)."""


def refused(_: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """Nothing goes through that must be refused."""
    for at, one in enumerate(tried):
        if one.decision.ruling is Ruling.REFUSE and one.answer.through:
            return at, "lets it through"
    return None


def let_through(_: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """All goes through that must."""
    for at, one in enumerate(tried):
        if one.decision.ruling is Ruling.LET and not one.answer.through:
            return at, str(one.answer)
    return None


def alike(_: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """All of a group are decided alike: they say the same in another order, or at another time in a sequence."""
    first: dict[int, Tried] = {}
    for at, one in enumerate(tried):
        if one.variant.group is None:
            continue
        other = first.setdefault(one.variant.group, one)
        if other.answer.through is not one.answer.through:
            how = "before" if other.variant.request == one.variant.request else "in another order"
            return at, f"{one.answer}, and {how} {other.answer}"
    return None


def does_not_throw(_: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """Each is answered with a request or a response."""
    for at, one in enumerate(tried):
        if one.answer.kind in (Kind.THREW, Kind.NOTHING, Kind.LARGE):
            return at, str(one.answer)
    return None


def comes_to_an_end(_: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """Each is answered at all."""
    for at, one in enumerate(tried):
        if one.answer.kind in LOST:
            return at, str(one.answer)
    return None


def sent_to_the_queue(contract: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """What is refused for want of a token is redirected to the queue's page."""
    queue = contract.queue or ""
    for at, one in enumerate(tried):
        if one.answer.kind is not Kind.REFUSED:
            continue
        locations = one.answer.header("location")
        if one.answer.status not in _REDIRECTS:
            return at, f"answers {one.answer.status or 'without a status'}, which sends nobody anywhere for now"
        if len(locations) != 1 or re.split(r"[?#]", locations[0], maxsplit=1)[0] != queue:
            return at, f"sends the viewer to {', '.join(map(repr, locations)) or 'nowhere'}, not to {queue}"
    return None


def uncached(_: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """What is refused says that nobody may keep the answer."""
    for at, one in enumerate(tried):
        directives = [part.strip().lower() for value in one.answer.header("cache-control") for part in value.split(",")]
        if one.answer.kind is Kind.REFUSED and "no-store" not in directives:
            return at, f"answers {one.answer.status} with Cache-Control {', '.join(directives) or 'missing'}"
    return None


def stays_here(contract: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """A redirect leads to no other host, and what a viewer sent ends no line of it."""
    own = contract.queue if contract.queue is not None and "://" in contract.queue else None
    for at, one in enumerate(tried):
        for location in one.answer.header("location"):
            inside = re.match(r"/(?![/\\])", location) if own is None else location.startswith(own)
            if not inside or re.search(r"[\x00-\x20\x7f-\uffff\\]", location):
                return at, f"sends the viewer to {location!r}"
    return None


def legal(_: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """A response is one that CloudFront takes; with any other it answers 502 itself."""
    for at, one in enumerate(tried):
        problem = _illegal(one.answer)
        if problem:
            return at, f"gives CloudFront a response that it does not take: {problem}"
    return None


def _illegal(answer: Answer) -> str:
    if answer.kind is not Kind.REFUSED:
        return ""
    value = answer.value
    if not isinstance(value["status"], str) or not re.fullmatch(r"[2-5]\d\d", value["status"]):
        return f"status {value['status']!r}"
    headers = value.get("headers", {})
    if not isinstance(headers, dict):
        return "headers that are no object"
    for name, items in headers.items():
        if not _HEADER_NAME.match(name):
            return f"the header {name!r}, which is not in small letters"
        if not isinstance(items, list) or not all(
            isinstance(item, dict) and isinstance(item.get("value"), str) for item in items
        ):
            return f"the header {name!r}, which is no list of values"
        if any(item.get("key", name).lower() != name or re.search(r"[\r\n\0]", item["value"]) for item in items):
            return f"the header {name!r} with {items!r}"
    if not isinstance(value.get("body", ""), str):
        return "a body that is no text"
    return "more than 40 KB" if len(str(value)) > MAXIMUM_RESPONSE else ""


def unchanged(contract: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """What is let through goes on as it came, but for headers that are stated."""
    for at, one in enumerate(tried):
        if one.answer.kind is not Kind.THROUGH or one.answer.value is None:
            continue
        before, after = one.variant.request, one.answer.value
        for name in sorted({*before, *after} - {"headers"}):
            if before.get(name) != after.get(name):
                return at, f"changes the request's {name} from {before.get(name)!r} to {after.get(name)!r}"
        old, new = before.get("headers", {}), after.get("headers", {})
        for name in sorted({*old, *new}):
            if old.get(name) == new.get(name) or contract.may_add(name):
                continue
            if name not in new and contract.may_remove(name):
                continue
            return at, f"changes the header {name} from {_values(old.get(name))} to {_values(new.get(name))}"
    return None


def stripped(contract: Contract, tried: Sequence[Tried]) -> tuple[int, str] | None:
    """A header that is the platform's own does not pass when a viewer sends it."""
    for at, one in enumerate(tried):
        if one.answer.kind is not Kind.THROUGH:
            continue
        sent = one.variant.request.get("headers", {})
        headers = sent if one.answer.value is None else one.answer.value.get("headers", {})
        passed = [name for name, items in headers.items() if contract.may_remove(name) and items == sent.get(name)]
        if passed:
            return at, f"lets the viewer's own {', '.join(passed)} through to the origin"
    return None


def _values(items: object) -> str:
    if not isinstance(items, list):
        return "nothing"
    return (
        ", ".join(repr(item.get("value")) if isinstance(item, dict) else repr(item) for item in items)
        or "an empty list"
    )
