"""What can go wrong with an account of AWS, each by a name of its own."""

from __future__ import annotations

from policies.live.errors import LiveError


class AwsError(LiveError):
    """AWS answered with an error that has no name below; `code` is what AWS calls it."""

    def __init__(self, message: str, code: str = "") -> None:
        self.code = code
        super().__init__(message)


class NoCredentialsError(AwsError):
    """There is nothing to sign a request with."""


class AccessDeniedError(AwsError):
    """The credentials may not do what was asked."""


class ThrottledError(AwsError):
    """AWS asked to slow down, and still did after every repetition."""


class ExpiredTokenError(AwsError):
    """The credentials were good once."""


class RegionError(AwsError):
    """The region is not stated, is not there, or is switched off for the account."""


class WrongAccountError(AwsError):
    """The credentials are those of another account than the one that was named."""


class UnreachableError(AwsError):
    """Nobody answers at the endpoint."""


class EmbeddedError(LiveError):
    """The embedded AWS does not start, or is gone."""
