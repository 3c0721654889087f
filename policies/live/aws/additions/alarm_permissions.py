"""Whether an alarm may call its topic: by the topic's policy, and by the policy of the key that encrypts it. ministack asks neither.

"Amazon CloudWatch alarms and encrypted Amazon SNS topics" (Amazon SNS Developer Guide, "Key management").
"""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

import logging
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, kms, sns

SERVICE = "cloudwatch.amazonaws.com"
_FIELDS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_LOG = logging.getLogger("turnstile")


def install() -> None:
    """Call only those of an alarm's actions that let CloudWatch in."""
    dispatch = cloudwatch._dispatch_alarm_actions

    def guarded(alarm: dict[str, Any], old: str, new: str, reason: str) -> None:
        field = _FIELDS.get(new, "")
        actions = alarm.get(field) or []
        allowed = [one for one in actions if may_publish(one, alarm["AlarmArn"])]
        for refused in set(actions) - set(allowed):
            _LOG.warning("alarm %s may not publish to %s", alarm["AlarmName"], refused)
        dispatch({**alarm, field: allowed}, old, new, reason)

    cloudwatch._dispatch_alarm_actions = guarded


def may_publish(topic_arn: str, alarm_arn: str) -> bool:
    """Whether CloudWatch may publish to a topic; what is no topic that is here is left to ministack."""
    topic = sns._topic_by_arn_any_scope(topic_arn)
    if topic is None:
        return True
    attributes = topic.get("attributes") or {}
    if not _allows(attributes.get("Policy"), "sns:Publish", topic_arn, alarm_arn):
        return False
    name = attributes.get("KmsMasterKeyId")
    if not name:
        return True
    key = kms._resolve_key(name)
    if key is None:
        return False  # the key that AWS itself has for SNS lets no other service in
    policy = key.get("Policy")
    wanted = ("kms:Decrypt", "kms:GenerateDataKey")
    return all(_allows(policy, action, key["Arn"], alarm_arn) for action in wanted)


def _allows(policy: Any, action: str, resource: str, alarm_arn: str) -> bool:
    account = get_account_id()
    # CloudWatch acts for the account: a grant to anybody of this account (a topic's default policy) holds for it.
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={
            "aws:sourcearn": alarm_arn,
            "aws:sourceaccount": account,
            "aws:sourceowner": account,
        },
    )
    return bool(evaluate_resource_policy(policy or "", context, service=SERVICE).decision == "Allow")
