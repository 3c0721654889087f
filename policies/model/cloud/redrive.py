"""Where queues send their dead letters: redrive policies, in whatever way they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from policies.model.cloud.named_attributes import attribute_of
from policies.model.cloud.written_values import json_of
from policies.model.kept import kept
from policies.read.terraform import Block, Root, Unknown


@dataclass(frozen=True, eq=False)
class Redrive:
    """Where a queue's dead letters go, and after how many deliveries; `block` and `attribute` are where that is written.

    `targets` are the queues that it can be; `target` is what the policy says. What is not known is Unknown.
    """

    block: Block
    attribute: str
    targets: tuple[Block, ...]
    target: Any
    count: Any

    @property
    def is_no_arn(self) -> bool:
        """Whether what the policy leads to is surely no ARN: a queue's URL or its name."""
        if not isinstance(self.target, str):
            return False
        if "${" not in self.target:
            return not self.target.startswith("arn:")
        told = (attribute_of(one, self.block, self.attribute, text=self.target) for one in self.targets)
        return any(attribute not in (None, "arn") for attribute in told)


def belonging(queue: Block, type: str) -> tuple[Block, ...]:
    """Give the blocks of a type whose `queue_url` is a queue's."""
    return tuple(block for block in queue.root.resources(type) if queue in block.refers_to("queue_url"))


@kept
def dead_letter_blocks(root: Root) -> frozenset[Block]:
    """Give the queues of a root that take dead letters: those that a redrive policy leads to, and those that say whose they take."""
    found: set[Block] = set()
    for queue in root.resources("aws_sqs_queue"):
        redrive = redrive_of(queue)
        if redrive is not None and redrive.targets != (queue,):  # One that leads to its own queue makes no other of it.
            found.update(redrive.targets)
        for block in (queue, *belonging(queue, "aws_sqs_queue_redrive_allow_policy")):
            allowed = block.get("redrive_allow_policy")
            if isinstance(allowed, str) and re.search(r"byQueue|allowAll", allowed):
                found.add(queue)
    return frozenset(found)


def redrives(root: Root) -> tuple[Redrive, ...]:
    """Give every redrive policy of a root."""
    every = (redrive_of(queue) for queue in root.resources("aws_sqs_queue"))
    return tuple(one for one in every if one is not None)


def redrive_of(queue: Block) -> Redrive | None:
    """Give a queue's redrive policy: its own attribute, or the resource that is one of it."""
    for block in (queue, *belonging(queue, "aws_sqs_queue_redrive_policy")):
        value = block.get("redrive_policy")
        if block.unknown is not None:
            return Redrive(block, "redrive_policy", (), block.unknown, block.unknown)
        if value is None or value == "":
            continue
        declared = block.declaration.attributes.get("redrive_policy") if block.declaration else None
        data = json_of(value, declared.text if declared else "")
        targets = [other for other in block.refers_to("redrive_policy") if other.type == "aws_sqs_queue"]
        says = data if isinstance(data, dict) else {}
        target = says.get("deadLetterTargetArn", data if isinstance(data, Unknown) else None)
        targets += [
            other
            for other in queue.root.resources("aws_sqs_queue")
            if other not in targets and is_arn_of(target, other)
        ]
        count = says.get("maxReceiveCount", data if isinstance(data, Unknown) else None)
        return Redrive(block, "redrive_policy", tuple(targets), target, count)
    return None


def is_arn_of(value: Any, queue: Block) -> bool:
    """Whether a text is the ARN of a queue, by its name: `arn:aws:sqs:…:name`."""
    name = queue.get("name")
    return isinstance(value, str) and isinstance(name, str) and value.startswith("arn:") and value.endswith(f":{name}")
