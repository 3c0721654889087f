"""Plain questions to a handler of which little is known yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from policies.edge.answers import Answer, Request

if TYPE_CHECKING:
    from policies.edge.running import Running

NOW = 1_767_312_000
"""When they are asked, in seconds."""

EVENT = "turnstile-event"


def plain_request(path: str, cookies: Sequence[str] = (), headers: dict[str, str] | None = None) -> Request:
    """Give a plain request with these cookies and headers."""
    every: dict[str, Any] = {"host": [{"key": "Host", "value": "www.shop.internal"}]}
    if cookies:
        every["cookie"] = [{"key": "Cookie", "value": "; ".join(cookies)}]
    every.update({name: [{"key": name, "value": value}] for name, value in (headers or {}).items()})
    return {"clientIp": "192.0.2.7", "method": "GET", "uri": path, "querystring": "", "headers": every}


def ask(running: Running, requests: Sequence[Request], now: float = NOW) -> list[Answer]:
    """Ask the handler."""
    return running.bridge.decide(requests, now * 1000.0) if requests else []
