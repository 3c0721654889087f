"""Distributions of CloudFront. Values of the headers that an origin is sent stay where they are."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import UNREAD, Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.deployed.services.spelling import items
from policies.live.aws.resolving import UnresolvedError
from policies.read.terraform import Unknown

HIDDEN = Unknown("a header that an origin is sent may be a secret, so its value is not kept")


def distribution(looking: Looking, id: str) -> Found | None:
    """Give a distribution by its id."""
    told = looking.ask("cloudfront", "get_distribution", Id=id)
    if told is None:
        return None
    made = told["Distribution"]
    said = made["DistributionConfig"]
    errors = tuple(
        {
            "error_code": one["ErrorCode"], "error_caching_min_ttl": one.get("ErrorCachingMinTTL"),
            "response_code": int(one["ResponseCode"]) if one.get("ResponseCode") else None,
            "response_page_path": one.get("ResponsePagePath") or None,
        }
        for one in items(said.get("CustomErrorResponses"))
    )  # fmt: skip
    values: dict[str, Any] = {
        "id": id, "arn": made["ARN"], "domain_name": made["DomainName"], "comment": said.get("Comment") or None,
        "enabled": bool(said["Enabled"]), "is_ipv6_enabled": bool(said.get("IsIPV6Enabled")),
        "http_version": str(said.get("HttpVersion") or "http2").lower(), "price_class": said.get("PriceClass"),
        "default_root_object": said.get("DefaultRootObject") or None, "aliases": items(said.get("Aliases")) or None,
        "web_acl_id": said.get("WebACLId") or None, "origin": tuple(map(_origin, items(said["Origins"]))),
        "origin_group": tuple(map(_group, items(said.get("OriginGroups")))),
        "default_cache_behavior": (_behaviour(said["DefaultCacheBehavior"]),),
        "ordered_cache_behavior": tuple(map(_behaviour, items(said.get("CacheBehaviors")))),
        "custom_error_response": errors, "viewer_certificate": (_certificate(said.get("ViewerCertificate") or {}),),
        "restrictions": (_restrictions(said.get("Restrictions") or {}),),
        "logging_config": _logging(said.get("Logging") or {}),
    }  # fmt: skip
    return Found("aws_cloudfront_distribution", id, looking.region, values)


def _origin(said: dict[str, Any]) -> dict[str, Any]:
    headers = tuple({"name": one["HeaderName"], "value": HIDDEN} for one in items(said.get("CustomHeaders")))
    custom = said.get("CustomOriginConfig")
    identity = (said.get("S3OriginConfig") or {}).get("OriginAccessIdentity")
    inner = said.get("VpcOriginConfig")
    return {
        "origin_id": said["Id"], "domain_name": said["DomainName"], "origin_path": said.get("OriginPath") or None,
        "custom_header": headers, "origin_access_control_id": said.get("OriginAccessControlId") or None,
        "connection_attempts": said.get("ConnectionAttempts"), "connection_timeout": said.get("ConnectionTimeout"),
        "custom_origin_config": (_custom(custom),) if custom else (),
        "s3_origin_config": ({"origin_access_identity": identity},) if identity else (),
        "vpc_origin_config": ({"vpc_origin_id": inner["VpcOriginId"]},) if inner else (),
        "origin_shield": UNREAD,
    }  # fmt: skip


def _custom(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "http_port": said["HTTPPort"], "https_port": said["HTTPSPort"], "origin_protocol_policy": said["OriginProtocolPolicy"],
        "origin_ssl_protocols": items(said.get("OriginSslProtocols")), "origin_read_timeout": said.get("OriginReadTimeout"),
        "origin_keepalive_timeout": said.get("OriginKeepaliveTimeout"),
    }  # fmt: skip


def _group(said: dict[str, Any]) -> dict[str, Any]:
    codes = items((said.get("FailoverCriteria") or {}).get("StatusCodes"))
    members = tuple({"origin_id": one["OriginId"]} for one in items(said.get("Members")))
    return {"origin_id": said["Id"], "failover_criteria": ({"status_codes": codes},), "member": members}


def _behaviour(said: dict[str, Any]) -> dict[str, Any]:
    methods = said.get("AllowedMethods") or {}
    functions = tuple(
        {
            "event_type": one["EventType"],
            "lambda_arn": one["LambdaFunctionARN"],
            "include_body": bool(one.get("IncludeBody")),
        }
        for one in items(said.get("LambdaFunctionAssociations"))
    )
    small = tuple(
        {"event_type": one["EventType"], "function_arn": one["FunctionARN"]}
        for one in items(said.get("FunctionAssociations"))
    )
    forwarded = said.get("ForwardedValues")
    # Beside a cache policy CloudFront may say these too, and means nothing by it.
    ttls = {ours: None if said.get("CachePolicyId") else said.get(theirs) for ours, theirs in _TTLS.items()}
    return {
        "path_pattern": said.get("PathPattern"), "target_origin_id": said["TargetOriginId"],
        "viewer_protocol_policy": said["ViewerProtocolPolicy"], "allowed_methods": items(methods) or ["GET", "HEAD"],
        "cached_methods": items(methods.get("CachedMethods")) or ["GET", "HEAD"], "compress": bool(said.get("Compress")),
        "cache_policy_id": said.get("CachePolicyId") or None,
        "origin_request_policy_id": said.get("OriginRequestPolicyId") or None,
        "response_headers_policy_id": said.get("ResponseHeadersPolicyId") or None,
        "realtime_log_config_arn": said.get("RealtimeLogConfigArn") or None,
        "trusted_key_groups": items(said.get("TrustedKeyGroups")) or None, "trusted_signers": items(said.get("TrustedSigners")) or None,
        "lambda_function_association": functions, "function_association": small, **ttls,
        "forwarded_values": (_values(forwarded),) if forwarded and not said.get("CachePolicyId") else (),
    }  # fmt: skip


_TTLS = {"min_ttl": "MinTTL", "default_ttl": "DefaultTTL", "max_ttl": "MaxTTL"}


def _values(said: dict[str, Any]) -> dict[str, Any]:
    cookies = said.get("Cookies") or {}
    named = items(cookies.get("WhitelistedNames"))
    return {
        "query_string": bool(said.get("QueryString")), "headers": items(said.get("Headers")) or None,
        "query_string_cache_keys": items(said.get("QueryStringCacheKeys")) or None,
        "cookies": ({"forward": cookies.get("Forward"), "whitelisted_names": named or None},),
    }  # fmt: skip


def _certificate(said: dict[str, Any]) -> dict[str, Any]:
    own = bool(said.get("CloudFrontDefaultCertificate"))
    return {
        "cloudfront_default_certificate": own, "acm_certificate_arn": said.get("ACMCertificateArn") or None,
        "iam_certificate_id": said.get("IAMCertificateId") or None,
        "ssl_support_method": None if own else said.get("SSLSupportMethod"),
        "minimum_protocol_version": said.get("MinimumProtocolVersion"),
    }  # fmt: skip


def _restrictions(said: dict[str, Any]) -> dict[str, Any]:
    geo = said.get("GeoRestriction") or {}
    return {
        "geo_restriction": (
            {"restriction_type": geo.get("RestrictionType") or "none", "locations": items(geo) or None},
        )
    }


def _logging(said: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    if not said.get("Bucket"):
        return ()
    return (
        {
            "bucket": said["Bucket"],
            "prefix": said.get("Prefix") or None,
            "include_cookies": bool(said.get("IncludeCookies")),
        },
    )


def _distribution(looking: Looking) -> Found | None:
    listed = looking.search.once(
        "distributions", lambda: looking.of("cloudfront").every("list_distributions", "DistributionList.Items")
    )
    aliases = {str(one) for one in looking["aliases"] or ()}
    if aliases:
        fits = [one for one in listed if aliases & set(items(one.get("Aliases")))]
    elif looking["comment"]:
        fits = [one for one in listed if one.get("Comment") == looking["comment"]]
    else:
        raise UnresolvedError("it has neither an alias nor a comment, so it cannot be told which it is")
    if len(fits) > 1:
        raise UnresolvedError(
            f"{len(fits)} have its {'aliases' if aliases else 'comment'}, so it cannot be told which it is"
        )
    return distribution(looking, str(fits[0]["Id"])) if fits else None


ROWS: dict[str, Row] = {"aws_cloudfront_distribution": _distribution}
