"""Queues and the functions that may read them."""

from __future__ import annotations

from policies.evidence import Evidence
from policies.model.cloud.execution_roles import role_of
from policies.model.cloud.functions import Function, TakenQueue
from policies.model.cloud.needed_access import names
from policies.requirement import NotJudged


class ReadQueue(TakenQueue):
    """A queue that messages are sent to, by the functions whose role may receive from it."""

    @property
    def readers(self) -> tuple[Function, ...]:
        """The functions that may receive its messages, as far as their roles are known."""
        every = (Function(self.deployed, block) for block in self.block.root.resources(*Function.types))
        return tuple(function for function in every if self._may_be_read_by(function))

    def _may_be_read_by(self, function: Function) -> bool:
        try:
            granted = role_of(function).statements
        except NotJudged:
            return False
        return any(
            statement.allows
            and statement.covers("sqs:ReceiveMessage")
            and any(names(resource, self.block, self.name) for resource in statement.resources)
            for statement in granted
        )

    def blame_readers(self, message: str, *values: object) -> Evidence:
        """Give the queue, what the mappings beside it read, and the functions that may read it as the places."""
        lines = [block.locate("event_source_arn") for block in self.other_mappings]
        lines += [function.block.locate() for function in self.readers]
        return Evidence(message.format(*values), tuple(dict.fromkeys((self.block.locate(), *lines))))
