"""Subnets by the way that their traffic takes: out by a NAT gateway, to the internet, or nowhere but the VPC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap
from policies.model.cloud.resources import Resource, known
from policies.model.cloud.routing import RouteTable, table_of
from policies.model.cloud.subnets import Subnet, subnets_of_tier
from policies.model.cloud.tiers import INNER
from policies.model.cloud.vpc_routes import Route, Target
from policies.platform import Platform
from policies.read.terraform import Block
from policies.requirement import not_judged


@dataclass(frozen=True, eq=False)
class RoutedSubnet(Subnet):
    """A subnet of one of some tiers, with its route table. `is_stated` says that owners state which subnets are of which tier."""

    noun: ClassVar[str] = "subnet with a tier"
    tiers: ClassVar[tuple[str, ...]] = ()

    tier: str = ""
    is_stated: bool = False

    @property
    def table(self) -> RouteTable:
        """Its route table. Raises NotJudged where that is not known, or whether it is there itself."""
        if self.block.unknown is not None:
            not_judged(self.block.unknown.why)
        return table_of(self.block, self.vpc)

    @property
    def ways_out(self) -> tuple[Route, ...]:
        """Its routes to the internet. Raises NotJudged where there are none as far as is known."""
        return self.table.ways_out

    @property
    def has_internet_gateway(self) -> bool:
        """Whether a route of it leads straight to the internet."""
        return any(route.target is Target.INTERNET for route in self.ways_out)

    def blame_routes(self, message: str, *values: object) -> Evidence:
        """Give its routes to the internet as the places; where there are none, its table."""
        table = self.table
        places = (
            [route.location for route in table.ways_out] or [table.block.locate()] if table.block is not None else []
        )
        return Evidence(message.format(*values), tuple(dict.fromkeys(places)) or (self.block.locate(),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RoutedSubnet | Gap]:
        """Yield the subnets of its tiers."""
        for one in subnets_of_tier(platform, *cls.tiers):
            stated = platform.intent.vpc is not None
            yield one if isinstance(one, Gap) else cls(one[0].deployed, one[0].block, one[1], stated)


class PublicSubnet(RoutedSubnet):
    """A subnet of what is reached from outside."""

    noun: ClassVar[str] = "public subnet"
    tiers: ClassVar[tuple[str, ...]] = ("public",)


class InnerSubnet(RoutedSubnet):
    """A subnet of what keeps data: databases, caches, brokers."""

    noun: ClassVar[str] = "subnet of databases, caches or brokers"
    tiers: ClassVar[tuple[str, ...]] = INNER


class AppSubnet(RoutedSubnet):
    """A subnet of what serves."""

    noun: ClassVar[str] = "app subnet"
    tiers: ClassVar[tuple[str, ...]] = ("app",)

    @property
    def default_routes(self) -> tuple[Route, ...]:
        """Its default routes of IPv4. Raises NotJudged where there are none as far as is known, or where they lead to another network."""
        found = tuple(route for route in self.ways_out if route.is_default_of_ipv4)
        for route in found:
            if route.target is Target.ELSEWHERE:
                not_judged(
                    f"its default route ({route.location}) leads to another network, and by that to whatever NAT is there"
                )
        return found

    @property
    def goes_by_nat(self) -> bool:
        """Whether its default route is a NAT gateway, and nothing else."""
        routes = self.default_routes
        if not routes and not self.is_stated:
            not_judged(
                "it has no way out, which may be meant; [vpc.tiers] in platform.toml states which subnets are to have one"
            )
        return bool(routes) and all(route.target is Target.NAT for route in routes)

    @property
    def nat_zones(self) -> frozenset[str]:
        """The zones of the NAT gateways that it goes by; its own stands for that of a gateway which is in every zone."""
        zones = set()
        for route in self.default_routes:
            for block in route.gateways:
                gateway = NatGateway(self.deployed, block)
                if block.get("availability_mode") == "regional":
                    zones.add(str(self.zone))
                elif gateway.subnet is None:
                    not_judged(f"the subnet of {block.address} is none of this root")
                else:
                    zones.add(str(Subnet(self.deployed, gateway.subnet).zone))
        return frozenset(zones)


class NatGateway(Resource):
    """A NAT gateway to the internet that stands in a subnet of its own: neither a private one, nor one of the whole region."""

    noun: ClassVar[str] = "NAT gateway"
    types: ClassVar[tuple[str, ...]] = ("aws_nat_gateway",)

    @property
    def counts(self) -> bool:
        """Whether it needs a public subnet."""
        kinds = (self.block.get("connectivity_type"), self.block.get("availability_mode"))
        return "private" not in kinds and "regional" not in kinds

    @property
    def subnet(self) -> Block | None:
        """The subnet that it stands in, where that is of the root."""
        found = [
            one for one in self.block.refers_to("subnet_id") if one.type == "aws_subnet" and one.kind == "resource"
        ]
        return found[0] if len(found) == 1 else None

    @property
    def is_in_public_subnet(self) -> bool:
        """Whether its subnet has a route to an internet gateway. Raises NotJudged where that is not known."""
        for name in ("connectivity_type", "availability_mode"):
            self.get(name)
        subnet = self.subnet
        if subnet is None:
            known(self.block.get("subnet_id"))
            not_judged("its subnet is none of this root")
        return PublicSubnet(self.deployed, subnet).has_internet_gateway
