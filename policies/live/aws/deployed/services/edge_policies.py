"""CloudFront's policies: what is cached by, what reaches the origin, what answers carry."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row, pages
from policies.live.aws.deployed.services.spelling import items, snake
from policies.live.aws.rows.spelling import pascal

KINDS = {
    "aws_cloudfront_cache_policy": ("cache_policy", "list_cache_policies", "get_cache_policy"),
    "aws_cloudfront_origin_request_policy": (
        "origin_request_policy", "list_origin_request_policies", "get_origin_request_policy"
    ),
    "aws_cloudfront_response_headers_policy": (
        "response_headers_policy", "list_response_headers_policies", "get_response_headers_policy"
    ),
}  # fmt: skip
"""Types, what AWS calls them, and the operations that list and give them."""


def policy(looking: Looking, kind: str, id: str) -> Found | None:
    """Give a policy of a type by its id."""
    name, _, give = KINDS[kind]
    told = looking.ask("cloudfront", give, Id=id)
    if told is None:
        return None
    said = told[pascal(name)][f"{pascal(name)}Config"]
    values = {"id": id, "name": said["Name"], "comment": said.get("Comment") or None, **_READ[kind](said)}
    return Found(kind, id, looking.region, {**values, "arn": None})


def _named(kind: str) -> Row:
    name, listing, _ = KINDS[kind]

    def row(looking: Looking) -> Found | None:
        listed = looking.search.once(
            kind, lambda: pages(looking.of("cloudfront"), listing, f"{pascal(name)}List", "Items", Type="custom")
        )
        held = [one[pascal(name)] for one in listed]
        config = f"{pascal(name)}Config"
        return next((policy(looking, kind, one["Id"]) for one in held if one[config]["Name"] == looking.name), None)

    return row


def _forwarded(said: dict[str, Any], kind: str) -> dict[str, Any]:
    config = said[f"{pascal(kind)}sConfig"]
    listed = items(config.get(f"{pascal(kind)}s"))
    names = ({"items": listed},) if listed else ()
    return {f"{kind}s_config": ({f"{kind}_behavior": config[f"{pascal(kind)}Behavior"], f"{kind}s": names},)}


def _all_forwarded(said: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value for kind in ("cookie", "header", "query_string") for key, value in _forwarded(said, kind).items()
    }


def _cache(said: dict[str, Any]) -> dict[str, Any]:
    held = said["ParametersInCacheKeyAndForwardedToOrigin"]
    key = {
        "enable_accept_encoding_gzip": bool(held.get("EnableAcceptEncodingGzip")),
        "enable_accept_encoding_brotli": bool(held.get("EnableAcceptEncodingBrotli")),
        **_all_forwarded(held),
    }
    ttls = {
        ours: said.get(theirs)
        for ours, theirs in (("min_ttl", "MinTTL"), ("default_ttl", "DefaultTTL"), ("max_ttl", "MaxTTL"))
    }
    return {**ttls, "parameters_in_cache_key_and_forwarded_to_origin": (key,)}


def _response(said: dict[str, Any]) -> dict[str, Any]:
    security = {
        snake(name): ({_NAMES.get(key, snake(key)): one for key, one in block.items()},)
        for name, block in (said.get("SecurityHeadersConfig") or {}).items()
    }
    every = ("strict_transport_security", "content_security_policy", "content_type_options", "frame_options",
             "referrer_policy", "xss_protection")  # fmt: skip
    custom = [
        {"header": one["Header"], "value": one["Value"], "override": one["Override"]}
        for one in items(said.get("CustomHeadersConfig"))
    ]
    removed = [{"header": one["Header"]} for one in items(said.get("RemoveHeadersConfig"))]
    return {
        "security_headers_config": ({**dict.fromkeys(every, ()), **security},) if security else (),
        "custom_headers_config": ({"items": tuple(custom)},) if custom else (),
        "remove_headers_config": ({"items": tuple(removed)},) if removed else (),
    }


_NAMES = {"IncludeSubdomains": "include_subdomains"}

_READ = {
    "aws_cloudfront_cache_policy": _cache,
    "aws_cloudfront_origin_request_policy": _all_forwarded,
    "aws_cloudfront_response_headers_policy": _response,
}

ROWS: dict[str, Row] = {kind: _named(kind) for kind in KINDS}
