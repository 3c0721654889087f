"""Dead-letter queues that say whose letters they take, and FIFO queues that say by what they are limited."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import block, told

_PASSED, _FAILED, _OPEN = "passed", "failed", "not judged"
_SOURCE = block(
    "aws_sqs_queue",
    'name = "orders"\nredrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 5 })',
    "orders",
)
_DEAD = block("aws_sqs_queue", 'name = "dead"', "dead") + block("aws_sqs_queue", 'name = "other"', "other")
_ARN = "arn:aws:sqs:eu-west-1:482915630718:"


def _by(arns: str, permission: str = "byQueue") -> str:
    said = f'{{ redrivePermission = "{permission}"{f", sourceQueueArns = {arns}" if arns else ""} }}'
    return block(
        "aws_sqs_queue_redrive_allow_policy",
        f"queue_url = aws_sqs_queue.dead.id\nredrive_allow_policy = jsonencode({said})",
    )


CASES = {
    "its source": (_by("[aws_sqs_queue.orders.arn]"), _PASSED),
    "itself": (_by("[aws_sqs_queue.dead.arn]"), _FAILED),
    "another": (_by("[aws_sqs_queue.other.arn]"), _FAILED),
    "both": (_by("[aws_sqs_queue.other.arn, aws_sqs_queue.orders.arn]"), _PASSED),
    "its source by ARN": (_by(f'["{_ARN}orders"]'), _PASSED),
    "another by ARN": (_by(f'["{_ARN}dead"]'), _FAILED),
    "nobody": (_by("[]"), _FAILED),
    "nobody at all": (_by("", "denyAll"), _FAILED),
    "everybody": (_by("", "allowAll"), _PASSED),
    "what a variable lists": (_by("var.arns"), _OPEN),
    "one that a variable names": (_by("[var.arn]"), _OPEN),
    "one made of parts": (_by('["arn:aws:sqs:eu-west-1:${var.account}:orders"]'), _PASSED),
    "nothing": ("", _OPEN),
}


@pytest.mark.parametrize(("text", "outcome"), CASES.values(), ids=CASES)
def test_permission(tmp_path: Path, text: str, outcome: str) -> None:
    """Who is on the list is let in; who is not, and surely not, is refused."""
    variables = 'variable "arns" {}\nvariable "arn" {}\nvariable "account" {}\n'
    assert told(tmp_path, variables + _SOURCE + _DEAD + text, "SQS-01g") == {"SQS-01g": [outcome]}


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('fifo_throughput_limit = "perMessageGroupId"\ndeduplication_scope = "messageGroup"', _PASSED),
        ('fifo_throughput_limit = "perMessageGroupId"\ndeduplication_scope = "queue"', _FAILED),
        ('fifo_throughput_limit = "perMessageGroupId"', _OPEN),
        ('fifo_throughput_limit = "perMessageGroupId"\ndeduplication_scope = var.scope', _OPEN),
        ('fifo_throughput_limit = "perQueue"\ndeduplication_scope = "queue"', _PASSED),
        ("", _OPEN),
    ],
)
def test_throughput(tmp_path: Path, body: str, outcome: str) -> None:
    """By group there, by group here."""
    text = 'variable "scope" {}\n' + block("aws_sqs_queue", f'name = "a.fifo"\nfifo_queue = true\n{body}')
    assert told(tmp_path, text, "SQS-01h") == {"SQS-01h": [outcome]}
