"""Workloads that accept connections from addresses outside, beside what their owners state as exposed."""

from __future__ import annotations

from functools import cached_property

from policies.model.configuration.serving import named
from policies.model.network.bits import Bits
from policies.model.network.connected import Policed
from policies.model.network.connection import Excess
from policies.model.network.ends import blamed
from policies.model.network.engine import Network
from policies.model.network.intervals import Intervals
from policies.model.network.policies import Direction
from policies.model.workloads.targets import is_service
from policies.requirement import not_judged


class ReachedFromOutside(Policed):
    """A workload, and what its policies let in from outside."""

    noun = "workload that may be reached from outside"

    @cached_property
    def from_outside(self) -> tuple[Excess, ...]:
        """The addresses outside that it accepts, with the rules that let them in. Raises NotJudged where a policy may not select it."""
        found = self._entering(self.intended.possibly)
        if found and not self._entering(self.intended.surely) and self.incomplete is not None:
            not_judged(self.incomplete)
        return tuple(blamed(self, Direction.INGRESS, bits, passing) for passing, bits in found.items())

    def _entering(self, network: Network) -> dict[Intervals, Bits]:
        universe = self.intended.universe
        found: dict[Intervals, Bits] = {}
        for sources, passing in network.reaching(universe.index(self.party.endpoint)):
            if sources & universe.every_outside:
                found[passing] = found.get(passing, 0) | sources & universe.every_outside
        return found

    @property
    def is_exposed(self) -> bool | None:
        """Whether a Service of it is stated as exposed; None where that is not stated."""
        if self.statement is None or self.statement.exposed is None:
            return None
        services = [one for one in self.intended.site.documents if is_service(one)]
        leading = (one for one in services if self.party in self.intended.site.behind(one))
        return any(named(service, name) for service in leading for name in self.statement.exposed)
