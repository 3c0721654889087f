"""Who sends a request of a viewer, header by header, and what was answered."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from policies.live.aws.knocking import Reply
from policies.model.delivery import cloudfront as delivery

SECONDS = 30.0
"""What one request may take; CloudFront's own limit for an origin."""

OWN = frozenset({"host", "content-length", "connection", "transfer-encoding"})
"""Headers that belong to a connection, or that its sender knows better."""

Send = Callable[[delivery.Request], Reply]


def at_url(url: str, host: str | None = None, authority: Path | None = None) -> Send:
    """Give who sends to a URL's server; `host` is whom it is asked for, `authority` a certificate that is trusted beside none."""
    place = urlsplit(url)
    name = str(place.hostname)

    def connect() -> http.client.HTTPConnection:
        if place.scheme != "https":
            return http.client.HTTPConnection(name, place.port, timeout=SECONDS)
        context = ssl.create_default_context(cafile=str(authority) if authority is not None else None)
        return http.client.HTTPSConnection(name, place.port, timeout=SECONDS, context=context)

    def send(request: delivery.Request) -> Reply:
        connection: Any = connect()
        try:
            target = f"{request.path}?{request.query}" if request.query else request.path
            connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host or place.netloc)
            for name, text in request.headers:
                if name.lower() not in OWN:
                    connection.putheader(name, text)
            connection.endheaders()
            answer = connection.getresponse()
            answer.read()
            return Reply(answer.status, answer.getheader("location") or "")
        except (OSError, http.client.HTTPException) as error:
            return Reply(0, problem=f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    return send
