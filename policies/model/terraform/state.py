"""Where the roots of a platform keep their state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.cloud.plain_values import says_true
from policies.model.cloud.roots import DeployedRoot, roots
from policies.platform import Platform
from policies.read.terraform import Block, Unknown
from policies.requirement import NotJudged


@dataclass(frozen=True, eq=False)
class State:
    """A root's state. `others` are the states of the platform's other roots."""

    noun: ClassVar[str] = "root's state"
    only_in_files: ClassVar[bool] = True

    deployed: DeployedRoot
    others: tuple[State, ...] = ()

    @property
    def place(self) -> Place:
        """The root that it is of."""
        return self.deployed.place

    @property
    def id(self) -> str:
        """The root's place and folder."""
        return f"{self.place.name}:{self.deployed.folder}"

    @property
    def backend(self) -> Block | None:
        """The block that says where it is kept."""
        return self.deployed.root.backend if self.deployed.root is not None else None

    @property
    def kind(self) -> str:
        """What keeps it: `s3`; `local`, a file beside the configuration, where nothing is said."""
        if self.backend is not None:
            return self.backend.type
        return "cloud" if self._settings("cloud") else "local"

    def _settings(self, name: str) -> tuple[Block, ...]:
        root = self.deployed.root
        every = root.of_kind("terraform") if root is not None else ()
        return tuple(block for own in every if not own.module for block in own.blocks(name))

    def get(self, name: str) -> Any:
        """Give an attribute of its backend; None where there is none. Raises NotJudged where what init is given may say it."""
        if self.backend is None:
            return None
        value = self.backend.get(name)
        if value is None and self.is_partial:
            raise NotJudged(
                f"the backend of {self.deployed.folder} names no {name}: what 'terraform init -backend-config' is given is not known"
            )
        if isinstance(value, Unknown):
            raise NotJudged(value.why)
        return value

    @property
    def is_partial(self) -> bool:
        """Whether its backend leaves out what it cannot do without, which init must then be given."""
        return self.backend is not None and any(self.backend.get(name) is None for name in ("bucket", "key"))

    @property
    def is_encrypted(self) -> bool:
        """Whether its backend says that it is encrypted."""
        return says_true(self.get("encrypt"))

    @property
    def is_locked(self) -> bool:
        """Whether two who apply at once cannot both write: by a table of DynamoDB, or by S3's own lock file."""
        table = self.backend.get("dynamodb_table") if self.backend is not None else None
        if isinstance(table, str) and table:
            return True
        lock = self.backend.get("use_lockfile") if self.backend is not None else None
        return says_true(lock) or bool(self.get("dynamodb_table")) or says_true(self.get("use_lockfile"))

    @property
    def address(self) -> tuple[str, str]:
        """Bucket and key."""
        return str(self.get("bucket")), str(self.get("key"))

    @property
    def sharers(self) -> tuple[State, ...]:
        """The other states at the same address, as far as theirs is known."""
        mine = self.address
        return tuple(
            other for other in self.others if other.kind == "s3" and not other.is_partial and other.address == mine
        )

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the backend as the place, or where the root begins."""
        return Evidence(message.format(*values), (self._first(),))

    def blame(self, name: str, message: str, *values: object) -> Evidence:
        """Give an attribute of the backend as the place."""
        return Evidence(message.format(*values), (self.backend.locate(name) if self.backend else self._first(),))

    def blame_sharers(self, message: str, *values: object) -> Evidence:
        """Give the key, and those of the states at the same address, as the places."""
        every = (self, *self.sharers)
        return Evidence(
            message.format(*values), tuple(one.backend.locate("key") for one in every if one.backend is not None)
        )

    def _first(self) -> Location:
        root = self.deployed.root
        for block in (
            self.backend,
            *self._settings("cloud"),
            *(root.of_kind("terraform") if root else ()),
            *(root.blocks if root else ()),
        ):
            if block is not None and not block.module:
                return block.locate()
        return Location(self.deployed.folder)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[State | Gap]:
        """Yield the state of every root. What nobody applies keeps none: it is not judged."""
        every = roots(platform)
        for deployed in every:
            if deployed.root is None:
                yield from (deployed.gap,) if deployed.gap is not None else ()
                continue
            own = cls(deployed, tuple(cls(other) for other in every if other is not deployed))
            if not deployed.is_applied and own.kind == "local":
                reason = "it is an example without a backend: who tries it keeps no state"
                if deployed.root.is_module:
                    reason = "it is a module that no root takes: its state will be that of the root that does"
                yield Gap(own.id, reason, deployed.place, (own._first(),))
            else:
                yield own
