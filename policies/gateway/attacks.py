"""What somebody sends who reaches the gateway by another way than CloudFront, and a viewer who sends CloudFront's own header."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from policies.edge.answers import Request
from policies.edge.attack import Attack, attack
from policies.edge.jose import Ruling
from policies.edge.viewer import METHODS, Visit, list_of
from policies.gateway.found import FILLER, ORIGIN_SECRET

Made = Iterator[tuple[str, Request]]

PATHS = (
    "paths.capitals", "paths.dot_segments", "paths.double_slashes", "paths.path_parameters", "paths.trailing", "paths.nearly_bypassed",
    "encodings.encoded", "encodings.encoded_twice", "encodings.backslashes", "encodings.other_letters",
)  # fmt: skip
TOKENS = (
    "headers.none_algorithm", "headers.other_digest", "headers.mislabelled", "headers.broken_header", "headers.repeated_header_name",
    "headers.critical", "headers.brought_key", "headers.another_kind", "signatures.altered", "signatures.other_key",
    "signatures.no_signature", "signatures.not_canonical", "signatures.segments", "claims.expired", "claims.without_expiry",
    "claims.expiry_is_no_number", "claims.without_subject", "claims.not_yet_valid", "claims.other_event", "claims.other_audience",
    "claims.other_issuer", "payloads.payload_is_no_object", "payloads.repeated_claim", "payloads.not_text",
)  # fmt: skip
NEEDS = {
    "other_event": "claims.event", "other_audience": "claims.audience", "other_issuer": "claims.issuer",
    "not_yet_valid": "claims.not-before", "valid_cookie": "cookie", "valid_header": "header",
}  # fmt: skip
"""Without which part of the edge's contract an attack has nothing to send."""

OF_THE_CLOCK = frozenset(
    {
        ("valid_cookie", "last second"), ("valid_header", "last second"), ("expired", "at the very second"),
        ("not_yet_valid", "seconds ahead"), ("not_yet_valid", "milliseconds"),
    }
)  # fmt: skip
"""Classes that mean one second of a clock, and the gateway's cannot be set."""


def of_edge(*names: str) -> tuple[Attack, ...]:
    """Give attacks on the edge, by module and name: what is no token there is none at the gateway."""
    found = []
    for name in names:
        module, _, function = name.partition(".")
        found.append(getattr(import_module(f"policies.edge.attacks.{module}"), function))
    return tuple(found)


@attack("as it is", "below it", "each method", "a token that does not hold")
def plainly(visit: Visit) -> Made:
    """A protected path as it is written, and no token that holds."""
    yield "as it is", visit.request(uri=visit.prefix)
    yield "below it", visit.request()
    for method in METHODS:
        yield "each method", visit.request(method=method)
    for carrier in visit.contract.carriers:
        yield "a token that does not hold", visit.request(visit.sign(key=b"another" * 8), carrier=carrier)
        yield "a token that does not hold", visit.request("", carrier=carrier)


@attack("a bypass", "below a bypass", "public", expects=Ruling.LET)
def in_passing(visit: Visit) -> Made:
    """What asks for no token: neither of the two may make something else of it that does."""
    for path in visit.contract.bypass or ("/",):
        yield "a bypass", visit.request(uri=path)
        yield "below a bypass", visit.request(uri=f"{path.rstrip('/')}/{visit.event}")
    yield "public", visit.request(uri="/")
    yield "public", visit.request(uri=f"/assets/{visit.event}.css")


@attack("absolute form", "absolute form, of another host", "absolute form, spelled otherwise", expects=None)
def absolute_form(visit: Visit) -> Made:
    """A whole address where a path is expected (RFC 9112, 3.2.2): servers take it, and filters that look at its beginning do not."""
    yield "absolute form", visit.request(uri=f"http://www.shop.internal{visit.path}")
    yield "absolute form, of another host", visit.request(uri=f"http://localhost{visit.path}")
    yield "absolute form, spelled otherwise", visit.request(uri=f"HTTP://WWW.SHOP.INTERNAL:80{visit.path}")
    yield "absolute form, spelled otherwise", visit.request(uri=f"http://www.shop.internal/x/..{visit.path}")


def refusals(names: tuple[str, ...], sent: tuple[str, ...]) -> Attack:
    """Make the attack of one who has neither CloudFront's header nor a token that holds; `names` are the header's, `sent` those that CloudFront sends."""

    @attack(
        "nothing", "a wrong header", "an empty header", "nearly the header's value", "a header that is called alike",
        "a token elsewhere", expects=Ruling.REFUSE,
    )  # fmt: skip
    def without_pass(visit: Visit) -> Made:
        """Neither CloudFront's header nor a token in the token header."""
        yield "nothing", visit.request()
        for name in names:
            for value in ("wrong", FILLER, "true", "1", "null", "*"):
                yield "a wrong header", _with(visit, name, value)
            yield "an empty header", _with(visit, name, "")
            changed = (
                ORIGIN_SECRET.upper(),
                ORIGIN_SECRET[:-1],
                ORIGIN_SECRET[1:],
                f"{ORIGIN_SECRET}x",
                f'"{ORIGIN_SECRET}"',
            )
            for value in (*changed, f"{ORIGIN_SECRET},{ORIGIN_SECRET}", f"x {ORIGIN_SECRET}"):
                yield "nearly the header's value", _with(visit, name, value)
        read = {name.lower() for name in names}
        others = {f"X-{name}" for name in names} | {f"{name}-2" for name in names} | set(sent)
        others |= {name.replace("-", "_") for name in names} | {name.rpartition("-")[2] for name in names}
        for name in sorted(one for one in others if one.lower() not in read):
            yield "a header that is called alike", _with(visit, name, ORIGIN_SECRET)
        token = visit.token
        yield "a token elsewhere", visit.request(query=f"token={token}")
        yield "a token elsewhere", visit.request(headers={"x-token": list_of("X-Token", [token])})
        if (visit.contract.header or "").lower() != "authorization":
            yield (
                "a token elsewhere",
                visit.request(headers={"authorization": list_of("Authorization", [f"Bearer {token}"])}),
            )

    return without_pass


@attack("a cookie alone", "a cookie with another cookie's name", expects=None)
def cookie_alone(visit: Visit) -> Made:
    """A token that holds, in the cookie: that one is the edge's to take, and who comes past the edge has no right to it."""
    yield "a cookie alone", visit.request(visit.token, carrier="cookie")
    name = visit.contract.header or "token"
    cookies = (f"{visit.contract.cookie}={visit.token}", f"{name}={visit.token}")
    yield (
        "a cookie with another cookie's name",
        visit.request(headers={"cookie": list_of("Cookie", ["; ".join(cookies)])}),
    )


def repeated(names: tuple[str, ...]) -> Attack:
    """Make the attack of one who sends CloudFront's header twice."""

    @attack("right and wrong", "right and empty")
    def header_twice(visit: Visit) -> Made:
        """CloudFront puts its header in the place of a viewer's: where there are two, the request did not come through it."""
        for name in names:
            for label, other in (("right and wrong", "wrong"), ("right and empty", "")):
                for values in ((ORIGIN_SECRET, other), (other, ORIGIN_SECRET)):
                    yield label, visit.request(headers={name.lower(): list_of(name, values)})

    return header_twice


def own_header(names: tuple[str, ...]) -> Attack:
    """Make the attack of a viewer who has a token for the edge, and CloudFront's header for the gateway."""

    @attack(
        "as it is written", "in other capitals", "twice", "with underscores", "hop by hop", expects=Ruling.LET,
    )  # fmt: skip
    def header_of_viewer(visit: Visit) -> Made:
        """The right value in a viewer's own header, where CloudFront itself sends another."""
        for name in names:
            yield "as it is written", _with(visit, name, ORIGIN_SECRET, visit.token)
            for spelled in (name.lower(), name.upper(), name.swapcase()):
                yield "in other capitals", _with(visit, spelled, ORIGIN_SECRET, visit.token)
            twice = {name.lower(): list_of(name, [ORIGIN_SECRET, ORIGIN_SECRET])}
            yield "twice", visit.request(visit.token, headers=twice)
            both = {
                name.lower(): list_of(name.lower(), [ORIGIN_SECRET]),
                f"{name.lower()} ".strip() + "-": list_of(name, ["x"]),
            }
            yield "twice", visit.request(visit.token, headers=both)
            for spelled in (name.replace("-", "_"), name.replace("-", "_", 1), name.upper().replace("-", "_")):
                yield "with underscores", _with(visit, spelled, ORIGIN_SECRET, visit.token)
            listed = {
                "connection": list_of("Connection", [f"close, {name}"]),
                name.lower(): list_of(name, [ORIGIN_SECRET]),
            }
            yield "hop by hop", visit.request(visit.token, headers=listed)

    return header_of_viewer


def _with(visit: Visit, name: str, value: str, *tokens: str) -> Request:
    return visit.request(*tokens, headers={name.lower(): list_of(name, [value])})
