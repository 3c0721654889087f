"""The metrics that SQS sends of every queue; ministack sends none."""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch, sqs

from policies.live.aws.additions.clock import CLOCK

NAMESPACE = "AWS/SQS"


def publish() -> None:
    """Record one datapoint of each metric of every queue of the account and region that are set.

    "Available CloudWatch metrics for Amazon SQS" (Amazon SQS Developer Guide).
    """
    now = CLOCK.time()
    for queue in list(sqs._queues.values()):
        sqs._dlq_sweep(queue)
    for queue in list(sqs._queues.values()):
        sqs._refresh_counts(queue)
        attributes = queue["attributes"]
        values = {
            "ApproximateNumberOfMessagesVisible": attributes["ApproximateNumberOfMessages"],
            "ApproximateNumberOfMessagesNotVisible": attributes["ApproximateNumberOfMessagesNotVisible"],
            "ApproximateNumberOfMessagesDelayed": attributes["ApproximateNumberOfMessagesDelayed"],
            "ApproximateAgeOfOldestMessage": max((now - _enqueued(one) for one in queue["messages"]), default=0),
        }
        for name, value in values.items():
            unit = "Seconds" if name.endswith("Message") else "Count"
            cloudwatch.record_metric(NAMESPACE, name, float(value), unit, {"QueueName": queue["name"]})


def _enqueued(message: dict[str, Any]) -> float:
    return float(message.get("enqueued_at") or message.get("sent_at") or CLOCK.time())
