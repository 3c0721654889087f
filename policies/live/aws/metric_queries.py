"""An alarm whose only query is a metric says the same as one that names the metric."""

from __future__ import annotations

from typing import Any


def as_metric(alarm: dict[str, Any]) -> dict[str, Any]:
    """Give an alarm's definition with its one metric named; one on an expression as it is."""
    queries = alarm.get("Metrics") or []
    if alarm.get("MetricName") or len(queries) != 1 or "MetricStat" not in queries[0]:
        return alarm
    held = queries[0]["MetricStat"]
    return {**alarm, **held["Metric"], "Period": held["Period"], "Statistic": held["Stat"]}
