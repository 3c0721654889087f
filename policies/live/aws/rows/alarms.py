"""Alarms and log groups of CloudWatch."""

from __future__ import annotations

from typing import Any

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes


def _alarm(making: Making) -> Attributes:
    given = making.given(
        AlarmDescription="alarm_description", Namespace="namespace", MetricName="metric_name", Statistic="statistic",
        ExtendedStatistic="extended_statistic", Period="period", EvaluationPeriods="evaluation_periods",
        DatapointsToAlarm="datapoints_to_alarm", ComparisonOperator="comparison_operator", Threshold="threshold",
        TreatMissingData="treat_missing_data", AlarmActions="alarm_actions", OKActions="ok_actions",
        InsufficientDataActions="insufficient_data_actions", ActionsEnabled="actions_enabled", Unit="unit",
    )  # fmt: skip
    for number in ("Period", "EvaluationPeriods", "DatapointsToAlarm"):
        if number in given:
            given[number] = int(given[number])
    if "Threshold" in given:
        given["Threshold"] = float(given["Threshold"])
    if making["dimensions"]:
        given["Dimensions"] = _dimensions(making["dimensions"])
    if making["metric_query"]:
        given["Metrics"] = [_query(one) for one in making["metric_query"]]
    making.of("cloudwatch").put_metric_alarm(AlarmName=making["alarm_name"], **given)
    arn = f"arn:aws:cloudwatch:{making.region}:{making.account}:alarm:{making['alarm_name']}"
    return {"id": making["alarm_name"], "arn": arn, "alarm_name": making["alarm_name"]}


def _dimensions(stated: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": str(value)} for name, value in stated.items()]


def _query(one: dict[str, Any]) -> dict[str, Any]:
    made = {
        theirs: one[ours]
        for ours, theirs in (
            ("id", "Id"),
            ("expression", "Expression"),
            ("label", "Label"),
            ("return_data", "ReturnData"),
        )
        if one.get(ours) is not None
    }
    for metric in one.get("metric") or ():
        made["MetricStat"] = {
            "Metric": {
                "Namespace": metric.get("namespace") or "", "MetricName": metric["metric_name"],
                "Dimensions": _dimensions(metric.get("dimensions") or {}),
            },
            "Period": int(metric["period"]), "Stat": metric["stat"],
        }  # fmt: skip
    return made


def _composite(making: Making) -> Attributes:
    given = making.given(
        AlarmDescription="alarm_description", AlarmActions="alarm_actions", OKActions="ok_actions",
        InsufficientDataActions="insufficient_data_actions", ActionsEnabled="actions_enabled",
    )  # fmt: skip
    making.of("cloudwatch").put_composite_alarm(AlarmName=making["alarm_name"], AlarmRule=making["alarm_rule"], **given)
    return {"id": making["alarm_name"]}


def _log_group(making: Making) -> Attributes:
    logs = making.of("logs")
    logs.create_log_group(logGroupName=making.name, tags=making.tags, **making.given(kmsKeyId="kms_key_id"))
    if making["retention_in_days"]:
        logs.put_retention_policy(logGroupName=making.name, retentionInDays=int(making["retention_in_days"]))
    arn = f"arn:aws:logs:{making.region}:{making.account}:log-group:{making.name}"
    return {"id": making.name, "name": making.name, "arn": arn}


ROWS: dict[str, Row] = {
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_cloudwatch_composite_alarm": _composite,
    "aws_cloudwatch_log_group": _log_group,
}
