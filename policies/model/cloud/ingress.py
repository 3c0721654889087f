"""What security groups let in, in whatever way their rules are written: inline, as a list, as resources of either kind.

Of a rule of which only how often it is there is not known, what is written of it says whom it lets in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.evidence import Location
from policies.model.cloud.plain_values import number
from policies.model.cloud.policy_statements import many
from policies.model.cloud.resources import known
from policies.model.cloud.vpcs import parsed
from policies.model.network.address_ranges import IPV4, IPV6, addresses
from policies.read.terraform import Block
from policies.read.terraform_scope import string
from policies.requirement import NotJudged, not_judged

GROUP = "aws_security_group"
RULES = ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule")
"""The resources that are rules of a group, beside those in its own block."""

NETWORKS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")


@dataclass(frozen=True, eq=False)
class Ingress:
    """A rule that lets connections in from networks. Each value may be Unknown."""

    protocol: Any
    first: Any
    last: Any
    networks: tuple[Any, ...]
    location: Location

    def is_open(self, port: int) -> bool:
        """Whether it takes connections to a port of TCP from every address. Raises NotJudged where that is not known."""
        found = [network for text in self.networks if (network := parsed(text)) is not None]
        every = addresses(found)
        if not (every & IPV4 == IPV4 or every & IPV6 == IPV6):
            for text in self.networks:
                known(text)
            return False
        protocol = str(known(self.protocol)).lower()
        if protocol in ("-1", "all"):
            return True
        return protocol in ("tcp", "6") and number(known(self.first)) <= port <= number(known(self.last))


def open_rules(block: Block, attribute: str, port: int) -> tuple[Location, ...]:
    """Give the rules of a resource's security groups that let in whoever has an address. Raises NotJudged where that is not known."""
    groups = [one for one in block.refers_to(attribute) if one.type == GROUP]
    if not groups:
        not_judged("its security groups are not in this root")
    found, doubt = [], None
    for group in groups:
        for rule in ingress(group):
            try:
                if rule.is_open(port):
                    found.append(rule.location)
            except NotJudged as why:
                doubt = why
    if doubt is not None and not found:
        raise doubt
    return tuple(dict.fromkeys(found))


def ingress(group: Block) -> Iterator[Ingress]:
    """Yield what a security group lets in from networks."""
    inline = group.attributes.get("ingress")
    if isinstance(inline, (tuple, list)):
        for index, rule in enumerate(inline):
            yield _inline(rule, group.locate("ingress", index))
    elif inline is not None:
        yield _inline(inline, group.locate("ingress"))
    for type in RULES:
        for block in group.root.resources(type):
            if _is_of(block, group) and _said(block, "type") in (None, "ingress"):
                yield _rule(lambda name, block=block: _said(block, name), block.locate())  # type: ignore[misc]


def _inline(rule: Any, location: Location) -> Ingress:
    if isinstance(rule, Block):
        return _rule(rule.get, location)
    return _rule(rule.get, location) if isinstance(rule, Mapping) else Ingress(rule, rule, rule, many(rule), location)


def _rule(get: Callable[[str], Any], location: Location) -> Ingress:
    networks = tuple(text for name in NETWORKS for text in many(get(name)))
    protocol = get("ip_protocol")
    return Ingress(
        get("protocol") if protocol is None else protocol, get("from_port"), get("to_port"), networks, location
    )


def _is_of(rule: Block, group: Block) -> bool:
    """Whether a rule is of a group; what Terraform does not evaluate says so by the reference that is written."""
    if group in rule.refers_to("security_group_id"):
        return True
    written = (
        rule.declaration.attributes.get("security_group_id") if rule.unknown is not None and rule.declaration else None
    )
    named = written is not None and re.search(rf"\b{group.type}\.{re.escape(group.name)}(?![\w-])", written.text)
    return bool(named) and rule.module == group.module


def _said(rule: Block, name: str) -> Any:
    """Give what a rule says, of each instance where it is not known how many there are: None, where it says nothing of it."""
    if rule.unknown is None or rule.declaration is None:
        return rule.get(name)
    written = rule.declaration.attributes.get(name)
    if written is None:
        return None
    value = rule.attributes.get(name)
    if value is not None:
        return value
    text = written.text.strip()
    told = string(written) or (text if text.isdecimal() else None)
    return told or _listed(text) or rule.unknown


def _listed(text: str) -> list[str]:
    """Give the strings of a list that is written in full."""
    return re.findall(r'"([^"$]*)"', text) if re.fullmatch(r'\[(?:\s*"[^"$]*"\s*,?)*\s*\]', text) else []
