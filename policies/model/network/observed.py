"""What was seen of a network, as subjects: each pair that was tried, beside what the policies predict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.network.engine import Network
from policies.model.network.observation import OPEN, Attempts, NotTried, Observation, Port
from policies.model.network.parties import Party
from policies.model.network.ports import ports
from policies.network.words import explain
from policies.platform import Platform


@dataclass(frozen=True, eq=False)
class TriedPair:
    """The connections from one party to another, each tried for real; `network` is what they should be like."""

    noun: ClassVar[str] = "pair whose connections were tried"
    only_in_files: ClassVar[bool] = False

    observation: Observation
    attempts: Attempts
    network: Network
    source: Party
    target: Party

    @property
    def place(self) -> Place:
        """Whose network it is."""
        return self.observation.intended.site.place

    @property
    def id(self) -> str:
        """Who calls whom."""
        return f"{self.place.name}:{self.source} -> {self.target}"

    @cached_property
    def disagreements(self) -> tuple[tuple[Port, str, bool], ...]:
        """The ports on which what was seen is not what was predicted: what came of it, and whether it should pass."""
        passing = self.network.ports(self.source.endpoint, self.target.endpoint)
        return tuple(
            (port, outcome, bool(passing & ports(*port)))
            for port, outcome in self.attempts.outcomes.items()
            if port not in self.attempts.dead and (outcome == OPEN) != bool(passing & ports(*port))
        )

    @property
    def is_dead(self) -> bool:
        """Whether no listener answered even without policies: then nothing is known."""
        return len(self.attempts.dead) == len(self.attempts.outcomes)

    def blame(self) -> Evidence:
        """Tell each disagreement: what was seen, what was predicted, and which policies decide it."""
        told, locations = [], []
        for (protocol, number), outcome, expected in self.disagreements[:5]:
            predicted = "passes" if expected else "does not pass"
            _, lines = explain(self.observation.intended, self.source, self.target, protocol, number)
            why = "; ".join(text for label, text in lines if label != "meant")
            told.append(f"{protocol} {number}: seen {outcome}, predicted that it {predicted} ({why})")
        more = len(self.disagreements) - len(told)
        for policy in self.observation.intended.site.policies[:1]:
            locations.append(policy.locate(("spec", "podSelector")))
        text = f"{self.source} -> {self.target}: {'; '.join(told)}" + (f"; and {more} more ports" if more > 0 else "")
        return Evidence(text, tuple(locations))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the cluster as the place."""
        return Evidence(message.format(*values), (Location(f"cluster of {self.place.name}"),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TriedPair | Gap]:
        """Yield every pair that was tried, beside the prediction from the manifests; and what was not tried."""
        for observation in platform.observations:
            if isinstance(observation, NotTried):
                yield Gap(f"{observation.place.name}: connections", observation.reason, observation.place)
            if not isinstance(observation, Observation):
                continue
            place = observation.intended.site.place
            for name, reason in observation.untried:
                yield Gap(f"{place.name}:{name}", reason, place)
            network = cls.predicting(observation)
            for attempts in observation.attempts:
                yield cls(observation, attempts, network, attempts.source, attempts.target)

    @classmethod
    def predicting(cls, observation: Observation) -> Network:
        """Give the network that is predicted: by the policies of the manifests."""
        intended = observation.intended
        return Network(intended.universe, intended.site.policies)


class PairAsReadBack(TriedPair):
    """The same connections, beside what the policies that were read back from the cluster predict."""

    noun: ClassVar[str] = "pair whose connections were tried, by the cluster's own policies"

    @classmethod
    def predicting(cls, observation: Observation) -> Network:
        """Give the network that is predicted: by the policies read back."""
        return Network(observation.intended.universe, observation.effective)
