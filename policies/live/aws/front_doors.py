"""The way in as it was tried, as a subject: a distribution with its function, and the gateway behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.gateway.agreement import Agreement
from policies.live.aws.knocking import Knock, Reply
from policies.platform import Platform
from policies.requirement import not_judged


@dataclass(frozen=True, eq=False)
class DoorSeen:
    """What became of each request; `where` is where it was tried, `queue` the path that viewers without a token are sent to."""

    agreement: Agreement
    where: str
    queue: str | None
    replies: tuple[tuple[Knock, Reply], ...]
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class DoorNotTried:
    """A way in that was not tried, and why."""

    place: Place
    id: str
    reason: str


@dataclass(frozen=True, eq=False)
class TriedDoor:
    """A way in that requests were sent to."""

    noun: ClassVar[str] = "way in that was tried"
    only_in_files: ClassVar[bool] = False

    seen: DoorSeen

    @property
    def place(self) -> Place:
        """The root that the distribution is made from."""
        return self.seen.agreement.place

    @property
    def id(self) -> str:
        """The distribution, and the gateway's folder."""
        return self.seen.agreement.id

    def wrong(self, *kinds: str) -> tuple[tuple[Knock, Reply], ...]:
        """Give the requests of these kinds that did not become what they must. Ends without a verdict where none was sent."""
        tried = [(knock, reply) for knock, reply in self.seen.replies if knock.kind in kinds]
        if not tried:
            not_judged(f"nothing of this kind was sent: {', '.join(kinds)}")
        return tuple(pair for pair in tried if not pair[1].is_due(pair[0].due, self.seen.queue))

    def blame(self, wrong: tuple[tuple[Knock, Reply], ...]) -> Evidence:
        """Tell the first of them, and how many there are; header values are not told."""
        told = "; ".join(
            f"{knock.kind}: {knock.request.method} {knock.request.path} gives {reply}; due: {knock.due}"
            for knock, reply in wrong[:1]
        )
        more = f", and so {'do' if len(wrong) > 2 else 'does'} {len(wrong) - 1} more" if len(wrong) > 1 else ""
        found = self.seen.agreement.evidence("{}", f"{told}{more} ({self.seen.where})")
        return Evidence(found.message, found.locations, told)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the edge's code, where CloudFront sends the header, and where the gateway reads it."""
        return self.seen.agreement.evidence(message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TriedDoor | Gap]:
        """Yield every way in that was tried, and what was not."""
        for one in platform.observations:
            if isinstance(one, DoorSeen):
                yield cls(one)
            elif isinstance(one, DoorNotTried):
                yield Gap(one.id, one.reason, one.place)
