"""Queues of SQS."""

from __future__ import annotations

import json
from typing import Any

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes

ATTRIBUTES = {
    "fifo_queue": "FifoQueue",
    "content_based_deduplication": "ContentBasedDeduplication",
    "deduplication_scope": "DeduplicationScope",
    "fifo_throughput_limit": "FifoThroughputLimit",
    "visibility_timeout_seconds": "VisibilityTimeout",
    "message_retention_seconds": "MessageRetentionPeriod",
    "max_message_size": "MaximumMessageSize",
    "delay_seconds": "DelaySeconds",
    "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
    "kms_master_key_id": "KmsMasterKeyId",
    "kms_data_key_reuse_period_seconds": "KmsDataKeyReusePeriodSeconds",
    "sqs_managed_sse_enabled": "SqsManagedSseEnabled",
    "policy": "Policy",
    "redrive_policy": "RedrivePolicy",
    "redrive_allow_policy": "RedriveAllowPolicy",
}
"""Terraform's names of a queue's attributes, and SQS'."""

STRICTLY_FIFO = ("FifoQueue", "ContentBasedDeduplication")
"""What a standard queue may not even say no to."""


def _queue(making: Making) -> Attributes:
    is_fifo = bool(making["fifo_queue"])
    name = making.name if making["name"] else making.name + (".fifo" if is_fifo else "")
    attributes = {
        theirs: written(making[ours]) for ours, theirs in ATTRIBUTES.items() if making[ours] not in (None, "")
    }
    if not is_fifo:
        attributes = {key: value for key, value in attributes.items() if key not in STRICTLY_FIFO}
    sqs = making.of("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes, tags=making.tags)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return {"id": url, "url": url, "arn": arn, "name": name}


def _attribute(ours: str) -> Row:
    def row(making: Making) -> Attributes:
        value = written(making[ours])
        making.of("sqs").set_queue_attributes(QueueUrl=making["queue_url"], Attributes={ATTRIBUTES[ours]: value})
        return {"id": making["queue_url"]}

    return row


def written(value: Any) -> str:
    """Give a value as SQS takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


ROWS: dict[str, Row] = {
    "aws_sqs_queue": _queue,
    "aws_sqs_queue_policy": _attribute("policy"),
    "aws_sqs_queue_redrive_policy": _attribute("redrive_policy"),
    "aws_sqs_queue_redrive_allow_policy": _attribute("redrive_allow_policy"),
}
