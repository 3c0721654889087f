"""Rules of security groups by what they let through, however Terraform writes them: in the group, or as one of three types of resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.read.terraform import Block

SINGLE = {"aws_vpc_security_group_ingress_rule": "ingress", "aws_vpc_security_group_egress_rule": "egress"}
"""Types that are a rule with one peer each."""

MANY = "aws_security_group_rule"
"""A rule for several."""

_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
_LISTED = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
_ALONE = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id", "source_security_group_id")


@dataclass(frozen=True)
class GroupRule:
    """What a rule lets through: `peer` is a network, a prefix list or another group; ports are None where every port is meant."""

    direction: str
    protocol: str
    first: int | None
    last: int | None
    peer: str

    def __str__(self) -> str:
        ports = (
            "every port"
            if self.first is None
            else f"port {self.first}"
            if self.first == self.last
            else f"ports {self.first}-{self.last}"
        )
        protocol = "" if self.protocol == "-1" else f"{self.protocol} "
        return f"{protocol}{ports} {'from' if self.direction == 'ingress' else 'to'} {self.peer}"


def rules(direction: str, said: Mapping[str, Any], own: str) -> Iterator[GroupRule]:
    """Yield what values of a rule let through; `own` is the group's id."""
    protocol = str(said.get("protocol") or said.get("ip_protocol") or "-1").lower()
    protocol = _NUMBERS.get(protocol, protocol)
    first, last = (None, None) if protocol == "-1" else (_number(said.get("from_port")), _number(said.get("to_port")))
    peers = [one for name in _LISTED for one in said.get(name) or ()]
    peers += [said[name] for name in _ALONE if said.get(name)]
    if said.get("self") in (True, "true"):
        peers.append(own)
    for peer in peers:
        yield GroupRule(direction, protocol, first, last, str(peer))


def _number(value: Any) -> int | None:
    return None if value is None or int(value) < 0 else int(value)


def writers(group: Block) -> Iterator[tuple[str, Block, Block]]:
    """Yield every rule that is written for a group: its direction, the block with its values, and the resource that it stands in."""
    for direction in ("ingress", "egress"):
        yield from ((direction, rule, group) for rule in group.blocks(direction))
    for type, direction in SINGLE.items():
        yield from (
            (direction, rule, rule)
            for rule in group.root.resources(type)
            if group in rule.refers_to("security_group_id")
        )
    for rule in group.root.resources(MANY):
        if group in rule.refers_to("security_group_id"):
            yield str(rule.get("type")), rule, rule
