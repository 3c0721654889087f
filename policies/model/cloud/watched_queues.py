"""Queues and the alarms that watch them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap
from policies.model.cloud.alarms import AGE, QUEUES, VISIBLE, Alarm, Metric, alarms_of_queues
from policies.model.cloud.queues import DeadLetterQueue, Queue, SourceQueue
from policies.platform import Platform
from policies.read.terraform import Unknown
from policies.requirement import NotJudged

STATISTICS = frozenset({"Maximum", "Average", "Sum"})
"""Those that are above 0 as soon as one value of a period is; a minimum waits, a count of samples always is."""


class WatchedQueue(Queue):
    """A queue of which an alarm reads the metric `reads`."""

    reads: ClassVar[str] = ""

    @property
    def watchers(self) -> tuple[Metric, ...]:
        """The metrics of alarms that watch it. Raises NotJudged where none surely does, and one may."""
        found: list[Metric] = []
        doubts: list[str] = []
        for alarm in alarms_of_queues(self):
            if alarm.block.unknown is not None:
                doubts.append(f"whether the alarm {alarm.block} is there is not known: {alarm.block.unknown.why}")
            for metric in alarm.metrics:
                watches = metric.watches(self)
                if isinstance(watches, Unknown):
                    doubts.append(f"what the alarm {alarm.block} watches is not known: {watches.why}")
                elif watches and metric.name == self.reads and metric.namespace == QUEUES:
                    found.append(metric)
                elif watches and isinstance(metric.name, Unknown):
                    doubts.append(f"which metric the alarm {alarm.block} reads is not known: {metric.name.why}")
        if not found and doubts:
            raise NotJudged(doubts[0])
        return tuple(found)

    @property
    def near_misses(self) -> tuple[Metric, ...]:
        """The metrics of alarms on queues that watch it and read another metric, or that watch no queue of its root."""
        others = [Queue(self.deployed, block) for block in self.block.root.resources(*self.types)]
        every = [metric for alarm in alarms_of_queues(self) for metric in alarm.metrics]
        misses = []
        for metric in every:
            on_it = metric.watches(self) is True
            reads_it = metric.name == self.reads and metric.namespace == QUEUES
            watches_none = not any(metric.watches(other) is True for other in others)
            if on_it != reads_it or watches_none:
                misses.append(metric)
        return tuple(misses)

    def blame_alarms(self, message: str, *values: object) -> Evidence:
        """Give the queue as the place, and what the alarms on queues read that do not watch it."""
        lines = [self.block.locate()]
        told = []
        for metric in self.near_misses:
            on_it = metric.watches(self) is True
            field = "dimensions" if not on_it else "namespace" if metric.name == self.reads else "metric_name"
            lines.append(metric.alarm.block.locate(*metric.path, field))
            dimension = metric.alarm.block.get(*metric.path, "dimensions")
            shown = f"{dimension}" if not on_it else f"{metric.namespace} {metric.name}"
            told.append(f"{metric.alarm.label} watches {shown}")
        text = message.format(*values) + (f"; {'; '.join(told)}" if told else "")
        return Evidence(text, tuple(dict.fromkeys(lines)))

    def blame_watchers(self, field: str, message: str, *values: object) -> Evidence:
        """Give a field of the alarms that watch it as the places."""
        lines = dict.fromkeys(metric.alarm.block.locate(field) for metric in self.watchers)
        return Evidence(message.format(*values), tuple(lines))


class WatchedDeadLetters(WatchedQueue, DeadLetterQueue):
    """A dead-letter queue, by the alarms on its visible messages."""

    reads: ClassVar[str] = VISIBLE


class WatchedSource(WatchedQueue, SourceQueue):
    """A queue that messages are sent to, by the alarms on the age of its oldest message."""

    reads: ClassVar[str] = AGE


@dataclass(frozen=True, eq=False)
class QueueAlarm(Alarm):
    """An alarm on a queue."""

    noun: ClassVar[str] = "alarm on a queue"

    @property
    def counts(self) -> bool:
        """Whether it reads a metric of SQS."""
        return self.block.unknown is not None or self.is_of_queues

    @property
    def missing(self) -> tuple[str, ...]:
        """The addresses that it calls and that are none."""
        return tuple(str(action.value) for action in self.actions if not action.exists)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[QueueAlarm | Gap]:
        """Yield the alarms of queues in every root."""
        for one in super().collect(platform):
            if isinstance(one, (QueueAlarm, Gap)):
                yield one
