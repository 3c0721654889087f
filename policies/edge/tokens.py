"""Tokens, made as an issuer makes them and as an attacker does: by hand, for a library refuses to write what must be refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

HEADER = {"alg": "HS256", "typ": "JWT"}


def base64url(data: bytes) -> str:
    """RFC 7515, 2: without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def spell(value: Any) -> bytes:
    """Give bytes as they are, a text in UTF-8, and anything else as JSON."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).encode(
        "utf-8", "surrogatepass"
    )


def sign(claims: Any, key: bytes, header: Any = HEADER, digest: str = "sha256") -> str:
    """Sign what stands there, legal or not: header and claims as objects, or as the very text or bytes."""
    return sign_input(f"{base64url(spell(header))}.{base64url(spell(claims))}", key, digest)


def sign_input(text: str, key: bytes, digest: str = "sha256") -> str:
    """Sign segments as they are written."""
    return (
        f"{text}.{base64url(hmac.new(key, text.encode('utf-8', 'surrogatepass'), getattr(hashlib, digest)).digest())}"
    )
