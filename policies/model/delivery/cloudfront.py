"""CloudFront as it serves: which behaviour a path meets, and what request the origin then gets. Pure: no file, no Terraform.

Sources, of the Amazon CloudFront Developer Guide: "Cache behavior settings" (path pattern), "Request and response behavior for custom
origins" (HTTP request headers), "Control origin requests with a policy", "Control the cache key with a policy", "Add custom headers to
origin requests". A value that is not known (`Unknown`) raises NotJudged where it decides.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from policies.model.cloud.resources import known
from policies.model.delivery.headers import compressed, is_automatic, is_removed, with_own
from policies.model.delivery.policies import CachePolicy, OriginRequestPolicy, fits
from policies.read.terraform import Unknown

Headers = tuple[tuple[str, str], ...]

METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE")


@dataclass(frozen=True)
class Request:
    """A request: its path as it was sent, its query without `?`, its headers in their order."""

    path: str
    method: str = "GET"
    query: str = ""
    headers: Headers = ()

    def values(self, name: str) -> tuple[str, ...]:
        """Give the values of a header."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())


@dataclass(frozen=True)
class Origin:
    """Where requests go: `headers` are put on each in place of a viewer's own; a value that is not known stays Unknown in it."""

    id: str
    domain: Any
    path: str = ""
    headers: tuple[tuple[Any, Any], ...] = ()


@dataclass(frozen=True)
class Behaviour:
    """What is done with the paths that fit a pattern, which for the default behaviour is `*`."""

    pattern: Any
    origin: Any
    methods: Any = METHODS
    cache: CachePolicy | Unknown = field(default_factory=CachePolicy)
    origin_request: OriginRequestPolicy | Unknown | None = None

    def fits(self, path: str) -> bool:
        """Whether a path fits its pattern; a `/` at the beginning of the pattern makes no difference, capitals do."""
        pattern = str(known(self.pattern))
        return fits("/" + pattern.removeprefix("/") if not pattern.startswith("*") else pattern, path)


@dataclass(frozen=True)
class Distribution:
    """A distribution: its behaviours in their order, the default one last, and its origins."""

    behaviours: tuple[Behaviour, ...]
    origins: tuple[Origin, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Origin]:
        """Its origins by id."""
        return {one.id: one for one in self.origins}

    def with_values(self, values: Mapping[str, str]) -> Distribution:
        """Give it with values for its origins' custom headers, by their names: a secret is known only when it is applied."""
        given = {name.lower(): value for name, value in values.items()}
        origins = (
            replace(one, headers=tuple((name, given.get(str(name).lower(), value)) for name, value in one.headers))
            for one in self.origins
        )
        return replace(self, origins=tuple(origins))

    def behaviour_of(self, path: str) -> Behaviour:
        """Give the behaviour that a path meets: the first whose pattern fits, by the normalised path."""
        normal = normalised(path)
        return next(one for one in self.behaviours if one.fits(normal))

    def may_meet(self, path: str) -> tuple[Behaviour, ...]:
        """Give every behaviour that a path meets by any reading of it: as it was sent, normalised, with slashes that follow one another made one."""
        spellings = dict.fromkeys((normalised(path), path, re.sub(r"//+", "/", normalised(path))))
        met = [next(one for one in self.behaviours if one.fits(text)) for text in spellings]
        return tuple(one for position, one in enumerate(met) if all(one is not other for other in met[:position]))

    def request_to_origin(self, request: Request, address: str = "192.0.2.1") -> tuple[Origin, Request] | None:
        """Give the origin, and the request that it gets for a viewer's, as the check at viewer request let it through.

        None where CloudFront itself refuses the method (403). `address` is the viewer's.
        """
        behaviour = self.behaviour_of(request.path)
        if request.method not in known(behaviour.methods):
            return None
        origin = self.by_id[str(known(behaviour.origin))]
        cache, policy = known(behaviour.cache), known(behaviour.origin_request) or OriginRequestPolicy()
        kept = ((pair[0], _forwarded(pair, request.method, cache, policy)) for pair in request.headers)
        headers = [(name, value) for name, value in kept if value is not None]
        headers += _cookies(request, cache, policy)
        headers = list(with_own(tuple(headers), request.headers, str(known(origin.domain)), address))
        own = tuple((str(known(name)), known(value)) for name, value in origin.headers)
        taken = {name.lower() for name, _ in own}
        headers = [pair for pair in headers if pair[0].lower() not in taken]
        query = "&".join(one for one in request.query.split("&") if _asked(one, cache, policy))
        path = origin.path.rstrip("/") + request.path
        return origin, replace(request, path=path, query=query, headers=(*headers, *own))


def normalised(path: str) -> str:
    """Normalise a path as RFC 3986 (6.2.2) has it: letters that need no percent sign, capital hex digits, no dot segments.

    "CloudFront normalizes URI paths consistent with RFC 3986 and then matches the path with the correct cache behavior. Once the cache
    behavior is matched, CloudFront sends the raw URI path to the origin."
    """

    def decode(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else found[0].upper()

    text = re.sub(r"%([0-9A-Fa-f]{2})", decode, path)
    kept: list[str] = []
    segments = text.split("/")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "..":
            kept[:] = kept[:-1] if len(kept) > 1 else kept
        if segment not in (".", ".."):
            kept.append(segment)
        elif last:
            kept.append("")
    return "/".join(kept) or posixpath.sep


def _forwarded(pair: tuple[str, str], method: str, cache: CachePolicy, policy: OriginRequestPolicy) -> str | None:
    """Give the value with which a viewer's header goes on; None where it does not."""
    name, value = pair[0].lower(), pair[1]
    if name == "cookie":
        return None
    if name == "accept-encoding" and (cache.legacy or known(cache.gzip) or known(cache.brotli)):
        return compressed(value, brotli=cache.legacy or bool(known(cache.brotli)))
    asked = cache.headers.takes(name) or policy.headers.takes(name)
    # With a policy Authorization goes on where that names it; without one, with every method that has a body.
    if is_removed(name, method if cache.legacy else "GET", asked):
        return None
    return value if asked or cache.legacy or is_automatic(name) else None


def _cookies(request: Request, cache: CachePolicy, policy: OriginRequestPolicy) -> Iterable[tuple[str, str]]:
    """Give the cookies that go on; a header of them that stays whole is sent as it came."""
    for value in request.values("cookie"):
        parts = [part for part in value.split(";") if part.strip()]
        kept = [
            part
            for part in parts
            for name in (part.partition("=")[0].strip(),)
            if cache.cookies.takes(name, exact=True) or policy.cookies.takes(name, exact=True)
        ]
        if kept:
            yield "Cookie", value if len(kept) == len(parts) else "; ".join(part.strip() for part in kept)


def _asked(parameter: str, cache: CachePolicy, policy: OriginRequestPolicy) -> bool:
    name = parameter.partition("=")[0]
    return cache.query.takes(name, exact=True) or policy.query.takes(name, exact=True)
