"""Security groups of load balancers: which one a name means, and whom their rules let in."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from policies.evidence import Location, Place
from policies.model.cloud.ingress import GROUP, NETWORKS, RULES
from policies.model.cloud.resources import known
from policies.model.cloud.roots import roots
from policies.platform import Platform
from policies.read.terraform import Block
from policies.requirement import not_judged

CLOUDFRONT = "cloudfront.origin-facing"


def group_called(platform: Platform, place: Place, name: str) -> Block | None:
    """Give the one security group of a root whose tag `Name` is a name: of an Ingress' stage, where several stages have one."""
    found = [
        (deployed.place.stage, block)
        for deployed in roots(platform)
        if deployed.root is not None and deployed.is_applied
        for block in deployed.root.resources(GROUP)
        if block.unknown is None and block.get("tags", "Name") == name
    ]
    near = [block for stage, block in found if stage == place.stage] if len(found) > 1 else [one for _, one in found]
    return near[0] if len(near) == 1 else None


def rules_of(group: Block) -> Iterator[tuple[Block, Location]]:
    """Yield the rules of what a security group takes, however they are written. Raises NotJudged where they are not known."""
    listed = known(group.get("ingress"))
    if isinstance(listed, list) and listed:
        not_judged(f"the rules of {group} are written as a value, not as blocks")
    for index, rule in enumerate(group.blocks("ingress")):
        yield rule, group.locate("ingress", index)
    for kind in RULES:
        for rule in group.root.resources(kind):
            if group in rule.refers_to("security_group_id") and known(rule.get("type")) in (None, "ingress"):
                yield rule, rule.locate()


def networks_of(rule: Block) -> Iterator[str]:
    """Yield what a rule lets in: networks, and prefix lists whose names are known and are not CloudFront's."""
    for name in NETWORKS:
        value: Any = known(rule.get(name))
        yield from (
            str(known(one)) for one in (value if isinstance(value, (list, tuple)) else [value] if value else ())
        )
    for block in (*rule.refers_to("prefix_list_ids"), *rule.refers_to("prefix_list_id")):
        listed = block.get("name")
        if isinstance(listed, str) and CLOUDFRONT not in listed:
            yield f"the prefix list {listed}"


def is_private(network: str) -> bool:
    """Whether a network is none of the internet's; what is no network is not."""
    try:
        return ipaddress.ip_network(network, strict=False).is_private
    except ValueError:
        return False
