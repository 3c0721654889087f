"""VPCs of EC2 with what routes in them. None of it has a name that AWS keeps unique: a VPC is known by its addresses, and all else by its place in it."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found, Whole
from policies.live.aws.deployed.looking import Looking
from policies.live.aws.deployed.services.groups import group

Said = dict[str, Any]

ROUTE = {
    "cidr_block": "DestinationCidrBlock", "ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "destination_prefix_list_id": "DestinationPrefixListId", "gateway_id": "GatewayId", "nat_gateway_id": "NatGatewayId",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId", "transit_gateway_id": "TransitGatewayId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId", "network_interface_id": "NetworkInterfaceId",
    "local_gateway_id": "LocalGatewayId", "carrier_gateway_id": "CarrierGatewayId", "core_network_arn": "CoreNetworkArn",
    "instance_id": "InstanceId",
}  # fmt: skip


def listed(looking: Looking, operation: str, key: str, vpc: str) -> list[Said]:
    """Give what a VPC has of a kind; it is asked for once."""
    filters = {"Filter" if operation == "describe_nat_gateways" else "Filters": [{"Name": "vpc-id", "Values": [vpc]}]}
    ask = (operation, looking.region, vpc)
    return list(looking.search.once(ask, lambda: looking.of("ec2").every(operation, key, **filters)))


def tags(said: Said) -> dict[str, str] | None:
    """Give the tags of something."""
    return {one["Key"]: one["Value"] for one in said.get("Tags") or ()} or None


def _arn(looking: Looking, kind: str, id: str) -> str:
    return f"arn:{looking.search.partition}:ec2:{looking.region}:{looking.account}:{kind}/{id}"


def vpcs(looking: Looking) -> list[Said]:
    """Give every VPC of a region; they are asked for once."""
    return list(looking.search.once(("vpcs", looking.region), lambda: looking.of("ec2").every("describe_vpcs", "Vpcs")))


def vpc(looking: Looking, said: Said) -> Found:
    """Give a VPC as EC2 says it."""
    id = str(said["VpcId"])
    tables = listed(looking, "describe_route_tables", "RouteTables", id)
    main = next((str(one["RouteTableId"]) for one in tables if _is_main(one)), None)
    six = next((one["Ipv6CidrBlock"] for one in said.get("Ipv6CidrBlockAssociationSet") or ()), None)
    values = {
        "id": id, "arn": _arn(looking, "vpc", id), "cidr_block": said["CidrBlock"], "ipv6_cidr_block": six, "tags": tags(said),
        "ipv4_ipam_pool_id": None, "ipv6_ipam_pool_id": None, "assign_generated_ipv6_cidr_block": None,
        "default_route_table_id": main, "main_route_table_id": main,
    }  # fmt: skip
    return Found("aws_vpc", id, looking.region, values, within=(main,) if main else ())


def more_addresses(looking: Looking, said: Said) -> list[Found]:
    """Give the addresses that a VPC got beside its first."""
    found = []
    for one in said.get("CidrBlockAssociationSet") or ():
        if (
            one["CidrBlock"] != said["CidrBlock"]
            and one.get("CidrBlockState", {}).get("State", "associated") == "associated"
        ):
            id = str(one["AssociationId"])
            values = {"id": id, "arn": None, "vpc_id": said["VpcId"], "cidr_block": one["CidrBlock"]}
            found.append(Found("aws_vpc_ipv4_cidr_block_association", id, looking.region, values))
    return found


def _is_main(table: Said) -> bool:
    return any(one.get("Main") for one in table.get("Associations") or ())


def subnet(looking: Looking, said: Said) -> Found:
    """Give a subnet as EC2 says it."""
    id = str(said["SubnetId"])
    six = next((one["Ipv6CidrBlock"] for one in said.get("Ipv6CidrBlockAssociationSet") or ()), None)
    values = {
        "id": id, "arn": _arn(looking, "subnet", id), "vpc_id": said["VpcId"], "cidr_block": said.get("CidrBlock"),
        "ipv6_cidr_block": six, "availability_zone": said.get("AvailabilityZone"), "ipv4_ipam_pool_id": None,
        "availability_zone_id": said.get("AvailabilityZoneId"), "tags": tags(said),
        "map_public_ip_on_launch": bool(said.get("MapPublicIpOnLaunch")),
    }  # fmt: skip
    return Found("aws_subnet", id, looking.region, values)


def table(looking: Looking, said: Said) -> Found:
    """Give a route table as EC2 says it: the main one of its VPC, or another."""
    id = str(said["RouteTableId"])
    routes = tuple(
        Whole({ours: one.get(theirs) for ours, theirs in ROUTE.items() if one.get(theirs)} | _endpoint(one))
        for one in said.get("Routes") or ()
        if one.get("GatewayId") != "local"
    )
    values = {
        "id": id,
        "arn": _arn(looking, "route-table", id),
        "vpc_id": said["VpcId"],
        "route": routes,
        "tags": tags(said),
    }
    main = {"default_route_table_id": id} if _is_main(said) else {}
    return Found("aws_default_route_table" if main else "aws_route_table", id, looking.region, {**values, **main})


def _endpoint(said: Said) -> dict[str, Any]:
    """Give an endpoint, which EC2 says as a gateway."""
    id = str(said.get("GatewayId") or "")
    return {"vpc_endpoint_id": id, "gateway_id": None} if id.startswith("vpce-") else {}


def associations(looking: Looking, said: Said) -> list[Found]:
    """Give which subnets take a route table."""
    found = []
    for one in said.get("Associations") or ():
        if one.get("SubnetId"):
            id = str(one["RouteTableAssociationId"])
            values = {
                "id": id,
                "arn": None,
                "subnet_id": one["SubnetId"],
                "route_table_id": said["RouteTableId"],
                "gateway_id": None,
            }
            found.append(Found("aws_route_table_association", id, looking.region, values))
    return found


def internet_gateways(looking: Looking, vpc: str) -> list[Found]:
    """Give the internet gateways of a VPC."""
    wanted = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    found = looking.of("ec2").every("describe_internet_gateways", "InternetGateways", Filters=wanted)
    ids = [
        str(one["InternetGatewayId"])
        for one in found
        if any(each.get("VpcId") == vpc for each in one.get("Attachments") or ())
    ]
    return [Found("aws_internet_gateway", id, looking.region, {"id": id, "arn": None, "vpc_id": vpc}) for id in ids]


def nat_gateway(looking: Looking, said: Said) -> Found:
    """Give a NAT gateway as EC2 says it."""
    id = str(said["NatGatewayId"])
    values = {
        "id": id, "arn": None, "subnet_id": said.get("SubnetId"), "connectivity_type": said.get("ConnectivityType") or "public",
        "availability_mode": said.get("AvailabilityMode"),
    }  # fmt: skip
    return Found("aws_nat_gateway", id, looking.region, values)


def nat_gateways(looking: Looking, vpc: str) -> list[Found]:
    """Give the NAT gateways of a VPC."""
    every = listed(looking, "describe_nat_gateways", "NatGateways", vpc)
    return [nat_gateway(looking, one) for one in every if one.get("State") in ("available", "pending")]


def flow_logs(looking: Looking, resources: set[str]) -> list[Found]:
    """Give the flow logs of a VPC, or of subnets."""
    every = looking.search.once(
        ("flow logs", looking.region), lambda: looking.of("ec2").every("describe_flow_logs", "FlowLogs")
    )
    found = []
    for one in every:
        if one["ResourceId"] in resources:
            of = "vpc_id" if str(one["ResourceId"]).startswith("vpc-") else "subnet_id"
            own = {"vpc_id": None, "subnet_id": None, of: one["ResourceId"]}
            values = {
                "id": one["FlowLogId"], "arn": None, "traffic_type": one.get("TrafficType"),
                "log_destination_type": one.get("LogDestinationType"), **own,
            }  # fmt: skip
            found.append(Found("aws_flow_log", str(one["FlowLogId"]), looking.region, values))
    return found


def default_group(looking: Looking, vpc: str) -> Found | None:
    """Give the default security group of a VPC."""
    every = listed(looking, "describe_security_groups", "SecurityGroups", vpc)
    said = next((one for one in every if one["GroupName"] == "default"), None)
    return None if said is None else group(looking, said, "aws_default_security_group")
