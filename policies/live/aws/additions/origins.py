"""Origins of an embedded AWS: a domain of a platform leads to a listener on loopback, where its gateway really stands."""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

from typing import Any

from ministack.services import cloudfront

LED: dict[str, int] = {}
"""The ports on loopback by the domains that lead there."""


def install() -> None:
    """Let the data plane dial a listener of ours for a domain that leads there, without TLS: it has no certificate of that name."""
    dialled = cloudfront._origin_connect_target

    def target(origin: dict[str, Any], viewer_is_https: bool) -> tuple[str, int, bool]:
        port = LED.get(str(origin["domain_name"]).lower())
        found: tuple[str, int, bool] = dialled(origin, viewer_is_https)
        return ("127.0.0.1", port, False) if port is not None else found

    cloudfront._origin_connect_target = target
