"""Spellings of a protected path, without a token: each is one that somebody behind the edge reads as the plain one."""

from __future__ import annotations

from collections.abc import Iterator

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.viewer import Visit, list_of

Made = Iterator[tuple[str, Request]]


def targets(visit: Visit) -> tuple[str, ...]:
    """Give the protected paths that are spelled otherwise."""
    return (visit.path, visit.prefix, f"{visit.prefix}/{visit.event}")


def letters_of(path: str) -> list[int]:
    """Give where a path has letters."""
    return [at for at, letter in enumerate(path) if letter.isalpha()]


def ways_in(visit: Visit) -> tuple[str, ...]:
    """Paths from which one could climb: bypasses, and what is public."""
    return (*visit.contract.bypass, "/assets", "")


def climb(path: str) -> int:
    """Give how many segments there are to climb to the root."""
    return path.count("/")


@attack("all capitals", "one capital", "each word's first", "like a bypass")
def capitals(visit: Visit) -> Made:
    """Capitals: what stands behind the edge may not care for them."""
    for target in targets(visit):
        yield "all capitals", visit.request(uri=target.upper())
        yield "each word's first", visit.request(uri=target.title())
        letters = letters_of(visit.prefix)
        for count in range(3):
            at = letters[(visit.position + count) % len(letters)]
            yield "one capital", visit.request(uri=target[:at] + target[at].upper() + target[at + 1 :])
    inside = [
        path
        for path in visit.contract.bypass
        if any(path.startswith(f"{prefix}/") for prefix in visit.contract.protected)
    ]
    # A bypass in capitals may be one; what only begins like it is none in any letters.
    for path in inside:
        head, _, tail = path.rpartition("/")
        for spelled in (path.upper(), f"{head}/{tail.upper()}"):
            yield "like a bypass", visit.request(uri=f"{spelled}X")
            yield "like a bypass", visit.request(uri=f"{spelled}-X/{visit.event}")
    if not inside:
        yield "like a bypass", visit.request(uri=visit.prefix.upper())


@attack("a dot", "up and down", "up from a bypass", "above the root", "at the end")
def dot_segments(visit: Visit) -> Made:
    """`.` and `..` (RFC 3986, 5.2.4): CloudFront matches the path without them, and sends it on with them."""
    for target in targets(visit):
        yield "a dot", visit.request(uri=f"/.{target}")
        yield "a dot", visit.request(uri=target.replace("/", "/./"))
        yield "up and down", visit.request(uri=f"/x/..{target}")
        yield "up and down", visit.request(uri=f"{visit.prefix}/../{visit.prefix.rpartition('/')[2]}/{visit.event}")
        yield "above the root", visit.request(uri=f"/..{target}")
        yield "above the root", visit.request(uri=f"/../../..{target}")
        for way in ways_in(visit):
            yield "up from a bypass", visit.request(uri=f"{way}{'/..' * climb(way)}{target}")
            yield "up from a bypass", visit.request(uri=f"{way}/x{'/..' * (climb(way) + 1)}{target}")
            yield "up from a bypass", visit.request(uri=f"{way}/.{'/..' * climb(way)}{target}")
    for bypass in visit.contract.bypass:
        for prefix in visit.contract.protected:
            if bypass.startswith(f"{prefix}/"):
                yield "up from a bypass", visit.request(uri=f"{bypass}/../{visit.event}")
    yield "at the end", visit.request(uri=f"/x/..{visit.prefix}/.")
    yield "at the end", visit.request(uri=f"/x/..{visit.path}/..")


@attack("at the beginning", "in between", "many", "at the end")
def double_slashes(visit: Visit) -> Made:
    """Slashes that somebody merges."""
    for target in targets(visit):
        yield "at the beginning", visit.request(uri=f"/{target}")
        yield "in between", visit.request(uri=target.replace("/", "//"))
        yield "in between", visit.request(uri=f"/{target[1:].replace('/', '//', 1)}")
        yield "many", visit.request(uri=target.replace("/", "////"))
        yield "at the end", visit.request(uri=f"/{target}//")


@attack("in a segment", "a session", "up from a bypass", "empty")
def path_parameters(visit: Visit) -> Made:
    """`;a=b`, which Java's containers take off each segment (and `..;`, which some proxies do not)."""
    for target in targets(visit):
        head, _, tail = target[1:].partition("/")
        rest = f"/{tail}" if tail else ""
        yield "in a segment", visit.request(uri=f"/{head};a=b{rest}")
        yield "in a segment", visit.request(uri=f"/{head};{rest}")
        yield "a session", visit.request(uri=f"{visit.prefix};jsessionid=1F/{visit.event}")
        yield "a session", visit.request(uri=f"{visit.prefix};x")
        yield "empty", visit.request(uri=f"/;{target}")
        for way in ways_in(visit):
            yield (
                "up from a bypass",
                visit.request(uri=f"{way}{'/..;' * climb(way)}{target}" if way else f"/..;{target}"),
            )
            yield (
                "up from a bypass",
                visit.request(uri=f"{way}{'/..;a=b' * climb(way)}{target}" if way else f"/x/..;{target}"),
            )


@attack("a dot", "a space", "NUL", "encoded", "in the middle")
def trailing(visit: Visit) -> Made:
    """Characters at a segment's end that file systems and frameworks drop."""
    prefix = visit.prefix
    for end in (".", "..."):
        yield "a dot", visit.request(uri=f"{prefix}{end}")
    for end in (" ", "\t", "  "):
        yield "a space", visit.request(uri=f"{prefix}{end}")
    for end in ("\x00", "\x00.css", "\x00/x"):
        yield "NUL", visit.request(uri=f"{prefix}{end}")
    for end in ("%20", "%00", "%09", "%2e", "%00.html", "%0a", "%0d%0a"):
        yield "encoded", visit.request(uri=f"{prefix}{end}")
    yield "in the middle", visit.request(uri=f"{prefix}./{visit.event}")
    yield "in the middle", visit.request(uri=f"{prefix} /{visit.event}")
    yield "in the middle", visit.request(uri=f"{prefix}%20/{visit.event}")


@attack(
    "glued to a bypass",
    "dashes and dots",
    "a bypass further down",
    "a bypass in the query",
    "a bypass in a header",
    "a bypass as the event",
)
def nearly_bypassed(visit: Visit) -> Made:
    """A protected path that holds a bypass somewhere."""
    bypass, protected = visit.contract.bypass, visit.contract.protected
    inside = [path for path in bypass if any(path.startswith(f"{prefix}/") for prefix in protected)]
    for path in inside or [f"{visit.prefix}/x"]:
        for end in ("x", visit.event, "2"):
            yield "glued to a bypass", visit.request(uri=f"{path}{end}")
            yield "glued to a bypass", visit.request(uri=f"{path}{end}/{visit.event}")
        for end in ("-x", "_x", "~", ".js", ".x/y"):
            yield "dashes and dots", visit.request(uri=f"{path}{end}")
    for path in (*bypass, "/public"):
        yield "a bypass further down", visit.request(uri=f"{visit.path.rstrip('/')}{path}")
        yield "a bypass further down", visit.request(uri=f"{visit.prefix}{path}/x")
        yield "a bypass in the query", visit.request(query=f"next={path}")
        yield "a bypass in the query", visit.request(query=path)
        for name in ("referer", "x-original-url", "x-rewrite-url", "x-forwarded-uri", "origin"):
            yield "a bypass in a header", visit.request(headers={name: list_of(name.title(), [path])})
        yield "a bypass as the event", visit.request(uri=f"{visit.prefix}/{path.rpartition('/')[2]}x")
