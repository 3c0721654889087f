"""Which account is looked at: an environment that the platform's owners named, an emulator, or an embedded AWS of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from policies.errors import UsageError
from policies.evidence import Stage
from policies.intent.environments import Environment
from policies.live.aws.api import Aws, opened, signed
from policies.live.aws.embedded import Embedded, embedded
from policies.live.aws.errors import RegionError, WrongAccountError
from policies.live.wanted import looks_like_production

EMULATED = "123456789012"
"""The account of an embedded AWS whose Terraform names none."""


@dataclass(frozen=True)
class Asked:
    """What the user asked for."""

    environment: str | None = None
    endpoint: str | None = None
    writes: bool = False
    production: bool = False
    token_key: str | None = None
    header_value: str | None = None
    """Where the tokens' key and the value of CloudFront's header are read: `FILE`, or `secretsmanager:NAME`."""


@dataclass(frozen=True, eq=False)
class Account:
    """An account that is looked at. `name` is how reports call it; `stand_in` is there where it is ours, to fill and to drive.

    `is_environment` says that `platform.toml` names it.
    """

    name: str
    id: str
    aws: Aws
    writable: bool
    stand_in: Embedded | None = None
    is_environment: bool = False

    @property
    def region(self) -> str:
        """Its region."""
        return self.aws.region


@contextmanager
def reached(
    asked: Asked,
    environments: dict[str, Environment],
    expected: str | None,
    region: str | None,
    stage: Stage = Stage.RELEASE,
) -> Iterator[Account]:
    """Give the account that was asked for; `expected` and `region` are what Terraform says, for an embedded one, and `stage` what its root is for.

    Raises UsageError where it cannot be meant, AwsError where it cannot be had.
    """
    if asked.environment and asked.endpoint:
        raise UsageError("--environment names an account and --aws-endpoint-url an emulator; give one of the two")
    if asked.environment:
        yield _environment(asked, environments, stage)
    elif asked.endpoint:
        yield _emulator(asked, asked.endpoint, region or "us-east-1")
    else:
        with embedded(expected or EMULATED, region or "us-east-1") as running:
            session = signed(running.account, running.secret, running.region)
            aws = Aws(session, running.region, running.endpoint, str(running.certificate))
            yield Account("embedded", running.account, aws, writable=True, stand_in=running)


def stated_environment(name: str, environments: dict[str, Environment]) -> Environment:
    """Give what `platform.toml` says of an environment. Raises UsageError where it says nothing."""
    if name not in environments:
        known = ", ".join(environments) or "none at all"
        raise UsageError(f"--environment {name}: platform.toml has no such [environments.{name}], but {known}")
    return environments[name]


def _environment(asked: Asked, environments: dict[str, Environment], stage: Stage) -> Account:
    name = asked.environment or ""
    stated = stated_environment(name, environments)
    if stated.account is None:
        raise UsageError(f"--environment {name}: state its account ([environments.{name}] account)")
    reason = looks_like_production(name, stated, stage, (stated.profile,))
    if reason and not asked.production:
        raise UsageError(
            f"the environment {name} looks like production: {reason}; if it is meant, add --allow-production"
        )
    session = opened(stated.profile, stated.region)
    region = stated.region or session.region_name
    if region is None:
        raise RegionError(f"--environment {name}: no region is known; state it: [environments.{name}] region")
    check_region(region, session.get_available_regions("sqs"))
    aws = Aws(session, region)
    met = str(aws.of("sts").get_caller_identity()["Account"])
    if met != stated.account:
        raise WrongAccountError(
            f"--environment {name} is account {stated.account}, and these credentials are those of {met}; nothing was touched"
        )
    return Account(name, met, aws, writable=asked.writes, is_environment=True)


def check_region(region: str, known: list[str]) -> None:
    """Raise RegionError for a region that AWS does not have."""
    if known and region not in known:
        raise RegionError(f"AWS has no region {region!r}; state another ([environments.NAME] region)")


def _emulator(asked: Asked, endpoint: str, region: str) -> Account:
    host = urlsplit(endpoint).hostname or ""
    if urlsplit(endpoint).scheme not in ("http", "https") or not host:
        raise UsageError(f"--aws-endpoint-url {endpoint} is no URL; write it like http://127.0.0.1:4566")
    if host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws", ".api.aws")):
        raise UsageError("--aws-endpoint-url is for emulators; an account of AWS is named by --environment")
    aws = Aws(signed(EMULATED, "test", region), region, endpoint)
    met = str(aws.of("sts").get_caller_identity()["Account"])
    return Account(f"emulator {host}", met, aws, writable=asked.writes)
