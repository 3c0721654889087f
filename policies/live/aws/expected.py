"""What Terraform says of a root's queues: the expected side of what is seen."""

from __future__ import annotations

from policies.model.cloud.queues import SourceQueue
from policies.model.cloud.roots import DeployedRoot
from policies.model.cloud.watched_queues import WatchedDeadLetters
from policies.read.terraform import Block
from policies.requirement import NotJudged


def is_of_aws(deployed: DeployedRoot) -> bool:
    """Whether a root makes anything in AWS."""
    return deployed.root is not None and any(block.type.startswith("aws_") for block in deployed.root.resources())


def source_queues(deployed: DeployedRoot) -> list[SourceQueue]:
    """Give the queues of a root that messages are sent to."""
    if deployed.root is None:
        return []
    every = (SourceQueue(deployed, block) for block in deployed.root.resources(*SourceQueue.types))
    return [one for one in every if one.block.unknown is None and one.counts]


def uncertain_queues(deployed: DeployedRoot) -> list[Block]:
    """Give the queues of which it is not known whether they are there."""
    every = deployed.root.resources(*SourceQueue.types) if deployed.root is not None else ()
    return [block for block in every if block.unknown is not None]


def dead_letters_of(queue: SourceQueue) -> tuple[Block, ...]:
    """Give the queues that take its dead letters."""
    return queue.redrive.targets if queue.redrive is not None else ()


def declared_deliveries(queue: SourceQueue) -> int | None:
    """Give after how many deliveries a message is a dead letter; None where nothing says, or it is not known."""
    count = queue.redrive.count if queue.redrive is not None else None
    return int(str(count)) if str(count).isdigit() else None


def expected_alarms(queue: SourceQueue) -> list[str]:
    """Give the names of the alarms that watch its dead-letter queues."""
    found: list[str] = []
    for target in dead_letters_of(queue):
        try:
            found += [metric.alarm.label for metric in WatchedDeadLetters(queue.deployed, target).watchers]
        except NotJudged:
            continue
    return found


def stated_account(deployed: DeployedRoot) -> tuple[str | None, str | None]:
    """Give the account and the region that a root's provider states."""
    for provider in deployed.root.of_kind("provider", "aws") if deployed.root is not None else ():
        allowed, region = provider.get("allowed_account_ids", 0), provider.get("region")
        if isinstance(region, str) and not provider.get("alias"):
            return (allowed if isinstance(allowed, str) else None), region
    return None, None
