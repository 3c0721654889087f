"""Looks into one queue: by driving it where it is ours, by reading its links where it is not."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec

from policies.live.aws.access import Account
from policies.live.aws.alarming import alarmed, set_off
from policies.live.aws.copies import copied
from policies.live.aws.driving import Drive, intrude, redeliver, repeat
from policies.live.aws.expected import declared_deliveries, expected_alarms
from policies.live.aws.mapping_links import read_off
from policies.live.aws.reading import Link
from policies.live.aws.seen import CloudNotTried, QueueSeen, Untried, WorkedOff
from policies.live.aws.stand_in import Service
from policies.live.aws.working import worked_off
from policies.model.cloud.functions import TakenQueue
from policies.model.cloud.queues import SourceQueue
from policies.requirement import NotJudged

Arguments = ParamSpec("Arguments")

TRIES = 3
"""So often a batch is delivered in which something is wrong before that counts."""


def or_says_why(
    look: Callable[Concatenate[SourceQueue, Arguments], QueueSeen | CloudNotTried],
) -> Callable[Concatenate[SourceQueue, Arguments], QueueSeen | CloudNotTried]:
    """Have what is not known of a queue before it is applied told, and end no run."""

    @functools.wraps(look)
    def call(queue: SourceQueue, /, *rest: Arguments.args, **named: Arguments.kwargs) -> QueueSeen | CloudNotTried:
        try:
            return look(queue, *rest, **named)
        except NotJudged as error:
            return CloudNotTried(queue.place, queue.id, str(error))

    return call


@or_says_why
def driven(
    queue: SourceQueue,
    account: Account,
    url: str,
    dead_letters: str | None,
    worker: Any,
    service: Service,
    unread: Untried | None,
) -> QueueSeen | CloudNotTried:
    """Send messages through a queue of an embedded AWS, by its URL and that of the queue which Terraform has take its dead letters.

    `unread` says why no worker takes them.
    """
    start = time.monotonic()
    drive = Drive(account, url, queue.is_fifo, dead_letters)
    declared = declared_deliveries(queue)
    with drive.alone():
        drive.empty()
        redelivery, followers = redeliver(drive, declared)
        drive.empty()
        repetition = repeat(drive) if drive.fifo else UNREPEATED
        strangers = intrude(drive)
        drive.empty()
        alarms = alarmed(drive, expected_alarms(queue))
    worked = unread or _worked_off(drive, worker, service, (declared or 5) + 1, expected_alarms(queue))
    return QueueSeen(
        queue, f"{drive.account.name} {drive.account.id}", True, redelivery, followers if drive.fifo else UNORDERED,
        repetition, strangers, alarms, worked, time.monotonic() - start,
    )  # fmt: skip


def _worked_off(drive: Drive, worker: Any, service: Service, most: int, expected: list[str]) -> WorkedOff | Untried:
    """Deliver a batch; again where something is wrong: on a busy machine a worker's own timeout is over before its call has begun.

    Then see whether its dead letter sets off the alarms that are expected to.
    """
    found = worked_off(drive, worker, service, most)
    for _ in range(TRIES - 1):
        if isinstance(found, Untried) or found.is_as_due:
            break
        with drive.alone():
            drive.empty()
        found = worked_off(drive, worker, service, most)
    if isinstance(found, Untried) or "poison" not in found.dead:
        return found
    with drive.alone():
        return replace(found, set_off=set_off(drive, expected))


@or_says_why
def read(queue: SourceQueue, account: Account, *, sends: bool) -> QueueSeen | CloudNotTried:
    """Read the links of a queue in an account; `sends` messages through a copy of it too."""
    start = time.monotonic()
    if not isinstance(queue.name, str):
        return CloudNotTried(
            queue.place, queue.id, f"the name of {queue.block.address} is not known before it is applied"
        )
    link = Link.of(account.aws, queue.name)
    if link is None:
        return CloudNotTried(queue.place, queue.id, f"{account.name} has no queue {queue.name}", promised=True)
    redelivery, followers, repetition = link.redelivery(), link.followers(), link.repetition()
    if sends:
        with copied(account, link) as drive:
            redelivery, followers = redeliver(drive, declared_deliveries(queue))
            if redelivery.found_in is not None:  # the copy's dead-letter queue stands for the queue's own
                redelivery = replace(redelivery, found_in=link.redelivery().found_in)
            drive.empty_by_receiving()
            repetition = repeat(drive)
    return QueueSeen(
        queue, f"{account.name} {account.id}", sends, redelivery, followers if link.is_fifo else UNORDERED,
        repetition if link.is_fifo else UNREPEATED, link.strangers(), link.alarms(expected_alarms(queue)),
        unmapped(queue) or read_off(link), time.monotonic() - start,
    )  # fmt: skip


UNREPEATED = Untried("a standard queue takes a message as often as it is sent")
UNORDERED = Untried("a standard queue keeps no order")


def unmapped(queue: SourceQueue) -> Untried | None:
    """Say why nothing can be said of a worker; None where Terraform maps the queue to one."""
    try:
        mapped = TakenQueue(queue.deployed, queue.block).mappings
    except NotJudged as error:
        return Untried(str(error))
    return None if mapped else Untried("no mapping of this root reads it (WORKER-01a)")
