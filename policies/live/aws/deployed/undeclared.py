"""What an account has beside what Terraform states of the same thing, as subjects: rules of a group, policies of a role, readers of a queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.live.aws.deployed.found import Found, located
from policies.live.aws.deployed.group_rules import rules, writers
from policies.live.aws.deployed.held import Held, held
from policies.live.aws.deployed.pairs import Pair
from policies.live.aws.deployed.search import Values
from policies.live.aws.deployed.services.groups import rules_of
from policies.live.aws.resolving import UnresolvedError
from policies.platform import Platform
from policies.read.terraform import Block
from policies.requirement import not_judged


@dataclass(frozen=True, eq=False)
class Beside:
    """A resource of Terraform in an account, by what it has there that Terraform does not state."""

    noun: ClassVar[str] = ""
    only_in_files: ClassVar[bool] = False
    types: ClassVar[tuple[str, ...]] = ()

    held: Held
    pair: Pair

    @property
    def place(self) -> Place:
        """The environment."""
        return self.held.place

    @property
    def id(self) -> str:
        """Place and address."""
        return f"{self.place.name}:{self.pair.block.address}"

    @property
    def name(self) -> str:
        """What it is called."""
        return self.pair.found.name

    @property
    def block(self) -> Block:
        """Terraform's block."""
        return self.pair.block

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the block and the resource as the places."""
        told = message.format(*values)
        return Evidence(f"{told} ({self.held.where})", (*self.pair.locate(()), *self.places()), told)

    def places(self) -> tuple[Location, ...]:
        """Give what else is a place."""
        return ()

    def plain(self, block: Block, name: str) -> str:
        """Give a value of Terraform's. Raises NotJudged where it is not known before it is applied."""
        try:
            return str(self.held.search.resolver.plain(block.get(name)))
        except UnresolvedError as why:
            not_judged(f"what {block.address} states is not known: {why}")

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Beside | Gap]:
        """Yield every such resource."""
        for one in held(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            yield from (cls(one, pair) for pair in one.pairs if pair.block.type in cls.types)


class AccountGroup(Beside):
    """A security group."""

    noun: ClassVar[str] = "security group of Terraform in an account"
    types: ClassVar[tuple[str, ...]] = ("aws_security_group",)

    @property
    def opened(self) -> tuple[str, ...]:
        """What it lets through and Terraform does not. Raises NotJudged where that is not known."""
        declared = set()
        for direction, block, stands_in in writers(self.block):
            if stands_in.unknown is not None or block.unknown is not None:
                not_judged((stands_in.unknown or block.unknown or "").why)  # type: ignore[union-attr]
            values = Values(self.held.search.resolver, block)
            try:
                said = {name: values.get(name) for name in values if name not in ("tags", "lifecycle")}
            except UnresolvedError as why:
                not_judged(f"what {stands_in.address} lets through is not known: {why}")
            declared |= set(rules(direction, said, self.pair.found.id))
        return tuple(str(rule) for rule in rules_of(self.pair.found) if rule not in declared)


class AccountRole(Beside):
    """A role."""

    noun: ClassVar[str] = "role of Terraform in an account"
    types: ClassVar[tuple[str, ...]] = ("aws_iam_role",)

    @property
    def given(self) -> tuple[str, ...]:
        """The policies that it has and Terraform does not give it. Raises NotJudged where that is not known."""
        attributes = self.pair.found.attributes
        there = [*(str(one["name"]) for one in attributes["inline_policy"]), *(attributes["managed_policy_arns"] or ())]
        declared = {self.plain(one, "name") for one in self._of("aws_iam_role_policy")}
        declared |= {self.plain(one, "policy_arn") for one in self._of("aws_iam_role_policy_attachment")}
        declared |= {
            self.plain(one, "name") for one in self.block.blocks("inline_policy") if one.get("name") is not None
        }
        stated = self.held.search.resolver.plain(self.block.get("managed_policy_arns") or [])
        return tuple(one for one in there if one not in declared | set(stated))

    def _of(self, type: str) -> Iterator[Block]:
        name = self.block.get("name")
        for one in self.block.root.resources(type):
            if self.block in one.refers_to("role") or one.get("role") == name:
                yield one


class AccountReadQueue(Beside):
    """A queue, by the functions that its messages are handed to."""

    noun: ClassVar[str] = "queue of Terraform in an account, by who reads it"
    types: ClassVar[tuple[str, ...]] = ("aws_sqs_queue",)

    @property
    def others(self) -> tuple[Found, ...]:
        """The mappings that are on and read it, and are not Terraform's."""
        every = self.held.search.beside.values()
        mine = (one for one in every if one.type == "aws_lambda_event_source_mapping" and one.attributes["enabled"])
        return tuple(one for one in mine if one.attributes["event_source_arn"] == self.pair.found.arn)

    def places(self) -> tuple[Location, ...]:
        """Give those mappings."""
        return tuple(located(self.held.where, one) for one in self.others)
