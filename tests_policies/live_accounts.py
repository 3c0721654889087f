"""An embedded AWS filled with the reference platform's queues, and what the live requirements say of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from policies.catalogue import catalogue
from policies.live.aws.access import Account, Asked, reached
from policies.live.aws.expected import stated_account
from policies.live.aws.observing import looked_at
from policies.live.aws.provision import Provision
from policies.live.aws.queues import TriedQueue
from policies.live.aws.rows import ROWS
from policies.live.aws.seen import QueueSeen
from policies.live.aws.stand_in import Service, serving
from policies.model.cloud.roots import DeployedRoot, roots
from policies.platform import Platform
from policies.requirement import Requirement
from policies.verdict import Case, Verdict, judge

REPOSITORY = Path(__file__).resolve().parent.parent
REFERENCE = REPOSITORY / "reference"
ROOT = "prod"
FOLDER = Path(__file__).resolve().parent / "live_aws_mutants"


@lru_cache(maxsize=1)
def requirements() -> tuple[Requirement, ...]:
    """Give the live requirements of queues."""
    return tuple(one for one in catalogue(REPOSITORY / "tests_live") if one.subject is TriedQueue)


@lru_cache(maxsize=8)
def opened(folder: Path = REFERENCE) -> tuple[Platform, DeployedRoot]:
    """Give a copy of the reference platform, and its root."""
    platform = Platform.open(folder)
    return platform, next(one for one in roots(platform) if one.place.name == ROOT)


@dataclass(eq=False)
class Filled:
    """An embedded AWS that is filled again and again."""

    account: Account
    service: Service

    def provision(self, platform: Platform, deployed: DeployedRoot) -> Provision:
        """Empty it, and fill it with what has to do with queues."""
        assert self.account.stand_in is not None
        assert deployed.root is not None
        self.account.stand_in.reset()
        made = Provision(self.account, deployed.root, platform.tree, ROWS, lambda _: self.service.url)
        made.everything(lambda block: "cloudfront" not in block.address)
        return made

    def verdicts(self, platform: Platform, deployed: DeployedRoot, provision: Provision) -> tuple[Verdict, ...]:
        """Look at what is there and judge it."""
        told: list[str] = []
        seen: list[Any] = list(
            looked_at(deployed, self.account, provision, self.service, platform.intent.worker, told.append)
        )
        queues = [TriedQueue(one) for one in seen if isinstance(one, QueueSeen)]
        assert queues, provision.missing
        return tuple(judge(Case(one, queue, queue.id, queue.id)) for queue in queues for one in requirements())


@contextmanager
def filled() -> Iterator[Filled]:
    """Start one for the reference platform's account."""
    _, deployed = opened()
    account, region = stated_account(deployed)
    with reached(Asked(), {}, account, region) as there:
        assert there.stand_in is not None
        port, listening = there.stand_in.listener()
        with serving(port, listening) as service:
            yield Filled(there, service)


@dataclass(frozen=True)
class Mutant:
    """A change of an account, and the ids of exactly those requirements that must fail."""

    name: str
    breaks: tuple[str, ...]
    calls: tuple[dict[str, Any], ...]
    alarm: dict[str, Any] | None

    def plant(self, provision: Provision) -> None:
        """Change the account."""
        aws = provision.account.aws
        for call in self.calls:
            getattr(aws.of(call["service"]), call["operation"])(**provision.resolver.plain(call["arguments"]))
        if self.alarm is not None:
            cloudwatch = aws.of("cloudwatch")
            found = cloudwatch.describe_alarms(AlarmNames=[self.alarm["name"]])["MetricAlarms"][0]
            kept = {key: value for key, value in found.items() if not key.startswith(("State", "Alarm", "Evaluation"))}
            kept |= {key: found[key] for key in ("AlarmName", "AlarmActions", "EvaluationPeriods")}
            cloudwatch.put_metric_alarm(**{**_without_dates(kept), **self.alarm["set"]})


def _without_dates(alarm: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in alarm.items() if value is not None and not key.endswith("Timestamp")}


def load() -> list[Mutant]:
    """Read every mutant."""
    data = tomllib.loads((FOLDER / "queues.toml").read_text(encoding="utf-8"))["mutant"]
    return [Mutant(one["name"], tuple(one["breaks"]), tuple(one.get("call", ())), one.get("alarm")) for one in data]
