"""Terraform in other people's styles: state, modules, versions, references, and literal secrets."""

# ruff: noqa: E501 (a case a line)

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import verdicts

from policies.verdict import Outcome

PASSED, FAILED, NOT_JUDGED = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_JUDGED


def outcomes(folder: Path, text: str | dict[str, str], id: str, statement: str = "") -> list[Outcome]:
    """Give the outcomes of a requirement."""
    return [found.outcome for found in verdicts(folder, text, id, statement=statement)]


def messages(folder: Path, text: str | dict[str, str], id: str, statement: str = "") -> str:
    """Give what a requirement's failures say."""
    return "\n".join(
        found.message for found in verdicts(folder, text, id, statement=statement) if found.outcome is FAILED
    )


BUCKET = 'bucket = "states"\n key = "shop/terraform.tfstate"\n region = "eu-west-1"\n'


@pytest.mark.parametrize(
    ("backend", "kept", "encrypted", "locked"),
    [
        (f'backend "s3" {{\n {BUCKET} encrypt = true\n dynamodb_table = "locks"\n }}', PASSED, PASSED, PASSED),
        (f'backend "s3" {{\n {BUCKET} encrypt = "true"\n use_lockfile = true\n }}', PASSED, PASSED, PASSED),
        (f'backend "s3" {{\n {BUCKET} }}', PASSED, FAILED, FAILED),
        (f'backend "s3" {{\n {BUCKET} encrypt = false\n use_lockfile = false\n }}', PASSED, FAILED, FAILED),
        ('backend "s3" {}', PASSED, NOT_JUDGED, NOT_JUDGED),
        ('backend "s3" {\n dynamodb_table = "locks"\n }', PASSED, NOT_JUDGED, PASSED),
        ('backend "local" {}', FAILED, NOT_JUDGED, NOT_JUDGED),
        ("", FAILED, NOT_JUDGED, NOT_JUDGED),
    ],
)  # fmt: skip
def test_state_is_judged_by_its_backend(
    tmp_path: Path, backend: str, kept: Outcome, encrypted: Outcome, locked: Outcome
) -> None:
    """What a partial configuration leaves to 'terraform init' is not known."""
    text = f'terraform {{\n {backend}\n}}\nresource "null_resource" "x" {{}}\n'
    assert [outcomes(tmp_path, text, f"STATE-01{letter}") for letter in "abc"] == [[kept], [encrypted], [locked]]


def test_states_of_two_roots_at_one_address_are_both_named(tmp_path: Path) -> None:
    """Whichever of the two is read, the other is named; a third at another key is neither."""
    backend = f'terraform {{\n backend "s3" {{\n {BUCKET} }}\n}}\n'
    files = {"a/main.tf": backend, "b/main.tf": backend, "c/main.tf": backend.replace("shop/", "c/")}
    assert outcomes(tmp_path, files, "STATE-01d") == [FAILED, FAILED, PASSED]
    assert "holds the state of b too" in messages(tmp_path, files, "STATE-01d")


def test_example_without_a_backend_is_not_judged(tmp_path: Path) -> None:
    """It is tried and thrown away."""
    files = {
        "modules/q/main.tf": "",
        "modules/q/variables.tf": 'variable "n" {}\n',
        "modules/q/examples/all/main.tf": 'module "q" {\n source = "../.."\n n = 1\n}\n',
    }
    assert outcomes(tmp_path, files, "STATE-01a") == [NOT_JUDGED]


STATED = '[terraform.prod]\npath = "live/prod"\nstage = "release"\nmodules = ["queue"]\n'


@pytest.mark.parametrize(
    ("call", "called", "brings"),
    [
        ('module "queue" {\n source = "../../modules/queue"\n}', PASSED, PASSED),
        ('module "queue" {\n for_each = toset(["a"])\n source = "../../modules/queue"\n}', PASSED, PASSED),
        ('module "queue" {\n count = 0\n source = "../../modules/queue"\n}', PASSED, FAILED),
        ('module "queue" {\n source = "terraform-aws-modules/sqs/aws"\n version = "5.0.0"\n}', PASSED, NOT_JUDGED),
        ('module "queues" {\n source = "../../modules/queue"\n}', FAILED, NOT_JUDGED),
    ],
)  # fmt: skip
def test_stated_module_is_called(tmp_path: Path, call: str, called: Outcome, brings: Outcome) -> None:
    """By the name of the call, and with at least one instance."""
    files = {"live/prod/main.tf": call + "\n", "modules/queue/main.tf": 'resource "aws_sqs_queue" "this" {}\n'}
    assert [outcomes(tmp_path, files, id, STATED) for id in ("TF-01a", "TF-01b")] == [[called], [brings]]


def test_modules_that_nobody_states_are_not_judged(tmp_path: Path) -> None:
    """The key that would state them is named."""
    found = verdicts(tmp_path, 'resource "null_resource" "x" {}\n', "TF-01a")
    assert [one.outcome for one in found] == [NOT_JUDGED]
    assert "[terraform.NAME] modules" in found[0].message


@pytest.mark.parametrize(
    ("folder", "name", "expected"),
    [
        ("environments/prod", 'name = "prod-orders"', FAILED),
        ("environments/prod", 'name = "product-orders"', PASSED),
        ("environments/prod", 'name = "orders" # of prod', PASSED),
        ("environments/prod", 'name = var.stage == "prod" ? "a" : "b"', FAILED),
        ("environments/prod", 'name = "x-${var.stage == "PROD" ? 1 : 2}"', FAILED),
        ("infra", 'name = "infra-orders"', NOT_JUDGED),
    ],
)  # fmt: skip
def test_environment_s_name_is_found_in_a_module(tmp_path: Path, folder: str, name: str, expected: Outcome) -> None:
    """As a word in a string; the names come from the platform's own folders, not from a list."""
    files = {
        f"{folder}/main.tf": f'module "q" {{\n source = "{"../" * (folder.count("/") + 1)}modules/q"\n stage = "x"\n}}\n',
        "modules/q/main.tf": f'resource "aws_sqs_queue" "this" {{\n {name}\n}}\n',
        "modules/q/variables.tf": 'variable "stage" {\n type = string\n description = "prod or not"\n}\n',
    }
    assert outcomes(tmp_path, files, "TF-02d") == [expected]


def test_roots_side_by_side_that_share_a_module_are_environments(tmp_path: Path) -> None:
    """Whatever they are called."""
    call = 'module "q" {\n source = "../modules/q"\n}\n'
    files = {
        "blue/main.tf": call,
        "green/main.tf": call,
        "modules/q/main.tf": 'resource "aws_sqs_queue" "this" {\n name = "green-orders"\n}\n',
    }
    assert outcomes(tmp_path, files, "TF-02d") == [FAILED]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('filename = "${path.module}/package.zip"', PASSED),
        ('filename = "${path.module}/../other/package.zip"', FAILED),
        ('filename = "${path.module}/a/../package.zip"', PASSED),
        ('policy = file("policies/a.json")', PASSED),
        ('policy = file("../policies/a.json")', FAILED),
        ('policy = templatefile("${path.root}/a.tpl", {})', FAILED),
        ('policy = file("/etc/policy.json")', FAILED),
        ('arn = "arn:aws:s3:::bucket/../x"', PASSED),
    ],
)  # fmt: skip
def test_module_reaches_out_of_its_folder(tmp_path: Path, body: str, expected: Outcome) -> None:
    """By a path of its own folder, by a function that reads; a string that only looks like a path is none."""
    files = {
        "root/main.tf": 'module "q" {\n source = "../m/q"\n}\n',
        "m/q/main.tf": f'resource "aws_x_y" "this" {{\n {body}\n}}\n',
        "m/other/main.tf": "",
    }
    assert outcomes(tmp_path, files, "TF-02h")[-1] is expected


def test_module_that_calls_its_neighbour_reaches_out(tmp_path: Path) -> None:
    """A module below it is its own; one beside it is not."""
    files = {
        "root/main.tf": 'module "q" {\n source = "../m/q"\n}\n',
        "m/q/main.tf": 'module "inner" {\n source = "./inner"\n}\nmodule "beside" {\n source = "../k"\n}\n',
        "m/q/inner/main.tf": 'resource "null_resource" "x" {}\n',
        "m/k/main.tf": 'resource "null_resource" "x" {}\n',
    }
    assert messages(tmp_path, files, "TF-02h") == "it reaches ../k"


@pytest.mark.parametrize(
    ("source", "version", "expected"),
    [
        ("./q", "", PASSED),
        ("terraform-aws-modules/sqs/aws", "", FAILED),
        ("terraform-aws-modules/sqs/aws", '~> 5.0"', PASSED),
        ("app.terraform.io/shop/sqs/aws//modules/fifo", '5.1.2"', PASSED),
        ("git::https://example.org/sqs.git", "", FAILED),
        ("git::https://example.org/sqs.git?ref=v1.2.0", "", PASSED),
        ("git::https://example.org/sqs.git?ref=main", "", FAILED),
        ("github.com/shop/sqs", "", FAILED),
        ("https://example.org/sqs-1.2.0.zip", "", PASSED),
        ("s3::https://s3-eu-west-1.amazonaws.com/modules/sqs.zip", "", FAILED),
    ],
)  # fmt: skip
def test_fetched_module_has_a_version(tmp_path: Path, source: str, version: str, expected: Outcome) -> None:
    """Of a registry by its version, of git by a tag or a commit, of an archive by its name."""
    line = f' version = "{version}\n' if version else ""
    files = {"main.tf": f'module "q" {{\n source = "{source}"\n{line}}}\n', "q/main.tf": ""}
    assert outcomes(tmp_path, files, "TF-02g") == [expected]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ('required_providers {\n aws = {\n source = "hashicorp/aws"\n version = "~> 6.0"\n }\n }', [PASSED, FAILED]),
        ('required_providers {\n aws = "~> 6.0"\n random = { version : ">= 3" }\n }', [PASSED, PASSED]),
        ('required_providers {\n aws = { source = "hashicorp/aws" }\n }', [FAILED, FAILED]),
        ("", [FAILED, FAILED]),
    ],
)
def test_each_used_provider_has_a_version(tmp_path: Path, asked: str, expected: list[Outcome]) -> None:
    """In every form that Terraform takes; the built-in provider needs none."""
    text = f'terraform {{\n {asked}\n}}\nresource "aws_sqs_queue" "q" {{}}\nresource "random_pet" "p" {{}}\nresource "terraform_data" "d" {{}}\n'
    assert outcomes(tmp_path, text, "TF-02f") == expected


GOOD = """
variable "ports" { type = map(object({ port = number, host_name = optional(string) })) }
locals {
  open_ports = { for my_rule, one_port in var.ports : my_rule => one_port.port if one_port.port > 0 }
  heredoc    = <<-EOT
    %{ for some_key, some_value in local.open_ports ~}
    ${some_key}=${some_value}
    %{ endfor ~}
  EOT
}
data "aws_region" "here" {}
resource "aws_security_group" "this" {
  for_each    = local.open_ports
  description = "${data.aws_region.here.name} ${each.key} ${local.heredoc} aws_not.a_reference"
  dynamic "ingress" {
    for_each = var.ports
    iterator = an_item
    content {
      from_port = an_item.value.port
    }
  }
  dynamic "egress" {
    for_each = var.ports
    content {
      from_port = egress.value.port
    }
  }
  lifecycle {
    ignore_changes = [tags_all.owner]
  }
}
module "many" {
  for_each = var.ports
  source   = "./m"
  name     = aws_security_group.this[each.key].id # var.no_reference
}
module "one" {
  source = "./m"
  name   = "x"
}
output "all" { value = [for one_module in module.many : one_module.id] }
output "some" { value = [module.many["a"].id, module.one.id, values(module.many)[*].id, aws_security_group.this["a"].id] }
moved {
  from = aws_security_group.old
  to   = aws_security_group.this
}
"""
MODULE = {"m/main.tf": 'variable "name" {\n type = string\n}\noutput "id" { value = var.name }\n'}


def test_what_loops_and_blocks_give_is_no_reference(tmp_path: Path) -> None:
    """Names of for, of dynamic blocks, of heredocs' templates; what stands in comments, strings and types."""
    for letter in "cdefghikl":
        assert set(outcomes(tmp_path, {"main.tf": GOOD, **MODULE}, f"TF-03{letter}")) == {PASSED}, letter


@pytest.mark.parametrize(
    ("letter", "line", "said"),
    [
        ("c", 'output "x" { value = "a-${var.nothing}" }', "var.nothing"),
        ("c", 'output "x" {\n value = <<-EOT\n  ${var.nothing}\n EOT\n}', "var.nothing"),
        ("d", 'output "x" { value = [for a in local.nothing : a] }', "local.nothing"),
        ("e", 'output "x" { value = aws_sqs_queue.nothing.arn }', "aws_sqs_queue.nothing"),
        ("e", 'output "x" { value = data.aws_sqs_queue.nothing["a"].arn }', "data.aws_sqs_queue.nothing"),
        ("e", 'output "x" {\n value = 1\n depends_on = [aws_sqs_queue.nothing]\n}', "aws_sqs_queue.nothing"),
        ("f", 'output "x" { value = module.nothing.id }', "module.nothing"),
        ("g", 'output "x" { value = module.one.arn }', "module.one.arn"),
        ("g", 'output "x" { value = module.many["a"].arn }', "module.many.arn"),
        ("g", 'output "x" { value = module.many[local.heredoc].arn }', "module.many.arn"),
        ("h", 'module "x" {\n source = "./m"\n name = "a"\n nam = "b"\n}', "nam"),
        ("i", 'module "x" {\n source = "./m"\n}', "name"),
        ("k", 'variable "spare" {\n type = string\n validation {\n condition = var.spare != ""\n error_message = "x"\n }\n}', "var.spare"),
        ("l", "locals { spare = 1 }", "local.spare"),
    ],
)  # fmt: skip
def test_what_dangles_is_found(tmp_path: Path, letter: str, line: str, said: str) -> None:
    """Wherever it stands; its name is told."""
    found = messages(tmp_path, {"main.tf": GOOD + line + "\n", **MODULE}, f"TF-03{letter}")
    assert said in found
    for other in "cdefghikl".replace(letter, ""):
        assert not messages(tmp_path, {"main.tf": GOOD + line + "\n", **MODULE}, f"TF-03{other}"), other


def test_files_that_are_no_hcl_are_errors_and_the_rest_is_judged(tmp_path: Path) -> None:
    """With file and line."""
    files = {
        "main.tf": 'resource "null_resource" "x" {}\n',
        "broken.tf": 'resource "x" {\n  a = [\n}\n',
        "b/main.tf": 'output "x" { value = var.y }\n',
    }
    found = verdicts(tmp_path, files, "TF-03a")
    assert {one.subject: one.outcome for one in found} == {
        "main.tf": PASSED,
        "b/main.tf": PASSED,
        "broken.tf": Outcome.ERROR,
    }
    assert next(one for one in found if one.outcome is Outcome.ERROR).locations[0].line == 3
    assert "var.y" in messages(tmp_path, files, "TF-03c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('resource "aws_db_instance" "d" {\n password = "Tr0ub4dor"\n}', FAILED),
        ('resource "aws_db_instance" "d" {\n password = random_password.x.result\n}', PASSED),
        ('resource "aws_db_instance" "d" {\n password = random_password.x["db"].result\n}', PASSED),
        ('resource "aws_db_instance" "d" {\n password = sensitive("Tr0ub4dor")\n}', FAILED),
        ('resource "aws_db_instance" "d" {\n password = var.prod ? var.password : "Tr0ub4dor"\n}', FAILED),
        ('resource "aws_db_instance" "d" {\n password = lookup(var.m, "password")\n}', PASSED),
        ('variable "db_password" {\n default = "Tr0ub4dor"\n}', FAILED),
        ('variable "db_password" {\n default = ""\n}', PASSED),
        ('variable "pin" {\n sensitive = true\n default = "Tr0ub4dor"\n}', FAILED),
        ('resource "aws_ecs_task_definition" "t" {\n container_definitions = jsonencode([{ environment = [{ name = "DB_PASSWORD", value = "Tr0ub4dor" }] }])\n}', FAILED),
        ('resource "aws_ecs_task_definition" "t" {\n container_definitions = jsonencode([{ secrets = [{ name = "DB_PASSWORD", valueFrom = "arn:aws:ssm:x" }] }])\n}', NOT_JUDGED),
        ('resource "helm_release" "r" {\n set {\n name = "auth.password"\n value = "Tr0ub4dor"\n }\n}', FAILED),
        ('resource "aws_instance" "i" {\n user_data = <<-EOT\n  #!/bin/sh\n  export DB_PASSWORD=Tr0ub4dor\n EOT\n}', FAILED),
        ('resource "aws_ssm_parameter" "p" {\n value = "postgres://app:Tr0ub4dor@db/app"\n}', FAILED),
        ('resource "aws_ssm_parameter" "p" {\n value = "postgres://app:${random_password.x.result}@db/app"\n}', NOT_JUDGED),
        ('provider "aws" {\n access_key = "AKIA5Q2ZJ7RT3VKX6WNM"\n}', FAILED),
        ('resource "aws_elasticache_replication_group" "c" {\n auth_token_update_strategy = "ROTATE"\n}', NOT_JUDGED),
        ('resource "aws_lambda_function" "f" {\n environment {\n variables = { TOKEN_HEADER = "X-Token", SECRET_ID = "shop/jwt" }\n }\n}', NOT_JUDGED),
    ],
)  # fmt: skip
def test_literal_secret_in_terraform(tmp_path: Path, text: str, expected: Outcome) -> None:
    """By the name that it is given, wherever that stands, or by its form; what says where a secret is, is none."""
    found = verdicts(tmp_path, text + "\n", "SECRET-03a")
    assert (FAILED in [one.outcome for one in found]) == (expected is FAILED), [one.message for one in found]
    assert not any("Tr0ub4dor" in repr(one) for one in found)
    if expected is not FAILED:
        assert {one.outcome for one in found} == {expected}
