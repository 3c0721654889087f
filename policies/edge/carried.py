"""Behaviours as subjects of what a token comes in: as owners state it, or else as the check is found to take it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from policies.edge.validator import Validator
from policies.evidence import Gap
from policies.model.delivery.checks import DynamicBehaviour
from policies.platform import Platform
from policies.requirement import not_judged


@dataclass(frozen=True, eq=False)
class CarryingBehaviour(DynamicBehaviour):
    """A behaviour of what needs a token, and the platform's token validators; `carrier` asks one of them where nobody states it."""

    beside: ClassVar[str] = "gateway"

    validators: tuple[Validator, ...] = ()

    def carrier(self, kind: Literal["header", "cookie"]) -> str:
        """Give the name of the header or cookie that a token comes in. Ends without a verdict where it comes in none, or that is not known."""
        stated: str | None = getattr(self.edge, kind, None)
        if stated is not None:
            return stated
        found = self._found
        if found is None:
            not_judged(f"platform.toml does not state in which {kind} a token comes: [edge] {kind}")
        name: str | None = getattr(found.running.contract, kind)
        if name is None:
            not_judged(
                f"{found.handler} is found to take a token in no {kind}; if it does, state in which: [edge] {kind}"
            )
        return name

    @cached_property
    def _found(self) -> Validator | None:
        """The one validator of the platform. Ends without a verdict where it cannot be run."""
        if len(self.validators) != 1:
            return None
        self.validators[0].require("carrier")
        return self.validators[0]

    def close(self) -> None:
        """End what was run."""
        for one in self.validators:
            one.close()

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CarryingBehaviour | Gap]:
        """Yield every behaviour of what needs a token."""
        validators = tuple(one for one in Validator.collect(platform) if isinstance(one, Validator))
        for one in DynamicBehaviour.collect(platform):
            if isinstance(one, Gap):
                yield one
            elif isinstance(one, DynamicBehaviour):
                yield cls(one.distribution, one.found, one.edge, validators)
