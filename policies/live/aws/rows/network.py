"""Security groups. What they stand in is made where Terraform takes it from elsewhere."""

from __future__ import annotations

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes


def _group(making: Making) -> Attributes:
    ec2 = making.of("ec2")
    made = ec2.create_security_group(
        GroupName=making.name,
        Description=making["description"] or "Managed by Terraform",
        VpcId=_network(making, making["vpc_id"]),
    )["GroupId"]
    # Terraform's provider takes away the rule that lets everything out.
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=made, IpPermissions=everything)
    arn = f"arn:aws:ec2:{making.region}:{making.account}:security-group/{made}"
    return {"id": made, "arn": arn, "name": making.name}


def _network(making: Making, stated: str | None) -> str:
    """Give a VPC: the stated one where it is there, else a stand-in for it."""
    key = f"outside vpc {stated}"
    known = making.provision.created.get(key)
    if known is None:
        ec2 = making.of("ec2")
        there = {one["VpcId"] for one in ec2.every("describe_vpcs", "Vpcs")}
        id = stated if stated in there else ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        known = making.provision.created[key] = {"id": id}
    return str(known["id"])


def _rule(direction: str) -> Row:
    def row(making: Making) -> Attributes:
        permission: dict[str, object] = {"IpProtocol": making["ip_protocol"]}
        permission |= making.given(FromPort="from_port", ToPort="to_port")
        if making["cidr_ipv4"]:
            permission["IpRanges"] = [{"CidrIp": making["cidr_ipv4"], "Description": making["description"] or ""}]
        if making["cidr_ipv6"]:
            permission["Ipv6Ranges"] = [{"CidrIpv6": making["cidr_ipv6"]}]
        if making["referenced_security_group_id"]:
            permission["UserIdGroupPairs"] = [{"GroupId": making["referenced_security_group_id"]}]
        if making["prefix_list_id"]:
            permission["PrefixListIds"] = [{"PrefixListId": making["prefix_list_id"]}]
        authorize = getattr(making.of("ec2"), f"authorize_security_group_{direction}")
        made = authorize(GroupId=making["security_group_id"], IpPermissions=[permission])
        rules = made.get("SecurityGroupRules") or [{}]
        return {"id": rules[0].get("SecurityGroupRuleId", making.block.address)}

    return row


ROWS: dict[str, Row] = {
    "aws_security_group": _group,
    "aws_vpc_security_group_egress_rule": _rule("egress"),
    "aws_vpc_security_group_ingress_rule": _rule("ingress"),
}
