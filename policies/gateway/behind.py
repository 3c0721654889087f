"""What stands behind a gateway: where its protected paths lead, which of them it refuses by itself, and what has arrived there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from policies.edge.contract import Contract
from policies.edge.oracle import protected_reading
from policies.edge.viewer import METHODS, Visit, list_of
from policies.gateway.answers import Answer
from policies.gateway.chain import Crossing, as_http
from policies.gateway.found import ORIGIN_SECRET
from policies.model.delivery import cloudfront as delivery


@dataclass(frozen=True)
class Home:
    """Where a protected path leads behind the gateway: which backend, and under which path there."""

    prefix: str
    backend: str
    behind: str


@dataclass(frozen=True, eq=False)
class Behind:
    """What is behind a gateway by the edge's contract; `exchange` sends requests straight to it, `names` are the headers that it compares with a secret."""

    contract: Contract
    visit: Visit
    names: tuple[str, ...]
    exchange: Callable[[Sequence[delivery.Request]], list[Answer]]

    @cached_property
    def homes(self) -> tuple[Home, ...]:
        """Where each protected path leads behind the gateway, for who has both CloudFront's header and a token; nothing where it leads nowhere."""
        return self._homes(self.contract.protected)

    def _homes(self, prefixes: tuple[str, ...]) -> tuple[Home, ...]:
        pass_ = {name.lower(): list_of(name, [ORIGIN_SECRET]) for name in self.names}
        token = [self.visit.token] if self.contract.header is not None else []
        paths = [f"{prefix}/{self.visit.event}" for prefix in prefixes]
        asked = [self.visit.request(*token, carrier="header", uri=path, headers=pass_) for path in paths]
        found = []
        for prefix, path, answer in zip(prefixes, paths, self.exchange([as_http(one) for one in asked]), strict=True):
            for one in answer.arrived[:1]:
                rest = path[len(prefix) :]
                found.append(Home(prefix, one.backend, one.path.removesuffix(rest) or "/"))
        return tuple(found)

    @cached_property
    def _behind(self) -> Contract:
        """The contract as it is behind the gateway, which may write paths anew."""
        bypass = tuple(one.behind for one in self._homes(self.contract.bypass)) + self.contract.bypass
        protected = tuple(one.behind for one in self.homes) + self.contract.protected
        return replace(self.contract, protected=tuple(dict.fromkeys(protected)), bypass=tuple(dict.fromkeys(bypass)))

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """The protected paths that both refuse, plainly asked, and that lead somewhere: where one does not, that is EDGE-07d's."""
        prefixes = [one.prefix for one in self.homes]
        asked = [as_http(self.visit.request(uri=f"{prefix}/{self.visit.event}")) for prefix in prefixes]
        answers = self.exchange(asked)
        return tuple(prefix for prefix, answer in zip(prefixes, answers, strict=True) if not answer.through)

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """The methods with which the gateway refuses them: where it lets one pass, that is EDGE-07d's too."""
        path = f"{self.shared[0]}/{self.visit.event}"
        answers = self.exchange([as_http(self.visit.request(uri=path, method=method)) for method in METHODS])
        return tuple(method for method, answer in zip(METHODS, answers, strict=True) if not answer.through)

    def protected(self, crossing: Crossing) -> str:
        """Say where a request arrived that is protected, if it did."""
        homes = {one.backend for one in self.homes if not crossing.straight or one.prefix in self.shared}
        for one in crossing.answer.arrived if crossing.answer is not None else ():
            if one.backend in homes and protected_reading(self._behind, one.path) is not None:
                return f"{one.path} of {one.backend}"
        return ""
