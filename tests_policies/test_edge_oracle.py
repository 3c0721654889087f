"""The oracle, held to vectors of the RFCs and to decisions written by hand; it must be right where no handler helps it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from policies.edge.contract import SECRET, ClaimRules, Contract
from policies.edge.jose import Ruling, _signed, judge_token
from policies.edge.oracle import decide
from policies.edge.readings import is_canonical, readings
from policies.edge.tokens import base64url, sign

LET, REFUSE, OPEN = Ruling.LET, Ruling.REFUSE, Ruling.OPEN
NOW = 1_767_225_600_000.0
SECOND = 1_767_225_600
KEY = SECRET.encode()
RULES = ClaimRules("sub", "issuer", "us", "event", ("nbf",))
CONTRACT = Contract(
    ("/api/orders", "/booking"), ("/api/orders/hooks", "/wait"), "/wait", "pass", "X-Pass", claims=RULES, key=KEY
)
CLAIMS: dict[str, Any] = {"iss": "issuer", "aud": "us", "sub": "u", "event": "gala", "exp": SECOND + 60}

# RFC 7515, appendix A.1: the octets of the header and of the payload, with their line feeds, and the key of A.1.1.
A1_KEY = base64.urlsafe_b64decode(
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
)
A1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
# RFC 7519, 6.1: an unsecured JWT.
UNSECURED = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
# RFC 7515, appendix A.5: the same as a JWS; appendix A.2 (RS256) with the key of A.1 must not hold.
JOE = Contract(("/p",), cookie="c", claims=ClaimRules("iss"), key=A1_KEY)


def test_the_vector_of_rfc_7515_holds_until_it_expires() -> None:
    """A.1.2 gives the signature; its payload's exp is 1300819380."""
    assert judge_token(A1, JOE, 1300819379_999.0).ruling is LET
    assert judge_token(A1, JOE, 1300819380_000.0).ruling is REFUSE


def test_our_own_signing_gives_the_vector_of_rfc_7515() -> None:
    """What attacks are signed with is what the RFC signs with."""
    head, payload, _ = A1.split(".")
    raw = [base64.urlsafe_b64decode(part + "==") for part in (head, payload)]
    assert sign(raw[1], A1_KEY, raw[0]) == A1


def test_the_unsecured_vector_of_rfc_7519_is_refused() -> None:
    """6.1."""
    assert judge_token(UNSECURED, JOE, 1300819000_000.0).ruling is REFUSE


def test_any_bit_of_the_vector_matters() -> None:
    """Every character of it replaced by every neighbour in the alphabet."""
    for at, letter in enumerate(A1):
        if letter != ".":
            other = "A" if letter != "A" else "B"
            assert judge_token(A1[:at] + other + A1[at + 1 :], JOE, 1300819000_000.0).ruling is REFUSE


TOKENS: dict[str, tuple[Ruling, Any, Any]] = {
    "as it must be": (LET, {}, None),
    "no typ": (LET, {}, {"alg": "HS256"}),
    "typ in small letters": (OPEN, {}, {"alg": "HS256", "typ": "jwt"}),
    "a kid": (OPEN, {}, {"alg": "HS256", "kid": "1"}),
    "crit": (REFUSE, {}, {"alg": "HS256", "crit": ["exp"], "exp": 1}),
    "empty crit": (REFUSE, {}, {"alg": "HS256", "crit": []}),
    "b64": (REFUSE, {}, {"alg": "HS256", "crit": ["b64"], "b64": False}),
    "another alg": (REFUSE, {}, {"alg": "HS384"}),
    "alg in small letters": (REFUSE, {}, {"alg": "hs256"}),
    "alg as a list": (REFUSE, {}, {"alg": ["HS256"]}),
    "another typ": (REFUSE, {}, {"alg": "HS256", "typ": "at+jwt"}),
    "expires in a second": (LET, {"exp": SECOND + 1}, None),
    "expires now": (REFUSE, {"exp": SECOND}, None),
    "expires with a fraction": (OPEN, {"exp": SECOND + 60.5}, None),
    "expired with a fraction": (REFUSE, {"exp": SECOND - 0.5}, None),
    "expires never": (REFUSE, {"exp": float("inf")}, None),
    "expires as a text": (REFUSE, {"exp": str(SECOND + 60)}, None),
    "expires true": (REFUSE, {"exp": True}, None),
    "no subject": (REFUSE, {"sub": None}, None),
    "empty subject": (REFUSE, {"sub": ""}, None),
    "begins now": (LET, {"nbf": SECOND}, None),
    "begins in a second": (REFUSE, {"nbf": SECOND + 1}, None),
    "begins as a text": (REFUSE, {"nbf": "1"}, None),
    "issued ahead, which nobody states": (LET, {"iat": SECOND + 60}, None),
    "audience in a list": (OPEN, {"aud": ["them", "us"]}, None),
    "audience in a list of others": (REFUSE, {"aud": ["them"]}, None),
    "another audience": (REFUSE, {"aud": "usx"}, None),
    "another issuer": (REFUSE, {"iss": "Issuer"}, None),
    "no event": (REFUSE, {"event": ""}, None),
    "further claims": (LET, {"jti": "x", "roles": [1]}, None),
    "nested deep": (OPEN, {"x": json.loads("[" * 40 + "]" * 40)}, None),
}


@pytest.mark.parametrize("name", TOKENS)
def test_token(name: str) -> None:
    """Each as RFC 7515, 7519 and 8725 have it; open where they leave a choice."""
    ruling, changed, header = TOKENS[name]
    claims = {key: value for key, value in {**CLAIMS, **changed}.items() if value is not None}
    token = sign(json.dumps(claims), KEY, header or {"alg": "HS256", "typ": "JWT"})
    if changed.get("exp") == float("inf"):
        token = sign(json.dumps(claims).replace("Infinity", "1e400"), KEY)
    assert judge_token(token, CONTRACT, NOW).ruling is ruling


def test_json_is_strict() -> None:
    """Names twice at any depth, other bytes than UTF-8, a byte order mark, a number that is none."""
    plain = json.dumps(CLAIMS).encode()
    for payload in (
        b'{"exp":1,' + plain[1:],
        b'{"\\u0065xp":1,' + plain[1:],
        plain[:-1] + b',"x":{"a":1,"a":2}}',
        plain[:-1] + b',"x":"\xff"}',
        b"\xef\xbb\xbf" + plain,
        plain[:-1] + b',"x":NaN}',
        plain + b"x",
        b"[]",
        b"null",
        b"",
    ):
        assert judge_token(sign(payload, KEY), CONTRACT, NOW).ruling is REFUSE


def test_only_one_spelling_of_base64url_is_taken() -> None:
    """Bits that nothing uses, padding, another alphabet, lengths that nothing gives: everything but what encoding gives back."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = sign(CLAIMS, KEY)
    taken = [letter for letter in alphabet if not isinstance(_signed(token[:-1] + letter, KEY), str)]
    assert taken == [token[-1]]
    for text in (
        token + "=",
        token + "A",
        token + "AA",
        token.replace("-", "+") + "+",
        f" {token}",
        f"{token}\n",
        token.replace(".", "..", 1),
    ):
        assert judge_token(text, CONTRACT, NOW).ruling is REFUSE


def _request(uri: str, *cookies: str, tokens: tuple[str, ...] = ()) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if cookies:
        headers["cookie"] = [{"key": "Cookie", "value": line} for line in cookies]
    if tokens:
        headers["x-pass"] = [{"key": "X-Pass", "value": token} for token in tokens]
    return {"uri": uri, "method": "GET", "querystring": "", "headers": headers}


TOKEN = sign(CLAIMS, KEY)
OTHER = sign({**CLAIMS, "sub": "v"}, KEY)

PATHS = {
    "/": LET,
    "/index.html": LET,
    "/api/ordersX": LET,
    "/api": LET,
    "/help/api/orders": LET,
    "/wait": LET,
    "/wait/x": LET,
    "/WAIT": OPEN,
    "/api/orders/hooks": LET,
    "/api/orders/hooks/x": LET,
    "/api/orders/hooksX": REFUSE,
    "/api/orders/HOOKS": OPEN,
    "/API/ORDERS/HOOKS/x": OPEN,
    "/API/ORDERS/HOOKSX": REFUSE,
    "/api/orders/HOOKS/../gala": REFUSE,
    "/api/orders": REFUSE,
    "/api/orders/": REFUSE,
    "/API/orders/gala": REFUSE,
    "/booking/x": REFUSE,
    "/wait/../api/orders": REFUSE,
    "/wait/%2e%2e/api/orders": REFUSE,
    "/wait/%252e%252e/api/orders": REFUSE,
    "/wait\\..\\api\\orders": REFUSE,
    "/wait/..;/api/orders": REFUSE,
    "//api/orders": REFUSE,
    "/api//orders": REFUSE,
    "/api/./orders": REFUSE,
    "/api;x=1/orders": REFUSE,
    "/api/orders.": REFUSE,
    "/api/orders%00.css": REFUSE,
    "/%61pi/orders": REFUSE,
    "/api%2forders": REFUSE,
    "/api/%6frders": REFUSE,
    "/ａpi/orders": REFUSE,
    "/x/%c0%ae%c0%ae/api/orders": REFUSE,
    "/a//b": OPEN,
    "/a/../b": OPEN,
    "/a%20b": OPEN,
    "*": OPEN,
    "": OPEN,
}


@pytest.mark.parametrize("path", PATHS)
def test_path_without_a_token(path: str) -> None:
    """Open where nothing is stated, refused where anybody could read it as protected."""
    assert decide(CONTRACT, _request(path), NOW).ruling is PATHS[path]


CARRIED = {
    "cookie": (LET, _request("/api/orders/gala", f"a=b; pass={TOKEN}")),
    "header": (LET, _request("/api/orders/gala", tokens=(TOKEN,))),
    "the prefix alone": (LET, _request("/api/orders", f"pass={TOKEN}")),
    "another event": (REFUSE, _request("/api/orders/other", f"pass={TOKEN}")),
    "an event in capitals": (REFUSE, _request("/api/orders/GALA", f"pass={TOKEN}")),
    "a prefix in capitals": (OPEN, _request("/API/orders/gala", f"pass={TOKEN}")),
    "an odd path": (OPEN, _request("/api//orders/gala", f"pass={TOKEN}")),
    "another name": (REFUSE, _request("/api/orders/gala", f"xpass={TOKEN}; Pass={TOKEN}")),
    "no sign of equality": (REFUSE, _request("/api/orders/gala", TOKEN)),
    "both alike": (OPEN, _request("/api/orders/gala", f"pass={TOKEN}", tokens=(TOKEN,))),
    "both that differ": (REFUSE, _request("/api/orders/gala", f"pass={TOKEN}", tokens=(OTHER,))),
    "one of them bad": (REFUSE, _request("/api/orders/gala", f"pass={TOKEN}", tokens=("x",))),
    "twice": (OPEN, _request("/api/orders/gala", f"pass={TOKEN}; pass=x")),
    "twice bad": (REFUSE, _request("/api/orders/gala", "pass=y; pass=x")),
    "quoted": (OPEN, _request("/api/orders/gala", f'pass="{TOKEN}"')),
    "joined": (OPEN, _request("/api/orders/gala", tokens=(f"{TOKEN},x",))),
    "no path": (REFUSE, {"headers": {}}),
    "no headers": (REFUSE, {"uri": "/booking"}),
    "headers of no form": (REFUSE, {"uri": "/booking", "headers": {"cookie": {}, "x-pass": [{}, 1]}}),
}


@pytest.mark.parametrize("name", CARRIED)
def test_carried(name: str) -> None:
    """By the strict reading: exactly one token, where it is stated to come."""
    ruling, request = CARRIED[name]
    assert decide(CONTRACT, request, NOW).ruling is ruling


def test_canonical_paths_have_one_reading() -> None:
    """What is let through for its plain spelling cannot be anything else."""
    for path in ("/", "/a", "/a/b-c/d_e.f~g", "/a/"):
        assert is_canonical(path)
        assert readings(path) == (path,)
    for path in ("", "a", "//", "/.", "/a/..", "/a.", "/.a", "/a b", "/a;b", "/a%20", "/é", "/a\\b", "/a\n"):
        assert not is_canonical(path)


def test_base64url_is_the_standards() -> None:
    """RFC 7515, appendix C: the octets 3, 236, 255, 224, 193."""
    assert base64url(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"
