"""Queues as they were seen in an account, as subjects: expected values are Terraform's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.live.aws.expected import expected_alarms
from policies.live.aws.seen import (
    AlarmSeen,
    CloudNotTried,
    Followers,
    QueueSeen,
    Redelivery,
    Repetition,
    Strangers,
    Untried,
    WorkedOff,
)
from policies.model.cloud.resources import known
from policies.platform import Platform
from policies.requirement import not_judged

Tried = TypeVar("Tried")


@dataclass(frozen=True, eq=False)
class TriedQueue:
    """A queue that messages were sent through, or whose links were read, and what came of it."""

    noun: ClassVar[str] = "queue that was tried in AWS"
    only_in_files: ClassVar[bool] = False

    seen: QueueSeen

    @property
    def place(self) -> Place:
        """The root that it is made from."""
        return self.seen.queue.place

    @property
    def id(self) -> str:
        """Place and address."""
        return self.seen.queue.id

    @property
    def name(self) -> str:
        """Its name."""
        return self.seen.queue.label

    @property
    def redelivery(self) -> Redelivery:
        """What became of a message that nobody deletes."""
        return _tried(self.seen.redelivery)

    @property
    def followers(self) -> Followers:
        """What became of those behind it."""
        return _tried(self.seen.followers)

    @property
    def repetition(self) -> Repetition:
        """What became of a message that was sent twice."""
        return _tried(self.seen.repetition)

    @property
    def strangers(self) -> Strangers:
        """Who else got a message in."""
        return _tried(self.seen.strangers)

    @property
    def worked_off(self) -> WorkedOff:
        """What the real worker made of a batch with a poison message."""
        return _tried(self.seen.worked_off)

    @property
    def set_off_by_worker(self) -> tuple[str, ...] | None:
        """The expected alarms that the dead letter of the real worker set off; None where it made none, or was not tried."""
        seen = self.seen.worked_off
        return None if isinstance(seen, Untried) else seen.set_off

    @property
    def alarms(self) -> tuple[AlarmSeen, ...]:
        """What alarms made of a dead letter."""
        return _tried(self.seen.alarms)

    @property
    def keeps_order(self) -> bool:
        """Whether Terraform has it be a FIFO queue."""
        return self.seen.queue.is_fifo

    @property
    def expected_alarms(self) -> list[str]:
        """The alarms that Terraform has watch its dead-letter queue."""
        return expected_alarms(self.seen.queue)

    @property
    def declared_deliveries(self) -> int | None:
        """After how many deliveries Terraform has a message be a dead letter; None where it never is."""
        redrive = self.seen.queue.redrive
        return None if redrive is None else int(known(redrive.count))

    @property
    def declared_dead_letters(self) -> str | None:
        """The name of the queue that Terraform has take them."""
        redrive = self.seen.queue.redrive
        names: list[Any] = [target.get("name") for target in redrive.targets] if redrive is not None else []
        return str(known(names[0])) if names else None

    @property
    def deduplicates_in_groups(self) -> bool:
        """Whether Terraform has an id mean a message of its group alone."""
        return bool(self.seen.queue.get("deduplication_scope") == "messageGroup")

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the queue's block as the place."""
        return self.blame((), message, *values)

    def blame(self, path: tuple[str, ...], message: str, *values: object) -> Evidence:
        """Give the line of the queue's block that promises otherwise, and the account."""
        told = message.format(*values)
        return Evidence(f"{told} ({self.seen.where})", (self.seen.queue.block.locate(*path),), told)

    def blame_redrive(self, message: str, *values: object) -> Evidence:
        """Give the redrive policy's line as the place."""
        told = message.format(*values)
        found = self.seen.queue.blame_redrive("{}", f"{told} ({self.seen.where})")
        return Evidence(found.message, found.locations, told)

    def blame_alarms(self, field: str, message: str, *values: object) -> Evidence:
        """Give a field of the alarms that Terraform has watch its dead-letter queue as the places."""
        told = message.format(*values)
        root, names = self.seen.queue.block.root, self.expected_alarms
        every = [one for one in root.resources("aws_cloudwatch_metric_alarm") if one.get("alarm_name") in names]
        lines: tuple[Location, ...] = tuple(one.locate(field) for one in every)
        return Evidence(f"{told} ({self.seen.where})", lines or (self.seen.queue.block.locate(),), told)

    def blame_mappings(self, field: str, message: str, *values: object) -> Evidence:
        """Give a field of the mappings that read it as the places."""
        told = message.format(*values)
        queue = self.seen.queue.block
        every = queue.root.resources("aws_lambda_event_source_mapping")
        lines = tuple(one.locate(field) for one in every if queue in one.refers_to("event_source_arn"))
        return Evidence(f"{told} ({self.seen.where})", lines or (queue.locate(),), told)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TriedQueue | Gap]:
        """Yield every queue that was tried, and what was not."""
        for one in platform.observations:
            if isinstance(one, QueueSeen):
                yield cls(one)
            elif isinstance(one, CloudNotTried) and not one.resource:
                yield Gap(one.id, one.reason, one.place, promised=one.promised)


def _tried(found: Tried | Untried) -> Tried:
    if isinstance(found, Untried):
        not_judged(found.reason)
    return found
