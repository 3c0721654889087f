"""Alarms that state their one metric as a query. ministack drops it, and the alarm watches nothing."""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch

from policies.live.aws.metric_queries import as_metric


def install() -> None:
    """Take a query on one metric for that metric."""
    put = cloudwatch._put_metric_alarm

    def putting(params: Any, data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        return put(params, as_metric(data), is_cbor, is_json)

    cloudwatch._put_metric_alarm = putting
