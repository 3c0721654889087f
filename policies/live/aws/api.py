"""AWS by boto3, with a name for everything that can go wrong, and a record of what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from policies.live.aws import errors

ATTEMPTS = 6
"""How often a request is made, with growing pauses, before a throttle is an error."""

_NAMED: dict[str, type[errors.AwsError]] = {
    **dict.fromkeys(
        (
            "AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "Forbidden", "403",
            "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "KMS.AccessDeniedException",
        ),
        errors.AccessDeniedError,
    ),
    **dict.fromkeys(
        (
            "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestLimitExceeded",
            "TooManyRequestsException", "SlowDown", "PriorRequestNotComplete", "RequestThrottledException",
        ),
        errors.ThrottledError,
    ),
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "RequestExpired"), errors.ExpiredTokenError),
    **dict.fromkeys(("OptInRequired", "RegionDisabledException", "InvalidRegion"), errors.RegionError),
}  # fmt: skip

_QUOTED = re.compile(r"(value: ).*?(, (?:type|valid))", re.DOTALL)

_WAY_OUT = {
    errors.AccessDeniedError: "grant it (policies/live/aws/read-only-policy.json is all that reading needs)",
    errors.ThrottledError: "try again later, or ask for less at once",
    errors.ExpiredTokenError: "sign in again",
    errors.RegionError: "enable the region for the account, or state another",
}


@dataclass(frozen=True, eq=False)
class Aws:
    """An account in a region, by the session of whoever may read it. `calls` are the operations that were asked, in IAM's words."""

    session: Any = field(repr=False)
    region: str
    endpoint: str | None = None
    certificate: str | None = None
    calls: list[tuple[str, str]] = field(default_factory=list, repr=False)
    _clients: dict[tuple[str, str], Service] = field(default_factory=dict, repr=False)

    def of(self, service: str, region: str | None = None) -> Service:
        """Give a service."""
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = Service(self, service, region or self.region)
        return self._clients[key]


class Service:
    """One service of an account in a region: its operations by their names, as boto3 has them. Raises AwsError, or one of its kinds."""

    def __init__(self, aws: Aws, name: str, region: str) -> None:
        self.aws, self.name, self.region = aws, name, region
        # Queues and alarms are waited for by us; a client that retries must end before a test does.
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS}, connect_timeout=5, read_timeout=60,
            user_agent_extra="turnstile", inject_host_prefix=aws.endpoint is None, s3={"addressing_style": "path"},
        )  # fmt: skip
        with asking(name, "be reached", region):
            self.client = aws.session.client(
                name, region_name=region, endpoint_url=aws.endpoint, verify=aws.certificate, config=config
            )
        self.client.meta.events.register("before-call.*.*", self._record)

    def _record(self, model: Any, **_: Any) -> None:
        prefix = model.service_model.signing_name or model.service_model.service_name
        self.aws.calls.append((prefix, model.name))

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self.client, operation)

        def ask(**arguments: Any) -> Any:
            with asking(self.name, operation, self.region):
                return method(**arguments)

        return ask

    def every(self, operation: str, key: str, **arguments: Any) -> list[Any]:
        """Give all that an operation lists under a key (`Items`, or `DistributionList.Items`), page by page."""
        with asking(self.name, operation, self.region):
            pages = self.client.get_paginator(operation).paginate(**arguments)
            return [one for page in pages for one in _under(page, key) or ()]


def _under(page: dict[str, Any], key: str) -> Any:
    outer, _, inner = key.partition(".")
    return _under(page.get(outer) or {}, inner) if inner else page.get(outer)


@contextmanager
def asking(service: str, operation: str, region: str) -> Iterator[None]:
    """Give what boto3 raises a name of ours, and say what was asked; nothing that was sent is in it."""
    what = f"AWS {service} in {region}: {operation}"
    try:
        yield
    except boto.ClientError as error:
        told = error.response.get("Error", {})
        code = str(told.get("Code") or "")
        kind = _NAMED.get(code, errors.AwsError)
        way_out = f"; {_WAY_OUT[kind]}" if kind in _WAY_OUT else ""
        raise kind(f"{what}: {code}: {told.get('Message') or 'no reason given'}{way_out}", code) from None
    except (boto.NoRegionError, boto.InvalidRegionError) as error:
        raise errors.RegionError(
            f"{what}: {error}; state the region in platform.toml ([environments.NAME] region)"
        ) from None
    except (boto.UnauthorizedSSOTokenError, boto.SSOTokenLoadError, boto.TokenRetrievalError) as error:
        raise errors.ExpiredTokenError(f"{what}: {error}; sign in again") from None
    except (boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError) as error:
        raise errors.NoCredentialsError(f"{what}: {error}; sign in, or state a profile") from None
    except (boto.EndpointConnectionError, boto.HTTPClientError) as error:
        raise errors.UnreachableError(f"{what}: nobody answers ({error}); is the region right?") from None
    except boto.ParamValidationError as error:
        # It quotes values, and a value may be a secret.
        unquoted = _QUOTED.sub(r"\1…\2", str(error))
        raise errors.AwsError(f"{what}: {' '.join(unquoted.split())}") from None
    except boto.BotoCoreError as error:
        raise errors.AwsError(f"{what}: {error}") from None


def opened(profile: str | None, region: str | None) -> Any:
    """Give a session by a profile, or by what AWS's own variables and files give. Raises AwsError."""
    try:
        return boto3.Session(profile_name=profile, region_name=region)
    except boto.ProfileNotFound as error:
        raise errors.NoCredentialsError(f"{error}; state another in platform.toml, or sign in") from None


def signed(key: str, secret: str, region: str) -> Any:
    """Give a session by a key."""
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)
