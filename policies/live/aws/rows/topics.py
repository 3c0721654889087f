"""Topics of SNS and who hears them."""

from __future__ import annotations

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes
from policies.live.aws.rows.queues import written


def _topic(making: Making) -> Attributes:
    attributes = making.given(
        KmsMasterKeyId="kms_master_key_id", DisplayName="display_name", Policy="policy", FifoTopic="fifo_topic",
        ContentBasedDeduplication="content_based_deduplication", DeliveryPolicy="delivery_policy",
    )  # fmt: skip
    arn = making.of("sns").create_topic(
        Name=making.name,
        Attributes={key: written(value) for key, value in attributes.items()},
        Tags=[{"Key": key, "Value": value} for key, value in making.tags.items()],
    )["TopicArn"]
    return {"id": arn, "arn": arn, "name": making.name}


def _policy(making: Making) -> Attributes:
    making.of("sns").set_topic_attributes(
        TopicArn=making["arn"], AttributeName="Policy", AttributeValue=written(making["policy"])
    )
    return {"id": making["arn"]}


def _subscription(making: Making) -> Attributes:
    arn = making.of("sns").subscribe(
        TopicArn=making["topic_arn"],
        Protocol=making["protocol"],
        Endpoint=making["endpoint"],
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return {"id": arn, "arn": arn}


ROWS: dict[str, Row] = {
    "aws_sns_topic": _topic,
    "aws_sns_topic_policy": _policy,
    "aws_sns_topic_subscription": _subscription,
}
