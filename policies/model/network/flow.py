"""One intended flow: a connection that a platform needs, and what says so."""

from __future__ import annotations

from dataclasses import dataclass, field

from policies.evidence import Location
from policies.model.network.intervals import Intervals
from policies.model.network.parties import Party
from policies.model.network.ports import ports


@dataclass(frozen=True)
class Flow:
    """A connection from one party to a port of another. `why` is a sentence's part: what leads there; `locations` are its lines.

    `host` is the name that is called, empty where nothing is looked up. A flow that is not `demanded` may be, and need not.
    """

    source: Party
    target: Party
    protocol: str
    port: int
    why: str
    demanded: bool = True
    locations: tuple[Location, ...] = ()
    host: str = field(default="", compare=False)

    @property
    def ports(self) -> Intervals:
        """The port as a set."""
        return ports(self.protocol, self.port)

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} {self.protocol} {self.port}"
