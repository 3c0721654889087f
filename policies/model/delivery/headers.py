"""What CloudFront does with each header of a viewer's request on its way to a custom origin.

Source: Amazon CloudFront Developer Guide, "Request and response behavior for custom origins", table "HTTP request headers and CloudFront
behavior (custom and Amazon S3 origins)".
"""

from __future__ import annotations

Headers = tuple[tuple[str, str], ...]

_NEVER = frozenset(
    [
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"),
        *("upgrade", "x-forwarded-proto", "x-real-ip", "transfer-encoding"),
    ]
)
"""Removed or replaced, whatever a policy says: hop by hop, or CloudFront's own to state."""

_UNLESS_ASKED = frozenset(
    [
        *("accept", "accept-charset", "accept-encoding", "accept-language", "authorization", "expect", "referer"),
        *("x-http-method-override", "host", "user-agent"),
    ]
)
"""Removed, or replaced by CloudFront's own, unless a policy names them."""

_ALWAYS = frozenset(
    [
        *(
            "cache-control",
            "content-length",
            "content-md5",
            "content-type",
            "date",
            "from",
            "if-match",
            "if-modified-since",
        ),
        *(
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "max-forwards",
            "origin",
            "pragma",
            "range",
            "request-range",
        ),
        *("via", "warning", "x-forwarded-for"),
    ]
)
"""Forwarded, also where no policy names them."""

_WITH_BODY = ("DELETE", "PATCH", "POST", "PUT")

REFUSED = frozenset(
    [
        *(
            "cache-control",
            "connection",
            "content-length",
            "cookie",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
        ),
        *(
            "if-range",
            "if-unmodified-since",
            "max-forwards",
            "pragma",
            "proxy-authorization",
            "proxy-connection",
            "range",
        ),
        *("request-range", "te", "trailer", "transfer-encoding", "upgrade", "via", "x-real-ip"),
    ]
)
"""Names that no custom header of an origin may have ("Custom headers that CloudFront can't add to origin requests")."""


def is_refused(name: str) -> bool:
    """Whether CloudFront takes no custom header of this name."""
    return name.lower() in REFUSED or name.lower().startswith(("x-amz-", "x-edge-"))


def is_removed(name: str, method: str, asked: bool) -> bool:
    """Whether a viewer's header is taken off; `asked` says that a cache or origin request policy names it.

    Authorization is taken off GET and HEAD alone where cache settings are the legacy ones: with a policy, see `is_automatic`.
    """
    lower = name.lower()
    if lower in _NEVER or lower.startswith(("x-edge-", "x-amz-cf-")):
        return True
    return not asked and lower in _UNLESS_ASKED and not (lower == "authorization" and method in _WITH_BODY)


def is_automatic(name: str) -> bool:
    """Whether a viewer's header goes on though no policy names it."""
    return name.lower() in _ALWAYS


def compressed(value: str, brotli: bool) -> str | None:
    """Give Accept-Encoding as it goes on: of what CloudFront compresses by itself ("Compression support"); None where nothing is left."""
    listed = [part.partition(";")[0].strip().lower() for part in value.split(",")]
    kept = [one for one in ("br", "gzip") if one in listed and (brotli or one != "br")]
    return ",".join(kept) or None


def with_own(kept: Headers, sent: Headers, domain: str, address: str) -> Headers:
    """Put CloudFront's own headers on: Host of the origin unless the viewer's goes on, its User-Agent, its Via, the viewer's address."""
    names = {name.lower() for name, _ in kept}
    forwarded = [value for name, value in sent if name.lower() == "x-forwarded-for"]
    via = [value for name, value in kept if name.lower() == "via"]
    rest = [(name, value) for name, value in kept if name.lower() not in ("x-forwarded-for", "via")]
    own = [] if "host" in names else [("Host", domain)]
    own += [] if "user-agent" in names else [("User-Agent", "Amazon CloudFront")]
    return (
        *own,
        *rest,
        ("Via", ", ".join([*via, "2.0 cloudfront.net (CloudFront)"])),
        ("X-Forwarded-For", ",".join([*forwarded, address])),
        ("X-Amz-Cf-Id", "turnstile"),
        ("Connection", "Keep-Alive"),
    )
