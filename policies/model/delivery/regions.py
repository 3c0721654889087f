"""Where something is made that CloudFront takes from one region alone."""

from __future__ import annotations

from policies.model.cloud.resources import known
from policies.read.terraform import Block
from policies.requirement import not_judged

REGION = "us-east-1"
"""The region from which CloudFront takes functions, certificates and web ACLs."""


def region_of(block: Block) -> str:
    """Give the region that a resource or a data source is of. Raises NotJudged where no provider states one."""
    own = block.get("region")
    if own is not None:
        return str(known(own))
    provider = block.provider
    region = provider.get("region") if provider is not None else None
    if region is None:
        not_judged("no provider of the root states its region: the environment of whoever applies it does")
    return str(known(region))
