"""What was seen of a queue and of what hangs on it: by messages that were sent through it, or by reading each link."""

from __future__ import annotations

from dataclasses import dataclass

from policies.evidence import Place
from policies.model.cloud.queues import SourceQueue
from policies.read.terraform import Block


@dataclass(frozen=True)
class Untried:
    """Something that was not tried, and why."""

    reason: str


@dataclass(frozen=True)
class Redelivery:
    """How often a message came that nobody deleted, and in which queue it was then; None where it was in none.

    `ended` says that it no longer came from the queue itself.
    """

    deliveries: int
    ended: bool
    found_in: str | None


@dataclass(frozen=True)
class Followers:
    """The messages of the same group behind it: as they were sent, and as they came."""

    sent: tuple[str, ...]
    came: tuple[str, ...]


@dataclass(frozen=True)
class Repetition:
    """How often a message came that was sent twice under one id; and whether the same id in another group came as a message of its own."""

    times: int
    other_group_came: bool


@dataclass(frozen=True)
class Strangers:
    """Who got a message into the queue that must not: another account, or somebody without TLS. None is what was not tried."""

    account: bool
    plain: bool | None


@dataclass(frozen=True)
class AlarmSeen:
    """An alarm of the account: its state before there was a dead letter, after, and whether somebody who listens to its topics heard of it.

    `told` is what it says of itself; `expected` that Terraform has it watch the dead-letter queue.
    """

    name: str
    expected: bool
    before: str
    after: str
    heard: bool
    told: str = ""

    @property
    def fired(self) -> bool:
        """Whether it went to ALARM for the dead letter, and for nothing before it."""
        return self.before != "ALARM" and self.after == "ALARM"


@dataclass(frozen=True)
class WorkedOff:
    """What became of a batch with a poison message, by the real worker: the calls that it made for each message, and where messages are now.

    `poison` is the one whose call is always refused; `before` of its group, `behind` it, `beside` it in another group. `done` are those carried
    out; `overtaken` says that the one behind it was, while it was still delivered, in a queue that keeps an order. `set_off` are the expected
    alarms that the dead letter set off; None where there was none, or nobody waited for them.
    """

    calls: dict[str, int]
    dead: tuple[str, ...]
    left: tuple[str, ...]
    done: tuple[str, ...]
    deliveries: int
    overtaken: bool = False
    set_off: tuple[str, ...] | None = None

    @property
    def is_as_due(self) -> bool:
        """Whether nothing is wrong with it: what is behind the poison message may be a dead letter as well, it came as often."""
        return "poison" in self.dead and not self.lost and not self.not_once and not self.overtaken

    @property
    def not_once(self) -> dict[str, int]:
        """The calls for those messages that nothing kept from being carried out once, and were not."""
        return {name: self.calls[name] for name in ("before", "beside") if self.calls[name] != 1}

    @property
    def lost(self) -> tuple[str, ...]:
        """The messages that were neither carried out nor are anywhere."""
        there = {*self.dead, *self.left, *self.done}
        return tuple(name for name in self.calls if name not in there)


@dataclass(frozen=True, eq=False)
class QueueSeen:
    """All that was seen of one queue. `where` is the account's name and id; `driven` says that messages were sent."""

    queue: SourceQueue
    where: str
    driven: bool
    redelivery: Redelivery | Untried
    followers: Followers | Untried
    repetition: Repetition | Untried
    strangers: Strangers | Untried
    alarms: tuple[AlarmSeen, ...] | Untried
    worked_off: WorkedOff | Untried
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class CloudNotTried:
    """Something in AWS that was not looked at, and why: a place, a queue, or with `resource` a resource that was not created.

    `promised` says that it must be there, and is not.
    """

    place: Place
    id: str
    reason: str
    resource: bool = False
    promised: bool = False


@dataclass(frozen=True, eq=False)
class Created:
    """A resource that was to be created in an embedded AWS; `refusal` is what that answered, where it did not take it."""

    place: Place
    block: Block
    refusal: str = ""
