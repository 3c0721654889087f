"""What is called a secret and is its name: followed to where it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import verdicts

from policies.verdict import Outcome

_CALL = 'module "edge" {\n source = "./edge"\n origin_secret = "shop/prod/origin"\n}\n'
_GIVEN = 'variable "origin_secret" {}\n'
_READS = 'data "aws_secretsmanager_secret_version" "o" {\n secret_id = var.origin_secret\n}\n'
_MADE = 'resource "aws_secretsmanager_secret" "o" {\n name = "${var.prefix}/${var.origin_secret}"\n}\n'
_STORED = 'data "aws_ssm_parameter" "o" {\n name = var.origin_secret\n}\n'
_SHOWN = 'resource "aws_lambda_function" "f" {\n environment {\n variables = { ORIGIN = var.origin_secret }\n }\n}\n'
_WRITTEN = (
    'resource "aws_secretsmanager_secret_version" "o" {\n secret_id = "x"\n secret_string = var.origin_secret\n}\n'
)
_ALLOWED = 'resource "aws_iam_policy" "p" {\n policy = jsonencode({ Resource = "arn:aws:secretsmanager:*:*:secret:${var.origin_secret}-*" })\n}\n'
_COUNTED = (
    'data "aws_secretsmanager_secret" "o" {\n count = var.origin_secret == "" ? 0 : 1\n name = var.origin_secret\n}\n'
)
_BY_LOCAL = 'locals {\n it = var.origin_secret\n}\ndata "aws_ssm_parameter" "o" {\n name = local.it\n}\n'
_PASSED_ON = 'module "inner" {\n source = "../inner"\n secret = var.origin_secret\n}\n'
_IN_A_HEADER = 'resource "aws_cloudfront_distribution" "d" {\n origin {\n custom_header {\n name = "X"\n value = var.origin_secret\n }\n }\n}\n'


@pytest.mark.parametrize("module", [_READS, _MADE, _STORED, _COUNTED, _READS + _ALLOWED, _BY_LOCAL, _PASSED_ON])
def test_name_of_a_secret_is_none(tmp_path: Path, module: str) -> None:
    """Who reads the name has nothing yet."""
    inner = 'variable "secret" {}\ndata "aws_secretsmanager_secret_version" "o" {\n secret_id = var.secret\n}\n'
    found = verdicts(
        tmp_path, {"main.tf": _CALL, "edge/main.tf": _GIVEN + module, "inner/main.tf": inner}, "SECRET-03a"
    )
    assert {one.outcome for one in found} == {Outcome.PASSED}


@pytest.mark.parametrize("module", ["", _WRITTEN, _SHOWN, _READS + _WRITTEN, _READS + _SHOWN, _ALLOWED, _IN_A_HEADER])
def test_what_goes_elsewhere_is_a_secret(tmp_path: Path, module: str) -> None:
    """One way to another place is enough; and so is none at all."""
    found = verdicts(tmp_path, {"main.tf": _CALL, "edge/main.tf": _GIVEN + module}, "SECRET-03a")
    assert Outcome.FAILED in [one.outcome for one in found]


@pytest.mark.parametrize(
    "text",
    [
        'variable "origin_secret" {\n default = "shop/prod/origin"\n}\n' + _READS,
        'locals {\n origin_secret = "shop/prod/origin"\n}\n' + _READS.replace("var.", "local."),
    ],
)
def test_default_and_local_are_followed(tmp_path: Path, text: str) -> None:
    """The same holds of what is written beside its use."""
    assert [one.outcome for one in verdicts(tmp_path, text, "SECRET-03a")] == [Outcome.PASSED]


def test_form_tells_a_secret_whatever_it_is_used_for(tmp_path: Path) -> None:
    """A key of AWS in a name is a key of AWS."""
    files = {"main.tf": _CALL.replace("shop/prod/origin", "AKIA5Q2ZJ7RT3VKX6WNM"), "edge/main.tf": _GIVEN + _READS}
    assert [one.outcome for one in verdicts(tmp_path, files, "SECRET-03a")] == [Outcome.FAILED]
