"""A request as it goes over the wire is the one that was meant, letter by letter, or is not sent at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.gateway.wire import written
from policies.model.delivery.cloudfront import Request


def test_nothing_is_put_right() -> None:
    """Odd paths, repeated headers, percent signs and the order of all stay."""
    headers = (("Host", "a"), ("X-A", "1"), ("x-a", "2"), ("X_A", ""), ("Cookie", "a=b; c"))
    assert written(Request("//api/%2e%2E/%74ickets;a=b/../x\\y", "GET", "q=%zz&&=", headers)) == (
        b"GET //api/%2e%2E/%74ickets;a=b/../x\\y?q=%zz&&= HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\nX_A: \r\nCookie: a=b; c\r\n\r\n"
    )


def test_a_request_with_a_body_to_come_says_that_it_has_none() -> None:
    """RFC 9110, 8.6: else the other side waits for one."""
    assert b"Content-Length: 0\r\n" in (written(Request("/", "POST")) or b"")
    assert (written(Request("/", "POST", headers=(("content-length", "0"),))) or b"").lower().count(
        b"content-length"
    ) == 1


def test_letters_beyond_ascii_go_as_clients_write_them() -> None:
    """Percent-encoded UTF-8 in the path, the bytes themselves in a header."""
    assert (written(Request("/\uff54", headers=(("X", "é"),))) or b"").startswith(
        b"GET /%EF%BD%94 HTTP/1.1\r\nX: \xc3\xa9\r\n"
    )


@pytest.mark.parametrize(
    "request_",
    [
        Request("/a b"), Request("/a\tb"), Request("/a\x00"), Request("/a\r\nX: y"), Request(""), Request("/", query="a b"),
        Request("/", "G T"), Request("/", ""), Request("/", headers=(("X", "a\r\nY: b"),)), Request("/", headers=(("X Y", "a"),)),
        Request("/", headers=(("X:", "a"),)), Request("/", headers=(("", "a"),)), Request("/", headers=(("X", "\x00"),)),
        Request("/", headers=(("X", "\ud800"),)),
    ],
)  # fmt: skip
def test_what_http_cannot_write_is_not_sent(request_: Request) -> None:
    """Another request would be smuggled in, or the line be another."""
    assert written(request_) is None


@given(st.text(), st.text(), st.lists(st.tuples(st.text(), st.text())))
def test_one_request_is_one(path: str, query: str, headers: list[tuple[str, str]]) -> None:
    """Whatever it is made of: one line of a request, one of each header, one end."""
    made = written(Request(path, "GET", query, tuple(headers)))
    if made is not None:
        head, end, rest = made.partition(b"\r\n\r\n")
        assert (end, rest) == (b"\r\n\r\n", b"")
        lines = head.split(b"\r\n")
        assert len(lines) == 1 + len(headers)
        assert lines[0].count(b" ") == 2
        assert b"\n" not in b"".join(lines)
        assert b"\r" not in b"".join(lines)
