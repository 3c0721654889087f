"""Virtual private clouds: whose subnets are whose, which addresses they have, what is logged of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence
from policies.model.cloud.resources import Resource, known
from policies.model.kept import kept
from policies.model.network.address_ranges import Network, parse_network
from policies.read.terraform import Block, Root, Unknown

_FORWARDS = frozenset(
    {"aws_vpc_ipv4_cidr_block_association", "aws_internet_gateway", "aws_vpc_dhcp_options_association"}
)
"""Resources that know their VPC: who takes its id from one of them is made after it."""


def vpc_of(block: Block) -> Block | str | Unknown:
    """Give the VPC that a block names: the resource, or its id where it stands elsewhere, `""` where it names none."""
    return _followed(block, 3)


def _followed(block: Block, steps: int) -> Block | str | Unknown:
    referred = block.refers_to("vpc_id")
    vpcs = [one for one in referred if one.kind == "resource" and one.type in ("aws_vpc", "aws_default_vpc")]
    if len(vpcs) == 1:
        return vpcs[0]
    forwarding = [one for one in referred if one.type in _FORWARDS]
    if len(forwarding) == 1 and not vpcs and steps:
        return _followed(forwarding[0], steps - 1)
    data = [one for one in referred if one.kind == "data" and one.type == "aws_vpc"]
    if len(data) == 1 and not vpcs:
        return data[0].address
    value = block.get("vpc_id")
    if value is None or (isinstance(value, str) and "${" not in value):
        return value or ""
    return value if isinstance(value, Unknown) else Unknown(f"the VPC of {block.address} is not known")


def parsed(value: Any) -> Network | None:
    """Give a value as a network; None where it is none."""
    try:
        return parse_network(value) if isinstance(value, str) else None
    except ValueError:
        return None


@kept
def blocks_in_vpcs(root: Root, type: str) -> tuple[tuple[Block, Block | str | Unknown], ...]:
    """Give a root's resources of a type, each with its VPC."""
    return tuple((block, vpc_of(block)) for block in root.resources(type))


def within(root: Root, type: str, vpc: Block) -> Iterator[Block]:
    """Yield the resources of a type in a VPC. Raises NotJudged, after those that are known, where one may be in it or not."""
    unknown = vpc.unknown
    for block, other in blocks_in_vpcs(root, type):
        if isinstance(other, Unknown) or block.unknown is not None:
            unknown = other if isinstance(other, Unknown) else block.unknown
        elif other is vpc:
            yield block
    known(unknown)


@dataclass(frozen=True, eq=False)
class Vpc(Resource):
    """A VPC."""

    noun: ClassVar[str] = "VPC"
    types: ClassVar[tuple[str, ...]] = ("aws_vpc",)

    @property
    def logs(self) -> tuple[Block, ...]:
        """The flow logs of it. Raises NotJudged where one may be of it or not."""
        return tuple(within(self.block.root, "aws_flow_log", self.block))

    @property
    def logs_refusals(self) -> bool:
        """Whether a flow log of it, or one of each of its subnets, takes down what was refused."""
        kinds = [known(log.get("traffic_type")) for log in self.logs]
        return any(kind != "ACCEPT" for kind in kinds) or self.log_of_subnets

    @property
    def log_of_subnets(self) -> bool:
        """Whether instead each of its subnets has one."""
        logs = self.block.root.resources("aws_flow_log")
        logged = {one.address for log in logs for one in log.refers_to("subnet_id")}
        own = list(within(self.block.root, "aws_subnet", self.block))
        return bool(own) and all(subnet.address in logged for subnet in own)

    @property
    def default_group(self) -> Block | None:
        """What is said of its default security group."""
        return next(within(self.block.root, "aws_default_security_group", self.block), None)

    @property
    def default_rules(self) -> tuple[Block, ...]:
        """The blocks that let something through its default security group: that itself, for rules in it, or rules of their own."""
        group = self.default_group
        if group is None:
            return ()
        inside = (group,) if any(_let(group, name) for name in ("ingress", "egress")) else ()
        beside = (
            rule
            for type in (
                "aws_security_group_rule",
                "aws_vpc_security_group_ingress_rule",
                "aws_vpc_security_group_egress_rule",
            )
            for rule in group.root.resources(type)
            if group in rule.refers_to("security_group_id")
        )
        return (*inside, *beside)

    def blame_logs(self, message: str, *values: object) -> Evidence:
        """Give its flow logs as the places, or itself."""
        places = tuple(log.locate("traffic_type") for log in self.logs)
        return Evidence(message.format(*values), places or (self.block.locate(),))

    def blame_rules(self, message: str, *values: object) -> Evidence:
        """Give the rules of its default security group as the places."""
        return Evidence(message.format(*values), tuple(rule.locate() for rule in self.default_rules))


def _let(group: Block, name: str) -> bool:
    """Whether a security group has rules of its own in a direction; they are written as blocks, or as a list."""
    value = known(group.get(name)) or ()
    for rule in value:
        known(rule.unknown if isinstance(rule, Block) else rule)
    return bool(value)


@kept
def networks_of(vpc: Block) -> tuple[tuple[Network, ...], Unknown | None]:
    """Give the addresses that a VPC has, and why those are not all that it may have."""
    unknown: Unknown | None = None
    found: list[Network] = []
    values: list[Any] = [vpc.get("cidr_block")]
    if vpc.get("ipv4_ipam_pool_id") is not None and values[0] is None:
        values = [Unknown(f"an IPAM pool gives {vpc.address} its addresses")]
    six = vpc.get("ipv6_cidr_block")
    if six is None and (
        vpc.get("assign_generated_ipv6_cidr_block") is not None or vpc.get("ipv6_ipam_pool_id") is not None
    ):
        six = Unknown(f"AWS gives {vpc.address} its IPv6 addresses")
    values.append(six)
    for type, name in (
        ("aws_vpc_ipv4_cidr_block_association", "cidr_block"),
        ("aws_vpc_ipv6_cidr_block_association", "ipv6_cidr_block"),
    ):
        for block, other in blocks_in_vpcs(vpc.root, type):
            if other is vpc or isinstance(other, Unknown):
                value = other if isinstance(other, Unknown) else block.get(name)
                values.append(Unknown(f"an IPAM pool gives {block.address} its addresses") if value is None else value)
    for value in values:
        if isinstance(value, Unknown):
            unknown = value
        elif (network := parsed(value)) is not None:
            found.append(network)
    return tuple(found), unknown
