"""The policies that AWS manages, by id and by name.

Source: Amazon CloudFront Developer Guide, "Use managed cache policies", "Use managed origin request policies", "Use managed response
headers policies".
"""

from __future__ import annotations

import re

from policies.model.delivery.policies import ALL, BUT, LISTED, CachePolicy, Choice, OriginRequestPolicy

_YEAR, _DAY = 31536000, 86400
_OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")

CACHE: dict[str, tuple[str, CachePolicy]] = {
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": ("Managed-CachingDisabled", CachePolicy(0, 0, 0)),
    "658327ea-f89d-4fab-a63d-7e88639e58f6": (
        "Managed-CachingOptimized",
        CachePolicy(1, _DAY, _YEAR, gzip=True, brotli=True),
    ),
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": (
        "Managed-CachingOptimizedForUncompressedObjects",
        CachePolicy(1, _DAY, _YEAR),
    ),
    "08627262-05a9-4f76-9ded-b50ca2e3a84f": (
        "Managed-Elemental-MediaPackage",
        CachePolicy(
            *(0, _DAY, _YEAR),
            headers=Choice(LISTED, ("Origin",)),
            query=Choice(LISTED, ("m", "start", "end", "aws.manifestfilter")),
            gzip=True,
        ),
    ),
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": (
        "UseOriginCacheControlHeaders",
        CachePolicy(
            *(0, 0, _YEAR),
            headers=Choice(LISTED, ("Host", "Origin", *_OVERRIDES)),
            cookies=Choice(ALL),
            gzip=True,
            brotli=True,
        ),
    ),
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe": (
        "UseOriginCacheControlHeaders-QueryStrings",
        CachePolicy(
            *(0, 0, _YEAR),
            headers=Choice(LISTED, ("Host", "Origin", *_OVERRIDES)),
            cookies=Choice(ALL),
            query=Choice(ALL),
            gzip=True,
            brotli=True,
        ),
    ),
    "2e54312d-136d-493c-8eb9-b001f22f67d2": (
        "Managed-Amplify",
        CachePolicy(
            *(2, 2, 600),
            headers=Choice(LISTED, ("Authorization", "CloudFront-Viewer-Country", "Host")),
            cookies=Choice(ALL),
            query=Choice(ALL),
            gzip=True,
            brotli=True,
        ),
    ),
}

_EVERYTHING = OriginRequestPolicy(Choice(ALL), Choice(ALL), Choice(ALL))

ORIGIN_REQUEST: dict[str, tuple[str, OriginRequestPolicy]] = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3": ("Managed-AllViewer", _EVERYTHING),
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": ("Managed-AllViewerAndCloudFrontHeaders-2022-06", _EVERYTHING),
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": (
        "Managed-AllViewerExceptHostHeader",
        OriginRequestPolicy(Choice(BUT, ("Host",)), Choice(ALL), Choice(ALL)),
    ),
    "59781a5b-3903-41f3-afcb-af62929ccde1": (
        "Managed-CORS-CustomOrigin",
        OriginRequestPolicy(Choice(LISTED, ("Origin",))),
    ),
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": (
        "Managed-CORS-S3Origin",
        OriginRequestPolicy(
            Choice(LISTED, ("Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"))
        ),
    ),
    "acba4595-bd28-49b8-b9fe-13317c0390fa": (
        "Managed-UserAgentRefererHeaders",
        OriginRequestPolicy(Choice(LISTED, ("User-Agent", "Referer"))),
    ),
    "bf0718e1-ba1e-49d1-88b1-f726733018ae": ("Managed-HostHeaderOnly", OriginRequestPolicy(Choice(LISTED, ("Host",)))),
}

RESPONSE_HEADERS: dict[str, tuple[str, bool]] = {
    "67f7725c-6f97-4210-82d7-5512b31e9d03": ("Managed-SecurityHeadersPolicy", True),
    "e61eb60c-9c35-4d20-a928-2b84e02af89c": ("Managed-CORS-and-SecurityHeadersPolicy", True),
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63": ("Managed-CORS-with-preflight-and-SecurityHeadersPolicy", True),
    "60669652-455b-4ae9-85a4-c4c02393f86c": ("Managed-SimpleCORS", False),
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd": ("Managed-CORS-With-Preflight", False),
}
"""Whether it has the security headers: Strict-Transport-Security of a year, X-Content-Type-Options, X-Frame-Options, Referrer-Policy."""


def id_in(text: object) -> str:
    """Give the id of a policy in a text, or nothing."""
    found = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text) if isinstance(text, str) else None
    return found[0] if found is not None else ""


def named(name: object, policies: dict[str, tuple[str, object]]) -> str:
    """Give the id of the managed policy of a name, with or without `Managed-`; nothing where there is none."""
    plain = str(name).removeprefix("Managed-").lower()
    return next((id for id, (known, _) in policies.items() if known.removeprefix("Managed-").lower() == plain), "")
