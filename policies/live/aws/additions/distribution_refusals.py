"""What CloudFront refuses of a distribution, and ministack takes (Amazon CloudFront API Reference, CreateDistribution and UpdateDistribution)."""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

import re
from typing import Any

from ministack.services import cloudfront

from policies.live.aws.additions.edge_functions import lambda_associations

_VERSION = re.compile(r"arn:aws:lambda:us-east-1:\d{12}:function:[^:]+:\d+")


def install() -> None:
    """Look at a distribution before ministack does."""
    create, update = cloudfront._create_distribution, cloudfront._update_distribution

    def creating(headers: Any, body: Any) -> Any:
        return _refusal(body) or create(headers, body)

    def updating(id: str, headers: Any, body: Any) -> Any:
        return _refusal(body) or update(id, headers, body)

    cloudfront._create_distribution, cloudfront._update_distribution = creating, updating


def _refusal(body: Any) -> Any:
    config, _ = cloudfront._unwrap_distribution_create_xml(cloudfront._parse_body(body))
    if config is None:
        return None
    origins = {cloudfront._text(one, "Id") for name in ("Origins", "OriginGroups") for one in _items(config, name)}
    default = cloudfront._find(config, "DefaultCacheBehavior")
    for behaviour in [one for one in (default, *_items(config, "CacheBehaviors")) if one is not None]:
        reason = _reason(behaviour, origins)
        if reason is not None:
            return cloudfront._error(*reason)
    return None


def _items(parent: Any, name: str) -> list[Any]:
    listed = cloudfront._find(parent, name)
    items = cloudfront._find(listed, "Items") if listed is not None else None
    return list(items) if items is not None else []


def _reason(behaviour: Any, origins: set[str]) -> tuple[str, str, int] | None:
    if cloudfront._text(behaviour, "TargetOriginId") not in origins:
        return "NoSuchOrigin", "One or more of your origins or origin groups do not exist.", 404
    functions = lambda_associations(behaviour)
    for _, arn in functions:
        if not _VERSION.fullmatch(arn):
            told = f"The function ARN must reference a specific function version in us-east-1. (ARN: {arn})"
            return "InvalidLambdaFunctionAssociation", told, 400
    of_lambda = {event for event, _ in functions if event.startswith("viewer-")}
    others = [cloudfront._text(one, "EventType") for one in _items(behaviour, "FunctionAssociations")]
    if of_lambda and any(event.startswith("viewer-") for event in others):
        told = "CloudFront Functions and Lambda@Edge cannot both be associated with viewer events."
        return "InvalidFunctionAssociation", told, 400
    policy = cloudfront._opt_text(behaviour, "CachePolicyId")
    if policy and cloudfront._get_cache_policy(policy)[0] == 404:
        return "NoSuchCachePolicy", "The cache policy does not exist.", 404
    return None
