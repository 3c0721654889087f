"""Subnets of VPCs: their addresses, their zones, and the tier that each is of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap
from policies.model.cloud.plain_values import says_false
from policies.model.cloud.resources import Resource, known, resources
from policies.model.cloud.tiers import tier_of, words_in_common
from policies.model.cloud.vpcs import blocks_in_vpcs, networks_of, parsed, vpc_of
from policies.model.kept import kept
from policies.model.network.address_ranges import Network
from policies.platform import Platform
from policies.read.terraform import Block, Root, Unknown
from policies.requirement import not_judged

_KEY = re.compile(r'\["([^"]*)"\]')
_NUMBERED = re.compile(r"\$\{((?:[\w.-]+\.)?data\.aws_availability_zones\.[^{}]*\.(?:names|zone_ids)\[\d+\])\}")
_TELLING = re.compile(r"(?i)\A(?:.*[:/_-])?(?:tier|layer|role|type|network|kind|purpose|subnet_?(?:type|tier|role))\Z")
"""Tags that are there to say what a subnet is for."""


@dataclass(frozen=True, eq=False)
class Subnet(Resource):
    """A subnet. `words` are those by which its platform tells its tiers, where it states them."""

    noun: ClassVar[str] = "subnet"
    types: ClassVar[tuple[str, ...]] = ("aws_subnet",)

    @property
    def vpc(self) -> Block | str | Unknown:
        """Its VPC: the resource, or its id where it stands elsewhere."""
        return vpc_of(self.block)

    @property
    def network(self) -> Network | None:
        """Its IPv4 addresses, or those of IPv6 where it has no other; None where what is stated is no network."""
        four = self.get("cidr_block")
        if four is None and self.block.get("ipv4_ipam_pool_id") is not None:
            known(Unknown(f"an IPAM pool gives {self.block.address} its addresses"))
        return parsed(four if four is not None else self.get("ipv6_cidr_block"))

    @property
    def stated_network(self) -> str:
        """Its addresses as they are written."""
        return str(self.get("cidr_block") or self.get("ipv6_cidr_block"))

    @property
    def zone(self) -> str | None:
        """The availability zone, by name or id; None where it states none and AWS chooses."""
        zone: str | None = known(zone_of(self.block))
        return zone

    @property
    def gives_public_addresses(self) -> bool:
        """Whether what is started in it gets a public address; by default it does not."""
        value = self.get("map_public_ip_on_launch")
        return value is not None and not says_false(value)

    @property
    def is_in_its_vpc(self) -> bool:
        """Whether its addresses are its VPC's. Raises NotJudged where the VPC's are not known."""
        vpc = known(self.vpc)
        if isinstance(vpc, str):
            known(Unknown(f"its VPC ({vpc}) is none of this root"))
        own = self.network
        networks, unknown = networks_of(vpc)
        if own is not None and any(own.version == one.version and own.subnet_of(one) for one in networks):  # type: ignore[arg-type]
            return True
        known(unknown)
        return False

    @property
    def networks_of_vpc(self) -> str:
        """Its VPC's addresses, in words."""
        vpc = self.vpc
        return ", ".join(map(str, networks_of(vpc)[0])) if isinstance(vpc, Block) else str(vpc)

    @property
    def overlapped(self) -> tuple[Subnet, ...]:
        """The subnets before it in the same VPC with addresses of its own. Raises NotJudged where there are none as far as is known."""
        own, vpc = self.network, known(self.vpc)
        if own is None:
            not_judged(f"{self.stated_network} is no network (VPC-01c)")
        unknown: Unknown | None = None
        found = []
        for block, other in blocks_in_vpcs(self.block.root, "aws_subnet"):
            if block is self.block:
                break
            if isinstance(other, Unknown) or other != vpc:
                unknown = other if isinstance(other, Unknown) else unknown
                continue
            text = block.get("cidr_block")
            if block.unknown is not None or isinstance(text, Unknown):
                unknown = text if block.unknown is None else block.unknown
            elif (network := parsed(text)) is not None and network.overlaps(own):
                found.append(Subnet(self.deployed, block))
        if not found:
            known(unknown)
        return tuple(found)

    def blame_overlap(self, message: str, *values: object) -> Evidence:
        """Give both subnets' addresses as the places."""
        places = [one.block.locate("cidr_block") for one in (self, *self.overlapped)]
        return Evidence(message.format(*values), tuple(dict.fromkeys(places)))


def zone_of(block: Block) -> Any:
    """Give a subnet's zone: None where it states none, Unknown where it is not known.

    One that a data source numbers has no name yet, and is another than the one of any other number.
    """
    for name in ("availability_zone", "availability_zone_id"):
        value = block.get(name)
        if isinstance(value, Unknown) and (found := _NUMBERED.fullmatch(value.text)):
            return found[1]
        if value is not None:
            return value
    return None


def texts_of(block: Block) -> tuple[str, ...]:
    """Give what says what a subnet is for, the surest first: its tags, its key, its name, its module's."""
    tags = block.get("tags")
    stated = (
        {str(key): value for key, value in tags.items() if isinstance(value, str)} if isinstance(tags, dict) else {}
    )
    telling = [value for key, value in stated.items() if _TELLING.match(key)]
    key = _KEY.findall(block.address[len(block.module) :])
    name = [stated["Name"]] if "Name" in stated else []
    return (*telling, *key, *name, block.name, block.module)


@kept
def tiers_of(root: Root, platform: Platform) -> dict[str, str | None]:
    """Give the tier of each subnet of a root, by its address."""
    stated = platform.intent.vpc.tiers if platform.intent.vpc is not None else None
    by_vpc: dict[str, list[Block]] = {}
    for block, vpc in blocks_in_vpcs(root, "aws_subnet"):
        by_vpc.setdefault(vpc.address if isinstance(vpc, Block) else str(vpc), []).append(block)
    return {
        block.address: tier_of(texts_of(block), common, stated or None)
        for blocks in by_vpc.values()
        for common in [words_in_common([" ".join(texts_of(block)) for block in blocks])]
        for block in blocks
    }


def subnets_of_tier(platform: Platform, *wanted: str) -> Iterator[tuple[Subnet, str] | Gap]:
    """Yield the subnets of some tiers; not judged is one that does not say of which it is, where its owners have not said how to tell."""
    for deployed, blocks in resources(platform, "aws_subnet"):
        if isinstance(blocks, Gap):
            yield blocks
            continue
        for block in blocks:
            subnet = Subnet(deployed, block)
            tier = tiers_of(block.root, platform)[block.address]
            if tier in wanted:
                yield subnet, tier
            elif tier is None and platform.intent.vpc is None:
                reason = f"neither tags nor names say which tier {block.address} is of; [vpc.tiers] in platform.toml states their words"
                yield Gap(subnet.id, reason, deployed.place, (block.locate(),))
