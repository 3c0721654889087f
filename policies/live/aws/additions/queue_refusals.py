"""What SQS refuses of a queue's attributes, and ministack takes (Amazon SQS API Reference, CreateQueue and SetQueueAttributes)."""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

import json
from typing import Any

from ministack.services import sqs


def install() -> None:
    """Look at attributes before ministack does."""
    create, change = sqs._HANDLERS["CreateQueue"], sqs._HANDLERS["SetQueueAttributes"]

    def creating(data: dict[str, Any], url: str) -> Any:
        attributes = data.get("Attributes") or {}
        is_fifo = str(data.get("QueueName", "")).endswith(".fifo")
        _check(attributes, attributes, is_fifo)
        return create(data, url)

    def changing(data: dict[str, Any], url: str) -> Any:
        queue = sqs._get_q(data.get("QueueUrl") or url)
        changed = data.get("Attributes") or {}
        is_fifo = bool(queue["is_fifo"])
        if "FifoQueue" in changed and (str(changed["FifoQueue"]).lower() == "true") != is_fifo:
            raise sqs._Err(
                "InvalidAttributeValue",
                "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
            )
        _check(changed, {**queue["attributes"], **changed}, is_fifo)
        return change(data, url)

    sqs._HANDLERS.update(CreateQueue=creating, SetQueueAttributes=changing)


def _check(changed: dict[str, Any], attributes: dict[str, Any], is_fifo: bool) -> None:
    policy = changed.get("RedrivePolicy")
    if policy:
        sqs._validate_redrive_policy(str(policy))
        target = json.loads(policy)["deadLetterTargetArn"]
        if target.endswith(".fifo") != is_fifo:
            raise sqs._Err(
                "InvalidParameterValue",
                f"Value {policy} for parameter RedrivePolicy is invalid. "
                "Reason: Dead-letter target must be the same type of queue as the source queue.",
            )
        _check_allowed(policy, target, str(attributes.get("QueueArn", "")))
    limit, scope = attributes.get("FifoThroughputLimit"), attributes.get("DeduplicationScope", "queue")
    if limit == "perMessageGroupId" and scope != "messageGroup":
        raise sqs._Err(
            "InvalidAttributeValue",
            "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.",
        )


def _check_allowed(policy: str, target: str, source: str) -> None:
    """Refuse a dead-letter queue that says, by its redrive allow policy, that it is not this queue's."""
    queue = sqs._queue_by_arn(target)
    allowed = json.loads((queue or {}).get("attributes", {}).get("RedriveAllowPolicy") or "{}")
    permission = allowed.get("redrivePermission", "allowAll")
    if permission == "denyAll" or (permission == "byQueue" and source and source not in allowed["sourceQueueArns"]):
        raise sqs._Err(
            "InvalidParameterValue",
            f"Value {policy} for parameter RedrivePolicy is invalid. "
            "Reason: The dead-letter queue's redrive allow policy does not allow this source queue.",
        )
