"""Alarms by their own definition. ministack looks at a metric's name alone: another queue's messages trip a dead-letter alarm."""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

from policies.live.aws.additions.clock import CLOCK

_COMPARED: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def install() -> None:
    """Replace the evaluation of an alarm; when it is evaluated stays as it is, and each minute of the moved clock is added."""
    cloudwatch._evaluate_alarm = evaluate


def evaluate_all() -> None:
    """Evaluate every alarm of the account and region that are set."""
    for alarm in list(cloudwatch._alarms.values()):
        evaluate(alarm)


def evaluate(alarm: dict[str, Any]) -> None:
    """Set an alarm's state as CloudWatch would, and call its actions where it changes.

    An alarm on an expression is left as it is ("Using Amazon CloudWatch alarms", Amazon CloudWatch User Guide, is the rule for the others).
    """
    if not alarm.get("MetricName") or alarm.get("ComparisonOperator") not in _COMPARED:
        return
    values = _datapoints(alarm)
    new = _state(alarm, values)
    old = alarm["StateValue"]
    if new == old:
        return
    reason = f"{alarm['ComparisonOperator']} {alarm['Threshold']}: the datapoints, the newest first, are {values}"
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(CLOCK.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _datapoints(alarm: dict[str, Any]) -> list[float | None]:
    """Give the statistic of each of the periods that are looked at, the newest first; None where nothing was sent."""
    wanted = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or ()}
    points = [
        point
        for (namespace, name, _), bucket in list(cloudwatch._metrics.items())
        if (namespace, name) == (alarm["Namespace"], alarm["MetricName"])
        for point in list(bucket)
        if dict(point.get("Dimensions") or {}) == wanted
    ]
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    period, now = int(alarm.get("Period") or 60), CLOCK.time()
    found: list[float | None] = []
    for number in range(int(alarm.get("EvaluationPeriods") or 1)):
        end = now - period * number
        within = [point for point in points if end - period < point["Timestamp"] <= end]
        found.append(cloudwatch._stat_value(cloudwatch._calc_stats(within), statistic, within) if within else None)
    return found


def _state(alarm: dict[str, Any], values: list[float | None]) -> str:
    missing = alarm.get("TreatMissingData") or "missing"
    if all(value is None for value in values) and missing in ("missing", "ignore"):
        return "INSUFFICIENT_DATA" if missing == "missing" else str(alarm["StateValue"])
    breaches = _COMPARED[alarm["ComparisonOperator"]]
    threshold = float(alarm.get("Threshold") or 0)
    breaching = [missing == "breaching" if value is None else breaches(value, threshold) for value in values]
    enough = int(alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods") or 1)
    return "ALARM" if sum(breaching) >= enough else "OK"
