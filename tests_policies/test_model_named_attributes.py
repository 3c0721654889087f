"""A queue has a name, an ARN and a URL: who is given another than he knows it by has none."""

# ruff: noqa: E501 (a case a line)

from __future__ import annotations

from pathlib import Path

import pytest
from test_model_queues import ALARM, ATTRIBUTE, FAILED, NOT_JUDGED, PASSED, outcomes, queues, worker

from policies.verdict import Outcome

OF_NAMES = """
output "name" { value = aws_sqs_queue.dead.name }
resource "aws_sqs_queue" "dead" {
  name_prefix = "dead-"
}
resource "aws_sqs_queue" "orders" {
  name           = "orders"
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 5 })
}
"""


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("aws_sqs_queue.dead.name", PASSED),
        ("aws_sqs_queue.dead.arn", FAILED),
        ("aws_sqs_queue.dead.id", FAILED),
        ("aws_sqs_queue.dead.url", FAILED),
        ('"${aws_sqs_queue.dead.arn}"', FAILED),
        ("local.of", FAILED),
        ("local.taken", FAILED),
        ('lookup({ dead = aws_sqs_queue.dead.arn }, "dead", "")', PASSED),
        ('element(split(":", aws_sqs_queue.dead.arn), 5)', PASSED),
        ('replace(aws_sqs_queue.dead.arn, "/.*:/", "")', PASSED),
        ('trimprefix(aws_sqs_queue.dead.arn, "arn:aws:sqs:eu-west-1:123456789012:")', PASSED),
        ("basename(aws_sqs_queue.dead.url)", PASSED),
        ("local.cut", PASSED),
    ],
)  # fmt: skip
@pytest.mark.parametrize("named", [True, False])
def test_dimension_of_an_alarm_is_the_queue_s_name(
    tmp_path: Path, named: bool, dimension: str, expected: Outcome
) -> None:
    """CloudWatch has no metric under an ARN or a URL; what a function makes of one may be the name."""
    text = """
    locals {
      of    = aws_sqs_queue.dead.arn
      taken = { for key, queue in { dead = aws_sqs_queue.dead } : key => queue.arn }["dead"]
      cut   = { for key, queue in { dead = aws_sqs_queue.dead } : key => element(split(":", queue.arn), 5) }["dead"]
    }
    """
    alarm = ALARM.replace("aws_sqs_queue.dead.name", dimension) % {"more": ""}
    text += (queues(more=alarm)) if named else OF_NAMES + alarm
    assert outcomes(tmp_path, text, "SQS-02a") == {"aws_sqs_queue.dead": expected}


def test_dimension_is_followed_through_modules(tmp_path: Path) -> None:
    """An output that gives the name is right, one that gives the ARN is not."""
    module = 'module "queue" {\n  source = "./queue"\n}\n' + ALARM.replace(
        "aws_sqs_queue.dead.name", "module.queue.of"
    ) % {"more": ""}
    for attribute, expected in (("name", PASSED), ("arn", FAILED), ("id", FAILED)):
        inside = OF_NAMES + f'output "of" {{ value = aws_sqs_queue.dead.{attribute} }}\n'
        files = {"main.tf": module, "queue/main.tf": inside}
        assert outcomes(tmp_path, files, "SQS-02a") == {"module.queue.aws_sqs_queue.dead": expected}, attribute


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("aws_sqs_queue.dead.arn", PASSED),
        ("aws_sqs_queue.dead.id", FAILED),
        ("aws_sqs_queue.dead.url", FAILED),
        ("aws_sqs_queue.dead.name", FAILED),
        ('"arn:aws:sqs:eu-west-1:123456789012:orders-dead.fifo"', PASSED),
        ('"arn:aws:sqs:eu-west-1:123456789012:${aws_sqs_queue.dead.name}"', PASSED),
        ('replace(aws_sqs_queue.dead.url, "https://sqs.eu-west-1.amazonaws.com/123456789012/", "arn:aws:sqs:eu-west-1:123456789012:")', PASSED),
        ("aws_sqs_queue.orders.arn", FAILED),
        ('"arn:aws:sqs:eu-west-1:123456789012:orders.fifo"', FAILED),
    ],
)  # fmt: skip
def test_redrive_policy_leads_to_another_queue_by_its_arn(tmp_path: Path, target: str, expected: Outcome) -> None:
    """A URL or a name is refused, and a queue that takes its own dead letters has nowhere to put them."""
    if target == "aws_sqs_queue.orders.arn":  # Terraform refuses that as a cycle; as a resource of its own it does not.
        own = f'resource "aws_sqs_queue_redrive_policy" "x" {{\n  queue_url = aws_sqs_queue.orders.id\n  {ATTRIBUTE.replace("aws_sqs_queue.dead.arn", target)}\n}}\n'
        text = queues("", 'redrive_allow_policy = jsonencode({ redrivePermission = "byQueue" })', own)
    else:
        text = queues(ATTRIBUTE.replace("aws_sqs_queue.dead.arn", target))
    assert outcomes(tmp_path, text, "SQS-01b")["aws_sqs_queue.orders"] is expected


def test_queue_of_its_own_dead_letters_is_told(tmp_path: Path) -> None:
    """It stays a queue that messages are sent to, and its alarm on dead letters is that of the queue which was meant."""
    own = f'resource "aws_sqs_queue_redrive_policy" "x" {{\n  queue_url = aws_sqs_queue.orders.id\n  {ATTRIBUTE.replace("dead.arn", "orders.arn")}\n}}\n'
    text = queues(
        "", 'redrive_allow_policy = jsonencode({ redrivePermission = "byQueue" })', own + ALARM % {"more": ""}
    )
    assert outcomes(tmp_path, text, "SQS-01b") == {"aws_sqs_queue.orders": FAILED}
    assert outcomes(tmp_path, text, "SQS-02a") == {"aws_sqs_queue.dead": PASSED}
    assert outcomes(tmp_path, text, "SQS-01c") == {"aws_sqs_queue.dead": NOT_JUDGED}


@pytest.mark.parametrize(
    ("source", "expected"),
    [("arn", PASSED), ("id", FAILED), ("url", FAILED), ("name", FAILED)],
)  # fmt: skip
def test_mapping_names_its_queue_by_the_arn(tmp_path: Path, source: str, expected: Outcome) -> None:
    """Lambda takes nothing else."""
    text = worker().replace(
        "event_source_arn = aws_sqs_queue.orders.arn", f"event_source_arn = aws_sqs_queue.orders.{source}"
    )
    assert outcomes(tmp_path, text, "WORKER-01a") == {"aws_sqs_queue.orders": expected}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("aws_sqs_queue.orders.arn", PASSED),
        ("aws_sqs_queue.orders.id", FAILED),
        ("aws_sqs_queue.orders.url", FAILED),
        ('replace(aws_sqs_queue.orders.url, "https://sqs.eu-west-1.amazonaws.com/123456789012/", "arn:aws:sqs:eu-west-1:123456789012:")', NOT_JUDGED),
    ],
)  # fmt: skip
@pytest.mark.parametrize("written", ["json", "document"])
def test_statement_names_its_queue_by_the_arn(tmp_path: Path, written: str, resource: str, expected: Outcome) -> None:
    """IAM takes nothing else."""
    text = worker().replace("Resource = aws_sqs_queue.orders.arn", f"Resource = {resource}")
    if written == "document":
        text = (
            worker(inline="inline_policy {\n policy = data.aws_iam_policy_document.it.json\n }")
            + f"""
        data "aws_iam_policy_document" "it" {{
          statement {{
            actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
            resources = [{resource}]
          }}
        }}
        """
        )
    assert outcomes(tmp_path, text, "WORKER-04e") == {"aws_lambda_function.worker": expected}
