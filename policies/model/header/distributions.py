"""Distributions before the gateway as subjects: which header each origin is sent, and which the gateway expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.delivery.resources import OriginBlock
from policies.model.header.contract import Ends, ends
from policies.model.header.senders import Front, Sent
from policies.model.header.specification import blamed, spell
from policies.platform import Platform


@dataclass(frozen=True, eq=False)
class SendingDistribution:
    """A distribution before the gateway's load balancer, and what the gateway expects of it."""

    noun: ClassVar[str] = "distribution before the gateway"
    only_in_files: ClassVar[bool] = False

    ends: Ends
    front: Front

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.front.deployed.place

    @property
    def id(self) -> str:
        """Place and address."""
        return f"{self.place.name}:{self.front.distribution.address}"

    @property
    def expected(self) -> str:
        """The names that are expected, in words."""
        return spell(leaf.value or "" for leaf in self.ends.expected)

    @property
    def sent(self) -> str:
        """The names that it sends, in words."""
        return spell(str(one.name) for one in self.front.sent)

    @property
    def unknown(self) -> str | None:
        """Why what it sends, or what is expected, is not known."""
        unknown = self.front.unknown
        return unknown or (None if self.ends.expected else self.ends.missing or "no gateway reads a header (HDR-03a)")

    @property
    def agrees(self) -> bool:
        """Whether it sends a header of a name that is expected."""
        return bool(self.matching)

    @property
    def matching(self) -> tuple[Sent, ...]:
        """The headers of a name that is expected."""
        names = {(leaf.value or "").lower() for leaf in self.ends.expected}
        return tuple(one for one in self.front.sent if isinstance(one.name, str) and one.name.lower() in names)

    @property
    def read(self) -> str:
        """The names that gateways read, in words."""
        return spell(leaf.value or "" for check in self.ends.all_checks for leaf in check.names if leaf.value)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where both ends state the name: Terraform, the contract, Java, configuration and manifests."""
        origins = [one.block.locate() for one in self.front.origins] if not self.front.sent else []
        sent = [location for one in self.front.sent for location in one.way]
        read = [location for check in self.ends.all_checks for location in check.way]
        return blamed(message, values, sent, origins, (leaf.location for leaf in self.ends.expected), read)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[SendingDistribution | Gap]:
        """Yield every distribution before a load balancer."""
        found = ends(platform)
        if found.gap is not None:
            yield found.gap
        yield from (cls(found, front) for front in found.fronts)


@dataclass(frozen=True, eq=False)
class GuardedOrigin:
    """An origin that leads to the gateway's load balancer."""

    noun: ClassVar[str] = "origin before the gateway"
    only_in_files: ClassVar[bool] = False

    distribution: SendingDistribution
    origin: OriginBlock

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.distribution.place

    @property
    def id(self) -> str:
        """The distribution and its id there."""
        return f"{self.distribution.id}:{self.origin.origin.id}"

    @property
    def is_sent(self) -> bool:
        """Whether it is sent the header."""
        return any(one.origin is self.origin for one in self.distribution.matching)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the origin, and where another is sent the header."""
        others = (one.block.locate() for one in self.distribution.matching)
        return blamed(message, values, [self.origin.block.locate()], others)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[GuardedOrigin | Gap]:
        """Yield every origin of the load balancer that a header leads to, and whatever says that it is a load balancer."""
        for one in SendingDistribution.collect(platform):
            if isinstance(one, Gap):
                yield one
                continue
            guarded = {sent.origin.origin.domain for sent in one.matching if isinstance(sent.origin.origin.domain, str)}
            for origin in one.front.origins:
                if not guarded or origin.is_surely_balancer or origin.origin.domain in guarded:
                    yield cls(one, origin)
