"""What a function's role may do: its policies, wherever they are written and attached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.cloud.access_policies import statements
from policies.model.cloud.functions import Function, Worker, workers
from policies.model.cloud.managed_policies import GRANTED
from policies.model.cloud.policy_statements import Statement
from policies.model.cloud.resources import known
from policies.platform import Platform
from policies.read.terraform import Block, Unknown
from policies.requirement import NotJudged

AWS_MANAGED = re.compile(r"arn:aws[\w-]*:iam::aws:policy/(?P<name>.+)")


@dataclass(frozen=True, eq=False)
class Attached:
    """A managed policy of a role: its ARN as it is written, the policy where it is one of the root, and where it is attached."""

    arn: Any
    policy: Block | None
    location: Location

    @property
    def of_aws(self) -> str | None:
        """Its name where AWS wrote it."""
        found = AWS_MANAGED.fullmatch(self.arn) if isinstance(self.arn, str) else None
        return found["name"] if found else None

    @property
    def granted(self) -> frozenset[str] | None:
        """What it allows on every resource where AWS wrote it and that is known here, None where it is not."""
        return GRANTED.get(self.of_aws or "")

    @property
    def is_for_lambda(self) -> bool:
        """Whether it holds what Lambda itself needs: to write the log, to attach to a VPC, to take messages, to trace."""
        return (self.of_aws or "").startswith("service-role/AWSLambda") or self.of_aws == "AWSXRayDaemonWriteAccess"


@dataclass(frozen=True, eq=False)
class Role:
    """A role: its block, what it is granted, and what is attached to it."""

    block: Block

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements of its own policies and of those of the root that are attached to it. Raises NotJudged where they are not known."""
        found: list[Statement] = []
        for index, _ in enumerate(self.block.blocks("inline_policy")):
            found += known(statements(self.block, "inline_policy", index, "policy")) or ()
        for block in self._belonging("aws_iam_role_policy", "role"):
            found += known(statements(block, "policy")) or ()
        for attached in self.attached:
            if attached.policy is not None:
                found += known(statements(attached.policy, "policy")) or ()
        return tuple(found)

    @property
    def trusted(self) -> tuple[Statement, ...]:
        """Who may take it. Raises NotJudged where that is not known."""
        return known(statements(self.block, "assume_role_policy")) or ()

    @property
    def elsewhere(self) -> tuple[Attached, ...]:
        """The managed policies that it has and that stand outside of its root: AWS' own, and those of others."""
        return tuple(one for one in self.attached if one.policy is None)

    @property
    def untold(self) -> tuple[Attached, ...]:
        """Those of which it is not known what they allow."""
        return tuple(one for one in self.elsewhere if one.granted is None)

    def has_of_aws(self, action: str) -> bool:
        """Whether a policy of AWS allows an action on every resource."""
        return any(action in (one.granted or ()) for one in self.elsewhere)

    @property
    def attached(self) -> tuple[Attached, ...]:
        """The managed policies that are attached to it, in whatever way."""
        return tuple(self._attached())

    def _attached(self) -> Iterator[Attached]:
        for block in self._belonging("aws_iam_role_policy_attachment", "role"):
            yield _attached_by(block, "policy_arn")
        for block in self._belonging("aws_iam_policy_attachment", "roles"):
            yield _attached_by(block, "policy_arn")
        listed = self.block.get("managed_policy_arns")
        for index in range(len(listed) if isinstance(listed, (list, tuple)) else 0):
            yield _attached_by(self.block, "managed_policy_arns", index)
        if isinstance(listed, Unknown):
            yield Attached(listed, None, self.block.locate("managed_policy_arns"))

    def _belonging(self, type: str, attribute: str) -> Iterator[Block]:
        name = self.block.get("name")
        for block in self.block.root.resources(type):
            value = block.get(attribute)
            named = isinstance(name, str) and (value == name or (isinstance(value, list) and name in value))
            if named or self.block in block.refers_to(attribute):
                yield block


def _attached_by(block: Block, *path: str | int) -> Attached:
    if block.unknown is not None:
        return Attached(block.unknown, None, block.locate())
    policies = [one for one in block.refers_to(*path) if one.type == "aws_iam_policy" and one.kind == "resource"]
    return Attached(block.get(*path), policies[0] if policies else None, block.locate(*path))


def role_of(function: Function) -> Role:
    """Give a function's role. Raises NotJudged where it is none of the root."""
    for block in function.block.refers_to("role"):
        if block.type == "aws_iam_role" and block.kind == "resource":
            return Role(block)
    value = function.block.get("role")
    raise NotJudged(
        value.why if isinstance(value, Unknown) else f"the role of {function.label} ({value}) is none of this root"
    )


@dataclass(frozen=True, eq=False)
class WorkerGrant:
    """A statement by which a worker's role is allowed something; `number` tells apart those without an id."""

    noun: ClassVar[str] = "grant of a function that takes a queue's messages"
    only_in_files: ClassVar[bool] = False

    worker: Worker
    statement: Statement
    number: int

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.worker.place

    @property
    def id(self) -> str:
        """The function, and the statement by its id or its number."""
        return f"{self.worker.id}:{self.statement.sid or self.number}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the statement as the place."""
        return self.blame("", message, *values)

    def blame(self, element: str, message: str, *values: object) -> Evidence:
        """Give an element of the statement as the place."""
        return Evidence(message.format(*values), (self.statement.locate(element),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[WorkerGrant | Gap]:
        """Yield what each worker's role is allowed."""
        for worker in workers(platform):
            if isinstance(worker, Gap):
                yield worker
                continue
            try:
                found = role_of(worker).statements
            except NotJudged as reason:
                yield Gap(worker.id, str(reason), worker.place, (worker.block.locate("role"),))
                continue
            for number, statement in enumerate(found, start=1):
                if statement.allows:
                    yield cls(worker, statement, number)
