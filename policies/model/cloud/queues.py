"""Queues of SQS and how they belong together: which one takes the dead letters of which, who may use them, how they are encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence
from policies.model.cloud.access_policies import statements
from policies.model.cloud.plain_values import says_true
from policies.model.cloud.policy_statements import Statement
from policies.model.cloud.redrive import Redrive, belonging, dead_letter_blocks, is_arn_of, redrive_of, redrives
from policies.model.cloud.resources import Resource, known
from policies.model.cloud.roots import DeployedRoot
from policies.read.terraform import Block, Unknown

DEFAULT_VISIBILITY, DEFAULT_RETENTION = 30, 345_600
"""Seconds, of a queue that says nothing (Amazon SQS API Reference, SetQueueAttributes)."""


@dataclass(frozen=True, eq=False)
class Queue(Resource):
    """A queue of SQS."""

    noun: ClassVar[str] = "queue"
    types: ClassVar[tuple[str, ...]] = ("aws_sqs_queue",)

    @property
    def name(self) -> Any:
        """Its name, None where AWS or a prefix gives it one, Unknown where it is not known."""
        return self.block.get("name")

    @property
    def is_fifo(self) -> bool:
        """Whether it keeps the order of messages."""
        return says_true(self.get("fifo_queue"))

    @property
    def visibility_timeout(self) -> int:
        """How long, in seconds, a message that somebody takes is hidden from others."""
        return self.whole("visibility_timeout_seconds", default=DEFAULT_VISIBILITY)

    @property
    def retention(self) -> int:
        """How long, in seconds, a message is kept."""
        return self.whole("message_retention_seconds", default=DEFAULT_RETENTION)

    @property
    def redrive(self) -> Redrive | None:
        """Where its dead letters go."""
        return redrive_of(self.block)

    @property
    def takes_dead_letters(self) -> bool:
        """Whether it is another queue's dead-letter queue."""
        return self.block in dead_letter_blocks(self.block.root)

    @property
    def doubt(self) -> str | None:
        """Why it may take dead letters, or send its own somewhere, although nothing says so."""
        if self.block.unknown is not None:
            return self.block.unknown.why
        unresolved = next(
            (one for one in redrives(self.block.root) if not one.targets and isinstance(one.target, Unknown)), None
        )
        return (
            f"where {unresolved.block} sends dead letters is not known: {unresolved.target.why}" if unresolved else None
        )

    @property
    def is_encrypted(self) -> bool:
        """Whether it says that its messages are encrypted, by a key of KMS or by one of SQS."""
        return bool(self.get("kms_master_key_id")) or says_true(self.get("sqs_managed_sse_enabled"))

    @property
    def key(self) -> Block | None:
        """The key of KMS that its messages are encrypted with, where it is one of the same root."""
        return next((block for block in self.block.refers_to("kms_master_key_id") if block.type == "aws_kms_key"), None)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of its policy, wherever that is written. Raises NotJudged where they are not known."""
        found: list[Statement] = []
        for block in (self.block, *belonging(self.block, "aws_sqs_queue_policy")):
            told = statements(block, "policy")
            found += known(told) or ()
        return tuple(found)

    def blame_redrive(self, message: str, *values: object) -> Evidence:
        """Give the line of its redrive policy as the place."""
        redrive = self.redrive
        place = redrive.block.locate(redrive.attribute) if redrive else self.block.locate()
        return Evidence(message.format(*values), (place,))

    def blame_statements(self, found: tuple[Statement, ...], element: str, message: str, *values: object) -> Evidence:
        """Give an element of statements of its policy as the places, or its policy, or itself."""
        lines = tuple(statement.locate(element) for statement in found)
        policies = tuple(block.locate("policy") for block in belonging(self.block, "aws_sqs_queue_policy"))
        return Evidence(message.format(*values), lines or (self.block.locate(), *policies))


class SourceQueue(Queue):
    """A queue that messages are sent to: every one that takes no other's dead letters."""

    noun: ClassVar[str] = "queue that messages are sent to"

    @property
    def counts(self) -> bool:
        """Whether it is no dead-letter queue."""
        return not self.takes_dead_letters

    @property
    def has_fifo_beside_it(self) -> bool:
        """Whether another queue of its root that messages are sent to keeps their order."""
        others = (SourceQueue(self.deployed, block) for block in self.block.root.resources(*self.types))
        return any(other.counts and says_true(other.block.get("fifo_queue")) for other in others)


class SourceFifoQueue(SourceQueue):
    """A queue that messages are sent to, of which the owners have not said that they need no order."""

    noun: ClassVar[str] = "queue that messages are sent to, by its order"

    @property
    def is_advice(self) -> bool:
        """A standard queue beside a FIFO one may be meant."""
        return self.has_fifo_beside_it


class RedrivenQueue(SourceQueue):
    """A queue that has a redrive policy."""

    noun: ClassVar[str] = "queue with a redrive policy"

    @property
    def counts(self) -> bool:
        """Whether it has one."""
        return not self.takes_dead_letters and self.redrive is not None


class DeadLetterQueue(Queue):
    """A queue that takes the dead letters of others."""

    noun: ClassVar[str] = "dead-letter queue"

    @property
    def counts(self) -> bool:
        """Whether another queue's redrive policy leads to it."""
        return self.takes_dead_letters

    @property
    def sources(self) -> tuple[SourceQueue, ...]:
        """The queues whose dead letters it takes."""
        every = [(block, redrive_of(block)) for block in self.block.root.resources(*self.types)]
        return tuple(SourceQueue(self.deployed, block) for block, one in every if one and self.block in one.targets)


def queue_of(deployed: DeployedRoot, block: Block, *path: str) -> Queue | None:
    """Give the queue that a value refers to, by reference or by its ARN."""
    for other in block.refers_to(*path):
        if other.type == "aws_sqs_queue":
            return Queue(deployed, other)
    value = block.get(*path)
    named = (other for other in block.root.resources("aws_sqs_queue") if is_arn_of(value, other))
    return next((Queue(deployed, other) for other in named), None)
