"""What a token validator promises: which paths ask for a token, where the token comes in, what must stand in it."""

from __future__ import annotations

from dataclasses import dataclass

SECRET = "turnstile-tests-0123456789-abcdefghijklmnop"  # noqa: S105 (it opens nothing)
"""The key that the tests give to a handler; nobody else's. Longer than the hash, as RFC 7518 (3.2) wants, and of printable ASCII."""


@dataclass(frozen=True)
class ClaimRules:
    """What must stand in a token beside a time of expiry.

    `subject` is the claim that says whose token it is. `event` is the claim that must equal the path's segment after the protected
    prefix; `not_before` are the claims whose time must not lie ahead; `leeway` are the seconds by which clocks may differ.
    What is None or empty is not demanded.
    """

    subject: str = "sub"
    issuer: str | None = None
    audience: str | None = None
    event: str | None = None
    not_before: tuple[str, ...] = ()
    leeway: int = 0


@dataclass(frozen=True)
class Contract:
    """What is known of a validator; `found` are the keys of `[edge]` that nobody stated and that were found by asking it.

    `named` are the paths that its code names: it promises nothing by them.
    `protected` and `bypass` hold a path and all below it, bypasses are asked first. `removes` are headers that may be taken off a request
    that is let through (`x-internal-*` for all that begin so); `adds` those that may be put on.
    """

    protected: tuple[str, ...] = ()
    bypass: tuple[str, ...] = ()
    queue: str | None = None
    cookie: str | None = None
    header: str | None = None
    removes: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    case_sensitive: bool = False
    claims: ClaimRules = ClaimRules()
    key: bytes = SECRET.encode()
    found: frozenset[str] = frozenset()
    named: tuple[str, ...] = ()

    @property
    def carriers(self) -> tuple[str, ...]:
        """In what a token comes: `cookie`, `header`."""
        return tuple(name for name in ("cookie", "header") if getattr(self, name) is not None)

    @property
    def token_header(self) -> str:
        """The header's name as CloudFront writes it for a function: in small letters."""
        return (self.header or "").lower()

    def may_remove(self, name: str) -> bool:
        """Whether a header may be taken off."""
        return _matches(self.removes, name)

    def may_add(self, name: str) -> bool:
        """Whether a header may be put on, or changed."""
        return _matches(self.adds, name)


def _matches(patterns: tuple[str, ...], name: str) -> bool:
    return any(
        name.startswith(pattern[:-1].lower()) if pattern.endswith("*") else name == pattern.lower()
        for pattern in patterns
    )
