"""How a VPC of Terraform is found, and what is in it: it by its addresses, all else by its place in it."""

from __future__ import annotations

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.deployed.services.networks import (
    ROUTE,
    associations,
    default_group,
    flow_logs,
    internet_gateways,
    listed,
    more_addresses,
    nat_gateway,
    subnet,
    table,
    tags,
    vpc,
    vpcs,
)
from policies.live.aws.resolving import UnresolvedError
from policies.read.terraform import Block


def _vpc(looking: Looking) -> Found | None:
    fits = [one for one in vpcs(looking) if one.get("CidrBlock") == looking["cidr_block"]]
    name = (looking["tags"] or {}).get("Name")
    fits = [one for one in fits if (tags(one) or {}).get("Name") == name] if len(fits) > 1 and name else fits
    if len(fits) > 1:
        raise UnresolvedError(f"{len(fits)} VPCs have its addresses, so it cannot be told which it is")
    return vpc(looking, fits[0]) if fits else None


def _subnet(looking: Looking) -> Found | None:
    every = listed(looking, "describe_subnets", "Subnets", str(looking["vpc_id"]))
    said = next((one for one in every if one.get("CidrBlock") == looking["cidr_block"]), None)
    return None if said is None else subnet(looking, said)


def _table(looking: Looking) -> Found | None:
    assert looking.block is not None  # noqa: S101 (a row of Terraform has one)
    every = listed(looking, "describe_route_tables", "RouteTables", str(looking["vpc_id"]))
    subnets = set(_subnets_of(looking, looking.block))
    said = next(
        (one for one in every if subnets & {each.get("SubnetId") for each in one.get("Associations") or ()}), None
    )
    name = (looking["tags"] or {}).get("Name")
    named = [one for one in every if name and (tags(one) or {}).get("Name") == name]
    if said is None and len(named) != 1:
        if subnets and not named:
            return None
        raise UnresolvedError("no subnet takes it, and its name does not tell which it is")
    return table(looking, said or named[0])


def _subnets_of(looking: Looking, table: Block) -> list[str]:
    """Give the subnets that Terraform has take a route table."""
    found = []
    for one in table.root.resources("aws_route_table_association"):
        if table in one.refers_to("route_table_id"):
            try:
                found.append(str(looking.search.resolver.plain(one.get("subnet_id"))))
            except UnresolvedError:
                continue
    return found


def _main(looking: Looking) -> Found | None:
    told = looking.of("ec2").every(
        "describe_route_tables", "RouteTables", RouteTableIds=[str(looking["default_route_table_id"])]
    )
    return table(looking, told[0]) if told else None


def _more_addresses(looking: Looking) -> Found | None:
    every = [
        one for said in vpcs(looking) if said["VpcId"] == looking["vpc_id"] for one in more_addresses(looking, said)
    ]
    return next((one for one in every if one.attributes["cidr_block"] == looking["cidr_block"]), None)


def _route(looking: Looking) -> Found | None:
    """Give a route that is a resource of its own: it is there where its table has one to the same destination."""
    id = str(looking["route_table_id"])
    told = looking.of("ec2").every("describe_route_tables", "RouteTables", RouteTableIds=[id])
    names = {"destination_cidr_block": "cidr_block", "destination_ipv6_cidr_block": "ipv6_cidr_block"}
    wanted = {ours: looking[theirs] for theirs, ours in names.items() if looking[theirs]}
    wanted |= {"destination_prefix_list_id": looking["destination_prefix_list_id"]} if not wanted else {}
    for route in table(looking, told[0]).attributes["route"] if told else ():
        if wanted.items() <= route.items():
            targets = {
                name: route.get(name) for name in ROUTE if name.endswith("_id") and not name.startswith("destination")
            }
            values = {"id": id, "arn": None, "route_table_id": id, **targets}
            return Found("aws_route", f"{id} {next(iter(wanted.values()))}", looking.region, values, part=True)
    return None


def _association(looking: Looking) -> Found | None:
    id, subnet = str(looking["route_table_id"]), str(looking["subnet_id"])
    told = looking.of("ec2").every("describe_route_tables", "RouteTables", RouteTableIds=[id])
    every = [found for said in told for found in associations(looking, said)]
    return next((one for one in every if one.attributes["subnet_id"] == subnet), None)


def _nat(looking: Looking) -> Found | None:
    wanted = [{"Name": "subnet-id", "Values": [str(looking["subnet_id"])]}]
    every = looking.of("ec2").every("describe_nat_gateways", "NatGateways", Filter=wanted)
    said = next((one for one in every if one.get("State") in ("available", "pending")), None)
    return None if said is None else nat_gateway(looking, said)


def _flow_log(looking: Looking) -> Found | None:
    own = flow_logs(looking, {str(looking["vpc_id"] or looking["subnet_id"])})
    same = [one for one in own if one.attributes["traffic_type"] == looking["traffic_type"]]
    return next(iter((*same, *own)), None)


ROWS: dict[str, Row] = {
    "aws_vpc": _vpc,
    "aws_subnet": _subnet,
    "aws_route_table": _table,
    "aws_default_route_table": _main,
    "aws_route_table_association": _association,
    "aws_internet_gateway": lambda looking: next(iter(internet_gateways(looking, str(looking["vpc_id"]))), None),
    "aws_nat_gateway": _nat,
    "aws_route": _route,
    "aws_vpc_ipv4_cidr_block_association": _more_addresses,
    "aws_flow_log": _flow_log,
    "aws_default_security_group": lambda looking: default_group(looking, str(looking["vpc_id"])),
}
