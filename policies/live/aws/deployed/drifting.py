"""Resources of Terraform in an account, as subjects: whether each is there, and how it differs from what Terraform has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place, first_of
from policies.live.aws.deployed.comparing import Difference
from policies.live.aws.deployed.held import Held, held
from policies.live.aws.deployed.pairs import Pair
from policies.live.aws.deployed.promises import LEFT_OUT, Kind, kind_of
from policies.platform import Platform
from policies.read.terraform import Block

MOST = 5
"""So many differences are told of one resource."""


@dataclass(frozen=True, eq=False)
class DeclaredResource:
    """A resource of Terraform, and whether the account has it."""

    noun: ClassVar[str] = "resource of Terraform in an account"
    only_in_files: ClassVar[bool] = False

    held: Held
    block: Block
    is_there: bool

    @property
    def place(self) -> Place:
        """The environment."""
        return self.held.place

    @property
    def id(self) -> str:
        """Place and address."""
        return f"{self.place.name}:{self.block.address}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the block, and the account."""
        told = message.format(*values)
        return Evidence(f"{told} ({self.held.where})", (self.block.locate(), Location(self.held.where)), told)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeclaredResource | Gap]:
        """Yield every resource of AWS of every root that was looked for, and those of which it cannot be told whether they are there."""
        for one in held(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            for block in one.search.root.resources():
                if not block.type.startswith("aws_"):
                    continue
                address = block.address
                if address in one.search.found or address in one.search.gone:
                    yield cls(one, block, address in one.search.found)
                else:
                    reason = one.search.untold.get(address, "it was not looked for")
                    yield Gap(f"{one.place.name}:{address}", reason, one.place, (block.locate(),))


@dataclass(frozen=True, eq=False)
class Drifting:
    """A resource of Terraform that an account has, by its fields of one kind."""

    noun: ClassVar[str] = ""
    only_in_files: ClassVar[bool] = False
    kind: ClassVar[Kind] = Kind.REST

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
    def drift(self) -> tuple[Difference, ...]:
        """How it differs."""
        fields = self._fields(self.pair)
        return tuple(difference for name in fields for difference in self.pair.fields[name])

    @classmethod
    def _fields(cls, pair: Pair) -> list[str]:
        return [name for name in pair.fields if kind_of(pair.block.type, name) is cls.kind]

    def told(self) -> Evidence:
        """Tell each difference, the first with its places."""
        message = f"{self.pair.found.name}: {first_of(self.drift, MOST)}"
        return Evidence(f"{message} ({self.held.where})", self.pair.locate(self.drift[0].path), message)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the block and the resource."""
        told = message.format(*values)
        return Evidence(f"{told} ({self.held.where})", self.pair.locate(()), told)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Drifting | Gap]:
        """Yield every such resource, and those of which Terraform states nothing that is known before it is applied."""
        for one in held(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            for pair in one.pairs:
                if cls._fields(pair):
                    yield cls(one, pair)
                elif any(kind_of(pair.block.type, name) is cls.kind for name in cls._may_state(pair)):
                    reason = "nothing that Terraform states of it is known before it is applied"
                    yield Gap(f"{one.place.name}:{pair.block.address}", reason, one.place, (pair.block.locate(),))

    @classmethod
    def _may_state(cls, pair: Pair) -> Iterator[str]:
        """Yield the attributes that Terraform states and that were read."""
        stated = (name for name, value in pair.block.attributes.items() if value is not None)
        return (name for name in stated if name in pair.found.attributes and name not in LEFT_OUT)


class AccountQueue(Drifting):
    """A queue: how it keeps messages, and where its dead letters go."""

    noun: ClassVar[str] = "queue of Terraform in an account"
    kind: ClassVar[Kind] = Kind.QUEUE


class AccountPolicy(Drifting):
    """A policy document: of a queue, a topic, a key, a bucket, a role."""

    noun: ClassVar[str] = "policy of Terraform in an account"
    kind: ClassVar[Kind] = Kind.POLICY


class AccountAlarm(Drifting):
    """An alarm, a topic, or who hears it."""

    noun: ClassVar[str] = "alarm of Terraform in an account"
    kind: ClassVar[Kind] = Kind.ALARM


class AccountFunction(Drifting):
    """A function, or an alias of one."""

    noun: ClassVar[str] = "function of Terraform in an account"
    kind: ClassVar[Kind] = Kind.FUNCTION


class AccountMapping(Drifting):
    """What hands a queue's messages to a function."""

    noun: ClassVar[str] = "mapping of Terraform in an account"
    kind: ClassVar[Kind] = Kind.MAPPING


class AccountDistribution(Drifting):
    """A distribution, with its behaviours in their order and what they run."""

    noun: ClassVar[str] = "distribution of Terraform in an account"
    kind: ClassVar[Kind] = Kind.DISTRIBUTION


class AccountEdgePolicy(Drifting):
    """A cache policy, an origin request policy, a response headers policy."""

    noun: ClassVar[str] = "CloudFront policy of Terraform in an account"
    kind: ClassVar[Kind] = Kind.EDGE_POLICY


class AccountLog(Drifting):
    """A log group."""

    noun: ClassVar[str] = "log group of Terraform in an account"
    kind: ClassVar[Kind] = Kind.LOG


class AccountSecret(Drifting):
    """A secret: how it is encrypted and rotated."""

    noun: ClassVar[str] = "secret of Terraform in an account"
    kind: ClassVar[Kind] = Kind.SECRET


class AccountRest(Drifting):
    """Whatever else: keys, roles, buckets, firewalls."""

    noun: ClassVar[str] = "other resource of Terraform in an account"
    kind: ClassVar[Kind] = Kind.REST
