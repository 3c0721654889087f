"""What values of `platform.toml` look like, and a table of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

RelativePath = Annotated[
    str, msgspec.Meta(pattern=r"^[^/~\0][^\0]*$", description="A path inside the platform, relative to platform.toml.")
]
Version = Annotated[
    str, msgspec.Meta(pattern=r"^1\.[0-9]{1,2}$", description="A minor version of Kubernetes, as in '1.34'.")
]
Name = Annotated[str, msgspec.Meta(min_length=1)]
UrlPath = Annotated[
    str, msgspec.Meta(pattern=r"^/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-]$", description="A path, as in '/api/orders'.")
]
OwnPath = Annotated[
    str, msgspec.Meta(pattern=r"^(/|~/)[^\0]+$", description="A path outside the platform: absolute, or from '~/'.")
]
Account = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]{12}$", description="An account of AWS: twelve digits, in quotes.")
]
Url = Annotated[
    str, msgspec.Meta(pattern=r"^https?://[^/?#@\s]+/?$", description="'https://' and a host, without a path.")
]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
StageName = Literal["release", "development"]
Endpoint = Annotated[
    str,
    msgspec.Meta(pattern=r"^[A-Z]+ /[^\s?#]*$", description="A method and a path, as in 'POST /orders/{orderId}/pay'."),
]
EndingName = Literal["reported", "done"]
TierName = Literal["public", "app", "db", "cache", "streaming"]


class Table(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """A table of the file: unknown keys are errors, and keys have dashes."""
