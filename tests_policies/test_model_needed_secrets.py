"""The secrets that a worker's environment names: its role may read them, however the grant is written, and its network lets it to them."""

# ruff: noqa: E501 (a case a line)

from __future__ import annotations

from pathlib import Path

import pytest
from test_model_queues import FAILED, GROUP, NOT_JUDGED, PASSED, TAKES, VPC, outcomes, worker

from policies.verdict import Outcome

ID = "aws_lambda_function.worker:KEY"
SECRETS = """
variable "stage" { type = string }
resource "aws_kms_key" "vault" {
  description = "Secrets"
  %(key)s
}
resource "aws_kms_key" "other" {
  description = "Other things"
}
resource "aws_kms_alias" "vault" {
  name          = "alias/vault"
  target_key_id = aws_kms_key.vault.key_id
}
resource "aws_secretsmanager_secret" "of" {
  for_each   = toset(["api", "jwt"])
  name       = "shop/${each.key}"
  kms_key_id = aws_kms_key.vault.arn
}
resource "aws_secretsmanager_secret" "made" {
  name_prefix = "shop/made-"
}
resource "aws_secretsmanager_secret_version" "api" {
  secret_id     = aws_secretsmanager_secret.of["api"].id
  secret_string = "x"
}
data "aws_secretsmanager_secret" "found" {
  name = "shop/found"
}
data "aws_secretsmanager_secret" "stage" {
  name = "${var.stage}/found"
}
data "aws_kms_key" "found" {
  key_id = data.aws_secretsmanager_secret.found.kms_key_id
}
"""
READ = '{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = %s }'
OPEN = '{ Effect = "Allow", Action = "kms:Decrypt", Resource = %s }'
API = 'aws_secretsmanager_secret.of["api"].arn'
DOCUMENT = 'inline_policy {{\n    name   = "take"\n    policy = jsonencode({{ Statement = [{}] }})\n  }}'


def reading(value: str, *grants: str, key: str = "", more: str = "", vpc: str = "") -> str:
    """Write a worker whose variable KEY is a value, and what its role is granted beside its queue."""
    text = worker(inline=DOCUMENT.format(", ".join((TAKES, *grants))), vpc=vpc)
    return (
        text.replace('variables = { SHOP_URL = "https://10.0.0.9:8443" }', f"variables = {{ KEY = {value} }}")
        + SECRETS % {"key": key}
        + more
    )


@pytest.mark.parametrize(
    "value",
    [API, 'aws_secretsmanager_secret.of["api"].id', 'aws_secretsmanager_secret.of["api"].name', 'aws_secretsmanager_secret_version.api.arn', f'"${{{API}}}:password::"', "aws_secretsmanager_secret_version.api.secret_id"],
)  # fmt: skip
def test_secret_is_found_however_it_is_named(tmp_path: Path, value: str) -> None:
    """By its ARN, its name, a version of it, or a key of its JSON."""
    assert outcomes(tmp_path, reading(value, READ % API), "WORKER-04i") == {ID: PASSED}
    assert outcomes(tmp_path, reading(value, READ % 'aws_secretsmanager_secret.of["jwt"].arn'), "WORKER-04i") == {
        ID: FAILED
    }


@pytest.mark.parametrize(
    "value",
    ['"shop/api"', '"https://10.0.0.9:8443"', 'split(":", aws_secretsmanager_secret.of["api"].arn)[3]', 'element(split(":", aws_secretsmanager_secret.of["api"].arn), 3)', 'aws_secretsmanager_secret_version.api.secret_string', "var.stage", 'tostring(aws_secretsmanager_secret.of["api"].recovery_window_in_days)'],
)  # fmt: skip
def test_what_names_no_secret_is_none(tmp_path: Path, value: str) -> None:
    """A text that reads alike, a region, a value itself."""
    assert ID not in outcomes(tmp_path, reading(value), "WORKER-04i")


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        ((), FAILED),
        ((READ % API,), PASSED),
        ((READ % '[for one in aws_secretsmanager_secret.of : one.arn]',), PASSED),
        ((READ % '"*"',), PASSED),
        ((READ % '"${aws_secretsmanager_secret.of["api"].arn}*"',), PASSED),
        ((READ % '"arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/api-??????"',), PASSED),
        ((READ % '"arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/*"',), PASSED),
        ((READ % '"arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/api-a1B2c3"',), PASSED),
        ((READ % '"arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/api"',), FAILED),
        ((READ % '"arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/jwt-*"',), FAILED),
        ((READ % '"arn:aws:secretsmanager:eu-west-1:123456789012:secret:${var.stage}/api-*"',), NOT_JUDGED),
        ((READ % "var.stage",), NOT_JUDGED),
        ((READ.replace("GetSecretValue", "DescribeSecret") % API,), FAILED),
        ((READ.replace("GetSecretValue", "Get*") % API,), PASSED),
        ((READ.replace('"secretsmanager:GetSecretValue"', "var.stage") % API,), NOT_JUDGED),
        ((READ.replace("Allow", "Deny") % API,), FAILED),
        ((READ.replace("Resource =", "NotResource =") % API,), NOT_JUDGED),
    ],
)  # fmt: skip
def test_worker_may_read_what_it_names(tmp_path: Path, grant: tuple[str, ...], expected: Outcome) -> None:
    """Its own secret, by reference, by pattern; another's, or less than the value, is not enough."""
    assert outcomes(tmp_path, reading(API, *grant), "WORKER-04i") == {ID: expected}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('resource "aws_secretsmanager_secret_policy" "x" {\n secret_arn = aws_secretsmanager_secret.of["api"].arn\n policy = "{}"\n}\n', NOT_JUDGED),
        ('resource "aws_secretsmanager_secret_policy" "x" {\n secret_arn = aws_secretsmanager_secret.of["jwt"].arn\n policy = "{}"\n}\n', FAILED),
        ('resource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.worker.name\n policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"\n}\n', FAILED),
        ('resource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.worker.name\n policy_arn = "arn:aws:iam::aws:policy/SecretsManagerReadWrite"\n}\n', NOT_JUDGED),
        ('resource "aws_iam_role_policy_attachment" "x" {\n role = aws_iam_role.worker.name\n policy_arn = var.stage\n}\n', NOT_JUDGED),
    ],
)  # fmt: skip
def test_what_is_not_known_lets_nobody_fail(tmp_path: Path, more: str, expected: Outcome) -> None:
    """A policy of the secret itself, or one that stands elsewhere, may allow it."""
    assert outcomes(tmp_path, reading(API, more=more), "WORKER-04i") == {ID: expected}


def documented(value: str, action: str, resource: str) -> str:
    """Write the grant as a policy document: what a data source finds is told in it."""
    text = reading(value).replace(f"Statement = [{TAKES}]", "Statement = []")
    return (
        text
        + f"""
    data "aws_iam_policy_document" "it" {{
      statement {{
        actions   = ["{action}"]
        resources = [{resource}]
      }}
    }}
    resource "aws_iam_role_policy" "it" {{
      role   = aws_iam_role.worker.id
      policy = data.aws_iam_policy_document.it.json
    }}
    """
    )


@pytest.mark.parametrize(
    ("value", "resource", "expected"),
    [
        ("data.aws_secretsmanager_secret.found.arn", "data.aws_secretsmanager_secret.found.arn", PASSED),
        ("data.aws_secretsmanager_secret.found.arn", "data.aws_secretsmanager_secret.stage.arn", NOT_JUDGED),
        ("data.aws_secretsmanager_secret.found.arn", API, FAILED),
        ("data.aws_secretsmanager_secret.found.arn", "aws_secretsmanager_secret.made.arn", NOT_JUDGED),
        (API, "data.aws_secretsmanager_secret.found.arn", FAILED),
        (API, "data.aws_secretsmanager_secret.stage.arn", NOT_JUDGED),
    ],
)  # fmt: skip
def test_secret_that_is_found_is_one_too(tmp_path: Path, value: str, resource: str, expected: Outcome) -> None:
    """A data source finds what another root made: it may be the same as another only where its name may."""
    text = documented(value, "secretsmanager:GetSecretValue", resource)
    assert outcomes(tmp_path, text, "WORKER-04i") == {ID: expected}


KEYED = 'policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "%s" }, Action = "kms:*", Resource = "*" }] })'


@pytest.mark.parametrize(
    ("grant", "key", "expected"),
    [
        ((), "", FAILED),
        ((OPEN % "aws_kms_key.vault.arn",), "", PASSED),
        ((OPEN % "aws_kms_key.vault.key_id",), "", FAILED),
        ((OPEN % "aws_kms_key.other.arn",), "", FAILED),
        ((OPEN % "aws_kms_alias.vault.target_key_arn",), "", NOT_JUDGED),
        ((OPEN % '"arn:aws:kms:eu-west-1:123456789012:key/*"',), "", PASSED),
        ((OPEN % '"arn:aws:kms:eu-west-1:123456789012:key/0a1b"',), "", NOT_JUDGED),
        ((OPEN % '"*"',), "", PASSED),
        ((OPEN.replace("Decrypt", "DescribeKey") % "aws_kms_key.vault.arn",), "", FAILED),
        ((), KEYED % "arn:aws:iam::123456789012:root", FAILED),
        ((), KEYED % "arn:aws:iam::123456789012:role/worker", NOT_JUDGED),
        ((), KEYED % "*", NOT_JUDGED),
        ((), "policy = var.stage", NOT_JUDGED),
    ],
)  # fmt: skip
def test_worker_may_use_its_secret_s_key(tmp_path: Path, grant: tuple[str, ...], key: str, expected: Outcome) -> None:
    """By the role's policies, where the key's own leaves it to them."""
    assert outcomes(tmp_path, reading(API, READ % API, *grant, key=key), "WORKER-04j") == {ID: expected}


def test_key_is_looked_up_by_what_a_secret_says(tmp_path: Path) -> None:
    """A data source of the key that a found secret names; without one, it is not known whether it has its own."""
    for value, grant, expected in (
        ("data.aws_secretsmanager_secret.found.arn", "data.aws_kms_key.found.arn", PASSED),
        ("data.aws_secretsmanager_secret.found.arn", "aws_kms_key.vault.key_id", NOT_JUDGED),
        ("data.aws_secretsmanager_secret.stage.arn", "data.aws_kms_key.found.arn", NOT_JUDGED),
        ("aws_secretsmanager_secret.made.arn", "aws_kms_key.vault.arn", NOT_JUDGED),
    ):
        assert outcomes(tmp_path, documented(value, "kms:Decrypt", grant), "WORKER-04j") == {ID: expected}, (
            value,
            grant,
        )


@pytest.mark.parametrize(
    ("inline", "expected"),
    [
        ('egress {\n from_port = 80\n to_port = 80\n protocol = "tcp"\n cidr_blocks = ["0.0.0.0/0"]\n }', FAILED),
        ('egress {\n from_port = 443\n to_port = 443\n protocol = "tcp"\n cidr_blocks = ["0.0.0.0/0"]\n }', PASSED),
        ('egress {\n from_port = 443\n to_port = 443\n protocol = "tcp"\n cidr_blocks = ["10.0.0.0/16"]\n }', NOT_JUDGED),
        ('egress {\n from_port = 443\n to_port = 443\n protocol = "tcp"\n security_groups = ["sg-1"]\n }', NOT_JUDGED),
    ],
)  # fmt: skip
def test_worker_in_a_vpc_reaches_secrets_manager(tmp_path: Path, inline: str, expected: Outcome) -> None:
    """On 443, wherever its endpoint is."""
    text = reading(API, vpc=VPC, more=GROUP % inline)
    assert outcomes(tmp_path, text, "WORKER-04h") == {ID: expected}


def test_worker_outside_a_vpc_reaches_it_anyway(tmp_path: Path) -> None:
    """What is attached to nothing stands on the public internet, as Secrets Manager does."""
    assert ID not in outcomes(tmp_path, reading(API), "WORKER-04h")
