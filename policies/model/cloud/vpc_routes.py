"""A route of a VPC: what it leads to, and whether that is the internet."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from policies.evidence import Location
from policies.model.cloud.resources import known
from policies.read.terraform import Block, Unknown
from policies.requirement import not_judged

DESTINATIONS = ("cidr_block", "destination_cidr_block", "ipv6_cidr_block", "destination_ipv6_cidr_block")
_WIDEST = 1
"""A route of this prefix or a shorter one takes the internet along; two halves are a default route too."""


class Target(Enum):
    """What a route leads to."""

    LOCAL = "the VPC itself"
    INTERNET = "an internet gateway"
    EGRESS_ONLY = "an egress-only internet gateway"
    NAT = "a NAT gateway"
    ELSEWHERE = "another network"


_TARGETS = {
    "gateway_id": Target.INTERNET,
    "nat_gateway_id": Target.NAT,
    "egress_only_gateway_id": Target.EGRESS_ONLY,
    **dict.fromkeys(
        (
            *(
                "transit_gateway_id",
                "vpc_peering_connection_id",
                "network_interface_id",
                "vpc_endpoint_id",
                "instance_id",
            ),
            *("local_gateway_id", "carrier_gateway_id", "core_network_arn", "odb_network_arn"),
        ),
        Target.ELSEWHERE,
    ),
}


@dataclass(frozen=True, eq=False)
class Route:
    """A route: in a table's own block at `path`, or a block of its own."""

    block: Block
    path: tuple[str | int, ...] = ()

    def get(self, name: str) -> Any:
        """Give a value of it; what is empty is not there."""
        value = self.block.get(*self.path, name)
        return value if isinstance(value, Unknown) or value not in ("", None) else None

    @property
    def location(self) -> Location:
        """Its line."""
        return self.block.locate(*self.path)

    @property
    def is_default(self) -> bool:
        """Whether it takes the internet along. Raises NotJudged where its destination is not known."""
        for name in DESTINATIONS:
            if (value := self.get(name)) is not None:
                return ipaddress.ip_network(known(value), strict=False).prefixlen <= _WIDEST
        return False

    @property
    def is_default_of_ipv4(self) -> bool:
        """Whether it is the default route of IPv4."""
        values = [known(value) for name in DESTINATIONS[:2] if (value := self.get(name)) is not None]
        return "0.0.0.0/0" in values

    @property
    def gateways(self) -> tuple[Block, ...]:
        """The NAT gateways that it leads to, as far as they are of the root."""
        found = self.block.refers_to(*self.path, "nat_gateway_id")
        return tuple(one for one in found if one.type == "aws_nat_gateway" and one.kind == "resource")

    @property
    def target(self) -> Target:
        """What it leads to. Raises NotJudged where that is not known."""
        for name, target in _TARGETS.items():
            value = self.get(name)
            if value is None:
                continue
            if name == "gateway_id":
                return self._gateway(value)
            if name == "nat_gateway_id" and any(one.get("connectivity_type") == "private" for one in self.gateways):
                return Target.ELSEWHERE
            return target
        if self.block.unknown is not None:
            not_judged(self.block.unknown.why)
        return Target.ELSEWHERE

    def _gateway(self, value: Any) -> Target:
        types = {one.type for one in self.block.refers_to(*self.path, "gateway_id")}
        if any(type.startswith("aws_internet_gateway") for type in types):
            return Target.INTERNET
        if types & {"aws_vpn_gateway", "aws_vpn_gateway_attachment", "aws_vpc_endpoint"}:
            return Target.ELSEWHERE
        text = str(known(value))
        return Target.LOCAL if text == "local" else Target.INTERNET if text.startswith("igw-") else Target.ELSEWHERE

    @property
    def leads_out(self) -> bool:
        """Whether it leads to the internet, by a gateway to it or by whatever else. Raises NotJudged where that is not known."""
        if self.block.unknown is not None:
            not_judged(self.block.unknown.why)
        if self.target is Target.LOCAL:
            return False
        return self.target is not Target.ELSEWHERE or self.is_default

    def __str__(self) -> str:
        values = [
            str(value)
            for name in (*DESTINATIONS, "destination_prefix_list_id")
            if (value := self.get(name)) is not None
        ]
        return f"{', '.join(values) or 'somewhere'} to {self.target.value}"
