"""Distributions as Terraform resolves them, as domain objects: behaviours, policies, origins, and the blocks that they come from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from policies.model.delivery.cloudfront import METHODS, Behaviour, Distribution, Origin
from policies.model.delivery.written import cache, many, origin_request
from policies.model.kept import kept
from policies.read.terraform import Block

DISTRIBUTION = "aws_cloudfront_distribution"
_NOT_A_BALANCER = re.compile(
    r"\.s3[.-][a-z0-9.-]*amazonaws\.com|\.s3-website|\.execute-api\.|\.lambda-url\.|\.mediastore\.|\.mediapackage|\.amplifyapp\.",
)
_BALANCER = re.compile(r"\.elb\.([a-z0-9-]+\.)?amazonaws\.com")
_BALANCER_TYPES = ("aws_lb", "aws_alb", "aws_elb")


@dataclass(frozen=True, eq=False)
class OriginBlock:
    """An origin of a distribution, and the block that it is written in; `index` counts from 0."""

    distribution: Block
    block: Block
    index: int
    origin: Origin

    @property
    def headers(self) -> tuple[Block, ...]:
        """The blocks of its custom headers."""
        return self.block.blocks("custom_header")

    @property
    def is_custom(self) -> bool:
        """Whether it is a server, and no service of AWS that answers by itself."""
        if self.block.blocks("s3_origin_config"):
            return False
        refers = self.block.refers_to("domain_name")
        other = any(
            one.type.startswith(("aws_s3_", "aws_api", "aws_lambda", "aws_media", "aws_amplify")) for one in refers
        )
        return not other and _NOT_A_BALANCER.search(str(self.origin.domain)) is None

    @property
    def is_surely_balancer(self) -> bool:
        """Whether what it leads to says itself that it is a load balancer."""
        refers = self.block.refers_to("domain_name")
        named = _BALANCER.search(str(self.origin.domain)) is not None
        return (
            named or bool(self.block.blocks("vpc_origin_config")) or any(one.type in _BALANCER_TYPES for one in refers)
        )


@dataclass(frozen=True, eq=False)
class BehaviourBlock:
    """A behaviour of a distribution, the block that it is written in, and the way to it."""

    distribution: Block
    block: Block
    path: tuple[str | int, ...]
    behaviour: Behaviour


@kept
def origins(distribution: Block) -> tuple[OriginBlock, ...]:
    """Give the origins of a distribution."""
    found = []
    for index, block in enumerate(distribution.blocks("origin")):
        headers = tuple((one.get("name"), one.get("value")) for one in block.blocks("custom_header"))
        path = block.get("origin_path")
        origin = Origin(
            str(block.get("origin_id")), block.get("domain_name"), path if isinstance(path, str) else "", headers
        )
        found.append(OriginBlock(distribution, block, index, origin))
    return tuple(found)


@kept
def balancers(distribution: Block) -> tuple[OriginBlock, ...]:
    """Give the origins that lead to the load balancer: those that say so or are sent a header, else every server that is no other service of AWS."""
    custom = [one for one in origins(distribution) if one.is_custom]
    sure = [one for one in custom if one.is_surely_balancer or one.headers]
    domains = {one.origin.domain for one in sure if isinstance(one.origin.domain, str)}
    return tuple(one for one in custom if not sure or one in sure or one.origin.domain in domains)


@kept
def behaviours(distribution: Block) -> tuple[BehaviourBlock, ...]:
    """Give the behaviours of a distribution in the order in which a path is compared with them."""
    found = []
    for kind in ("ordered_cache_behavior", "default_cache_behavior"):
        for index, block in enumerate(distribution.blocks(kind)):
            pattern = block.get("path_pattern") if kind.startswith("ordered") else "*"
            methods = block.get("allowed_methods")
            behaviour = Behaviour(
                pattern,
                block.get("target_origin_id"),
                METHODS if methods is None else many(methods),
                cache(block),
                origin_request(block),
            )
            found.append(BehaviourBlock(distribution, block, (kind, index), behaviour))
    return tuple(found)


def distribution_of(block: Block) -> Distribution:
    """Give a distribution as it serves."""
    return Distribution(tuple(one.behaviour for one in behaviours(block)), tuple(one.origin for one in origins(block)))


def reached(distribution: Block, target: Any) -> tuple[str, ...]:
    """Give the ids of the origins that a behaviour may go to: its own, or those of its origin group."""
    for group in distribution.blocks("origin_group"):
        if group.get("origin_id") == target:
            return tuple(str(member.get("origin_id")) for member in group.blocks("member"))
    return (str(target),)
