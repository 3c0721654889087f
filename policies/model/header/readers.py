"""Gateways behind CloudFront as subjects: which header each reads in each place that runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.header.checks import examined
from policies.model.header.contract import Ends, ends
from policies.model.header.gateways import Check, Gateway
from policies.model.header.leaves import is_resource
from policies.model.header.specification import blamed, not_comparable, spell
from policies.platform import Platform


@dataclass(frozen=True, eq=False)
class ReadingGateway:
    """A gateway in a place, and the headers that it compares with a secret."""

    noun: ClassVar[str] = "gateway behind CloudFront"
    only_in_files: ClassVar[bool] = True

    ends: Ends
    gateway: Gateway

    @property
    def place(self) -> Place:
        """Where it runs."""
        return self.gateway.place

    @property
    def id(self) -> str:
        """Place and folder."""
        return f"{self.place.name}:{self.gateway.name}"

    @property
    def checks(self) -> tuple[Check, ...]:
        """The comparisons that may be the one."""
        return self.ends.checks(self.gateway)

    @property
    def read(self) -> str:
        """The names that it reads, in words."""
        return spell(leaf.value or f"what {leaf.variable} says" for one in self.checks for leaf in one.names)

    @property
    def expected(self) -> tuple[str, ...]:
        """The names that it should read: the contract's, else those that CloudFront sends."""
        if self.ends.contract is not None:
            return (self.ends.contract.name.value or "",)
        return tuple(
            dict.fromkeys(one.name for front in self.ends.fronts for one in front.sent if isinstance(one.name, str))
        )

    @property
    def unknown(self) -> str | None:
        """Why what it reads, or what CloudFront sends, is not known."""
        unset = next((leaf.variable for one in self.checks for leaf in one.names if leaf.value is None), None)
        why = self.gateway.unknown or next(iter(self.gateway.reader.settings.elsewhere), None)
        if unset is not None and (why is not None or is_resource(unset)):
            return f"what {unset} says is not known" + (f": {why}" if why is not None else "")
        if self.ends.contract is None:
            for front in self.ends.fronts:
                if front.unknown is not None:
                    return front.unknown
        return None if self.expected else self.ends.missing or "CloudFront sends no header (HDR-02)"

    @property
    def agrees(self) -> bool:
        """Whether it reads a header of a name that it should."""
        return any(one.reads(name) for one in self.checks for name in self.expected)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where it takes the name from, and where CloudFront does."""
        own = [location for one in self.checks for location in one.way]
        sent = [location for front in self.ends.fronts for one in front.sent for location in one.way]
        contract = [self.ends.contract.name.location] if self.ends.contract is not None else []
        folder = [Location(self.gateway.project.files[0], 1)] if not own else []
        return blamed(message, values, own, folder, contract, sent)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ReadingGateway | Gap]:
        """Yield every gateway, in every place that runs it, where CloudFront or a contract says that it has to read a header."""
        found = ends(platform)
        if found.gap is not None:
            yield found.gap
        if found.fronts or found.contract is not None or found.all_checks:
            for gateway in found.gateways:
                stuck = examined(gateway.project).error
                errors = (*gateway.project.errors, *((stuck,) if stuck is not None else ()))
                yield from (
                    Gap(
                        f"{gateway.place.name}:{one.file}",
                        str(one),
                        gateway.place,
                        (Location(one.file, one.line),),
                        unreadable=True,
                    )
                    for one in errors
                )
                if stuck is None:
                    yield cls(found, gateway)
            if not found.gateways:
                yield from not_comparable(found)
