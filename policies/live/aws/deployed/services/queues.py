"""Queues of SQS."""

from __future__ import annotations

import json
from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.rows.queues import ATTRIBUTES

_NUMBERS = frozenset(name for name in ATTRIBUTES if name.endswith(("_seconds", "_size")))
_SWITCHES = frozenset(("fifo_queue", "content_based_deduplication", "sqs_managed_sse_enabled"))


def queue(looking: Looking, name: str) -> Found | None:
    """Give a queue by its name."""
    told = looking.ask("sqs", "get_queue_url", QueueName=name)
    if told is None:
        return None
    url = str(told["QueueUrl"])
    said = looking.of("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    values = {ours: _value(ours, said.get(theirs)) for ours, theirs in ATTRIBUTES.items()}
    arn = said["QueueArn"]
    return Found(
        "aws_sqs_queue", url, looking.region,
        {"id": url, "url": url, "arn": arn, "name": name, "name_prefix": None, **values},
    )  # fmt: skip


def _value(name: str, said: str | None) -> Any:
    if name in _SWITCHES:
        return said == "true"
    return None if said in (None, "") else int(said) if name in _NUMBERS else said


def _queue(looking: Looking) -> Found | None:
    return queue(looking, looking.name)


def _part(attribute: str) -> Row:
    def row(looking: Looking) -> Found | None:
        whole = queue(looking, str(looking["queue_url"]).rpartition("/")[2])
        value = whole.attributes[attribute] if whole is not None else None
        if whole is None or value is None:
            return None
        said = {"id": whole.id, "queue_url": whole.id, attribute: value}
        return Found(f"aws_sqs_queue_{attribute}", whole.id, looking.region, {**said, "arn": None}, part=True)

    return row


def dead_letters_of(found: Found) -> str | None:
    """Give the ARN of the queue that takes its dead letters."""
    target = json.loads(found.attributes.get("redrive_policy") or "{}").get("deadLetterTargetArn")
    return str(target) if target else None


ROWS: dict[str, Row] = {
    "aws_sqs_queue": _queue,
    "aws_sqs_queue_policy": _part("policy"),
    "aws_sqs_queue_redrive_policy": _part("redrive_policy"),
    "aws_sqs_queue_redrive_allow_policy": _part("redrive_allow_policy"),
}
