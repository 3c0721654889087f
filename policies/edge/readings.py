"""What a path may mean to those behind the edge: each proxy, framework and file system has a normal form of its own.

Between a viewer and a service stand CloudFront, a load balancer, a gateway and its framework. A path that any of them could
take for a protected one must not go by the edge as something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

MAXIMUM = 64
"""A path that is spelled in more ways at once is refused by its first ones already."""

CANONICAL = re.compile(r"(?:/[A-Za-z0-9_~-]+(?:\.+[A-Za-z0-9_~-]+)*)*/?\Z")
"""What everybody reads alike: letters, digits and `_ ~ - .`, no empty segment, none that begins or ends with a dot."""


def is_canonical(path: str) -> bool:
    """Whether there is but one way to read a path, capitals aside."""
    return path.startswith("/") and len(path) <= 1024 and CANONICAL.match(path) is not None


@lru_cache(maxsize=50_000)
def readings(path: str) -> tuple[str, ...]:
    """Give the path and all that it may be read as, by any of the normal forms in any order."""
    found = {path: None}
    pending = [path]
    while pending and len(found) < MAXIMUM:
        text = pending.pop(0)
        for form in _FORMS:
            other = form(text)
            if other not in found:
                found[other] = None
                pending.append(other)
    return tuple(found)


def is_under(path: str, prefix: str) -> bool:
    """Whether a path is a prefix, or goes on from it at a slash."""
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def _decoded(path: str) -> str:
    """Percent signs away, once; overlong UTF-8 is read as what it stands for, as careless decoders do."""
    if "%" not in path:
        return path
    text = re.sub(r"%u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), path)
    return re.sub(r"(?:%[0-9A-Fa-f]{2})+", lambda match: _text(bytes.fromhex(match[0].replace("%", ""))), text)


def _text(data: bytes) -> str:
    return "".join(_characters(data))


def _characters(data: bytes) -> Iterator[str]:
    at = 0
    while at < len(data):
        first = data[at]
        length = 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
        tail = data[at + 1 : at + length]
        if length > 1 and len(tail) == length - 1 and all(byte & 0xC0 == 0x80 for byte in tail):
            number = first & (0x7F >> length)
            for byte in tail:
                number = number << 6 | byte & 0x3F
            yield chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
            at += length
        else:
            yield chr(first)
            at += 1


def _with_slashes(path: str) -> str:
    return path.replace("\\", "/")


def _without_double_slashes(path: str) -> str:
    return re.sub(r"/{2,}", "/", path)


def _without_parameters(path: str) -> str:
    return re.sub(r";[^/]*", "", path)


def _without_dot_segments(path: str) -> str:
    """RFC 3986, 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")[1:] if path.startswith("/") else path.split("/")
    for index, segment in enumerate(segments):
        last = index == len(segments) - 1
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
        if last and segment in (".", ".."):
            kept.append("")
    return "/" + "/".join(kept)


def _without_trailing(path: str) -> str:
    """As file systems and careless routers: dots, spaces and what follows a NUL at the end of a segment."""
    return "/".join(
        segment if segment in (".", "..") else segment.rstrip(". \t\r\n")
        for segment in path.partition("\0")[0].split("/")
    )


def _folded(path: str) -> str:
    """Full-width and other compatible characters as their plain ones."""
    return path if path.isascii() else unicodedata.normalize("NFKC", path).replace("\u2215", "/").replace("\u2044", "/")


_FORMS: tuple[Callable[[str], str], ...] = (
    _decoded,
    _with_slashes,
    _without_dot_segments,
    _without_double_slashes,
    _without_parameters,
    _without_trailing,
    _folded,
)
