"""CloudFront's policies: what is cached by, what reaches the origin, what answers carry."""

from __future__ import annotations

from typing import Any

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes
from policies.live.aws.rows.spelling import counted, first, pascal


def _forwarded(held: Attributes, kind: str) -> dict[str, Any]:
    """Give which cookies, headers or query strings are meant."""
    config = first(held.get(f"{kind}s_config"))
    behaviour = config.get(f"{kind}_behavior") or "none"
    made: dict[str, Any] = {f"{pascal(kind)}Behavior": behaviour}
    items = first(config.get(f"{kind}s")).get("items")
    return {**made, f"{pascal(kind)}s": counted(items)} if items else made


def _cache_policy(making: Making) -> Attributes:
    held = first(making["parameters_in_cache_key_and_forwarded_to_origin"])
    config = {
        "Name": making.name,
        "Comment": making["comment"] or "",
        **{theirs: int(making[ours]) for ours, theirs in _TTLS.items() if making[ours] is not None},
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": bool(held.get("enable_accept_encoding_gzip")),
            "EnableAcceptEncodingBrotli": bool(held.get("enable_accept_encoding_brotli")),
            "CookiesConfig": _forwarded(held, "cookie"),
            "HeadersConfig": _forwarded(held, "header"),
            "QueryStringsConfig": _forwarded(held, "query_string"),
        },
    }
    made = making.of("cloudfront").create_cache_policy(CachePolicyConfig=config)["CachePolicy"]
    return {"id": made["Id"], "name": making.name}


_TTLS = {"min_ttl": "MinTTL", "default_ttl": "DefaultTTL", "max_ttl": "MaxTTL"}


def _origin_request_policy(making: Making) -> Attributes:
    config = {
        "Name": making.name,
        "Comment": making["comment"] or "",
        "CookiesConfig": _forwarded(making.values, "cookie"),
        "HeadersConfig": _forwarded(making.values, "header"),
        "QueryStringsConfig": _forwarded(making.values, "query_string"),
    }
    made = making.of("cloudfront").create_origin_request_policy(OriginRequestPolicyConfig=config)
    return {"id": made["OriginRequestPolicy"]["Id"], "name": making.name}


def _response_headers_policy(making: Making) -> Attributes:
    config: dict[str, Any] = {"Name": making.name, "Comment": making["comment"] or ""}
    security = {
        pascal(name): {_SPELT.get(key, pascal(key)): value for key, value in first(block).items() if value is not None}
        for name, block in first(making["security_headers_config"]).items()
        if block
    }
    if security:
        config["SecurityHeadersConfig"] = {_SPELT.get(name, name): value for name, value in security.items()}
    for ours, theirs, spelt in (("remove_headers_config", "RemoveHeadersConfig", _removed),
                                ("custom_headers_config", "CustomHeadersConfig", _custom)):  # fmt: skip
        items = first(making[ours]).get("items")
        if items:
            config[theirs] = counted([spelt(one) for one in items])
    made = making.of("cloudfront").create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    return {"id": made["ResponseHeadersPolicy"]["Id"], "name": making.name}


_SPELT = {"XssProtection": "XSSProtection", "include_subdomains": "IncludeSubdomains"}


def _removed(one: Attributes) -> dict[str, Any]:
    return {"Header": one["header"]}


def _custom(one: Attributes) -> dict[str, Any]:
    return {"Header": one["header"], "Value": one["value"], "Override": bool(one["override"])}


ROWS: dict[str, Row] = {
    "aws_cloudfront_cache_policy": _cache_policy,
    "aws_cloudfront_origin_request_policy": _origin_request_policy,
    "aws_cloudfront_response_headers_policy": _response_headers_policy,
}
