"""Security groups: each with all of its rules, whoever made them."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found, Whole
from policies.live.aws.deployed.group_rules import MANY, SINGLE, GroupRule, rules
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.deployed.promises import LEFT_OUT


def group(looking: Looking, said: dict[str, Any], type: str = "aws_security_group") -> Found:
    """Give a security group as EC2 says it."""
    id = str(said["GroupId"])
    wanted = [{"Name": "group-id", "Values": [id]}]
    rules = looking.of("ec2").every("describe_security_group_rules", "SecurityGroupRules", Filters=wanted)
    values: dict[str, Any] = {
        "id": id, "name": said["GroupName"], "name_prefix": None, "description": said.get("Description"), "vpc_id": said.get("VpcId"),
        "arn": f"arn:{looking.search.partition}:ec2:{looking.region}:{said.get('OwnerId') or looking.account}:security-group/{id}",
        "ingress": tuple(_inline(one) for one in rules if not one["IsEgress"]),
        "egress": tuple(_inline(one) for one in rules if one["IsEgress"]),
    }  # fmt: skip
    return Found(type, id, looking.region, values)


def _inline(said: dict[str, Any]) -> dict[str, Any]:
    other = (said.get("ReferencedGroupInfo") or {}).get("GroupId")
    return Whole({
        "protocol": said["IpProtocol"], "from_port": _port(said.get("FromPort")), "to_port": _port(said.get("ToPort")),
        "cidr_blocks": _listed(said.get("CidrIpv4")), "ipv6_cidr_blocks": _listed(said.get("CidrIpv6")),
        "prefix_list_ids": _listed(said.get("PrefixListId")),
        "self": other == said["GroupId"], "security_groups": _listed(other if other != said["GroupId"] else None),
        "description": said.get("Description") or None,
    })  # fmt: skip


def _port(said: int | None) -> int | None:
    return None if said in (None, -1) else said


def _listed(value: str | None) -> list[str] | None:
    return [value] if value else None


def _group(looking: Looking) -> Found | None:
    stated = looking["name"]
    wanted = {"Filters": [{"Name": "group-name", "Values": [str(stated)]}]} if stated else {}
    listed = looking.of("ec2").every("describe_security_groups", "SecurityGroups", **wanted)
    same = [one for one in listed if one.get("VpcId") == looking["vpc_id"]]
    said = looking.one_of(same or listed, "GroupName")
    return None if said is None else group(looking, said)


def group_of(looking: Looking, id: str) -> Found | None:
    """Give a security group by its id."""
    told = looking.ask("ec2", "describe_security_groups", GroupIds=[id])
    return None if told is None else group(looking, told["SecurityGroups"][0])


def _rule(looking: Looking) -> Found | None:
    """Give a rule that is a resource of its own: it is there where the group has one that lets the same through."""
    assert looking.block is not None  # noqa: S101 (a row of Terraform has one)
    type, own = looking.block.type, str(looking["security_group_id"])
    whole = group_of(looking, own)
    said = {name: looking[name] for name in looking.values or () if name not in LEFT_OUT}
    wanted = set(rules(SINGLE.get(type) or str(said.get("type")), said, own))
    if whole is None or not wanted <= set(rules_of(whole)):
        return None
    return Found(
        type,
        f"{own} {', '.join(map(str, sorted(wanted, key=str)))}",
        looking.region,
        {"id": own, "arn": None},
        part=True,
    )


def rules_of(found: Found) -> list[GroupRule]:
    """Give what a group lets through."""
    directions = ("ingress", "egress")
    return [rule for one in directions for said in found.attributes[one] for rule in rules(one, said, found.id)]


ROWS: dict[str, Row] = {"aws_security_group": _group, **dict.fromkeys((*SINGLE, MANY), _rule)}
