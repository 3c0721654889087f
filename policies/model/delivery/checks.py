"""Behaviours that reach the load balancer: the check that they run, what they send on, and what they keep."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Gap
from policies.intent.entry import Edge
from policies.model.cloud.resources import known
from policies.model.delivery.associations import Association, associations, is_from
from policies.model.delivery.distributions import CloudFront, CloudFrontBehaviour
from policies.model.delivery.policies import ALL, CachePolicy, OriginRequestPolicy
from policies.model.delivery.resources import balancers, behaviours, distribution_of, reached
from policies.platform import Platform
from policies.read.terraform import Unknown
from policies.requirement import NotJudged

_UNSAFE = frozenset(["POST", "PUT", "PATCH", "DELETE"])


@dataclass(frozen=True, eq=False)
class BalancerBehaviour(CloudFrontBehaviour):
    """A behaviour that may reach the load balancer."""

    noun: ClassVar[str] = "behaviour that reaches the load balancer"

    edge: Edge | None = None

    @property
    def counts(self) -> bool:
        """Whether an origin that it may go to leads there."""
        leading = balancers(self.distribution.block)
        if isinstance(self.found.behaviour.origin, Unknown):
            return bool(leading)
        targets = reached(self.distribution.block, self.found.behaviour.origin)
        return any(one.origin.id in targets for one in leading)

    @cached_property
    def associations(self) -> tuple[Association, ...]:
        """The functions that it runs at viewer request."""
        return tuple(associations(self.found))

    @property
    def checks(self) -> tuple[Association, ...]:
        """The functions at viewer request that may be the check: all, unless owners state which code the check is."""
        stated = self._handler_folder
        if stated is None:
            return self.associations
        return tuple(
            one for one in self.associations if one.function is None or is_from(one.function, stated) is not False
        )

    @property
    def _handler_folder(self) -> str | None:
        if self.edge is None or (self.edge.handler is None and self.edge.folder is None):
            return None
        return posixpath.normpath(self.edge.folder or posixpath.dirname(self.edge.handler or "") or ".")

    @property
    def strangers(self) -> tuple[str, ...]:
        """The other functions that behaviours of the distribution run, where nothing states which is the check."""
        if self._handler_folder is not None:
            return ()
        own = {one.function.address for one in self.associations if one.function is not None}
        others = (type(self)(self.distribution, one, self.edge) for one in behaviours(self.distribution.block))
        every = {
            one.function.address
            for other in others
            if other.counts
            for one in other.associations
            if one.function is not None
        }
        return tuple(sorted(every - own)) if own else ()

    @property
    def cache(self) -> CachePolicy:
        """What it keeps. Raises NotJudged where that is not known."""
        policy: CachePolicy = known(self.found.behaviour.cache)
        return policy

    @property
    def sends(self) -> OriginRequestPolicy:
        """What it sends on beside what is in the key of the cache. Raises NotJudged where that is not known."""
        return known(self.found.behaviour.origin_request) or OriginRequestPolicy()

    @property
    def is_dynamic(self) -> bool:
        """Whether it serves what needs a token, or takes what changes something."""
        if _UNSAFE.intersection(known(self.found.behaviour.methods)):
            return True
        protected = self.edge.protected if self.edge is not None else None
        distribution = distribution_of(self.distribution.block)
        paths = [f"{one.rstrip('/')}{rest}" for one in protected or () for rest in ("", "/", "/x", "/x/y")]
        return any(self.found.behaviour in distribution.may_meet(path) for path in paths)

    def forwards_header(self, name: str) -> bool:
        """Whether a viewer's header reaches the origin."""
        return self.cache.legacy or self.cache.headers.takes(name) or self.sends.headers.takes(name)

    def forwards_cookie(self, name: str) -> bool:
        """Whether a viewer's cookie reaches the origin."""
        return self.cache.cookies.takes(name, exact=True) or self.sends.cookies.takes(name, exact=True)

    @property
    def shared(self) -> tuple[str, ...]:
        """What of a viewer reaches the origin, or should, and does not tell kept answers apart; nothing where none is kept."""
        if not self.cache.keeps:
            return ()
        cookie = self.edge.cookie if self.edge is not None and self.edge.cookie is not None else "session"
        headers = [
            "Authorization",
            *([self.edge.header] if self.edge is not None and self.edge.header is not None else []),
        ]
        found = [
            one for one in headers if (self.is_dynamic or self._asks_for(one)) and not self.cache.headers.takes(one)
        ]
        cookies = known(self.sends.cookies.kind) == ALL or self.forwards_cookie(cookie) or self.is_dynamic
        return (*found, *(["cookies"] if cookies and not self.cache.cookies.takes(cookie, exact=True) else []))

    def _asks_for(self, header: str) -> bool:
        return self.cache.headers.takes(header) or self.sends.headers.takes(header)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CloudFrontBehaviour | Gap]:
        """Yield every behaviour that may reach a load balancer."""
        for one in CloudFront.collect(platform):
            if isinstance(one, Gap):
                yield one
            elif isinstance(one, CloudFront):
                every = (cls(one, found, platform.intent.edge) for found in behaviours(one.block))
                yield from (each for each in every if each.counts)


class DynamicBehaviour(BalancerBehaviour):
    """A behaviour that serves what needs a token, or takes what changes something."""

    noun: ClassVar[str] = "behaviour of what needs a token"

    @property
    def counts(self) -> bool:
        """Whether it is so, or that is not known."""
        try:
            return super().counts and self.is_dynamic
        except NotJudged:
            return True


def unique_check(behaviour: BalancerBehaviour) -> None:
    """Raise NotJudged where several functions run at viewer request, and nothing states which is the check."""
    if behaviour.strangers:
        raise NotJudged(
            f"{', '.join(behaviour.strangers)} runs elsewhere: [edge] handler would say which code is the check"
        )
