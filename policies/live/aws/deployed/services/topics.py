"""Topics of SNS and who hears them."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import UNREAD, Found
from policies.live.aws.deployed.looking import Looking, Row


def topic(looking: Looking, arn: str) -> Found | None:
    """Give a topic by its ARN."""
    told = looking.ask("sns", "get_topic_attributes", TopicArn=arn)
    if told is None:
        return None
    said = told["Attributes"]
    values: dict[str, Any] = {
        "id": arn, "arn": arn, "name": arn.rpartition(":")[2], "name_prefix": None, "policy": said.get("Policy"),
        "kms_master_key_id": said.get("KmsMasterKeyId") or None, "display_name": said.get("DisplayName") or None,
        "fifo_topic": said.get("FifoTopic") == "true", "delivery_policy": said.get("DeliveryPolicy") or None,
        "content_based_deduplication": said.get("ContentBasedDeduplication") == "true",
    }  # fmt: skip
    return Found("aws_sns_topic", arn, looking.region, values)


def _topic(looking: Looking) -> Found | None:
    return topic(looking, f"arn:{looking.search.partition}:sns:{looking.region}:{looking.account}:{looking.name}")


def _policy(looking: Looking) -> Found | None:
    whole = topic(looking, str(looking["arn"]))
    policy = whole.attributes["policy"] if whole is not None else None
    if whole is None or policy is None:
        return None
    said = {"id": whole.id, "arn": whole.id, "policy": policy}
    return Found("aws_sns_topic_policy", whole.id, looking.region, said, part=True)


def subscriptions(looking: Looking, topic: str) -> list[Found]:
    """Give who hears a topic."""
    listed = looking.of("sns").every("list_subscriptions_by_topic", "Subscriptions", TopicArn=topic)
    return [_subscription(looking, one) for one in listed]


def _subscription(looking: Looking, said: dict[str, Any]) -> Found:
    arn = str(said["SubscriptionArn"])
    confirmed = arn.startswith("arn:")
    values = {
        "id": arn, "arn": arn if confirmed else None, "topic_arn": said["TopicArn"], "protocol": said["Protocol"],
        "endpoint": said["Endpoint"], "pending_confirmation": not confirmed, "filter_policy": UNREAD,
    }  # fmt: skip
    return Found(
        "aws_sns_topic_subscription",
        f"{said['TopicArn']} {said['Protocol']} {said['Endpoint']}",
        looking.region,
        values,
    )


def _heard(looking: Looking) -> Found | None:
    listed = subscriptions(looking, str(looking["topic_arn"]))
    wanted = (looking["protocol"], looking["endpoint"])
    return next((one for one in listed if (one.attributes["protocol"], one.attributes["endpoint"]) == wanted), None)


ROWS: dict[str, Row] = {
    "aws_sns_topic": _topic,
    "aws_sns_topic_policy": _policy,
    "aws_sns_topic_subscription": _heard,
}
