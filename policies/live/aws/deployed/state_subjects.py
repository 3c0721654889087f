"""The bucket and the table of Terraform's state in an account, as subjects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.live.aws.deployed.found import located
from policies.live.aws.deployed.held import Held, held
from policies.live.aws.deployed.state import State
from policies.platform import Platform


@dataclass(frozen=True, eq=False)
class AccountState:
    """The bucket that a root keeps its state in."""

    noun: ClassVar[str] = "bucket of Terraform's state in an account"
    only_in_files: ClassVar[bool] = False

    held: Held
    state: State

    @property
    def place(self) -> Place:
        """The environment."""
        return self.held.place

    @property
    def id(self) -> str:
        """Place and name."""
        return f"{self.place.name}:{self.state.bucket_name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the backend and the bucket as the places."""
        told = message.format(*values)
        bucket = self.state.bucket
        there = located(self.held.where, bucket) if bucket is not None else Location(self.held.where)
        return Evidence(f"{told} ({self.held.where})", (self.state.backend.locate("bucket"), there), told)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[AccountState | Gap]:
        """Yield that of each root with a backend of S3."""
        for one in held(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
            elif one.state is not None and one.state.reason is not None:
                yield Gap(f"{one.place.name}: {cls.noun}", one.state.reason, one.place, (one.state.backend.locate(),))
            elif one.state is not None and cls.counts(one.state):
                yield cls(one, one.state)

    @classmethod
    def counts(cls, state: State) -> bool:  # noqa: ARG003 (others ask it)
        """Whether it is a subject."""
        return True


class FoundState(AccountState):
    """One that is there."""

    noun: ClassVar[str] = "bucket of Terraform's state that an account has"

    @classmethod
    def counts(cls, state: State) -> bool:
        """Whether it is there."""
        return state.bucket is not None


class AccountLock(AccountState):
    """The table that locks a root's state."""

    noun: ClassVar[str] = "table that locks Terraform's state in an account"

    @property
    def id(self) -> str:
        """Place and name."""
        return f"{self.place.name}:{self.state.table_name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the backend as the place."""
        told = message.format(*values)
        places = (self.state.backend.locate("dynamodb_table"), Location(self.held.where))
        return Evidence(f"{told} ({self.held.where})", places, told)

    @classmethod
    def counts(cls, state: State) -> bool:
        """Whether one is stated."""
        return state.table_name is not None
