"""CloudFront's policies as Terraform writes them: resources, what AWS manages, and `forwarded_values`."""

from __future__ import annotations

from typing import Any, TypeVar

from policies.model.delivery import managed as delivery_managed
from policies.model.delivery.policies import ALL, BUT, LISTED, NONE, CachePolicy, Choice, OriginRequestPolicy
from policies.read.terraform import Block, Unknown

_KINDS = {
    "allViewer": ALL,
    "allViewerAndWhitelistCloudFront": ALL,
    "all": ALL,
    "none": NONE,
    "whitelist": LISTED,
    "allExcept": BUT,
}
_TTLS = ("min_ttl", "default_ttl", "max_ttl")

Policy = TypeVar("Policy")


def cache(behaviour: Block) -> CachePolicy | Unknown:
    """Give the cache policy of a behaviour, or what stands in its place: `forwarded_values`."""
    if behaviour.get("cache_policy_id") is not None:
        return _policy(behaviour, "cache_policy_id", "aws_cloudfront_cache_policy", delivery_managed.CACHE, cache_of)
    values = behaviour.block("forwarded_values")
    if values is None:
        return behaviour.unknown or Unknown(f"{behaviour.address} has neither a cache policy nor forwarded_values")
    ttls = {name: behaviour.get(name) for name in _TTLS if behaviour.get(name) is not None}
    headers, query, forward = values.get("headers"), values.get("query_string"), values.get("cookies", "forward")
    return CachePolicy(
        **{"min_ttl": 0, **ttls},
        headers=Choice(ALL if headers == ["*"] else LISTED, headers or ())
        if not isinstance(headers, Unknown)
        else Choice(headers),
        cookies=Choice(_kind(forward), many(values.get("cookies", "whitelisted_names"))),
        query=Choice(query if isinstance(query, Unknown) else ALL if query else NONE),
        legacy=True,
    )


def origin_request(behaviour: Block) -> OriginRequestPolicy | Unknown | None:
    """Give the origin request policy of a behaviour, None where it has none."""
    if behaviour.get("origin_request_policy_id") is None:
        return None
    kind = "aws_cloudfront_origin_request_policy"
    return _policy(behaviour, "origin_request_policy_id", kind, delivery_managed.ORIGIN_REQUEST, origin_request_of)


def _policy(
    behaviour: Block, name: str, kind: str, managed: dict[str, tuple[str, Policy]], read: Any
) -> Policy | Unknown:
    value = behaviour.get(name)
    id = delivery_managed.id_in(value)
    for block in behaviour.refers_to(name):
        if block.type == kind and block.kind == "resource":
            policy: Policy = read(block)
            return policy
        if block.type == kind:
            id = delivery_managed.named(block.get("name"), managed) or delivery_managed.id_in(block.get("id")) or id  # type: ignore[arg-type]
    if id in managed:
        return managed[id][1]
    return (
        value if isinstance(value, Unknown) else Unknown(f"what the policy {value} says is known only in the account")
    )


def cache_of(policy: Block) -> CachePolicy:
    """Give the cache policy that a resource makes."""
    key = policy.block("parameters_in_cache_key_and_forwarded_to_origin")
    ttls = {name: policy.get(name) for name in _TTLS if policy.get(name) is not None}
    return CachePolicy(
        **{"min_ttl": 0, **ttls},
        headers=_choice(key, "headers", "header"),
        cookies=_choice(key, "cookies", "cookie"),
        query=_choice(key, "query_strings", "query_string"),
        gzip=key.get("enable_accept_encoding_gzip") if key is not None else False,
        brotli=key.get("enable_accept_encoding_brotli") if key is not None else False,
    )


def origin_request_of(policy: Block) -> OriginRequestPolicy:
    """Give the origin request policy that a resource makes."""
    choices = (("headers", "header"), ("cookies", "cookie"), ("query_strings", "query_string"))
    return OriginRequestPolicy(*(_choice(policy, several, one) for several, one in choices))


def _choice(holder: Block | None, several: str, one: str) -> Choice:
    if holder is None:
        return Choice()
    names = holder.get(f"{several}_config", several, "items")
    return Choice(_kind(holder.get(f"{several}_config", f"{one}_behavior")), many(names))


def many(value: Any) -> Any:
    """Give a list as a tuple; what is not known stays Unknown."""
    return tuple(value) if isinstance(value, list) else () if value is None else value


def _kind(value: Any) -> Any:
    return value if isinstance(value, Unknown) else _KINDS.get(str(value), NONE)
