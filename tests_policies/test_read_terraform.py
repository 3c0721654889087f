"""Terraform as it evaluates: what is resolved, what is not known and says so, where it is written, and what it refers to."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import REFERENCE

from policies.errors import StatementError
from policies.evidence import Gap, Stage
from policies.model.cloud.roots import roots
from policies.model.terraform.folders import folders
from policies.model.terraform.state import State
from policies.platform import Platform
from policies.read.hcl import Declaration, Source
from policies.read.terraform import Block, Root, Unknown
from policies.read.terraform_evaluate import from_json, to_json
from policies.read.terraform_scope import string


def write(root: Path, files: dict[str, str]) -> Platform:
    """Write files below a directory, and open it as a platform."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Platform.open(root)


def evaluate(root: Path, text: str, files: dict[str, str] | None = None) -> Root:
    """Evaluate a root that stands in `main.tf`."""
    (found,) = (one for one in write(root, {"main.tf": text, **(files or {})}).terraform.roots if one.folder == ".")
    return found


def find(root: Root, address: str) -> Block:
    """Give the block of an address, which must be there."""
    block = root.find(address)
    assert block is not None, [str(one) for one in root.blocks]
    return block


def why(value: Any) -> str:
    """Say why a value is not known, which it must not be."""
    assert isinstance(value, Unknown), value
    return value.why


def leaves(block: Block, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every value in a block and in the blocks in it."""
    pending: list[tuple[tuple[str | int, ...], Any]] = [
        ((*path, name), value) for name, value in block.attributes.items()
    ]
    while pending:
        where, value = pending.pop()
        if isinstance(value, tuple):
            for number, inner in enumerate(value):
                yield from leaves(inner, (*where, number))
        elif isinstance(value, list):
            pending += [((*where, number), item) for number, item in enumerate(value)]
        elif isinstance(value, dict):
            pending += [((*where, name), item) for name, item in value.items()]
        else:
            yield where, value


# Values


FORMS = """
variable "queues" {
  type    = map(object({ fifo = optional(bool, true), retention = optional(number) }))
  default = { a = {}, b = { fifo = false, retention = 60 } }
}
variable "nothing" {
  type    = string
  default = null
}
locals {
  prefix = "shop"
  tags   = merge({ Team = "x" }, { Name = local.prefix })
}
resource "aws_sqs_queue" "each" {
  for_each = var.queues
  name     = "${local.prefix}-${each.key}${each.value.fifo ? ".fifo" : ""}"
  keep     = each.value.retention
  tags     = local.tags
}
resource "aws_sqs_queue" "count" {
  count = 2
  name  = format("%s-%d", upper(local.prefix), count.index)
}
resource "aws_sqs_queue" "none" {
  count = 0
}
resource "aws_sqs_queue" "nobody" {
  for_each = {}
}
resource "aws_x" "nested" {
  one {
    id   = "own"
    name = "first"
  }
  dynamic "many" {
    for_each = toset(["p", "q"])
    iterator = it
    content {
      name = it.value
      dynamic "deep" {
        for_each = [1, 2]
        content {
          number = deep.value
        }
      }
    }
  }
  nothing = var.nothing
  chosen  = false ? "x" : null
  text    = <<-EOT
    $${kept} ${local.prefix}
  EOT
  list    = [for key, value in var.queues : key if value.fifo]
  splat   = aws_sqs_queue.count[*].name
  json    = jsonencode({ a = [1, true, null] })
}
"""


def test_forms_of_the_language(tmp_path: Path) -> None:
    """count, for_each, dynamic, conditions, loops, functions, heredocs: each comes to what Terraform makes of it."""
    root = evaluate(tmp_path, FORMS)
    assert root.errors == ()
    assert {queue.address: queue.get("name") for queue in root.resources("aws_sqs_queue")} == {
        'aws_sqs_queue.each["a"]': "shop-a.fifo",
        'aws_sqs_queue.each["b"]': "shop-b",
        "aws_sqs_queue.count[0]": "SHOP-0",
        "aws_sqs_queue.count[1]": "SHOP-1",
    }
    each = find(root, 'aws_sqs_queue.each["a"]')
    assert (each.get("keep"), each.get("tags")) == (None, {"Team": "x", "Name": "shop"})
    assert find(root, 'aws_sqs_queue.each["b"]').get("keep") == 60
    nested = find(root, "aws_x.nested")
    assert (nested.get("nothing"), nested.get("chosen"), nested.get("absent")) == (None, None, None)
    assert nested.get("text") == "${kept} shop\n"
    assert nested.get("list") == ["a"]
    assert nested.get("splat") == ["SHOP-0", "SHOP-1"]
    assert nested.get("json") == '{"a":[1,true,null]}'
    assert (nested.get("one", "name"), nested.get("one", 0, "id")) == ("first", "own")
    assert [many.get("name") for many in nested.blocks("many")] == ["p", "q"]
    assert [deep.get("number") for deep in nested.blocks("many")[1].blocks("deep")] == [1, 2]
    assert nested.block("absent") is None
    assert not root.uncertain


MODULE = """
variable "name" { type = string }
variable "queue_arn" { type = string }
variable "size" { type = number }
data "aws_region" "here" {}
resource "aws_lambda_function" "this" {
  function_name = var.name
  dead_letter   = var.queue_arn
  size          = var.size
  policy        = "arn:aws:logs:${data.aws_region.here.region}:${var.queue_arn}"
}
output "name" { value = "output-${var.name}" }
output "function" { value = aws_lambda_function.this }
output "arn" { value = aws_lambda_function.this.arn }
"""

MODULES = """
provider "aws" {
  region = "eu-central-1"
}
provider "aws" {
  alias  = "far"
  region = "us-east-1"
}
resource "aws_sqs_queue" "this" {
  for_each = toset(["a", "b"])
  name     = "q-${each.key}"
}
module "worker" {
  source    = "./worker"
  for_each  = aws_sqs_queue.this
  providers = { aws = aws.far }
  name      = "worker-${each.key}"
  queue_arn = each.value.arn
  size      = 1
}
resource "aws_x" "user" {
  name     = module.worker["a"].name
  arn      = module.worker["b"].arn
  function = module.worker["a"].function.function_name
  version  = module.worker["a"].function.version
  all      = [for key, worker in module.worker : worker.arn]
}
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each   = aws_sqs_queue.this
  dimensions = { QueueName = each.value.name }
}
resource "aws_cloudwatch_metric_alarm" "one" {
  dimensions = {
    Other     = "x"
    QueueName = aws_sqs_queue.this["b"].name
  }
}
"""


def test_references_go_through_modules(tmp_path: Path) -> None:
    """An instance of a module is told from another by what it was given, and what it gives is that of the same instance."""
    root = evaluate(tmp_path, MODULES, {"worker/main.tf": MODULE})
    assert root.errors == ()
    worker = find(root, 'module.worker["a"].aws_lambda_function.this')
    assert (worker.module, worker.file, worker.line) == ('module.worker["a"]', "worker/main.tf", 6)
    assert worker.get("dead_letter") == '${aws_sqs_queue.this["a"].arn}'
    assert [str(block) for block in worker.refers_to("dead_letter")] == ['aws_sqs_queue.this["a"]']
    policy = worker.get("policy")
    assert why(policy) == 'module.worker["a"].data.aws_region.here.region is known only when it is applied'
    assert policy.text == (
        'arn:aws:logs:${module.worker["a"].data.aws_region.here.region}:${aws_sqs_queue.this["a"].arn}'
    )
    user = find(root, "aws_x.user")
    assert user.get("name") == "output-worker-a", "an output that is called as an input is"
    assert user.get("function") == "worker-a"
    assert [str(block) for block in user.refers_to("arn")] == ['module.worker["b"].aws_lambda_function.this']
    assert [str(block) for block in user.refers_to("version")] == ['module.worker["a"].aws_lambda_function.this']
    assert len(user.refers_to("all")) == 2
    assert worker.provider is not None
    assert worker.provider.get("region") == "us-east-1"
    near = find(root, 'aws_sqs_queue.this["a"]').provider
    assert near is not None
    assert near.get("region") == "eu-central-1"
    assert root.modules[0].get("source") == "./worker"
    alarm = find(root, "aws_cloudwatch_metric_alarm.one")
    assert alarm.get("dimensions", "QueueName") == "q-b"
    assert [str(block) for block in alarm.refers_to("dimensions", "QueueName")] == ['aws_sqs_queue.this["b"]']
    assert "QueueName" in MODULES.splitlines()[(alarm.locate("dimensions", "QueueName").line or 0) - 1]
    keyed = find(root, 'aws_cloudwatch_metric_alarm.this["a"]')
    assert [str(block) for block in keyed.refers_to("dimensions")] == ['aws_sqs_queue.this["a"]']


def test_output_that_is_called_as_an_input_is(tmp_path: Path) -> None:
    """The output is meant, wherever it is named: in a loop over it, in a dynamic block, in a string, with a key."""
    inner = 'variable "names" {}\noutput "names" { value = [for name in var.names : "out-${name}"] }\n'
    text = """
module "m" {
  source = "./m"
  names  = ["a"]
}
module "n" {
  source = "./m"
  count  = 1
  names  = ["b"]
}
resource "aws_x" "one" {
  name = "${module.m.names[0]}/${module.n[0].names[0]}"
  dynamic "block" {
    for_each = module.n[0].names
    content {
      name = block.value
    }
  }
}
"""
    root = evaluate(tmp_path, text, {"m/main.tf": inner})
    block = find(root, "aws_x.one")
    assert block.get("name") == "out-a/out-b"
    assert block.get("block", "name") == "out-b"
    assert find(root, "module.m.output.names").get("value") == ["out-a"]


def test_no_identity_of_tfparse_is_seen(tmp_path: Path) -> None:
    """What tfparse and the copy put in stays inside."""
    root = evaluate(tmp_path, MODULES, {"worker/main.tf": MODULE})
    seen = "".join(
        f"{where}{value.text if isinstance(value, Unknown) else value}"
        for block in root.blocks
        for where, value in leaves(block)
    )
    assert "turnstile" not in seen
    assert "⟦" not in seen
    assert not any(len(part) == 12 and all(letter in "0123456789abcdef" for letter in part) for part in seen.split("-"))


# What is not known


UNKNOWN = """
variable "text" { type = string }
variable "number" { type = number }
variable "flag" { type = bool }
variable "list" { type = list(string) }
variable "object" { type = object({ name = string, size = optional(number, 5) }) }
locals {
  retention = var.text == "prod" ? 7 : 3
  settings  = { plain = "known", open = var.text }
}
module "inner" {
  source = "./inner"
  number = var.number
  plain  = "known"
}
module "far" {
  source = "terraform-aws-modules/vpc/aws"
  name   = "far"
}
data "aws_caller_identity" "me" {}
resource "aws_lb" "lb" {}
resource "aws_x" "unknown" {
  template   = "x-${var.text}"
  whole      = var.number
  sum        = var.number + 1
  compared   = var.text == "prod"
  retained   = local.retention
  counted    = length(var.list)
  contained  = contains(["a"], var.text)
  fallback   = try(var.number + 1, 5)
  looked     = lookup({ a = 1 }, var.text, 2)
  hash       = sha256(var.text)
  filtered   = [for item in ["a", "b"] : item if item != var.text]
  constants  = [for item in var.list : "c"]
  directive  = "%{if var.flag}on%{else}off%{endif}"
  attribute  = var.object.size
  item       = { a = 1, b = local.settings.open }
  account    = data.aws_caller_identity.me.account_id
  remote     = module.far.vpc_id
  as_input   = module.far.name
  workspace  = terraform.workspace
  by_space   = { default = "x" }[terraform.workspace]
  when       = timestamp()
  where      = path.cwd
  template_f = templatefile("${path.module}/missing.tpl", {})
  provider_f = provider::aws::arn_parse("arn")
  dangling   = aws_lb.gone.arn
  undeclared = local.gone
  missing    = file("${path.module}/missing.txt")
  in_module  = module.inner.template
  decided    = module.inner.decided
}
resource "aws_x" "known" {
  constant  = local.settings.plain
  other     = module.inner.plain
  merged    = merge({ a = "known" }, { b = var.text }).a
  not_null  = aws_lb.lb.arn == null ? "no" : "yes"
  tried     = try(aws_lb.lb.dns_name, "fallback")
  existing  = length(aws_lb.lb[*].arn)
  reference = "https://${aws_lb.lb.dns_name}/"
  document  = jsonencode({ a = aws_lb.lb.arn, b = "c" })
}
"""

INNER = """
variable "number" { type = number }
variable "plain" { type = string }
output "template" { value = "n-${var.number}" }
output "decided" { value = var.number > 3 ? "big" : "small" }
output "plain" { value = var.plain }
"""


def test_unknown_is_never_a_value(tmp_path: Path) -> None:
    """Whatever depends on a variable without a value, on what is known when it is applied, or on what is not here, says so."""
    root = evaluate(tmp_path, UNKNOWN, {"inner/main.tf": INNER})
    block = find(root, "aws_x.unknown")
    known = {name: value for name, value in block.attributes.items() if not _all_unknown(value)}
    assert known == {}
    assert root.unset == ("text", "number", "flag", "list", "object")
    assert why(block.get("retained")) == "var.text has no value"
    assert why(block.get("in_module")) == "var.number has no value"
    assert why(block.get("account")) == "data.aws_caller_identity.me.account_id is known only when it is applied"
    assert why(block.get("remote")) == "module.far.vpc_id comes from a module that is not here"
    assert why(block.get("dangling")) == "aws_lb.gone is not declared"
    assert block.get("item", "a") == 1
    assert why(block.get("item", "b")) == "var.text has no value"
    assert [str(call) for call in root.remote] == ["module.far"]


def _all_unknown(value: Any) -> bool:
    return any(map(_all_unknown, value.values())) if isinstance(value, dict) else isinstance(value, Unknown)


def test_what_is_known_stays_known_beside_it(tmp_path: Path) -> None:
    """An unknown value beside another does not hide it: nothing would be left to judge."""
    block = find(evaluate(tmp_path, UNKNOWN, {"inner/main.tf": INNER}), "aws_x.known")
    assert dict(block.attributes) == {
        "constant": "known",
        "other": "known",
        "merged": "known",
        "not_null": "yes",
        "tried": "${aws_lb.lb.dns_name}",
        "existing": 1,
        "reference": "https://${aws_lb.lb.dns_name}/",
        "document": '{"a":"${aws_lb.lb.arn}","b":"c"}',
    }


PRESENCE = """
variable "zones" { type = list(string) }
variable "on" { type = bool }
data "aws_subnets" "all" {}
resource "aws_x" "by_list" {
  for_each = toset(var.zones)
  name     = each.key
}
resource "aws_x" "by_data" {
  for_each = toset(data.aws_subnets.all.ids)
}
resource "aws_x" "by_count" {
  count = var.on ? 1 : 0
  name  = "x"
}
resource "aws_x" "by_loop" {
  for_each = { for zone in ["a"] : zone => zone if var.on }
}
resource "aws_x" "certain" {
  for_each = { a = var.on, b = 1 }
  name     = each.key
}
resource "aws_x" "broken" {
  for_each = urldecode("a")
}
module "inner" {
  source = "./inner"
  count  = var.on ? 1 : 0
}
module "outer" {
  source   = "./inner"
  for_each = data.aws_subnets.all.tags
}
resource "aws_x" "blocks" {
  dynamic "rule" {
    for_each = var.zones
    content {
      name = rule.value
    }
  }
  dynamic "other" {
    for_each = var.on ? [1] : []
    content {}
  }
  dynamic "certain" {
    for_each = [var.on, 2]
    content {
      value = certain.value
    }
  }
}
"""


def test_what_may_not_be_there_is_uncertain(tmp_path: Path) -> None:
    """An alarm that one variable takes away is not an alarm; a rule that may be there is not none."""
    root = evaluate(tmp_path, PRESENCE, {"inner/main.tf": 'resource "aws_x" "in" {\n  name = "x"\n}\n'})
    assert sorted(block.address for block in root.uncertain) == [
        "aws_x.broken",
        "aws_x.by_count[0]",
        'aws_x.by_data["${data.aws_subnets.all.ids[0]}"]',
        'aws_x.by_list["${var.zones[0]}"]',
        "aws_x.by_loop",
        "module.inner[0]",
        "module.inner[0].aws_x.in",
        "module.outer",
    ]
    assert all(isinstance(block.get("name"), Unknown) for block in root.uncertain)
    assert [block.get("name") for block in root.resources() if block.name == "certain"] == ["a", "b"]
    blocks = find(root, "aws_x.blocks")
    assert blocks.blocks("rule")[-1].unknown is not None
    assert why(blocks.blocks("other")[0].get("name")).endswith("var.on has no value")
    assert [isinstance(one.get("value"), Unknown) for one in blocks.blocks("certain")] == [True, False]
    assert find(root, "aws_x.by_loop").blocks("x")[0].unknown is not None


def test_what_tfparse_does_not_follow_is_uncertain(tmp_path: Path) -> None:
    """It does not repeat a resource by what a module puts out: one that is not there, or is there too often, is not a fact."""
    inner = 'output "names" { value = ["a", "b"] }\noutput "none" { value = 0 }\noutput "flag" { value = false }\n'
    names = {
        "each": "for_each = toset(module.m.names)",
        "count": "count = length(module.m.names)",
        "none": "count = module.m.none",
        "flag": "count = module.m.flag ? 1 : 0",
    }
    text = "".join(f'resource "aws_x" "{name}" {{\n  {line}\n}}\n' for name, line in names.items())
    root = evaluate(tmp_path, text + 'module "m" {\n  source = "./m"\n}\n', {"m/main.tf": inner})
    certain = {
        name: [block for block in root.resources() if block.name == name]
        for name in names
        if not any(block.name == name for block in root.uncertain)
    }
    expected = {"each": 2, "count": 2, "none": 0, "flag": 0}
    assert {name: len(blocks) for name, blocks in certain.items()} == {name: expected[name] for name in certain}
    assert "each" not in certain, "if tfparse has learnt it, all the better: say so here"


def test_unknown_compares_with_nothing() -> None:
    """A demand that forgets to ask cannot pass."""
    value = Unknown("why")
    assert value != value
    assert value not in (None, "", 0)
    with pytest.raises(TypeError, match="why"):
        bool(value)


# By another way: with the values set


_ATOMS = (
    'var.s', 'var.n', 'var.b', 'var.l', 'var.o', '"x-${var.s}"', 'var.o.k', 'local.s', 'local.o.k', 'local.o.c', 'module.m.s', 'module.m.c',
    '"c"', '1', 'true', '["p", "q"]', '{ k = "v" }', 'null', 'aws_lb.lb.arn', 'aws_x.other.name', 'aws_x.other.open', 'each.key', 'each.value',
)  # fmt: skip
_FORMS = (
    '{a} == {b}', '{a} != {b}', '{a} ? {b} : {c}', '{a} == "p" ? {b} : {c}', '{a} == null ? {b} : {c}', '[{a}, {b}]', '{{ k = {a}, j = {b} }}',
    'merge({a}, {{ j = {b} }})', 'jsonencode({{ k = {a}, j = {b} }})', 'length({a})', 'try({a}.k, {b})', 'coalesce({a}, {b})', 'concat({a}, ["z"])',
    'contains({a}, {b})', 'lookup({a}, "k", {b})', '"${{{a}}}-${{{b}}}"', '[for x in {a} : x if x != {b}]', '[for x in {a} : {b}]', 'upper({a})',
    'join(",", {a})', '{a}[0]', '!{a}', '{a} && {b}', '{a} > 3 ? {b} : {c}', 'one({a})', 'substr({a}, 0, 2)', 'can({a}.k)', 'tostring({a})',
    'sha1({a})', '({a})', 'element({a}, 0)', 'compact([{a}, {b}])', 'format("%s:%s", {a}, {b})', 'replace({a}, "p", {b})', 'startswith({a}, "p")',
    'flatten([{a}, {b}])', 'keys({a})', 'values({a})', 'toset([{a}, {b}])', '"%{{if {a}}}yes%{{else}}${{{b}}}%{{endif}}"', '{a}.k', 'min({a}, 5)',
)  # fmt: skip

_SETTINGS = (
    {"s": '"p"', "n": "1", "b": "true", "l": '["p"]', "o": '{ k = "p" }'},
    {"s": '"q"', "n": "9", "b": "false", "l": '["q", "c", "p"]', "o": '{ k = "c" }'},
    {"s": '"c"', "n": "5", "b": "true", "l": "[]", "o": '{ k = "v" }'},
)


def _expression(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.25:
        return chance.choice(_ATOMS)
    a, b, c = (_expression(chance, depth - 1) for _ in range(3))
    return chance.choice(_FORMS).format(a=a, b=b, c=c)


@pytest.mark.parametrize("seed", range(4))
def test_what_counts_as_known_is_the_same_whatever_the_variables_are(tmp_path: Path, seed: int) -> None:
    """Of expressions made at random: what is known without the variables' values has that value with each of them."""
    chance = random.Random(seed)  # noqa: S311
    lines = [f"  a{number} = {_expression(chance, 3)}" for number in range(150)]
    text = "\n".join(
        [
            'variable "s" { type = string }\nvariable "n" { type = number }\nvariable "b" { type = bool }',
            'variable "l" { type = list(string) }\nvariable "o" { type = object({ k = string }) }',
            'locals {\n  s = "l-${var.s}"\n  o = { k = var.s, c = "const" }\n}',
            'module "m" {\n  source = "./m"\n  s = var.s\n}',
            'resource "aws_lb" "lb" {}\nresource "aws_x" "other" {\n  name = "fixed"\n  open = var.s\n}',
            'resource "aws_x" "y" {\n  for_each = { p = var.s }',
            *lines,
            "}",
        ]
    )
    inner = {"m/main.tf": 'variable "s" {}\noutput "s" { value = "m-${var.s}" }\noutput "c" { value = "const" }\n'}
    unset = find(evaluate(tmp_path / "unset", text, inner), 'aws_x.y["p"]')
    known, unknown = 0, 0
    for number, setting in enumerate(_SETTINGS):
        values = "\n".join(f"{name} = {value}" for name, value in setting.items())
        with_values = find(
            evaluate(tmp_path / str(number), text, {**inner, "terraform.tfvars": values}), 'aws_x.y["p"]'
        )
        told = dict(leaves(with_values))
        for where, value in leaves(unset):
            if isinstance(value, Unknown):
                unknown += 1
                continue
            known += 1
            other = told.get(where, "absent")
            if not isinstance(other, Unknown):
                listed = next((at for at, step in enumerate(where) if isinstance(step, int)), None)
                if listed is not None and any(
                    isinstance(one, Unknown) for path, one in leaves(unset) if path[:listed] == where[:listed]
                ):
                    continue  # how long the list is, is not known
                source = (
                    next(line for line in lines if line.startswith(f"  {where[0]} ")) if where[0] != "for_each" else ""
                )
                assert (value, type(value)) == (other, type(other)), (source, where, value, other)
    assert known > 30
    assert unknown > 100


# The source


def _shape_of_raw(raw: Any) -> Iterator[tuple[str, ...]]:
    for type, items in raw.items():
        for item in items if isinstance(items, list) and not type.startswith("__") else ():
            labels = []
            while isinstance(item, dict) and "__is_block__" not in item:
                ((label, item),) = item.items()
                labels.append(label.strip('"'))
            attributes = {
                name: value for name, value in item.items() if not name.startswith("__") and not _is_block(value)
            }
            yield (type, *labels, *(f"{name} = {_literal(str(value))}" for name, value in sorted(attributes.items())))


def _is_block(value: Any) -> bool:
    # python-hcl2 tells a block by a mark in it, which may be below its labels.
    if not isinstance(value, list) or not value:
        return False
    item = value[0]
    while isinstance(item, dict) and "__is_block__" not in item:
        if len(item) != 1:
            return False
        (item,) = item.values()
    return isinstance(item, dict)


def _shape(body: Declaration) -> Iterator[tuple[str, ...]]:
    for block in body.blocks:
        written = {name: expression.text.strip() for name, expression in block.attributes.items()}
        yield (block.type, *block.labels, *(f"{name} = {_literal(text)}" for name, text in sorted(written.items())))


def _literal(text: str) -> str:
    """Give a string without interpolations; python-hcl2 writes other expressions in a way of its own."""
    return text if text.startswith('"') and "${" not in text else ""


@pytest.fixture(scope="module")
def reference() -> Platform:
    """The reference platform."""
    return Platform.open(REFERENCE)


def test_source_is_what_python_hcl2_reads(reference: Platform) -> None:
    """Our reader of structure and python-hcl2 see the same blocks, labels and attributes in every third file."""
    sources: list[Source] = list(reference.configuration.sources.values())[::3]
    assert sources
    for source in sources:
        assert sorted(_shape(source.body)) == sorted(_shape_of_raw(source.raw)), source.file


def test_literals_are_what_is_written(reference: Platform) -> None:
    """A string without an interpolation, a number, a bool: evaluated it is what stands there, on the line that is told."""
    checked = 0
    for root in reference.terraform.roots:
        for block in root.blocks:
            for name, expression in block.declaration.attributes.items() if block.declaration else ():
                text = expression.text.strip()
                literal: Any = string(expression)
                if literal is None:
                    literal = {"true": True, "false": False}.get(text, int(text) if text.isdigit() else None)
                if literal is None or "\\" in text or name in ("count", "for_each") or block.unknown is not None:
                    continue
                checked += 1
                assert block.get(name) == literal, (block, name)
                line = reference.configuration.sources[block.file].text.splitlines()[(block.locate(name).line or 0) - 1]
                assert name in line, (block, name, line)
                assert text in line, (block, name, line)
    assert checked > 300


def test_reference_evaluates(reference: Platform) -> None:
    """No root of the reference platform has an error, an unset variable, or a block of which it is not known whether it is there."""
    assert len(reference.terraform.roots) >= 6
    for root in reference.terraform.roots:
        assert (root.errors, root.unset, root.uncertain, root.remote) == ((), (), (), ()), root.folder
        assert root.resources()
        for block in root.blocks:
            assert block.declaration is None or block.declaration.line <= block.line <= block.last_line


def test_lines_are_those_of_the_platform(tmp_path: Path) -> None:
    """The copy has lines of its own; what is told are the platform's."""
    first = 'variable "a" {}\nresource "aws_lb" "x" { name = "x" }\nlocals {\n  dns = aws_lb.x.dns_name\n}\n'
    text = first + UNKNOWN + PRESENCE.replace('"inner"', '"second"')
    root = evaluate(tmp_path, text, {"inner/main.tf": INNER})
    lines = (tmp_path / "main.tf").read_text().splitlines()
    for block in root.blocks:
        if block.file == "main.tf" and block.kind in ("resource", "data"):
            assert lines[block.line - 1].startswith(f'{block.kind} "{block.type}" "{block.name}"'), block
            assert lines[block.last_line - 1].endswith("}")
            for inner in block.blocks("certain") if block.unknown is None else ():
                assert lines[inner.line - 1].strip() == "content {", inner
                assert "certain.value" in lines[(inner.locate("value").line or 0) - 1]


# Roots, values, statements


LIVE = """terraform {
  backend "s3" {
    bucket = "b"
    key    = "live"
  }
}
module "m" {
  source = "../../parts/m"
  name   = var.name
}
variable "name" {}
"""
TWO = {
    "infra/live/main.tf": LIVE,
    "infra/live/terraform.tfvars": 'name = "first"\n',
    "infra/live/z.auto.tfvars": 'name = "second"\n',
    "infra/live/prod.tfvars": 'name = "third"\n',
    "parts/m/main.tf": 'variable "name" {}\nresource "aws_x" "y" {\n  name = var.name\n}\n',
    "parts/m/examples/simple/main.tf": 'module "m" {\n  source = "../.."\n  name = "example"\n}\n',
    "sandbox/main.tf": 'resource "aws_x" "z" {}\n',
}


def test_roots_are_found(tmp_path: Path) -> None:
    """A root has a backend or a provider, or nothing takes it in; an example is one too."""
    platform = write(tmp_path, TWO)
    assert [(one.place.name, one.folder, one.is_applied) for one in roots(platform)] == [
        ("live", "infra/live", True),
        ("simple", "parts/m/examples/simple", False),
        ("sandbox", "sandbox", True),
    ]
    live = next(one.root for one in roots(platform) if one.folder == "infra/live")
    assert live is not None
    assert find(live, "module.m.aws_x.y").get("name") == "second", "terraform.tfvars, then *.auto.tfvars"
    assert live.backend is not None
    assert (live.backend.type, live.backend.get("key"), live.backend.locate("key").line) == ("s3", "live", 4)


@pytest.mark.parametrize("stated", ["", '[terraform.live]\npath = "infra/live"\nstage = "release"\n'])
@pytest.mark.parametrize("folder", ["parts/ready", "terraform/modules/ready", "terraform/modules/data/ready"])
def test_module_that_no_root_takes_stands_ready(tmp_path: Path, folder: str, stated: str) -> None:
    """It is judged by itself, whether roots are stated or not, as a module that nobody applies: it keeps no state, and its variables have no values."""
    ready = {f"{folder}/main.tf": 'variable "name" {}\nresource "aws_sqs_queue" "q" {\n  name = var.name\n}\n'}
    files = {**TWO, **ready} | ({"platform.toml": stated} if stated else {})
    platform = write(tmp_path, files)
    found = next(one for one in roots(platform) if one.folder == folder)
    assert found.root is not None
    assert (found.is_applied, found.root.is_module, found.root.unset) == (False, True, ("name",))
    assert [one.use.value for one in folders(platform) if one.path == folder] == ["module"]
    state = next(one for one in State.collect(platform) if one.place == found.place)
    assert isinstance(state, Gap)
    assert "a module that no root takes" in state.reason


@pytest.mark.parametrize(
    "more",
    [
        {"main.tf": 'provider "aws" {}\n'},
        {"terraform.tfvars": "name = 1\n"},
        {"main.tf": 'terraform {\n  backend "s3" {}\n}\n'},
    ],
)
def test_what_is_run_is_no_module(tmp_path: Path, more: dict[str, str]) -> None:
    """A provider, a backend or values say that Terraform is run in it, wherever it stands."""
    files = {f"modules/run/{name}": text for name, text in {"variables.tf": 'variable "name" {}\n', **more}.items()}
    (found,) = (one for one in roots(write(tmp_path, {**TWO, **files})) if one.folder == "modules/run")
    assert found.is_applied


def test_stated_roots_are_those(tmp_path: Path) -> None:
    """What platform.toml states are the roots; examples stay, what was only found does not."""
    stated = (
        '[terraform.production]\npath = "infra/live"\nstage = "release"\ntfvars = ["prod.tfvars"]\nmodules = ["m"]\n'
    )
    stated += '[terraform.gone]\npath = "nowhere"\nstage = "development"\n'
    every = roots(write(tmp_path, {**TWO, "platform.toml": stated}))
    assert [(one.place.name, one.place.stage, one.folder) for one in every] == [
        ("production", Stage.RELEASE, "infra/live"),
        ("gone", Stage.DEVELOPMENT, "nowhere"),
        ("simple", Stage.RELEASE, "parts/m/examples/simple"),
    ]
    production, gone, _ = every
    assert production.root is not None
    assert find(production.root, "module.m.aws_x.y").get("name") == "third"
    assert gone.gap is not None
    assert gone.gap.promised


def test_stated_path_stays_inside(tmp_path: Path) -> None:
    """A root, and a file of values, are named by a path in the platform."""
    for text in ('path = "../x"', 'path = "a"\ntfvars = ["../../x.tfvars"]'):
        (tmp_path / "platform.toml").write_text(f'[terraform.x]\nstage = "release"\n{text}\n')
        with pytest.raises(StatementError, match="leads out"):
            Platform.open(tmp_path)


def test_no_terraform_is_no_root(tmp_path: Path) -> None:
    """Where there is none no process is started and nothing is found."""
    assert roots(write(tmp_path, {"readme.md": "x"})) == ()


def test_answers_can_be_handed_over(tmp_path: Path) -> None:
    """Another process makes the same roots of what one has evaluated."""
    platform = write(tmp_path, TWO)
    answers = from_json(to_json(platform.terraform.answers))
    other = Platform.open(tmp_path, answers=answers)
    for root, same in zip(platform.terraform.roots, other.terraform.roots, strict=True):
        assert [(str(block), list(leaves(block))) for block in root.blocks] == [
            (str(block), list(leaves(block))) for block in same.blocks
        ]
    assert not other.terraform.pending.shares


def test_files_are_read_where_terraform_reads_them(tmp_path: Path) -> None:
    """`path.module` is the module's folder; a contract beside the root is read, and its line is the root's."""
    root = evaluate(
        tmp_path / "infra",
        'module "m" {\n  source = "./m"\n}\noutput "o" {\n  value = jsondecode(file("${path.module}/contract.json")).header\n}\n',
        {
            "contract.json": '{"header": "X-A"}',
            "m/main.tf": 'resource "aws_x" "y" {\n  a = file("${path.module}/a.txt")\n  all = [for name in fileset(path.module, "tpl/*") : name]\n}\n',
            "m/a.txt": "mine",
            "m/tpl/b.txt": "b",
        },
    )
    assert root.errors == ()
    assert find(root, "output.o").get("value") == "X-A"
    assert find(root, "module.m.aws_x.y").get("a") == "mine"
    assert find(root, "module.m.aws_x.y").get("all") == ["tpl/b.txt"]


_BLOCKS = {
    "one": '  dynamic "one" {\n    for_each = toset(["x"])\n    content {\n      a = one.value\n    }\n  }\n',
    "two": '  dynamic "two" {\n    for_each = { x = 1, y = 2 }\n    content {\n      a = two.key\n    }\n  }\n',
    "none": '  dynamic "none" {\n    for_each = []\n    content {\n      a = none.value\n    }\n  }\n',
    "first": "  first {\n    a = 1\n  }\n",
    "second": "  second {\n    a = 2\n  }\n",
}


def test_dynamic_blocks_are_there_in_every_order(tmp_path: Path) -> None:
    """By itself tfparse loses one behind which a block stands that is not dynamic; no order of them loses any."""
    orders = list(itertools.permutations(_BLOCKS, 4))
    resources = [
        f'resource "aws_x" "y{number}" {{\n{"".join(_BLOCKS[name] for name in order)}}}\n'
        for number, order in enumerate(orders)
    ]
    root = write(tmp_path, {"main.tf": 'provider "aws" {}\n' + "".join(resources)}).terraform.roots[0]
    for number, order in enumerate(orders):
        found = find(root, f"aws_x.y{number}")
        told = {name: [one.get("a") for one in found.blocks(name)] for name in order}
        due = {"one": ["x"], "two": ["x", "y"], "none": [], "first": [1], "second": [2]}
        assert told == {name: due[name] for name in order}, order
