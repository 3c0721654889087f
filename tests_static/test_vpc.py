"""Network of the cloud (clause 4.3a). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.cloud.reachable_subnets import AppSubnet, InnerSubnet, NatGateway, PublicSubnet
from policies.model.cloud.subnet_tiers import StatedTier, Tier
from policies.model.cloud.subnets import Subnet
from policies.model.cloud.vpc_routes import Target
from policies.model.cloud.vpcs import Vpc

# Subnets


@requirement(
    "VPC-01a",
    StatedTier,
    clause="4.3a",
    severity=HIGH,
    remedy="Add the tier's subnets, or take the tier out of [vpc.tiers] in platform.toml.",
)
def test_vpc_has_each_stated_tier(tier):
    """Without subnets of its own a tier stands in another's, and shares its routes and its rules."""
    assert tier.subnets, tier.evidence("no subnet is of the tier {}", tier.name)


@requirement(
    "VPC-01b",
    Tier,
    clause="4.3a",
    severity=HIGH,
    in_development=LOW,
    remedy="Put a subnet of the tier in a second zone.",
)
def test_tier_spans_two_zones(tier):
    """A zone fails as a whole; RDS, ElastiCache, EKS and load balancers each demand or need subnets in two (their user guides: subnet groups)."""
    zones = sorted(tier.zones)
    assert len(zones) >= 2, tier.evidence("the tier {} is in {}", tier.name, ", ".join(zones) or "no stated zone")


@requirement(
    "VPC-01c", Subnet, clause="4.3a", severity=HIGH, remedy="Take a block of the VPC's, or add its block to the VPC."
)
def test_subnet_is_in_its_vpc(subnet):
    """EC2 refuses a subnet outside its VPC's blocks (InvalidSubnet.Range): the plan looks well and the apply ends half done."""
    assert subnet.is_in_its_vpc, subnet.blame(
        ("cidr_block",), "{} is not in the VPC's {}", subnet.stated_network, subnet.networks_of_vpc
    )


@requirement("VPC-01d", Subnet, clause="4.3a", severity=HIGH, remedy="Give each subnet a block of its own.")
def test_subnet_overlaps_no_other(subnet):
    """EC2 refuses a subnet whose addresses another has (InvalidSubnet.Conflict); no plan shows it."""
    others = subnet.overlapped
    assert not others, subnet.blame_overlap(
        "{} overlaps {}",
        subnet.stated_network,
        ", ".join(f"{one.block.address} ({one.stated_network})" for one in others),
    )


@requirement(
    "VPC-01e",
    Subnet,
    clause="+",
    severity=MEDIUM,
    remedy="Set map_public_ip_on_launch to false: what is to be reached gets its address by itself.",
    maps=("[EC2.15] Amazon EC2 subnets should not automatically assign public IP addresses",),
)
def test_subnet_gives_out_no_public_address(subnet):
    """Whatever is started in such a subnet is on the internet, whether anybody meant it or not."""
    assert not subnet.gives_public_addresses, subnet.blame(
        ("map_public_ip_on_launch",), "what starts in it gets a public address"
    )


# The ways out


@requirement(
    "VPC-01f",
    AppSubnet,
    clause="4.3a",
    severity=HIGH,
    remedy="Route 0.0.0.0/0 of the subnet's route table to a NAT gateway.",
)
def test_app_goes_out_by_nat(subnet):
    """Straight to an internet gateway, pods and nodes can be reached from there; without a way out they get no image and no partner's API."""
    assert subnet.goes_by_nat, subnet.blame_routes(
        "{} has {}", subnet.table, "; ".join(map(str, subnet.default_routes)) or "no default route"
    )


@requirement(
    "VPC-01g",
    AppSubnet,
    clause="+",
    severity=LOW,
    remedy="Make a NAT gateway in each zone, and a route table for each that leads to its own.",
)
def test_app_goes_out_by_its_own_zone(subnet):
    """One NAT gateway for all takes everybody's way out along when its zone fails (Amazon VPC User Guide, "NAT gateway basics")."""
    if not subnet.goes_by_nat:
        not_judged("it does not go out by a NAT gateway (VPC-01f)")
    zones = subnet.nat_zones
    assert zones <= {subnet.zone}, subnet.blame_routes(
        "it is in {} and goes out by {}", subnet.zone, ", ".join(sorted(zones))
    )


@requirement(
    "VPC-01h",
    NatGateway,
    clause="4.3a",
    severity=HIGH,
    remedy="Put it in a public subnet: one whose route table leads to the internet gateway.",
)
def test_nat_gateway_is_in_a_public_subnet(gateway):
    """A NAT gateway whose own subnet has no way to the internet passes nothing on (Amazon VPC User Guide, "Troubleshoot NAT gateways")."""
    assert gateway.is_in_public_subnet, gateway.blame(("subnet_id",), "its subnet has no route to an internet gateway")


@requirement(
    "VPC-01i",
    InnerSubnet,
    clause="4.3a",
    severity=HIGH,
    remedy="Give it a route table without any route out of the VPC; name that in an association.",
)
def test_inner_subnet_has_no_way_to_the_internet(subnet):
    """Whoever breaks into a database, a cache or a broker takes the data out by the way that its subnet has."""
    routes = subnet.ways_out
    assert not routes, subnet.blame_routes("{} leads {}", subnet.table, "; ".join(map(str, routes)))


@requirement(
    "VPC-01j",
    PublicSubnet,
    clause="4.3a",
    severity=HIGH,
    remedy="Route 0.0.0.0/0 of the subnet's route table to the VPC's internet gateway.",
)
def test_public_subnet_has_an_internet_gateway(subnet):
    """An internet-facing load balancer in a subnet without a route to an internet gateway is reached by nobody."""
    assert any(route.target is Target.INTERNET for route in subnet.ways_out), subnet.blame_routes(
        "{} has no route to an internet gateway", subnet.table
    )


# What is seen, and what holds where nothing was said


@requirement(
    "VPC-01k",
    Vpc,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Add an aws_flow_log of the VPC with traffic_type ALL or REJECT.",
    maps=("[EC2.6] VPC flow logging should be enabled in all VPCs",),
)
def test_vpc_has_a_flow_log(vpc):
    """Without it nobody can say afterwards who reached whom, and what was refused."""
    assert vpc.logs_refusals, vpc.blame_logs(
        "its flow log leaves out what was refused" if vpc.logs else "it has no flow log"
    )


@requirement(
    "VPC-01l",
    Vpc,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Add an aws_default_security_group of the VPC without any rule.",
    maps=("[EC2.2] VPC default security groups should not allow inbound or outbound traffic",),
)
def test_default_security_group_lets_nothing_through(vpc):
    """What is put into a VPC without naming a group gets this one, in which everything reaches everything of its kind."""
    assert vpc.default_group is not None, vpc.evidence(
        "nothing is said of its default security group, which lets its members talk"
    )
    assert not vpc.default_rules, vpc.blame_rules("its default security group has rules")
