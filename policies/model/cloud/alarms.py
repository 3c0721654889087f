"""Alarms of CloudWatch: what each watches, when it fires, and whom it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.model.cloud.named_attributes import attribute_of
from policies.model.cloud.plain_values import number, says_false
from policies.model.cloud.queues import Queue
from policies.model.cloud.resources import Resource, known
from policies.model.cloud.roots import DeployedRoot
from policies.read.terraform import Block, Unknown

QUEUES = "AWS/SQS"
VISIBLE, AGE = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"

ABOVE = {"GreaterThanThreshold": False, "GreaterThanOrEqualToThreshold": True}
"""Comparisons that fire when a value is high, and whether the threshold itself is high enough."""

_ARN = re.compile(r"arn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12})?:.+")


@dataclass(frozen=True, eq=False)
class Metric:
    """A metric that an alarm reads: `path` is where the alarm's block says so."""

    alarm: Alarm
    path: tuple[str | int, ...]
    statistic_name: str

    def get(self, name: str) -> Any:
        """Give one of its values, Unknown where it is not known."""
        return self.alarm.block.get(*self.path, name)

    @property
    def name(self) -> Any:
        """Its name."""
        return self.get("metric_name")

    @property
    def namespace(self) -> Any:
        """The service that sends it."""
        return self.get("namespace")

    @property
    def statistic(self) -> Any:
        """How the values of a period are taken together."""
        found = self.get(self.statistic_name)
        return self.alarm.block.get("extended_statistic") if found is None else found

    def watches(self, queue: Queue) -> bool | Unknown:
        """Whether its dimension is a queue: by reference, or by its name."""
        path = (*self.path, "dimensions", "QueueName")
        value, name = self.alarm.block.get(*path), queue.name
        if value is None:
            return False
        told = value.text if isinstance(value, Unknown) else str(value)
        if "${" not in told and not isinstance(value, Unknown):
            return name if isinstance(name, Unknown) else bool(told == name)
        if isinstance(name, Unknown) and told and told == name.text:
            return True
        referred = [block for block in self.alarm.block.refers_to(*path) if block.type in queue.types]
        alone = not told or told.count("${") == 1 == len(referred)
        if referred and alone and (not told or (told.startswith("${") and told.endswith("}"))):
            # The dimension is the queue's name: under its ARN or its URL CloudWatch has no metric of it.
            return queue.block in referred and attribute_of(queue.block, self.alarm.block, *path) in (None, "name")
        return value if isinstance(value, Unknown) else False


@dataclass(frozen=True, eq=False)
class Alarm(Resource):
    """An alarm on a metric."""

    noun: ClassVar[str] = "alarm"
    types: ClassVar[tuple[str, ...]] = ("aws_cloudwatch_metric_alarm",)
    named_by: ClassVar[str] = "alarm_name"

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What it reads: a metric, or those that its queries name."""
        if self.block.get("metric_name") is not None:
            return (Metric(self, (), "statistic"),)
        queries = self.block.blocks("metric_query")
        return tuple(
            Metric(self, ("metric_query", index, "metric"), "stat")
            for index, query in enumerate(queries)
            if query.blocks("metric")
        )

    @property
    def is_of_queues(self) -> bool:
        """Whether it reads a metric of SQS, or one that is called like those of SQS."""
        return any(
            isinstance(metric.namespace, Unknown) or metric.namespace == QUEUES or metric.name in (VISIBLE, AGE)
            for metric in self.metrics
        )

    @property
    def fires_above(self) -> float | None:
        """The value up to which it stays silent; None where it never fires because a value is high."""
        comparison, threshold = self.get("comparison_operator"), self.get("threshold")
        if comparison not in ABOVE or threshold is None:
            return None
        return number(threshold) - (1 if ABOVE[comparison] else 0)

    @property
    def is_on(self) -> bool:
        """Whether it calls anybody at all."""
        return not says_false(self.get("actions_enabled"))

    @property
    def callers(self) -> tuple[Block, ...]:
        """The blocks whose actions are called when it fires: itself, and composite alarms that speak of it."""
        composites = self.block.root.resources("aws_cloudwatch_composite_alarm")
        name = self.block.get("alarm_name")
        return (
            self.block,
            *(
                one
                for one in composites
                if self.block in one.refers_to("alarm_rule")
                or (isinstance(name, str) and name in str(one.get("alarm_rule")))
            ),
        )

    @property
    def actions(self) -> tuple[Action, ...]:
        """Whom it calls. Raises NotJudged where that is not known."""
        return tuple(action for caller in self.callers for action in _actions(self.deployed, caller))


@dataclass(frozen=True, eq=False)
class Action:
    """An address that an alarm calls: what is written, and the resource or data source that it refers to."""

    deployed: DeployedRoot
    caller: Block
    index: int
    value: Any
    target: Block | None

    @property
    def exists(self) -> bool:
        """Whether it is there: a resource or a data source of the root, or the ARN of something outside of it."""
        if self.target is not None and self.target.kind in ("resource", "data"):
            return True
        return bool(_ARN.fullmatch(str(known(self.value))))


def _actions(deployed: DeployedRoot, caller: Block) -> Iterator[Action]:
    listed = known(caller.get("alarm_actions"))
    for index, value in enumerate(listed if isinstance(listed, (list, tuple)) else ()):
        yield Action(deployed, caller, index, value, next(iter(caller.refers_to("alarm_actions", index)), None))


def alarms_of_queues(queue: Queue) -> tuple[Alarm, ...]:
    """Give the alarms of a queue's root that read a metric of SQS, or of which it is not known what they read."""
    every = (Alarm(queue.deployed, block) for block in queue.block.root.resources(*Alarm.types))
    return tuple(alarm for alarm in every if alarm.block.unknown is not None or alarm.is_of_queues)
