"""Subnets and their ways out, written in other styles than the reference platform's; and what is not known of them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from judged_terraform import told

from policies.model.cloud.tiers import tier_of

ONE_BY_ONE = (Path(__file__).parent / "cases" / "vpc_one_by_one.tf").read_text(encoding="utf-8")
ROUTES = ("VPC-01f", "VPC-01g", "VPC-01h", "VPC-01i", "VPC-01j")


def test_subnets_one_by_one_with_inline_routes_and_zones_without_a_name(tmp_path: Path) -> None:
    """Zones that a data source numbers are two; a secondary block, a list of routes and the VPC's own main table are understood."""
    ids = ("VPC-01b", "VPC-01c", "VPC-01d", *ROUTES)
    assert told(tmp_path, ONE_BY_ONE, *ids) == {
        "VPC-01b": ["passed"] * 3,
        "VPC-01c": ["passed"] * 6,
        "VPC-01d": ["passed"] * 6,
        "VPC-01f": ["passed"] * 2,
        "VPC-01g": ["passed"] * 2,
        "VPC-01h": ["passed"] * 2,
        "VPC-01i": ["passed"] * 2,
        "VPC-01j": ["passed"] * 2,
    }


WAYS_OUT = tomllib.loads((Path(__file__).parent / "cases" / "ways_out.toml").read_text(encoding="utf-8"))["way"]


@pytest.mark.parametrize("way", WAYS_OUT, ids=lambda way: way["name"])
def test_ways_out_of_the_subnets_of_databases(way: dict[str, str], tmp_path: Path) -> None:
    """They take the main route table: whoever gives that a way out gives it to them, and what is not known is not passed."""
    assert told(tmp_path, ONE_BY_ONE + way["added"], "VPC-01i") == {"VPC-01i": [way["outcome"]] * 2}


CHANGES = {
    "app by a transit gateway": ("nat_gateway_id = aws_nat_gateway.out[count.index].id", 'transit_gateway_id = "tgw-0a1b"', "VPC-01f", "not judged"),
    "app without a way out": ("nat_gateway_id = aws_nat_gateway.out[count.index].id", 'nat_gateway_id = ""', "VPC-01f", "not judged"),
    "a regional NAT gateway": ("subnet_id     = element(aws_subnet.dmz[*].id, count.index)", 'availability_mode = "regional"', "VPC-01g", "passed"),
    "one NAT gateway": ("aws_nat_gateway.out[count.index]", "aws_nat_gateway.out[0]", "VPC-01g", "failed"),
    "zones all the first": ("names[count.index]", "names[0]", "VPC-01b", "failed"),
    "zones of a variable": ("data.aws_availability_zones.here.names[count.index]", "var.zones[count.index]", "VPC-01b", "not judged"),
    "a block of a variable": ("cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)", "var.block", "VPC-01c", "not judged"),
    "a block of another VPC": ('"100.64.${count.index}.0/24"', '"100.80.${count.index}.0/24"', "VPC-01c", "failed"),
    "no block of that size": ('"100.64.${count.index}.0/24"', '"100.64.${count.index}.0/33"', "VPC-01c", "failed"),
    "a VPC's block of a variable": ('"10.1.0.0/16"', "var.block", "VPC-01c", "not judged"),
    "blocks that overlap": ("100.64.${count.index}.0/24", "100.64.0.0/23", "VPC-01d", "failed"),
    "another account's VPC": ("aws_vpc.main.id", '"vpc-0a1b2c3d"', "VPC-01c", "not judged"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "id", "outcome"), CHANGES.values(), ids=CHANGES)
def test_what_decides(old: str, new: str, id: str, outcome: str, tmp_path: Path) -> None:
    """One change each, and some subject of the requirement gets the outcome; nothing unknown passes, nothing ends in an error."""
    assert old in ONE_BY_ONE
    text = 'variable "zones" {}\nvariable "block" {}\n' + ONE_BY_ONE.replace(old, new)
    found = told(tmp_path, text, id)[id]
    assert outcome in found
    assert "error" not in found


def test_a_tier_that_neither_words_nor_owners_tell(tmp_path: Path) -> None:
    """It is said, and not judged; once owners state their words, what has none of them is of no tier."""
    text = 'resource "aws_vpc" "v" {\n cidr_block = "10.0.0.0/16"\n}\nresource "aws_subnet" "moon" {\n vpc_id = aws_vpc.v.id\n cidr_block = "10.0.0.0/24"\n}\n'
    assert told(tmp_path, text, "VPC-01b", "VPC-01i") == {"VPC-01b": ["not judged"], "VPC-01i": ["not judged"]}
    stated = '[vpc.tiers]\ndb = ["moon"]\n'
    assert told(tmp_path, text, "VPC-01a", "VPC-01b", statement=stated) == {
        "VPC-01a": ["passed"],
        "VPC-01b": ["failed"],
    }


@pytest.mark.parametrize(
    ("texts", "tier"),
    [
        (["shop-public-1a"], "public"), (["PrivateSubnet2"], "app"), (["private-db-a"], "db"), (["intra"], None),
        (["app", "kafka-brokers"], "app"), (["msk-a"], "streaming"), (["this", "elasticache"], "cache"), (["app-public-a"], None),
    ],
)  # fmt: skip
def test_words_tell_the_tier(texts: list[str], tier: str | None) -> None:
    """The first text that names just one tier says it."""
    assert tier_of(texts) == tier


def test_words_that_all_subnets_have_say_nothing() -> None:
    """A VPC that is called app does not make its public subnets those of apps."""
    assert tier_of(["app-public-a"], common=["app"]) == "public"


def test_flow_logs_of_each_subnet_are_one_of_the_vpc(tmp_path: Path) -> None:
    """They see the same; one subnet without leaves a hole."""
    logs = """
resource "aws_flow_log" "each" {
  for_each     = { a = aws_subnet.mysql_a.id, b = aws_subnet.mysql_b.id }
  subnet_id    = each.value
  traffic_type = "ALL"
}
"""
    assert told(tmp_path, ONE_BY_ONE + logs, "VPC-01k") == {"VPC-01k": ["failed"]}
    two = """
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
""" + "".join(
        f"""
resource "aws_subnet" "{name}" {{
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.{number}.0/24"
}}
"""
        for number, name in enumerate(("mysql_a", "mysql_b"))
    )
    assert told(tmp_path, two + logs, "VPC-01k") == {"VPC-01k": ["passed"]}
