"""Functions of Lambda and the mappings that hand them a queue's messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Location
from policies.model.cloud.named_attributes import attribute_of
from policies.model.cloud.plain_values import number, says_false
from policies.model.cloud.queues import Queue, SourceQueue, queue_of
from policies.model.cloud.resources import Resource
from policies.platform import Platform
from policies.read.terraform import Block, Unknown
from policies.requirement import NotJudged

DEFAULT_TIMEOUT, DEFAULT_BATCH, LARGEST_FIFO_BATCH = 3, 10, 10
"""Of a function, and of a mapping, that says nothing; and the most of a FIFO queue ("Lambda parameters for Amazon SQS event source mappings")."""

PARTIAL = "ReportBatchItemFailures"


@dataclass(frozen=True, eq=False)
class Function(Resource):
    """A function of Lambda."""

    noun: ClassVar[str] = "function"
    types: ClassVar[tuple[str, ...]] = ("aws_lambda_function",)
    named_by: ClassVar[str] = "function_name"

    @property
    def timeout(self) -> int:
        """How long an invocation may take, in seconds."""
        return self.whole("timeout", default=DEFAULT_TIMEOUT)

    @property
    def reserved_concurrency(self) -> int | None:
        """How many of it may run at once, None where the account's limit alone says."""
        value = self.get("reserved_concurrent_executions")
        return None if value is None or int(number(value)) < 0 else int(number(value))

    @property
    def environment(self) -> dict[str, Any]:
        """Its environment; a value that is not known is Unknown in it."""
        value = self.block.get("environment", "variables")
        return value if isinstance(value, dict) else {}

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """The mappings of queues that invoke it."""
        every = (Mapping(self.deployed, block) for block in self.block.root.resources(*Mapping.types))
        return tuple(
            one for one in every if one.counts and self.block in (function.block for function in one.functions)
        )


class Worker(Function):
    """A function that takes a queue's messages."""

    noun: ClassVar[str] = "function that takes a queue's messages"

    @property
    def counts(self) -> bool:
        """Whether a mapping of a queue invokes it."""
        return bool(self.mappings)

    def blame_lines(self, lines: Iterable[Location], message: str, *values: object) -> Evidence:
        """Give lines of its role as the places."""
        return Evidence(message.format(*values), tuple(dict.fromkeys(lines)) or (self.block.locate("role"),))

    @property
    def queues(self) -> tuple[Queue, ...]:
        """The queues whose messages it takes, where they are of the same root."""
        return tuple(one.queue for one in self.mappings if one.queue is not None)


def workers(platform: Platform) -> Iterator[Worker | Gap]:
    """Yield every worker, and why it is not known of others."""
    for one in Worker.collect(platform):
        if isinstance(one, (Worker, Gap)):
            yield one


@dataclass(frozen=True, eq=False)
class Mapping(Resource):
    """An event source mapping of a queue."""

    noun: ClassVar[str] = "mapping of a queue to a function"
    types: ClassVar[tuple[str, ...]] = ("aws_lambda_event_source_mapping",)

    @property
    def counts(self) -> bool:
        """Whether what it reads is a queue of SQS."""
        source = self.block.get("event_source_arn")
        return self.queue is not None or (
            isinstance(source, str) and re.match(r"arn:aws[\w-]*:sqs:|\$\{.*aws_sqs_queue\.", source) is not None
        )

    @property
    def queue(self) -> Queue | None:
        """The queue, where it is one of the same root."""
        return queue_of(self.deployed, self.block, "event_source_arn")

    @property
    def names_arn(self) -> bool:
        """Whether it names its queue by the ARN, as far as that can be told."""
        source, queue = self.block.get("event_source_arn"), self.queue
        if not isinstance(source, str) or queue is None:
            return True
        if "${" not in source:
            return source.startswith("arn:")
        return attribute_of(queue.block, self.block, "event_source_arn") in (None, "arn")

    @property
    def reads_fifo(self) -> bool:
        """Whether the queue is a FIFO queue. Raises NotJudged where it is not known."""
        if self.queue is not None:
            return self.queue.is_fifo
        source = str(self.get("event_source_arn"))
        if not source.startswith("arn:"):
            raise NotJudged(f"what {source} is, is known only when it is applied")
        return source.endswith(".fifo")

    @property
    def functions(self) -> tuple[Function, ...]:
        """The function that it invokes, by its ARN, its name or an alias, where it is one of the same root."""
        found = list(self.block.refers_to("function_name"))
        found += [
            function
            for block in found
            if block.type == "aws_lambda_alias"
            for function in block.refers_to("function_name")
        ]
        name = self.block.get("function_name")
        for block in self.block.root.resources(*Function.types):
            own = block.get("function_name")
            if (
                isinstance(name, str)
                and isinstance(own, str)
                and re.fullmatch(rf"(?:arn:.*:function:)?{re.escape(own)}(?::[\w$-]+)?", name)
            ):
                found.append(block)
        return tuple(Function(self.deployed, block) for block in dict.fromkeys(found) if block.type in Function.types)

    @property
    def batch_size(self) -> int:
        """How many messages a batch has at most."""
        return self.whole("batch_size", default=DEFAULT_BATCH)

    @property
    def batching_window(self) -> int:
        """For how many seconds it waits for a batch to fill."""
        return int(number(self.get("maximum_batching_window_in_seconds") or 0))

    @property
    def reports_failures(self) -> bool:
        """Whether it takes the function's word for which messages of a batch failed."""
        listed = self.get("function_response_types") or ()
        unknown = next((one for one in listed if isinstance(one, Unknown)), None)
        if unknown is not None and PARTIAL not in listed:
            raise NotJudged(unknown.why)
        return PARTIAL in listed

    @property
    def maximum_concurrency(self) -> int | None:
        """How many batches it hands over at once, None where nothing says."""
        value = self.get("scaling_config", "maximum_concurrency")
        return None if value is None else int(number(value))

    @property
    def is_on(self) -> bool:
        """Whether it reads the queue at all."""
        return not says_false(self.get("enabled"))


class TakenQueue(SourceQueue):
    """A queue that messages are sent to, by the mappings that read it."""

    @property
    def mappings(self) -> tuple[Mapping, ...]:
        """The mappings that read it. Raises NotJudged where none surely does, and one may."""
        every = [Mapping(self.deployed, block) for block in self.block.root.resources(*Mapping.types)]
        sure = [one for one in every if one.block.unknown is None]
        found = tuple(one for one in sure if one.queue is not None and one.queue.block is self.block)
        unknown = (
            one.block.get("event_source_arn") for one in every if one.queue is None or one.block.unknown is not None
        )
        doubt = next((value for value in unknown if isinstance(value, Unknown)), None)
        if not found and doubt is not None:
            raise NotJudged(f"which queue a mapping reads is not known: {doubt.why}")
        return found

    @property
    def other_mappings(self) -> tuple[Block, ...]:
        """The mappings of its root that read another queue."""
        every = (Mapping(self.deployed, block) for block in self.block.root.resources(*Mapping.types))
        return tuple(
            one.block for one in every if one.counts and (one.queue is None or one.queue.block is not self.block)
        )

    @property
    def workers(self) -> tuple[Function, ...]:
        """The functions that its mappings invoke."""
        return tuple(function for mapping in self.mappings for function in mapping.functions)
