"""Alarms and log groups of CloudWatch."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.metric_queries import as_metric

_SAID = {
    "alarm_description": "AlarmDescription", "namespace": "Namespace", "metric_name": "MetricName", "statistic": "Statistic",
    "extended_statistic": "ExtendedStatistic", "period": "Period", "evaluation_periods": "EvaluationPeriods",
    "datapoints_to_alarm": "DatapointsToAlarm", "comparison_operator": "ComparisonOperator", "threshold": "Threshold",
    "treat_missing_data": "TreatMissingData", "alarm_actions": "AlarmActions", "ok_actions": "OKActions", "unit": "Unit",
    "insufficient_data_actions": "InsufficientDataActions", "actions_enabled": "ActionsEnabled",
    "threshold_metric_id": "ThresholdMetricId",
}  # fmt: skip


def alarms(looking: Looking) -> list[dict[str, Any]]:
    """Give all alarms on metrics of a region, as CloudWatch says them; they are asked for once."""
    listed = looking.search.once(
        ("alarms", looking.region),
        lambda: looking.of("cloudwatch").every("describe_alarms", "MetricAlarms", AlarmTypes=["MetricAlarm"]),
    )
    return list(listed)


def alarm(looking: Looking, said: dict[str, Any]) -> Found:
    """Give an alarm as CloudWatch says it."""
    values: dict[str, Any] = {ours: said.get(theirs) for ours, theirs in _SAID.items()}
    name, arn = str(said["AlarmName"]), str(said["AlarmArn"])
    values |= {
        "id": name,
        "arn": arn,
        "alarm_name": name,
        "metric_query": tuple(map(_query, said.get("Metrics") or ())),
    }
    values["dimensions"] = _dimensions(said.get("Dimensions"))
    for actions in ("alarm_actions", "ok_actions", "insufficient_data_actions"):
        values[actions] = values[actions] or None
    values["treat_missing_data"] = values["treat_missing_data"] or "missing"
    return Found("aws_cloudwatch_metric_alarm", name, looking.region, values)


def _dimensions(said: list[dict[str, str]] | None) -> dict[str, str] | None:
    return {one["Name"]: one["Value"] for one in said} if said else None


def _query(said: dict[str, Any]) -> dict[str, Any]:
    stat = said.get("MetricStat")
    metric = {
        "namespace": stat["Metric"].get("Namespace"), "metric_name": stat["Metric"].get("MetricName"),
        "dimensions": _dimensions(stat["Metric"].get("Dimensions")), "period": stat["Period"], "stat": stat["Stat"],
        "unit": stat.get("Unit"),
    } if stat else None  # fmt: skip
    return {
        "id": said["Id"], "expression": said.get("Expression"), "label": said.get("Label"),
        "return_data": said.get("ReturnData"), "metric": (metric,) if metric else (),
    }  # fmt: skip


def _alarm(looking: Looking) -> Found | None:
    name = str(looking["alarm_name"])
    said = next((one for one in alarms(looking) if one["AlarmName"] == name), None)
    return None if said is None else alarm(looking, said)


def alarms_on(looking: Looking, dimension: str, value: str) -> list[Found]:
    """Give the alarms of which a dimension has a value."""
    meant = {"Name": dimension, "Value": value}
    return [alarm(looking, one) for one in alarms(looking) if meant in (as_metric(one).get("Dimensions") or ())]


def _composite(looking: Looking) -> Found | None:
    name = str(looking["alarm_name"])
    told = looking.of("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    for said in told.get("CompositeAlarms") or ():
        names = ("alarm_description", "alarm_actions", "ok_actions", "insufficient_data_actions", "actions_enabled")
        values = {ours: said.get(_SAID[ours]) or None for ours in names}
        values |= {"id": name, "arn": said["AlarmArn"], "alarm_name": name, "alarm_rule": said["AlarmRule"]}
        values["actions_enabled"] = said.get("ActionsEnabled", True)
        return Found("aws_cloudwatch_composite_alarm", name, looking.region, values)
    return None


def _log_group(looking: Looking) -> Found | None:
    begin = str(looking["name"] or looking["name_prefix"] or "")
    listed = looking.of("logs").every("describe_log_groups", "logGroups", logGroupNamePrefix=begin) if begin else []
    said = looking.one_of(listed, "logGroupName")
    if said is None:
        return None
    name, arn = str(said["logGroupName"]), str(said["arn"]).removesuffix(":*")
    values = {
        "id": name, "name": name, "arn": arn, "retention_in_days": said.get("retentionInDays") or 0,
        "kms_key_id": said.get("kmsKeyId"), "log_group_class": said.get("logGroupClass") or "STANDARD",
    }  # fmt: skip
    return Found("aws_cloudwatch_log_group", name, looking.region, values)


ROWS: dict[str, Row] = {
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_cloudwatch_composite_alarm": _composite,
    "aws_cloudwatch_log_group": _log_group,
}
