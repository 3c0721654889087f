"""Resources of Terraform as an embedded AWS took them, as subjects: what was not created is told by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.live.aws.seen import CloudNotTried, Created
from policies.platform import Platform


@dataclass(frozen=True, eq=False)
class CreatedResource:
    """A resource that an embedded AWS took, or refused, as Terraform resolves it."""

    noun: ClassVar[str] = "resource that an embedded AWS was asked for"
    only_in_files: ClassVar[bool] = False

    created: Created

    @property
    def place(self) -> Place:
        """The root that it is of."""
        return self.created.place

    @property
    def id(self) -> str:
        """Place and address."""
        return f"{self.place.name}:{self.created.block.address}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the block as the place."""
        return Evidence(message.format(*values), (self.created.block.locate(),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CreatedResource | Gap]:
        """Yield every resource that was created, and those that were not."""
        for one in platform.observations:
            if isinstance(one, Created):
                yield cls(one)
            elif isinstance(one, CloudNotTried) and one.resource:
                yield Gap(one.id, one.reason, one.place)
