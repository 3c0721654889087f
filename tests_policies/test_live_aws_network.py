"""A VPC that was made by hand as Terraform has it: found by its addresses, and judged by the requirements on Terraform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("ministack")

from drifted_account import DRIFT, OF_A_VPC, granted
from live_accounts import filled

from policies.catalogue import OWN, catalogue
from policies.live.aws.api import Aws
from policies.live.aws.deployed.reading import deployed_in
from policies.model.cloud.roots import roots
from policies.platform import Platform
from policies.requirement import Subject
from policies.verdict import Collected, Outcome, Verdict, cases, judge

VPC = """
terraform {
  backend "s3" {}
}

provider "aws" {
  region = "ap-northeast-2"
}

resource "aws_vpc" "this" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "this" {
  for_each = {
    public-a = "10.9.0.0/24", public-c = "10.9.1.0/24", app-a = "10.9.2.0/24", app-c = "10.9.3.0/24", db-a = "10.9.4.0/24",
    db-c     = "10.9.5.0/24"
  }

  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value
  availability_zone = endswith(each.key, "a") ? "ap-northeast-2a" : "ap-northeast-2c"
  tags              = { Name = "shop-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = toset(["a", "c"])

  subnet_id     = aws_subnet.this["public-${each.key}"].id
  allocation_id = "eipalloc-1"
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_route_table" "app" {
  for_each = toset(["a", "c"])

  vpc_id = aws_vpc.this.id
}

resource "aws_route" "app" {
  for_each = toset(["a", "c"])

  route_table_id         = aws_route_table.app[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.key].id
}

resource "aws_route_table" "db" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route_table_association" "public" {
  for_each = toset(["a", "c"])

  subnet_id      = aws_subnet.this["public-${each.key}"].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "app" {
  for_each = toset(["a", "c"])

  subnet_id      = aws_subnet.this["app-${each.key}"].id
  route_table_id = aws_route_table.app[each.key].id
}

resource "aws_route_table_association" "db" {
  for_each = toset(["a", "c"])

  subnet_id      = aws_subnet.this["db-${each.key}"].id
  route_table_id = aws_route_table.db.id
}

resource "aws_flow_log" "this" {
  vpc_id               = aws_vpc.this.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = "arn:aws:s3:::flows"
}
"""

STATED = """
[terraform.net]
path = "."
stage = "release"

[vpc.tiers]
public = ["public"]
app = ["app"]
db = ["db"]
"""


def make(ec2: Any) -> dict[str, str]:
    """Make it by hand, among others; give the ids that drift needs."""
    made: dict[str, str] = {}
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=other, CidrBlock="10.9.0.0/24")
    named = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "shop"}]}]
    vpc = made["vpc"] = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=named)["Vpc"]["VpcId"]
    gateway = made["igw"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    for number, name in enumerate(("public-a", "public-c", "app-a", "app-c", "db-a", "db-c")):
        tags = [{"ResourceType": "subnet", "Tags": [{"Key": "Name", "Value": f"shop-{name}"}]}]
        zone = f"ap-northeast-2{name[-1]}"
        subnet = ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone, TagSpecifications=tags
        )
        made[name] = subnet["Subnet"]["SubnetId"]
    for zone in "ac":
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=made[f"public-{zone}"], AllocationId=address)["NatGateway"][
            "NatGatewayId"
        ]
        table = made[f"table-{zone}"] = _table(ec2, vpc, made[f"app-{zone}"])
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    public = _table(ec2, vpc, made["public-a"], made["public-c"])
    ec2.create_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    made["table-db"] = _table(ec2, vpc, made["db-a"], made["db-c"])
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::flows",
    )
    for one in ec2.every("describe_security_groups", "SecurityGroups", Filters=[{"Name": "vpc-id", "Values": [vpc]}]):
        made["group"] = one["GroupId"]
        for kind, permissions in (("ingress", one.get("IpPermissions")), ("egress", one.get("IpPermissionsEgress"))):
            if permissions:
                getattr(ec2, f"revoke_security_group_{kind}")(GroupId=one["GroupId"], IpPermissions=permissions)
    return made


def _table(ec2: Any, vpc: str, *subnets: str) -> str:
    table = str(ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"])
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return table


Look = Callable[[], tuple[list[Verdict], list[Verdict]]]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, str], Look]]:
    """Make it, and give EC2, its ids, and what looks at it: by the requirements on Terraform, and by those of drift."""
    folder = tmp_path_factory.mktemp("network") / "net"
    folder.mkdir()
    (folder / "main.tf").write_text(VPC, encoding="utf-8")
    (folder / "platform.toml").write_text(STATED, encoding="utf-8")
    platform = Platform.open(folder)
    (deployed,) = roots(platform)
    with filled() as found:
        ec2 = found.account.aws.of("ec2")
        made = make(ec2)

        def look() -> tuple[list[Verdict], list[Verdict]]:
            made = found.account.aws
            aws = Aws(made.session, made.region, made.endpoint, made.certificate)
            account = replace(found.account, aws=aws, stand_in=None, name="staging", is_environment=True)
            seen = tuple(deployed_in(deployed, account, (), lambda _: None, filled=False))
            asked = {f"{service}:{operation}" for service, operation in aws.calls}
            assert asked >= OF_A_VPC
            assert asked <= granted()
            live = replace(platform, only_clusters=True, observations=seen)
            known: dict[type[Subject], Collected] = {}
            ours = [one for one in catalogue(OWN) if one.chapter == "VPC"]
            judged = [judge(case) for one in ours for case in cases(one, live, known)]
            return judged, [judge(case) for one in DRIFT for case in cases(one, live, known)]

        yield ec2, made, look


def failed(verdicts: list[Verdict]) -> dict[str, str]:
    """Give what failed, and what is a fault of ours."""
    return {one.requirement: one.message for one in verdicts if one.outcome in (Outcome.FAILED, Outcome.ERROR)}


def test_vpc_is_found_and_judged(network: tuple[Any, dict[str, str], Look]) -> None:
    """By its addresses and its name, not by those of another; each requirement on Terraform is judged on it."""
    judged, drift = network[2]()
    assert failed(judged) == {}
    assert failed(drift) == {}
    passed = Counter(one.requirement for one in judged if one.outcome is Outcome.PASSED)
    assert len(passed) == 12, {one.requirement: one.message for one in judged if one.outcome is Outcome.NOT_JUDGED}
    assert [one.subject for one in drift if one.outcome is Outcome.NOT_JUDGED and "aws_" in one.subject] == []


def test_way_out_that_somebody_made_by_hand_fails(network: tuple[Any, dict[str, str], Look]) -> None:
    """A route more in the table of databases, and a public address in their subnet."""
    ec2, made, look = network
    ec2.create_route(RouteTableId=made["table-db"], DestinationCidrBlock="0.0.0.0/0", GatewayId=made["igw"])
    ec2.modify_subnet_attribute(SubnetId=made["db-a"], MapPublicIpOnLaunch={"Value": True})
    judged, drift = look()
    ec2.delete_route(RouteTableId=made["table-db"], DestinationCidrBlock="0.0.0.0/0")
    ec2.modify_subnet_attribute(SubnetId=made["db-a"], MapPublicIpOnLaunch={"Value": False})
    assert "VPC-01i" in failed(judged)
    assert "map_public_ip_on_launch is false in Terraform, and true in the account" in failed(drift)["LIVE-AWSq"]


def test_subnet_and_rule_that_terraform_has_not_are_seen(network: tuple[Any, dict[str, str], Look]) -> None:
    """What stands in the VPC beside Terraform decides too."""
    ec2, made, look = network
    world = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.authorize_security_group_ingress(GroupId=made["group"], IpPermissions=world)
    judged, _ = look()
    ec2.revoke_security_group_ingress(GroupId=made["group"], IpPermissions=world)
    assert len(failed(judged)) == 1, failed(judged)
