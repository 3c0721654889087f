"""What Lambda refuses of a mapping of a queue, and ministack takes ("Lambda parameters for Amazon SQS event source mappings")."""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc, sqs

LARGEST_FIFO_BATCH = 10


def install() -> None:
    """Look at a mapping before ministack does."""
    create, update = lambda_svc._create_esm, lambda_svc._update_esm

    def creating(data: dict[str, Any]) -> Any:
        return _refusal(data) or create(data)

    def updating(id: str, data: dict[str, Any]) -> Any:
        known = lambda_svc._esms.get(id)
        return (_refusal({**known, **data}) if known else None) or update(id, data)

    lambda_svc._create_esm, lambda_svc._update_esm = creating, updating


def _refusal(mapping: dict[str, Any]) -> Any:
    source = str(mapping.get("EventSourceArn") or "")
    if ":sqs:" not in source:
        return None
    reason = _reason(mapping, source)
    return None if reason is None else error_response_json("InvalidParameterValueException", reason, 400)


def _reason(mapping: dict[str, Any], source: str) -> str | None:
    batch = int(mapping.get("BatchSize") or 10)
    window = int(mapping.get("MaximumBatchingWindowInSeconds") or 0)
    queue = sqs._queue_by_arn(source)
    if queue is None:
        return "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue."
    if source.endswith(".fifo"):
        if window:
            return "Batching window is not supported for FIFO queues."
        if batch > LARGEST_FIFO_BATCH:
            return f"BatchSize {batch} is not in the valid range of 1 to {LARGEST_FIFO_BATCH} for FIFO queues."
    elif batch > LARGEST_FIFO_BATCH and not window:
        return "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    function = lambda_svc._functions.get(lambda_svc._resolve_name(str(mapping.get("FunctionName") or "")))
    timeout = int((function or {}).get("config", {}).get("Timeout", 3))
    hidden = int(queue["attributes"].get("VisibilityTimeout", 30))
    if function is not None and hidden < timeout:
        return f"Queue visibility timeout: {hidden} seconds is less than Function timeout: {timeout} seconds"
    return None
