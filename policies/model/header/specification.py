"""The specification of CloudFront's header as a subject: the places that state its name, and the name of the secret with its value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.header.contract import Contract, Ends, ends
from policies.model.header.leaves import Leaf
from policies.platform import Platform


def spell(names: Iterable[str]) -> str:
    """Spell names in a sentence, each once."""
    return ", ".join(dict.fromkeys(names)) or "nothing"


def blamed(message: str, values: tuple[object, ...], *locations: Iterable[Location]) -> Evidence:
    """Give evidence with every place once."""
    return Evidence(message.format(*values), tuple(dict.fromkeys(one for several in locations for one in several)))


def not_comparable(found: Ends) -> Iterator[Gap]:
    """Yield why the ends cannot be held against each other, where there is at least one of them."""
    if found.gap is not None:
        yield found.gap
    elif found.missing is not None and (found.fronts or found.all_checks):
        yield Gap("header contract", found.missing, PLATFORM)


@dataclass(frozen=True, eq=False)
class HeaderSpecification:
    """What states the header: the places where its name, and the name of the secret with its value, are written."""

    noun: ClassVar[str] = "specification of CloudFront's header"
    only_in_files: ClassVar[bool] = True

    ends: Ends

    @property
    def place(self) -> Place:
        """The platform."""
        return PLATFORM

    @property
    def id(self) -> str:
        """There is one."""
        return "platform:header contract"

    @property
    def contract(self) -> Contract | None:
        """The file that states it, where there is one."""
        return self.ends.contract

    @cached_property
    def names(self) -> tuple[Leaf, ...]:
        """The places that state the header's name, once each."""
        sent = [leaf for one in self.ends.all_sent for leaf in one.names]
        read = [leaf for check in self.ends.all_checks for leaf in check.names if leaf.value is not None]
        stated = [self.contract.name] if self.contract is not None else []
        return tuple({leaf.location: leaf for leaf in (*stated, *sent, *read)}.values())

    @property
    def secrets(self) -> tuple[Leaf, ...]:
        """The places that state the name of the secret for Terraform."""
        return tuple(
            dict.fromkeys(leaf for one in self.ends.all_sent for secret in one.secrets for leaf in secret.leaves)
        )

    @property
    def unknown(self) -> str | None:
        """Why a name is not known, or which end has none."""
        unknown = next((why for one in self.ends.fronts if (why := one.unknown) is not None), None)
        if unknown is None and not self.ends.all_sent:
            return "CloudFront sends no header (HDR-02)"
        return "no gateway reads one (HDR-03a)" if unknown is None and not self.ends.all_checks else unknown

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give every place that states the name."""
        return blamed(message, values, (leaf.location for leaf in self.names))

    def blame_secrets(self, message: str, *values: object) -> Evidence:
        """Give every place that states the secret's name."""
        stated = (
            [self.contract.secret.location] if self.contract is not None and self.contract.secret is not None else []
        )
        return blamed(message, values, stated, (leaf.location for leaf in self.secrets))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[HeaderSpecification | Gap]:
        """Yield the one there is, where both ends are there."""
        found = ends(platform)
        gaps = list(not_comparable(found))
        yield from gaps
        if not gaps and found.fronts and found.gateways:
            yield cls(found)
