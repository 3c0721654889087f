"""The way of a viewer's request: the edge's own function, what CloudFront makes of what that lets through, and the gateway."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from policies.edge import answers as edge
from policies.edge.attack import Variant
from policies.edge.oracle import Decision, decide
from policies.edge.running import Running
from policies.evidence import Location
from policies.gateway.answers import Answer
from policies.model.delivery import cloudfront as delivery
from policies.model.delivery.associations import associations, is_from
from policies.model.delivery.cloudfront import Distribution
from policies.model.delivery.resources import behaviours, distribution_of
from policies.model.header.senders import Front
from policies.read.terraform import Unknown

Exchange = Callable[[Sequence[delivery.Request]], list[Answer]]


@dataclass(frozen=True)
class Crossing:
    """A viewer's request on its way: what was due, what the edge did (`None`: it was not asked), what CloudFront sent, what the gateway answered.

    `straight` says that it went to the gateway itself.
    """

    variant: Variant
    decision: Decision
    edge: edge.Answer | None = None
    sent: delivery.Request | None = None
    answer: Answer | None = None
    stopped: str = ""
    straight: bool = False

    @property
    def arrived(self) -> bool:
        """Whether it came to what stands behind the gateway."""
        return self.answer is not None and self.answer.through


@dataclass(frozen=True, eq=False)
class Chain:
    """A function at viewer request before a distribution; `names` are the headers that the gateway compares with `secret`."""

    running: Running
    front: Front
    folder: str
    names: tuple[str, ...]

    @cached_property
    def _served(self) -> Distribution:
        return distribution_of(self.front.distribution)

    @cached_property
    def _checked(self) -> dict[int, bool]:
        """Whether a behaviour runs the function. Raises NotJudged where that is not known."""
        found = {}
        for one in behaviours(self.front.distribution):
            own = [
                each
                for each in associations(one)
                if each.function is None or is_from(each.function, self.folder) is not False
            ]
            found[id(one.behaviour)] = bool(own)
        return found

    def runs_check(self, path: str) -> bool:
        """Whether the behaviour that a path meets runs the function."""
        return self._checked[id(self._served.behaviour_of(path))]

    def locate(self, path: str) -> Location:
        """Give the behaviour that a path meets."""
        met = self._served.behaviour_of(path)
        found = next(one for one in behaviours(self.front.distribution) if one.behaviour is met)
        return self.front.distribution.locate(*found.path)

    def _with(self, secret: str) -> Distribution:
        """Give the distribution with a value for the gateway's header, and for every other whose value is known only when it is applied."""
        own = {name.lower() for name in self.names}
        values = {
            str(name): secret
            for origin in self._served.origins
            for name, value in origin.headers
            if isinstance(value, Unknown) or str(name).lower() in own
        }
        return self._served.with_values(values)

    def cross(self, variants: Sequence[Variant], secret: str, exchange: Exchange) -> list[Crossing]:
        """Send viewers' requests on their way, with `secret` as the value of CloudFront's header."""
        asked = [self.runs_check(str(one.request["uri"])) for one in variants]
        checked = [one for one, runs in zip(variants, asked, strict=True) if runs]
        decide_all = self.running.bridge.decide
        told = iter(decide_all([one.request for one in checked], [one.now for one in checked]) if checked else ())
        served = self._with(secret)
        found = [
            self._forward(served, one, next(told) if runs else None) for one, runs in zip(variants, asked, strict=True)
        ]
        going = [at for at, one in enumerate(found) if one.sent is not None]
        answers = exchange([one.sent for one in found if one.sent is not None]) if going else []
        for at, answer in zip(going, answers, strict=True):
            found[at] = replace(found[at], answer=answer)
        return found

    def _forward(self, served: Distribution, variant: Variant, answer: edge.Answer | None) -> Crossing:
        made = Crossing(variant, decide(self.running.contract, variant.request, variant.now), answer)
        if answer is not None and not answer.through:
            return replace(made, stopped="the edge")
        after = variant.request if answer is None or answer.value is None else {**variant.request, **answer.value}
        sent = served.request_to_origin(replace(as_http(after), path=str(variant.request["uri"])))
        if sent is None:
            return replace(made, stopped="CloudFront, which takes no such method here")
        origin, request = sent
        return replace(made, sent=replace(request, path=origin.path.rstrip("/") + str(after["uri"])))


def as_http(request: dict[str, Any]) -> delivery.Request:
    """Give a request in the form of a function at viewer request as one of HTTP."""
    headers = tuple(
        (str(item.get("key", name)), str(item.get("value", "")))
        for name, items in request.get("headers", {}).items()
        for item in items
    )
    return delivery.Request(str(request["uri"]), str(request["method"]), str(request.get("querystring", "")), headers)
