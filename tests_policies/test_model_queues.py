"""Queues, alarms, mappings and roles in other people's styles: what is meant the same is judged the same, and what is not known never passes."""

# ruff: noqa: E501 (a case a line)

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from judged_terraform import verdicts

from policies.verdict import Outcome

PASSED, FAILED, NOT_JUDGED = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_JUDGED

QUEUES = """
resource "aws_sqs_queue" "orders" {
  name                       = "orders.fifo"
  fifo_queue                 = true
  visibility_timeout_seconds = 180
  %(main)s
}
resource "aws_sqs_queue" "dead" {
  name                      = "orders-dead.fifo"
  fifo_queue                = true
  message_retention_seconds = 1209600
  %(dead)s
}
"""
ATTRIBUTE = "redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 5 })"
HEREDOC = 'redrive_policy = <<EOF\n{"deadLetterTargetArn": "${aws_sqs_queue.dead.arn}", "maxReceiveCount": 5}\nEOF\n'
ALARM = """
resource "aws_cloudwatch_metric_alarm" "dead" {
  alarm_name          = "dead"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  alarm_actions       = ["arn:aws:sns:eu-west-1:123456789012:ops"]
  %(more)s
}
"""


def outcomes(folder: Path, text: str | Mapping[str, str], id: str) -> dict[str, Outcome]:
    """Give the outcome of a requirement by subject, without the place."""
    return {found.subject.partition(":")[2] or found.subject: found.outcome for found in verdicts(folder, text, id)}


def failing(folder: Path, text: str, *ids: str) -> set[str]:
    """Give the requirements that fail, or are errors, on some subject."""
    return {found.requirement for found in verdicts(folder, text, *ids) if found.outcome in (FAILED, Outcome.ERROR)}


def queues(main: str = ATTRIBUTE, dead: str = "", more: str = "") -> str:
    """Write a queue with its dead-letter queue."""
    return QUEUES % {"main": main, "dead": dead} + more


@pytest.mark.parametrize(
    ("main", "more"),
    [
        (ATTRIBUTE, ""),
        (HEREDOC, ""),
        ("", 'resource "aws_sqs_queue_redrive_policy" "x" {\n  queue_url = aws_sqs_queue.orders.id\n  ' + ATTRIBUTE + "\n}\n"),
        ('redrive_policy = jsonencode({ deadLetterTargetArn = "arn:aws:sqs:eu-west-1:123456789012:orders-dead.fifo", maxReceiveCount = 5 })', ""),
        ('redrive_policy = jsonencode({ "deadLetterTargetArn" : aws_sqs_queue.dead.arn, "maxReceiveCount" : "5" })', ""),
    ],
)  # fmt: skip
def test_redrive_policy_is_found_however_it_is_written(tmp_path: Path, main: str, more: str) -> None:
    """As an attribute, as a resource of its own, in a heredoc, by ARN."""
    text = queues(main, more=more)
    assert outcomes(tmp_path, text, "SQS-01b") == {"aws_sqs_queue.orders": PASSED}
    assert outcomes(tmp_path, text, "SQS-01c") == {"aws_sqs_queue.dead": PASSED}
    assert outcomes(tmp_path, text, "SQS-01d") == {"aws_sqs_queue.orders": PASSED}


def test_queues_of_a_loop_keep_their_own_dead_letter_queues(tmp_path: Path) -> None:
    """for_each over both: each leads to that of its own key."""
    text = """
    locals { kinds = { orders = 60, refunds = 86400 } }
    resource "aws_sqs_queue" "dead" {
      for_each   = local.kinds
      name       = "${each.key}-dead.fifo"
      fifo_queue = true
    }
    resource "aws_sqs_queue" "this" {
      for_each       = local.kinds
      name           = "${each.key}.fifo"
      fifo_queue     = true

      visibility_timeout_seconds = each.value
      redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead[each.key].arn, maxReceiveCount = 5 })
    }
    """
    assert outcomes(tmp_path, text, "SQS-01d") == {
        'aws_sqs_queue.this["orders"]': PASSED,
        'aws_sqs_queue.this["refunds"]': FAILED,
    }
    assert set(outcomes(tmp_path, text, "SQS-01c").values()) == {PASSED}


def test_unset_count_is_not_judged(tmp_path: Path) -> None:
    """A count that nobody gives never passes."""
    text = 'variable "count_" { type = number }\n' + queues(ATTRIBUTE.replace("= 5", "= var.count_"))
    assert outcomes(tmp_path, text, "SQS-01d") == {"aws_sqs_queue.orders": NOT_JUDGED}
    assert outcomes(tmp_path, text, "SQS-01b") == {"aws_sqs_queue.orders": PASSED}


def test_standard_queue_beside_a_fifo_queue_is_advice(tmp_path: Path) -> None:
    """It may be meant; alone it is none."""
    more = 'resource "aws_sqs_queue" "mail" {\n  name = "mail"\n}\n'
    text = queues(more=more)
    assert outcomes(tmp_path, text, "SQS-01a") == {"aws_sqs_queue.orders": PASSED, "aws_sqs_queue.mail": FAILED}
    assert {found.subject.rpartition(".")[2]: found.severity.name for found in verdicts(tmp_path, text, "SQS-01a")}[
        "mail"
    ] == "ADVICE"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("", ""), PASSED),
        (('aws_sqs_queue.dead.name', '"orders-dead.fifo"'), PASSED),
        (('aws_sqs_queue.dead.name', '"orders-dead"'), FAILED),
        (('aws_sqs_queue.dead.name', "aws_sqs_queue.orders.name"), FAILED),
        (('aws_sqs_queue.dead.name', "var.watched"), NOT_JUDGED),
        (('"ApproximateNumberOfMessagesVisible"', '"NumberOfMessagesSent"'), FAILED),
        (('"ApproximateNumberOfMessagesVisible"', "var.watched"), NOT_JUDGED),
    ],
)  # fmt: skip
def test_alarm_watches_a_queue_by_reference_or_by_name(
    tmp_path: Path, change: tuple[str, str], expected: Outcome
) -> None:
    """The dimension decides; one that is not known decides nothing."""
    text = 'variable "watched" { type = string }\n' + queues(
        more=ALARM.replace(*change) % {"more": ""} if change[0] else ALARM % {"more": ""}
    )
    assert outcomes(tmp_path, text, "SQS-02a") == {"aws_sqs_queue.dead": expected}


def test_alarm_of_a_query_watches_too(tmp_path: Path) -> None:
    """Metric math names its metrics in blocks."""
    text = """
    resource "aws_cloudwatch_metric_alarm" "dead" {
      alarm_name          = "dead"
      evaluation_periods  = 1
      comparison_operator = "GreaterThanOrEqualToThreshold"
      threshold           = 1
      alarm_actions       = [aws_sns_topic.ops.arn]
      metric_query {
        id          = "visible"
        return_data = true
        metric {
          namespace   = "AWS/SQS"
          metric_name = "ApproximateNumberOfMessagesVisible"
          dimensions  = { QueueName = aws_sqs_queue.dead.name }
          stat        = "Sum"
          period      = 60
        }
      }
    }
    resource "aws_sns_topic" "ops" { name = "ops" }
    resource "aws_sns_topic_subscription" "ops" {
      topic_arn = aws_sns_topic.ops.arn
      protocol  = "email"
      endpoint  = "ops@example.org"
    }
    """
    text = queues(more=text)
    for id in ("SQS-02a", "SQS-02b", "SQS-02c"):
        assert outcomes(tmp_path, text, id) == {"aws_sqs_queue.dead": PASSED}, id
    assert outcomes(tmp_path, text, "SQS-02g") == {"aws_cloudwatch_metric_alarm.dead": PASSED}
    assert outcomes(tmp_path, text, "SQS-02h") == {"aws_sns_topic.ops": PASSED}
    assert outcomes(tmp_path, text, "SQS-02i") == {"aws_sns_topic.ops": PASSED}


def test_composite_alarm_calls_for_an_alarm(tmp_path: Path) -> None:
    """An alarm without actions that a composite alarm speaks of calls whom that calls."""
    composite = """
    resource "aws_cloudwatch_composite_alarm" "all" {
      alarm_name    = "all"
      alarm_rule    = "ALARM(${aws_cloudwatch_metric_alarm.dead.alarm_name})"
      alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:ops"]
    }
    """
    silent = ALARM.replace('  alarm_actions       = ["arn:aws:sns:eu-west-1:123456789012:ops"]\n', "") % {"more": ""}
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    assert outcomes(tmp_path / "with", queues(more=silent + composite), "SQS-02f") == {
        "aws_cloudwatch_metric_alarm.dead": PASSED
    }
    assert outcomes(tmp_path / "without", queues(more=silent), "SQS-02f") == {
        "aws_cloudwatch_metric_alarm.dead": FAILED
    }


DENY = '{ Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = aws_sqs_queue.orders.arn, Condition = { Bool = { "aws:SecureTransport" = "false" } } }'
OPEN = '{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = aws_sqs_queue.orders.arn%s }'


@pytest.mark.parametrize(
    ("statement", "plain", "everybody"),
    [
        (DENY, PASSED, PASSED),
        (OPEN % "", FAILED, FAILED),
        (OPEN.replace('"*"', '{ AWS = "*" }') % "", FAILED, FAILED),
        (OPEN % ', Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.me.account_id } }', FAILED, PASSED),
        (OPEN % ', Condition = { ArnLike = { "aws:SourceArn" = "*" } }', FAILED, FAILED),
        (OPEN % ', Condition = { Bool = { "aws:SecureTransport" = "true" } }', FAILED, FAILED),
        (OPEN.replace("Principal = \"*\"", 'Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }') % "", FAILED, PASSED),
        (OPEN.replace("Principal = \"*\"", "Principal = { AWS = var.sender }") % "", FAILED, NOT_JUDGED),
        (DENY.replace('"sqs:*"', '"sqs:SendMessage"'), FAILED, PASSED),
        (DENY.replace('"Deny"', "var.sender"), NOT_JUDGED, NOT_JUDGED),
    ],
)  # fmt: skip
@pytest.mark.parametrize("written", ["resource", "attribute", "heredoc", "document"])
def test_queue_policy_is_read_however_it_is_written(
    tmp_path: Path, statement: str, plain: Outcome, everybody: Outcome, written: str
) -> None:
    """As a resource, as an attribute, as JSON in a heredoc, as a policy document that takes JSON in."""
    if written == "heredoc" and ("var." in statement or "data." in statement or "aws_" in statement):
        statement = statement.replace("aws_sqs_queue.orders.arn", '"${aws_sqs_queue.orders.arn}"')
        statement = statement.replace(
            "data.aws_caller_identity.me.account_id }", '"${data.aws_caller_identity.me.account_id}" }'
        )
        statement = statement.replace("var.sender", '"${var.sender}"')
        body = statement.replace(" = ", ": ")
        for name in (
            "Effect",
            "Principal",
            "Action",
            "Resource",
            "Condition",
            "Bool",
            "StringEquals",
            "ArnLike",
            "AWS",
        ):
            body = body.replace(f"{name}: ", f'"{name}": ')
        policy = f'<<EOF\n{{"Version": "2012-10-17", "Statement": [{body}]}}\nEOF\n'
    else:
        policy = f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'
    head = 'variable "sender" { type = string }\ndata "aws_caller_identity" "me" {}\n'
    main = ATTRIBUTE + (
        f"\n  policy = {policy.replace('aws_sqs_queue.orders.arn', chr(34) + 'arn:aws:sqs:eu-west-1:123456789012:orders.fifo' + chr(34)).replace('${' + chr(34), '').replace(chr(34) + '}', '')}"
        if written == "attribute"
        else ""
    )
    more = ""
    if written in ("resource", "heredoc", "document"):
        more = f'resource "aws_sqs_queue_policy" "orders" {{\n  queue_url = aws_sqs_queue.orders.url\n  policy    = {policy}\n}}\n'
    if written == "document":
        if "var." in statement or "data." in statement:
            pytest.skip("a document that takes in what is not known is not judged")
        more = more.replace(f"policy    = {policy}", "policy    = data.aws_iam_policy_document.all.json")
        more += f'data "aws_iam_policy_document" "all" {{\n  source_policy_documents = [data.aws_iam_policy_document.inner.json]\n}}\n{_document(statement)}'
    text = head + queues(main, more=more)
    assert outcomes(tmp_path, text, "SQS-03d")["aws_sqs_queue.orders"] is plain
    assert outcomes(tmp_path, text, "SQS-03e")["aws_sqs_queue.orders"] is everybody


def _document(statement: str) -> str:
    """Write a statement of jsonencode as a policy document."""
    effect = "Deny" if '"Deny"' in statement else "Allow"
    action = "sqs:*" if '"sqs:*"' in statement else "sqs:SendMessage"
    kind = "AWS" if "AWS" in statement else "*"
    condition = ""
    for test, variable, value in (
        ("Bool", "aws:SecureTransport", "false"),
        ("Bool", "aws:SecureTransport", "true"),
        ("ArnLike", "aws:SourceArn", "*"),
    ):
        if f'"{variable}" = "{value}"' in statement:
            condition = f'condition {{\n test = "{test}"\n variable = "{variable}"\n values = ["{value}"]\n }}'
    return f"""
    data "aws_iam_policy_document" "inner" {{
      statement {{
        effect    = "{effect}"
        actions   = ["{action}"]
        resources = [aws_sqs_queue.orders.arn]
        principals {{
          type        = "{kind}"
          identifiers = ["*"]
        }}
        {condition}
      }}
    }}
    """


WORKER = """
resource "aws_lambda_function" "worker" {
  function_name = "worker"
  role          = aws_iam_role.worker.arn
  timeout       = 30
  environment {
    variables = { SHOP_URL = "%(url)s" }
  }
  %(vpc)s
}
resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.worker.function_name
  function_version = "1"
}
resource "aws_lambda_event_source_mapping" "orders" {
  event_source_arn = aws_sqs_queue.orders.arn
  function_name    = %(function)s
  %(mapping)s
}
resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  %(inline)s
}
"""
TAKES = '{ Effect = "Allow", Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Resource = aws_sqs_queue.orders.arn }'


def worker(
    mapping: str = "",
    inline: str = "",
    url: str = "https://10.0.0.9:8443",
    vpc: str = "",
    function: str = "aws_lambda_function.worker.arn",
) -> str:
    """Write a queue and the function that takes its messages."""
    if not inline:
        inline = f'inline_policy {{\n    name   = "take"\n    policy = jsonencode({{ Statement = [{TAKES}] }})\n  }}'
    return queues() + WORKER % {"mapping": mapping, "inline": inline, "url": url, "vpc": vpc, "function": function}


@pytest.mark.parametrize(
    "function",
    ["aws_lambda_function.worker.arn", "aws_lambda_function.worker.function_name", '"worker"', "aws_lambda_alias.live.arn", '"arn:aws:lambda:eu-west-1:123456789012:function:worker:live"'],
)  # fmt: skip
def test_mapping_joins_its_function_however_it_names_it(tmp_path: Path, function: str) -> None:
    """By ARN, by name, by an alias: the function's timeout counts."""
    text = worker(function=function)
    assert outcomes(tmp_path, text, "SQS-03b") == {"aws_sqs_queue.orders": PASSED}
    assert outcomes(tmp_path, text, "WORKER-04e") == {"aws_lambda_function.worker": PASSED}


@pytest.mark.parametrize(
    ("mapping", "broken"),
    [
        ('batch_size = 10\n function_response_types = ["ReportBatchItemFailures"]\n scaling_config {\n maximum_concurrency = 5\n }', set()),
        ("", {"WORKER-01d", "WORKER-01e"}),
        ('maximum_batching_window_in_seconds = 0\n function_response_types = ["ReportBatchItemFailures"]\n scaling_config {\n maximum_concurrency = 1\n }', {"WORKER-01e"}),
        ('enabled = false\n batch_size = 11\n maximum_batching_window_in_seconds = 1\n function_response_types = ["ReportBatchItemFailures"]\n scaling_config {\n maximum_concurrency = 5\n }', {"WORKER-01b", "WORKER-01g", "WORKER-01h"}),
    ],
)  # fmt: skip
def test_mapping_of_a_fifo_queue(tmp_path: Path, mapping: str, broken: set[str]) -> None:
    """Batches, partial failures, a bound; no window, and no more than ten."""
    text = worker(mapping)
    every = [f"WORKER-01{letter}" for letter in "abcdegh"]
    assert failing(tmp_path, text, *every) == broken


def test_mapping_whose_count_is_not_known_is_not_judged(tmp_path: Path) -> None:
    """It may be there or not."""
    text = worker("count = var.on ? 1 : 0") + '\nvariable "on" { type = bool }\n'
    assert set(outcomes(tmp_path, text, "WORKER-01a").values()) == {NOT_JUDGED}
    assert PASSED not in outcomes(tmp_path, text, "WORKER-01d").values()


@pytest.mark.parametrize(
    ("inline", "broken"),
    [
        ("", set()),
        ('managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]', set()),
        ('managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]', {"WORKER-04c"}),
        ('inline_policy {\n policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })\n }', {"WORKER-04a", "WORKER-04b", "WORKER-04d"}),
        ('inline_policy {\n policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:ReceiveMessage", Resource = aws_sqs_queue.orders.arn }] })\n }', {"WORKER-04e"}),
        ('inline_policy {\n policy = jsonencode({ Statement = [' + TAKES + ', { Effect = "Allow", Action = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"], Resource = "*" }] })\n }', {"WORKER-04d"}),
        ('inline_policy {\n policy = jsonencode({ Statement = [' + TAKES + ', { Effect = "Allow", NotAction = "iam:*", Resource = "*" }] })\n }', {"WORKER-04a", "WORKER-04b"}),
    ],
)  # fmt: skip
def test_role_is_read_however_it_is_written(tmp_path: Path, inline: str, broken: set[str]) -> None:
    """Inline, managed, with patterns, with too little: what is granted beyond the need is found, what AWS itself needs is taken."""
    text = worker(inline=inline)
    assert failing(tmp_path, text, *(f"WORKER-04{letter}" for letter in "abcdefg")) == broken


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole", PASSED),
        ("arn:aws-cn:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole", PASSED),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", FAILED),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole", FAILED),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaENIManagementAccess", FAILED),
        ("arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess", FAILED),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaOfTomorrow", NOT_JUDGED),
        ("arn:aws:iam::123456789012:policy/worker", NOT_JUDGED),
    ],
)
def test_what_policies_of_aws_allow_is_known(tmp_path: Path, arn: str, expected: Outcome) -> None:
    """Those that AWS keeps for Lambda are published; of others nothing is assumed."""
    assert outcomes(tmp_path, worker(inline=f'managed_policy_arns = ["{arn}"]'), "WORKER-04e") == {
        "aws_lambda_function.worker": expected
    }


def test_attached_policy_of_the_root_counts(tmp_path: Path) -> None:
    """A policy of its own, attached to the role."""
    text = (
        worker(inline="max_session_duration = 3600")
        + f"""
    resource "aws_iam_policy" "take" {{
      policy = jsonencode({{ Statement = [{TAKES}] }})
    }}
    resource "aws_iam_role_policy_attachment" "take" {{
      role       = aws_iam_role.worker.name
      policy_arn = aws_iam_policy.take.arn
    }}
    """
    )
    assert outcomes(tmp_path, text, "WORKER-04e") == {"aws_lambda_function.worker": PASSED}


GROUP = """
resource "aws_security_group" "worker" {
  name = "worker"
  %s
}
"""
VPC = 'vpc_config {\n subnet_ids = ["subnet-1", "subnet-2"]\n security_group_ids = [aws_security_group.worker.id]\n }'
RULE = "security_group_id = aws_security_group.worker.id\n %s\n"


@pytest.mark.parametrize(
    ("url", "inline", "more", "expected"),
    [
        ("https://10.0.0.9:8443", "", "", FAILED),
        ("https://10.0.0.9:8443", 'egress {\n from_port = 0\n to_port = 0\n protocol = "-1"\n cidr_blocks = ["0.0.0.0/0"]\n }', "", PASSED),
        ("https://10.0.0.9:8443", 'egress {\n from_port = 8000\n to_port = 9000\n protocol = "tcp"\n cidr_blocks = ["10.1.0.0/16"]\n }', "", FAILED),
        ("https://10.0.0.9:8443", 'egress = [{ from_port = 8443, to_port = 8443, protocol = "tcp", cidr_blocks = ["10.0.0.0/16"] }]', "", PASSED),
        ("https://10.0.0.9:8443", "", 'resource "aws_security_group_rule" "out" {\n type = "egress"\n from_port = 8443\n to_port = 8443\n protocol = "tcp"\n cidr_blocks = ["10.0.0.0/24"]\n ' + RULE % "" + "}", PASSED),
        ("https://10.0.0.9:8443", "", 'resource "aws_vpc_security_group_egress_rule" "out" {\n ip_protocol = "-1"\n cidr_ipv4 = "0.0.0.0/0"\n ' + RULE % "" + "}", PASSED),
        ("https://10.0.0.9:8443", "", 'resource "aws_vpc_security_group_egress_rule" "out" {\n ip_protocol = "tcp"\n from_port = 8443\n to_port = 8443\n cidr_ipv4 = var.network\n ' + RULE % "" + "}", NOT_JUDGED),
        ("https://10.0.0.9:8443", "", 'resource "aws_vpc_security_group_egress_rule" "out" {\n ip_protocol = "tcp"\n from_port = 8443\n to_port = 8443\n referenced_security_group_id = "sg-1"\n ' + RULE % "" + "}", NOT_JUDGED),
        ("https://shop.internal:8443", 'egress {\n from_port = 8443\n to_port = 8443\n protocol = "tcp"\n cidr_blocks = ["10.0.0.0/16"]\n }', "", NOT_JUDGED),
        ("https://shop.internal:8443", 'egress {\n from_port = 443\n to_port = 443\n protocol = "tcp"\n cidr_blocks = ["10.0.0.0/16"]\n }', "", FAILED),
        ("http://shop.prod.svc.cluster.local", 'egress {\n from_port = 0\n to_port = 0\n protocol = "-1"\n cidr_blocks = ["0.0.0.0/0"]\n }', "", FAILED),
    ],
)  # fmt: skip
def test_address_is_let_out(tmp_path: Path, url: str, inline: str, more: str, expected: Outcome) -> None:
    """Rules inline, as a list, as resources of either kind; without one nothing is let out, for Terraform takes AWS' own away."""
    text = worker(url=url, vpc=VPC) + GROUP % inline + more + '\nvariable "network" { type = string }\n'
    assert outcomes(tmp_path, text, "WORKER-04h") == {"aws_lambda_function.worker:SHOP_URL": expected}


def test_function_outside_a_vpc_reaches_no_private_address(tmp_path: Path) -> None:
    """A function that is attached to nothing stands on the public internet."""
    assert failing(tmp_path, worker(), "WORKER-04h")


def test_policies_that_may_not_be_there_are_not_judged(tmp_path: Path) -> None:
    """A redrive policy, a policy, a subscription whose count is not known: it may be there or not."""
    text = f"""
    variable "on" {{ type = bool }}
    resource "aws_sqs_queue_redrive_policy" "x" {{
      count     = var.on ? 1 : 0
      queue_url = aws_sqs_queue.orders.id
      {ATTRIBUTE}
    }}
    resource "aws_sqs_queue_policy" "x" {{
      count     = var.on ? 1 : 0
      queue_url = aws_sqs_queue.orders.id
      policy    = jsonencode({{ Statement = [{DENY}] }})
    }}
    resource "aws_sns_topic" "ops" {{ name = "ops" }}
    resource "aws_sns_topic_subscription" "ops" {{
      count     = var.on ? 1 : 0
      topic_arn = aws_sns_topic.ops.arn
      protocol  = "email"
      endpoint  = "ops@example.org"
    }}
    """
    alarm = ALARM.replace('["arn:aws:sns:eu-west-1:123456789012:ops"]', "[aws_sns_topic.ops.arn]") % {"more": ""}
    for id in ("SQS-01b", "SQS-03d"):
        assert outcomes(tmp_path, queues("", more=text + alarm), id)["aws_sqs_queue.orders"] is NOT_JUDGED, id
    assert outcomes(tmp_path, queues("", more=text + alarm), "SQS-02h") == {"aws_sns_topic.ops": NOT_JUDGED}


def test_queues_of_a_module_that_is_not_here_are_not_judged(tmp_path: Path) -> None:
    """Nothing is fetched, and nothing passes for it."""
    text = 'module "queue" {\n  source = "terraform-aws-modules/sqs/aws"\n  version = "5.0.0"\n}\n'
    for id in ("SQS-01a", "SQS-02a", "SQS-03c", "WORKER-01d", "WORKER-04b"):
        assert set(outcomes(tmp_path, text, id).values()) == {NOT_JUDGED}, id


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (queues("redrive_policy = 5"), "SQS-01b"),
        (queues(ATTRIBUTE.replace("= 5", '= "many"')), "SQS-01d"),
        (queues(ATTRIBUTE + '\nmessage_retention_seconds = "long"'), "SQS-01d"),
        (queues('redrive_policy = "{not json"'), "SQS-01b"),
        (queues(more=ALARM.replace("threshold           = 0", 'threshold = "none"') % {"more": ""}), "SQS-02b"),
        (queues(more='resource "aws_sqs_queue_policy" "x" {\n queue_url = aws_sqs_queue.orders.id\n policy = jsonencode({ Statement = [1, "a", [], {}] })\n}\n'), "SQS-03e"),
        (queues(more='resource "aws_sqs_queue_policy" "x" {\n queue_url = aws_sqs_queue.orders.id\n policy = jsonencode([])\n}\n'), "SQS-03d"),
        (worker("batch_size = \"ten\""), "WORKER-01c"),
        (worker(url="https://[::1"), "WORKER-04h"),
        (worker(url="https://a:notaport/x"), "WORKER-04h"),
        (worker(vpc=VPC) + GROUP % 'egress {\n from_port = "a"\n to_port = 1\n protocol = "tcp"\n cidr_blocks = ["nowhere"]\n }', "WORKER-04h"),
    ],
)  # fmt: skip
def test_values_that_are_none_break_nothing(tmp_path: Path, text: str, id: str) -> None:
    """A wrong type fails or is not judged; it is no error of ours, and never a pass."""
    found = list(outcomes(tmp_path, text, id).values())
    assert Outcome.ERROR not in found
    assert set(found) != {PASSED} or id == "SQS-03d"
