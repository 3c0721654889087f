"""FIFO queues that count their throughput by message group, and whether SQS takes what they state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policies.model.cloud.queues import Queue
from policies.read.terraform import Unknown
from policies.requirement import not_judged

BY_GROUP, OF_GROUP = "perMessageGroupId", "messageGroup"


@dataclass(frozen=True, eq=False)
class LimitedQueue(Queue):
    """A queue that says by what its throughput is limited."""

    noun: ClassVar[str] = "queue that states its throughput's limit"

    @property
    def scope_that_bars(self) -> str | None:
        """The scope of deduplication with which SQS refuses its limit; None where it takes it. Raises NotJudged where that is not known."""
        if self.get("fifo_throughput_limit") != BY_GROUP:
            return None
        scope = self.get("deduplication_scope")
        if scope is None:
            not_judged("it states no deduplication_scope")
        return None if scope == OF_GROUP else str(scope)

    @property
    def counts(self) -> bool:
        """Whether it says so."""
        value = self.block.get("fifo_throughput_limit")
        return isinstance(value, Unknown) or value is not None
