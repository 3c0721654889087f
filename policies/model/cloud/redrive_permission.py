"""Whether a dead-letter queue takes the letters of the queues that send them there.

Source: Amazon SQS API Reference, SetQueueAttributes, RedriveAllowPolicy: by default every queue of the account may; with `byQueue` those that
`sourceQueueArns` lists, with `denyAll` none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence
from policies.model.cloud.policy_statements import many
from policies.model.cloud.queues import DeadLetterQueue, SourceQueue
from policies.model.cloud.redrive import belonging, is_arn_of
from policies.model.cloud.resources import known
from policies.model.cloud.written_values import json_of
from policies.read.terraform import Block, Unknown
from policies.requirement import not_judged

_ATTRIBUTE = "redrive_allow_policy"
_ONE = re.compile(r"\$\{[^{}]*\}\Z")


@dataclass(frozen=True, eq=False)
class PermittingQueue(DeadLetterQueue):
    """A dead-letter queue that says whose letters it takes."""

    noun: ClassVar[str] = "dead-letter queue that says whose letters it takes"

    @property
    def counts(self) -> bool:
        """Whether it says so, and another queue's redrive policy leads to it."""
        return bool(self._saying) and bool(self.sources)

    @property
    def refused(self) -> tuple[SourceQueue, ...]:
        """The queues whose letters go there, and that it refuses. Raises NotJudged where that is not known."""
        refused: dict[str, SourceQueue] = {}
        for block in self._saying:
            refused.update({one.block.address: one for one in self.sources if not _permits(block, one.block)})
        return tuple(refused.values())

    @property
    def _saying(self) -> tuple[Block, ...]:
        every = (self.block, *belonging(self.block, "aws_sqs_queue_redrive_allow_policy"))
        return tuple(one for one in every if isinstance(one.get(_ATTRIBUTE), Unknown) or one.get(_ATTRIBUTE))

    def blame_permission(self, message: str, *values: object) -> Evidence:
        """Give what says whose letters it takes as the places."""
        return Evidence(message.format(*values), tuple(one.locate(_ATTRIBUTE) for one in self._saying))


def _permits(block: Block, source: Block) -> bool:
    declared = block.declaration.attributes.get(_ATTRIBUTE) if block.declaration else None
    data: Any = known(json_of(block.get(_ATTRIBUTE), declared.text if declared else ""))
    if not isinstance(data, Mapping):
        not_judged("whose letters it takes is known only when it is applied")
    permission = known(data.get("redrivePermission"))
    if permission != "byQueue":
        return bool(permission != "denyAll")
    referred = [one for one in block.refers_to(_ATTRIBUTE) if one.type == "aws_sqs_queue"]
    listed = many(known(data.get("sourceQueueArns")))
    if source in referred or any(is_arn_of(_told(one), source) for one in listed):
        return True
    # Each must be another queue's: a reference to one of this root, or an ARN of another name.
    others = [one for one in listed if isinstance(one, str) and one.startswith("arn:") and "${" not in one]
    if others and not isinstance(source.get("name"), str):
        not_judged("what the queue is called whose letters go there is not known")
    pointing = [one for one in listed if one not in others]
    if len(pointing) > len(referred) or not all(_points(one) for one in pointing):
        not_judged("whose letters it takes is known only when it is applied")
    return False


def _points(value: Any) -> bool:
    told = _told(value)
    return isinstance(told, str) and "aws_sqs_queue." in told and _ONE.match(told) is not None


def _told(value: Any) -> Any:
    return value.text if isinstance(value, Unknown) else value
