"""Edge and gateway, as one subject: whether the one lets in what the other does, whoever comes and by whichever way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from policies.edge.contract import Contract
from policies.edge.validator import Validator
from policies.evidence import Evidence, Gap, Location, Place
from policies.gateway import session
from policies.gateway.found import Program, programs
from policies.gateway.places import deciding
from policies.model.header.contract import ends
from policies.model.header.senders import Front
from policies.model.kept import kept
from policies.platform import Platform
from policies.requirement import not_judged

if TYPE_CHECKING:
    from policies.edge.attack import Variant
    from policies.edge.viewer import Visit
    from policies.gateway.answers import Answer
    from policies.gateway.behind import Behind
    from policies.gateway.chain import Chain, Crossing
    from policies.gateway.search import Findings
    from policies.gateway.trials import Trial
    from policies.model.delivery import cloudfront as delivery


@dataclass(frozen=True, eq=False)
class Agreement:
    """A token validator, the distribution that runs it, and the gateway behind."""

    noun: ClassVar[str] = "gateway behind a token validator"
    only_in_files: ClassVar[bool] = True
    beside: ClassVar[str] = "gateway"

    validator: Validator
    front: Front
    program: Program
    started: float = field(default_factory=time.time)

    @property
    def place(self) -> Place:
        """The root that the distribution stands in."""
        return self.front.deployed.place

    @property
    def id(self) -> str:
        """The place, the distribution and the gateway's folder."""
        return f"{self.place.name}:{self.front.distribution.address}:{self.program.folder}"

    @property
    def meaning(self) -> str:
        """What it is, wherever it lies."""
        return "edge and gateway"

    @cached_property
    def chain(self) -> Chain:
        """The way through the edge and CloudFront."""
        # Hypothesis and the verifier are imported where there is something to ask.
        from policies.gateway.chain import Chain

        running = self.validator.running
        folder = running.package.folder
        return Chain(running, self.front, folder, self.program.header_names)

    @cached_property
    def contract(self) -> Contract:
        """What the edge keeps of its contract: one defect of its own hides nothing here."""
        return self.validator.running.guarded

    @property
    def sent_names(self) -> tuple[str, ...]:
        """The names of the headers that CloudFront sends."""
        return tuple(dict.fromkeys(one.name for one in self.front.sent if isinstance(one.name, str)))

    # Asking

    def close(self) -> None:
        """End the gateway, if it was started."""
        session.close(self.program)

    def exchange(self, requests: Sequence[delivery.Request]) -> list[Answer]:
        """Send requests straight to the gateway. Raises NotJudged where it cannot be run."""
        return session.exchange(self.program, requests)

    def cross(self, trial: Trial, variants: Sequence[Variant]) -> list[Crossing]:
        """Send requests by a trial's way."""
        if trial.through:
            return self.chain.cross(variants, trial.secret, self.exchange)
        from policies.edge.oracle import decide
        from policies.gateway.chain import Crossing, as_http

        answers = self.exchange([as_http(one.request) for one in variants])
        return [
            Crossing(
                one,
                decide(self.contract, one.request, one.now),
                sent=as_http(one.request),
                answer=answer,
                straight=True,
            )
            for one, answer in zip(variants, answers, strict=True)
        ]

    def at_present(self, visit: Visit) -> Visit:
        """Give a visit of now: the gateway's clock is the machine's, and what holds must hold until the end of the run."""
        return replace(visit, now=int(self.started) * 1000.0, lifetime=7200 + visit.lifetime, issued=60 + visit.issued)

    @cached_property
    def visit(self) -> Visit:
        """A visit with nothing odd about it."""
        from policies.edge.viewer import plain_visit

        return self.at_present(plain_visit(self.contract))

    @cached_property
    def behind(self) -> Behind:
        """What stands behind the gateway."""
        from policies.gateway.behind import Behind

        return Behind(self.contract, self.visit, self.program.header_names, self.exchange)

    def arrives_without(self, crossing: Crossing) -> bool:
        """Whether the same request, without the headers that are tried, arrives as well."""
        own = {name.lower() for name in self.program.header_names}
        own |= {name.replace("-", "_") for name in own} | {"connection"}
        headers = crossing.variant.request["headers"]
        kept_headers = {name: items for name, items in headers.items() if name.replace("_", "-") not in own}
        plain = replace(crossing.variant, request={**crossing.variant.request, "headers": kept_headers})
        from policies.gateway.trials import own_header

        (again,) = self.cross(own_header(self.program.header_names), [plain])
        return again.arrived

    # Judging

    @cached_property
    def findings(self) -> Findings:
        """What was tried, and what was found."""
        from policies.gateway.search import Findings

        return Findings(self)

    def require(self, *keys: str) -> None:
        """End without a verdict where edge or gateway cannot be run, or a part of the contract is not known."""
        # It takes seconds to start: the validator starts beside it, and where there is no gateway, need not at all.
        session.begin(self.program)
        self.validator.require_door(*(key for key in keys if key != "names"))
        self.exchange(())
        if "names" in keys and not self.program.header_names:
            not_judged("no header is known that the gateway compares with a secret (HDR-03)")
        if not self.program.origin_secrets:
            not_judged(
                "nobody says in which variable the gateway gets the value of CloudFront's header; state it: [header] variable"
            )
        if "header" in keys and not self.program.token_secret:
            not_judged(
                "nobody says in which variable the gateway gets the key of the tokens; state it: [gateway] token-secret"
            )
        if not self.behind.homes:
            not_judged(
                "no protected path leads anywhere behind the gateway, not even with CloudFront's header and a token"
            )

    def require_shared(self) -> None:
        """End without a verdict where the gateway refuses nothing that the edge does: that is one defect, and hides what else would be found."""
        if not self.behind.shared:
            not_judged("the gateway itself lets every protected path pass (EDGE-07d)")

    def breach(self, trial: Trial) -> Evidence | None:
        """Try, and give the smallest request that shows what is wrong; None where nothing is."""
        failure = self.findings.look(trial)
        if failure is None:
            return None
        from policies.gateway.counterexample import sentence, write

        told = self.evidence("{}", sentence(failure, write(failure, trial, self)))
        if not trial.through:
            # No edge was asked: what was sent to the gateway itself, its own code decided.
            own = deciding(self.program, tokens=trial.carrier == "header")
            told = replace(told, locations=tuple(dict.fromkeys((*own, *told.locations))))
        return replace(told, value=f"{failure.crossing.variant.label}: {failure.problem}")

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the edge's code, where the gateway reads the header, and where CloudFront sends it."""
        text = message.format(*values) if values else message
        own = [location for one in self.program.checks for location in (*one.way, one.comparison.location)]
        own = own or list(deciding(self.program, tokens=False))
        sent = [location for one in self.front.sent for location in one.way]
        edge = self.validator.evidence("").locations
        return Evidence(text, tuple(dict.fromkeys((*edge, *sent, *own))) or (Location(self.validator.handler, 1),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Agreement | Gap]:
        """Yield every validator with every distribution and gateway that stand behind it."""
        yield from _agreements(platform)


@kept
def _agreements(platform: Platform) -> tuple[Agreement | Gap, ...]:
    found = ends(platform)
    validators = [one for one in Validator.collect(platform) if isinstance(one, Validator)]
    made: list[Agreement | Gap] = []
    for validator in validators:
        for front in found.fronts:
            if front.deployed.is_applied:
                made += [Agreement(validator, front, one) for one in programs(platform, found)]
    return tuple(made)
