"""Where a gateway's Java decides about a request: what is blamed where it lets in, or refuses, what it must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.evidence import Location
from policies.gateway.found import Program
from policies.gateway.keys import key_places

_FILTER = re.compile(r".*(?:Filter|Interceptor)\Z|HandlerInterceptorAdapter\Z|SecurityWebFilterChain\Z")
"""Types of Servlet, Spring and Spring Cloud Gateway through which every request goes (`GlobalFilter`, `OncePerRequestFilter`), and their like."""


def deciding(program: Program, *, tokens: bool) -> tuple[Location, ...]:
    """Give where it compares CloudFront's header, else its filters; with `tokens`, where it verifies one first."""
    compared = [location for one in program.checks for location in (one.comparison.location, *one.way)]
    verified = key_places(program.gateway) if tokens else ()
    return tuple(dict.fromkeys((*verified, *(compared or _filters(program)))))


def _filters(program: Program) -> Iterator[Location]:
    for type in program.gateway.project.types:
        if type.kind == "class" and any(_FILTER.match(name) for name in type.above):
            yield type.locate(type.node)
