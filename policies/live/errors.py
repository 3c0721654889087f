"""Errors of what acts on running systems; a branch of the one tree in `policies.errors`."""

from __future__ import annotations

from policies.errors import TurnstileError


class LiveError(TurnstileError):
    """Something running could not be reached, made or removed; the sentence says what, and the way out."""
