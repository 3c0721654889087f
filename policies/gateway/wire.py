"""A request as the bytes that CloudFront sends to its origin: HTTP/1.1, letter by letter, nothing put right."""

from __future__ import annotations

import re
from urllib.parse import quote

from policies.model.delivery.cloudfront import Request

_TARGET = re.compile(r"[!-~]+\Z")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_VALUE = re.compile(r"[\t -~\x80-\xff]*\Z")
_METHOD = re.compile(r"[A-Z]+\Z")
_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")


def written(request: Request) -> bytes | None:
    """Give a request as it goes over the wire; None for one that HTTP has no way to write (RFC 9112, 3; RFC 9110, 5.5).

    Characters beyond ASCII go as the percent-encoded UTF-8 that every client makes of them: no server at the edge takes them otherwise.
    """
    target = _ascii(request.path) + (f"?{_ascii(request.query)}" if request.query else "")
    if not _TARGET.match(target) or not _METHOD.match(request.method):
        return None
    lines = [f"{request.method} {target} HTTP/1.1"]
    for name, value in request.headers:
        try:
            spelled = value.encode("utf-8").decode("latin-1")
        except UnicodeEncodeError:
            return None
        if not _NAME.match(name) or not _VALUE.match(spelled):
            return None
        lines.append(f"{name}: {spelled}")
    names = {name.lower() for name, _ in request.headers}
    if request.method in _WITH_BODY and "content-length" not in names:
        lines.append("Content-Length: 0")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _ascii(text: str) -> str:
    return text if text.isascii() else re.sub(r"[^\x00-\x7f]+", lambda found: quote(found[0], errors="replace"), text)
