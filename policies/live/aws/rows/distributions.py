"""Distributions of CloudFront."""

from __future__ import annotations

from typing import Any

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes
from policies.live.aws.rows.spelling import counted, first

ZONE = "Z2FDTNDATAQYW2"
"""Route 53's zone of every distribution (AWS General Reference, "Amazon CloudFront endpoints and quotas")."""


def _distribution(making: Making) -> Attributes:
    errors = [
        {
            "ErrorCode": int(one["error_code"]),
            **({"ErrorCachingMinTTL": int(one["error_caching_min_ttl"])} if one.get("error_caching_min_ttl") is not None else {}),
            **({"ResponseCode": str(one["response_code"]), "ResponsePagePath": one["response_page_path"]} if one.get("response_code") else {}),
        }
        for one in making["custom_error_response"] or ()
    ]  # fmt: skip
    config = {
        "CallerReference": making.block.address,
        "Comment": making["comment"] or "",
        "Enabled": bool(making["enabled"]),
        "IsIPV6Enabled": bool(making["is_ipv6_enabled"]),
        "HttpVersion": making["http_version"] or "http2",
        "PriceClass": making["price_class"] or "PriceClass_All",
        "DefaultRootObject": making["default_root_object"] or "",
        "Aliases": counted(making["aliases"]),
        "Origins": counted([_origin(one) for one in making["origin"]]),
        "DefaultCacheBehavior": _behaviour(first(making["default_cache_behavior"])),
        "CacheBehaviors": counted([_behaviour(one) for one in making["ordered_cache_behavior"] or ()]),
        "CustomErrorResponses": counted(errors),
        "ViewerCertificate": _certificate(first(making["viewer_certificate"])),
        "Restrictions": {"GeoRestriction": _countries(first(first(making["restrictions"]).get("geo_restriction")))},
        **({"WebACLId": making["web_acl_id"]} if making["web_acl_id"] else {}),
        **({"Logging": _logging(first(making["logging_config"]))} if making["logging_config"] else {}),
    }
    made = making.of("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]
    return {
        "id": made["Id"], "arn": made["ARN"], "domain_name": made["DomainName"], "hosted_zone_id": ZONE,
        "etag": "", "status": made["Status"],
    }  # fmt: skip


def _origin(one: Attributes) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Id": one["origin_id"],
        "DomainName": one["domain_name"],
        "OriginPath": one.get("origin_path") or "",
        "CustomHeaders": counted(
            [{"HeaderName": each["name"], "HeaderValue": each["value"]} for each in one.get("custom_header") or ()]
        ),
    }
    custom = first(one.get("custom_origin_config"))
    if custom:
        made["CustomOriginConfig"] = {
            "HTTPPort": int(custom["http_port"]), "HTTPSPort": int(custom["https_port"]),
            "OriginProtocolPolicy": custom["origin_protocol_policy"],
            "OriginSslProtocols": counted(custom["origin_ssl_protocols"]),
            "OriginReadTimeout": int(custom.get("origin_read_timeout") or 30),
            "OriginKeepaliveTimeout": int(custom.get("origin_keepalive_timeout") or 5),
        }  # fmt: skip
    else:
        identity = first(one.get("s3_origin_config")).get("origin_access_identity") or ""
        made["S3OriginConfig"] = {"OriginAccessIdentity": identity}
    return made


def _behaviour(one: Attributes) -> dict[str, Any]:
    functions = [
        {
            "EventType": each["event_type"],
            "LambdaFunctionARN": each["lambda_arn"],
            "IncludeBody": bool(each.get("include_body")),
        }
        for each in one.get("lambda_function_association") or ()
    ]
    small = [
        {"EventType": each["event_type"], "FunctionARN": each["function_arn"]}
        for each in one.get("function_association") or ()
    ]
    policies = {
        theirs: one[ours]
        for ours, theirs in (
            ("cache_policy_id", "CachePolicyId"), ("origin_request_policy_id", "OriginRequestPolicyId"),
            ("response_headers_policy_id", "ResponseHeadersPolicyId"), ("path_pattern", "PathPattern"),
        )
        if one.get(ours)
    }  # fmt: skip
    return {
        "TargetOriginId": one["target_origin_id"],
        "ViewerProtocolPolicy": one["viewer_protocol_policy"],
        "AllowedMethods": {**counted(one["allowed_methods"]), "CachedMethods": counted(one["cached_methods"])},
        "Compress": bool(one.get("compress")),
        "SmoothStreaming": False,
        "FieldLevelEncryptionId": "",
        "LambdaFunctionAssociations": counted(functions),
        "FunctionAssociations": counted(small),
        **policies,
    }


def _certificate(one: Attributes) -> dict[str, Any]:
    if one.get("cloudfront_default_certificate"):
        return {"CloudFrontDefaultCertificate": True}
    return {
        "ACMCertificateArn": one["acm_certificate_arn"],
        "SSLSupportMethod": one["ssl_support_method"],
        "MinimumProtocolVersion": one.get("minimum_protocol_version") or "TLSv1",
    }


def _countries(one: Attributes) -> dict[str, Any]:
    return {"RestrictionType": one.get("restriction_type") or "none", **counted(one.get("locations"))}


def _logging(one: Attributes) -> dict[str, Any]:
    return {
        "Enabled": True, "IncludeCookies": bool(one.get("include_cookies")), "Bucket": one["bucket"],
        "Prefix": one.get("prefix") or "",
    }  # fmt: skip


ROWS: dict[str, Row] = {"aws_cloudfront_distribution": _distribution}
