"""The same chain by reading each link: what a queue, its mapping, its alarms and their topics say in an account that is not ours to drive."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from policies.live.aws.api import Aws
from policies.live.aws.errors import AwsError
from policies.live.aws.metric_queries import as_metric
from policies.live.aws.seen import AlarmSeen, Followers, Redelivery, Repetition, Strangers, Untried
from policies.model.cloud.alarms import QUEUES, VISIBLE
from policies.model.cloud.watched_queues import STATISTICS


@dataclass(frozen=True, eq=False)
class Link:
    """A queue in an account, by what its API says."""

    aws: Aws
    url: str
    attributes: dict[str, str]

    @classmethod
    def of(cls, aws: Aws, name: str) -> Link | None:
        """Find a queue by its name; None where there is none."""
        sqs = aws.of("sqs")
        try:
            url = str(sqs.get_queue_url(QueueName=name)["QueueUrl"])
        except AwsError as error:
            if "NonExistentQueue" in error.code or error.code == "QueueDoesNotExist":
                return None
            raise
        return cls(aws, url, dict(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]))

    @property
    def name(self) -> str:
        """Its name."""
        return self.attributes["QueueArn"].rpartition(":")[2]

    @property
    def is_fifo(self) -> bool:
        """Whether it keeps the order of messages."""
        return self.attributes.get("FifoQueue") == "true"

    @property
    def redrive(self) -> dict[str, Any]:
        """Its redrive policy."""
        return dict(json.loads(self.attributes.get("RedrivePolicy") or "{}"))

    @property
    def dead_letters(self) -> Link | None:
        """The queue that its dead letters go to."""
        target = str(self.redrive.get("deadLetterTargetArn") or "")
        return Link.of(self.aws, target.rpartition(":")[2]) if target else None

    def redelivery(self) -> Redelivery:
        """Give what its redrive policy makes of a message that nobody deletes."""
        count, target = self.redrive.get("maxReceiveCount"), self.dead_letters
        return Redelivery(int(count or 0), count is not None, target.name if target is not None else None)

    def followers(self) -> Followers | Untried:
        """Give whether those behind it come in their order: a FIFO queue whose dead-letter queue is one too."""
        target = self.dead_letters
        if target is None:
            return Untried(f"{self.name} has no dead-letter queue (LIVE-SQSa)")
        kept = ("in order",) if self.is_fifo and target.is_fifo else ("in no order",)
        return Followers(("in order",), kept)

    def repetition(self) -> Repetition:
        """Give what it makes of a message that is sent twice."""
        grouped = self.attributes.get("DeduplicationScope") == "messageGroup"
        return Repetition(1 if self.is_fifo else 2, grouped)

    def strangers(self) -> Strangers:
        """Give whom its policy lets in: anybody by an Allow without condition, anybody without TLS where nothing denies that."""
        policy = json.loads(self.attributes.get("Policy") or "{}")
        statements = policy.get("Statement") or []
        listed = statements if isinstance(statements, list) else [statements]
        anybody = any(
            one["Effect"] == "Allow" and _is_anybody(one.get("Principal")) and not one.get("Condition")
            for one in listed
        )
        denied = any(
            one["Effect"] == "Deny" and _is_anybody(one.get("Principal")) and _is_without_tls(one.get("Condition"))
            for one in listed
        )
        return Strangers(anybody, not denied)

    def alarms(self, expected: list[str]) -> tuple[AlarmSeen, ...] | Untried:
        """Give each alarm with what it would do when its dead-letter queue holds one message, and whether somebody listens to it."""
        target = self.dead_letters
        cloudwatch = self.aws.of("cloudwatch")
        listed = cloudwatch.every("describe_alarms", "MetricAlarms", AlarmTypes=["MetricAlarm"])
        found = [as_metric(one) for one in listed]
        expression = next((one for one in found if one["AlarmName"] in expected and reads_expression(one)), None)
        if expression is not None:
            return Untried(f"{expression['AlarmName']} reads an expression, which reading alone does not decide")
        return tuple(
            AlarmSeen(
                str(one["AlarmName"]), one["AlarmName"] in expected, "OK",
                "ALARM" if target is not None and would_fire(one, target.name) else "OK", self._calls_somebody(one), told(one),
            )
            for one in found
        )  # fmt: skip

    def _calls_somebody(self, alarm: dict[str, Any]) -> bool:
        if not alarm.get("ActionsEnabled", True):
            return False
        return any(self._is_heard(action) for action in alarm.get("AlarmActions") or ())

    def _is_heard(self, action: str) -> bool:
        """Whether a topic is there and has a subscriber who confirmed; an action of another kind is taken at its word."""
        if ":sns:" not in action:
            return True
        sns = self.aws.of("sns", action.split(":")[3])
        try:
            listed = sns.every("list_subscriptions_by_topic", "Subscriptions", TopicArn=action)
        except AwsError as error:
            if error.code in ("NotFound", "NotFoundException"):
                return False
            raise
        return any(str(one["SubscriptionArn"]).startswith("arn:") for one in listed)


def reads_expression(alarm: dict[str, Any]) -> bool:
    """Whether an alarm reads no metric of its own."""
    return not alarm.get("MetricName") and "AlarmRule" not in alarm


def would_fire(alarm: dict[str, Any], queue: str) -> bool:
    """Whether an alarm goes to ALARM for one message that is visible in a queue, and not for none."""
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or ()}
    threshold = float(alarm.get("Threshold") or 0)
    comparison = alarm.get("ComparisonOperator")
    above = {"GreaterThanThreshold": 1 > threshold >= 0, "GreaterThanOrEqualToThreshold": 1 >= threshold > 0}
    return (
        (alarm.get("Namespace"), alarm.get("MetricName")) == (QUEUES, VISIBLE)
        and dimensions == {"QueueName": queue}
        and alarm.get("Statistic") in STATISTICS
        and above.get(str(comparison), False)
        and alarm.get("TreatMissingData") != "breaching"
    )


def told(alarm: dict[str, Any]) -> str:
    """Say what an alarm says of itself; nothing where it reads no metric of its own."""
    if not alarm.get("MetricName"):
        return ""
    dimensions = ", ".join(f"{one['Name']} {one['Value']}" for one in alarm.get("Dimensions") or ())
    return (
        f"{alarm.get('Statistic') or alarm.get('ExtendedStatistic')} of {alarm['Namespace']} {alarm['MetricName']} "
        f"({dimensions or 'no dimension'}) {alarm['ComparisonOperator']} {alarm['Threshold']:g}, "
        f"{alarm.get('DatapointsToAlarm') or alarm['EvaluationPeriods']} of {alarm['EvaluationPeriods']} periods of "
        f"{alarm.get('Period')} s, missing data {alarm.get('TreatMissingData', 'missing')}"
    )


def _is_anybody(principal: Any) -> bool:
    if isinstance(principal, dict):
        listed = principal.get("AWS")
        return "*" in (listed if isinstance(listed, list) else [listed])
    return bool(principal == "*")


def _is_without_tls(condition: Any) -> bool:
    stated = {str(key).lower(): value for key, value in ((condition or {}).get("Bool") or {}).items()}
    value = stated.get("aws:securetransport")
    return str(value[0] if isinstance(value, list) else value).lower() == "false"
