"""Who listens: a queue of our own at every topic that an alarm may call."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from policies.live.aws.api import Aws

TAG = {"turnstile": "removed-after-the-run"}


@dataclass(frozen=True, eq=False)
class Listener:
    """A queue in each region in which topics are heard."""

    aws: Aws
    urls: dict[str, str]

    def heard(self) -> set[str]:
        """Give the names of alarms of which word came since last asked, that they are in ALARM."""
        found: set[str] = set()
        for region, url in self.urls.items():
            sqs = self.aws.of("sqs", region)
            while True:
                got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages")
                if not got:
                    break
                for one in got:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
                    found |= _alarm_of(one["Body"])
        return found


def _alarm_of(body: str) -> set[str]:
    try:
        said = json.loads(json.loads(body)["Message"])
        return {str(said["AlarmName"])} if said["NewStateValue"] == "ALARM" else set()
    except (ValueError, KeyError, TypeError):
        return set()


@contextmanager
def listening(aws: Aws, topics: Iterable[str]) -> Iterator[Listener]:
    """Subscribe a queue of our own to topics, and take both away again."""
    urls: dict[str, str] = {}
    subscriptions: list[tuple[str, str]] = []
    name = f"turnstile-{uuid.uuid4().hex[:8]}"
    try:
        for topic in sorted(set(topics)):
            region = topic.split(":")[3]
            sqs, sns = aws.of("sqs", region), aws.of("sns", region)
            if region not in urls:
                urls[region] = sqs.create_queue(QueueName=name, tags=TAG)["QueueUrl"]
            arn = sqs.get_queue_attributes(QueueUrl=urls[region], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            allowed = {"Service": "sns.amazonaws.com"}
            statement = {"Effect": "Allow", "Principal": allowed, "Action": "sqs:SendMessage", "Resource": arn}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            sqs.set_queue_attributes(QueueUrl=urls[region], Attributes={"Policy": policy})
            made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
            subscriptions.append((region, made["SubscriptionArn"]))
        yield Listener(aws, urls)
    finally:
        for region, subscription in subscriptions:
            aws.of("sns", region).unsubscribe(SubscriptionArn=subscription)
        for region, url in urls.items():
            aws.of("sqs", region).delete_queue(QueueUrl=url)
