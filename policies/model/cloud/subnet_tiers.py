"""Tiers of subnets in a VPC, as subjects: those that there are, and those that `platform.toml` states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.cloud.resources import known, resources
from policies.model.cloud.roots import DeployedRoot
from policies.model.cloud.subnets import Subnet, subnets_of_tier, tiers_of, zone_of
from policies.model.cloud.tiers import TIERS
from policies.model.cloud.vpcs import blocks_in_vpcs
from policies.platform import Platform
from policies.read.terraform import Block, Unknown


@dataclass(frozen=True, eq=False)
class Tier:
    """The subnets of a tier in one VPC."""

    noun: ClassVar[str] = "tier of subnets"
    only_in_files: ClassVar[bool] = False

    deployed: DeployedRoot
    vpc: Block | str | Unknown
    name: str
    subnets: tuple[Subnet, ...]

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.deployed.place

    @property
    def id(self) -> str:
        """Place, VPC and tier."""
        vpc = (
            self.vpc.address
            if isinstance(self.vpc, Block)
            else "another VPC"
            if isinstance(self.vpc, Unknown)
            else self.vpc
        )
        return f"{self.place.name}:{vpc}/{self.name}"

    @property
    def zones(self) -> frozenset[str]:
        """The zones that it spans. Raises NotJudged where it spans fewer than two as far as is known, and may span more."""
        found: set[str] = set()
        unknown: Unknown | None = self.vpc if isinstance(self.vpc, Unknown) else None
        for subnet in self.subnets:
            zone = zone_of(subnet.block)
            if isinstance(zone, Unknown):
                unknown = zone
            elif zone is not None:
                found.add(str(zone))
        if len(found) < 2 and (len(self.subnets) > 1 or any(one.block.unknown is not None for one in self.subnets)):
            known(unknown)
        return frozenset(found)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its subnets as the places, or its VPC where it has none."""
        blocks = [subnet.block for subnet in self.subnets] or ([self.vpc] if isinstance(self.vpc, Block) else [])
        places: dict[Location, None] = dict.fromkeys(block.locate() for block in blocks)
        return Evidence(message.format(*values), tuple(places))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Tier | Gap]:
        """Yield the tiers that there are."""
        found: dict[tuple[int, str, str], list[Subnet]] = {}
        for one in subnets_of_tier(platform, *TIERS):
            if isinstance(one, Gap):
                yield one
                continue
            subnet, tier = one
            vpc = subnet.vpc
            key = vpc.address if isinstance(vpc, Block) else str(vpc)
            found.setdefault((id(subnet.block.root), key, tier), []).append(subnet)
        for (_, _, tier), subnets in found.items():
            yield cls(subnets[0].deployed, subnets[0].vpc, tier, tuple(subnets))


class StatedTier(Tier):
    """A tier that `platform.toml` states, in each VPC of a root."""

    noun: ClassVar[str] = "stated tier of subnets"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Tier | Gap]:
        """Yield the stated tiers of each VPC; not judged where none is stated."""
        for deployed, blocks in resources(platform, "aws_vpc"):
            if isinstance(blocks, Gap):
                yield blocks
                continue
            for vpc in blocks:
                if platform.intent.vpc is None:
                    reason = "platform.toml does not state which tiers a VPC has: [vpc.tiers]"
                    yield Gap(f"tiers of {deployed.place.name}:{vpc.address}", reason, deployed.place, (vpc.locate(),))
                    continue
                tiers = tiers_of(vpc.root, platform)
                inside = [block for block, other in blocks_in_vpcs(vpc.root, "aws_subnet") if other is vpc]
                for tier in platform.intent.vpc.tiers:
                    own = tuple(Subnet(deployed, block) for block in inside if tiers[block.address] == tier)
                    yield cls(deployed, vpc, tier, own)
