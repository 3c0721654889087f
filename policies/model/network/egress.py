"""What security groups let out, in whatever way their rules are written: inline, as a list, as resources of either kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.evidence import Location
from policies.model.cloud.plain_values import number
from policies.model.cloud.resources import known
from policies.read.terraform import Block, Unknown


@dataclass(frozen=True, eq=False)
class Egress:
    """A rule that lets connections out: to networks, or (`elsewhere`) to what has no address here. Each value may be Unknown."""

    protocol: Any
    first: Any
    last: Any
    networks: tuple[Any, ...]
    elsewhere: bool
    location: Location

    def takes(self, port: int) -> bool:
        """Whether it is for a port of TCP. Raises NotJudged where that is not known."""
        protocol = str(known(self.protocol)).lower()
        if protocol in ("-1", "all"):
            return True
        return protocol in ("tcp", "6") and number(known(self.first)) <= port <= number(known(self.last))


def egress(group: Block) -> Iterator[Egress]:
    """Yield what a security group lets out, in whatever way its rules are written."""
    inline = group.attributes.get("egress")
    if isinstance(inline, tuple):
        for index, block in enumerate(inline):
            yield _inline(block.unknown or block.attributes, group.locate("egress", index))
    elif inline is not None:
        for index, rule in enumerate(inline if isinstance(inline, list) else [inline]):
            yield _inline(rule, group.locate("egress", index) if isinstance(inline, list) else group.locate("egress"))
    for block in group.root.resources("aws_security_group_rule"):
        if group in block.refers_to("security_group_id") and block.get("type") == "egress":
            yield _inline(block.unknown or block.attributes, block.locate())
    for block in group.root.resources("aws_vpc_security_group_egress_rule"):
        if group in block.refers_to("security_group_id"):
            get = block.get
            cidrs = tuple(get(name) for name in ("cidr_ipv4", "cidr_ipv6") if get(name) is not None)
            elsewhere = get("prefix_list_id") is not None or get("referenced_security_group_id") is not None
            yield Egress(get("ip_protocol"), get("from_port"), get("to_port"), cidrs, elsewhere, block.locate())


def _inline(rule: Any, location: Location) -> Egress:
    if not isinstance(rule, Mapping):
        return Egress(rule, rule, rule, (rule,), False, location)
    cidrs: list[Any] = []
    for name in ("cidr_blocks", "ipv6_cidr_blocks"):
        value = rule.get(name)
        cidrs += value if isinstance(value, (list, tuple)) else [value] if value is not None else []
    others = ("security_groups", "source_security_group_id", "prefix_list_ids", "self")
    elsewhere = any(isinstance(rule.get(name), Unknown) or bool(rule.get(name)) for name in others)
    return Egress(rule.get("protocol"), rule.get("from_port"), rule.get("to_port"), tuple(cidrs), elsewhere, location)
