"""What roots are made from: the modules that `platform.toml` states, and whether a root can be evaluated at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.cloud.roots import DeployedRoot, roots
from policies.platform import Platform
from policies.read.hcl import Declaration
from policies.read.terraform import Block


@dataclass(frozen=True, eq=False)
class StatedModule:
    """A module that a root must assemble, by the name of its call."""

    noun: ClassVar[str] = "module that a root must assemble"
    only_in_files: ClassVar[bool] = True

    deployed: DeployedRoot
    name: str
    calls: tuple[Block, ...]
    declared: Declaration | None

    @property
    def place(self) -> Place:
        """The root."""
        return self.deployed.place

    @property
    def id(self) -> str:
        """The root and the module's name."""
        return f"{self.place.name}:{self.name}"

    @property
    def key(self) -> str:
        """The key of `platform.toml` that states it."""
        return f"[terraform.{self.place.name}] modules"

    @property
    def is_remote(self) -> bool:
        """Whether its source is not in the platform."""
        root = self.deployed.root
        return root is not None and any(call in root.remote for call in self.calls)

    @property
    def brings(self) -> tuple[Block, ...]:
        """The resources that it comes to."""
        root = self.deployed.root
        every = root.resources() if root is not None else ()
        begin = f"module.{self.name}"
        return tuple(
            block for block in every if block.module == begin or block.module.startswith((f"{begin}.", f"{begin}["))
        )

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the call as the place, or where the root begins."""
        root = self.deployed.root
        if self.declared is not None:
            place = Location(self.declared.file, self.declared.line)
        else:
            own = [block for block in root.blocks if not block.module] if root is not None else []
            first = min(
                own,
                key=lambda block: (
                    ("terraform", "module").index(block.kind) if block.kind in ("terraform", "module") else 2
                ),
                default=None,
            )
            place = first.locate() if first is not None else Location(self.deployed.folder)
        return Evidence(message.format(*values), (place,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[StatedModule | Gap]:
        """Yield what each root must assemble; not judged where nobody states it."""
        for deployed in roots(platform):
            if deployed.root is None:
                yield from (deployed.gap,) if deployed.gap is not None else ()
            elif deployed.statement is not None and deployed.statement.modules is not None:
                written = {
                    call.labels[0]: call
                    for call in platform.configuration.declarations(deployed.folder, "module")
                    if call.labels
                }
                for name in deployed.statement.modules:
                    calls = tuple(call for call in deployed.root.modules if not call.module and call.name == name)
                    yield cls(deployed, name, calls, written.get(name))
            elif deployed.is_applied:
                reason = f"platform.toml does not state what {deployed.folder} assembles: [terraform.NAME] modules"
                yield Gap(deployed.place.name, reason, deployed.place)


@dataclass(frozen=True, eq=False)
class EvaluatedRoot:
    """A root, by what kept it from being evaluated."""

    noun: ClassVar[str] = "root of Terraform"
    only_in_files: ClassVar[bool] = True

    deployed: DeployedRoot

    @property
    def place(self) -> Place:
        """Its place."""
        return self.deployed.place

    @property
    def id(self) -> str:
        """Place and folder."""
        return f"{self.place.name}:{self.deployed.folder}"

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with it, a sentence each."""
        root = self.deployed.root
        return tuple(f"{error.file}: {error.problem}" for error in root.errors) if root is not None else ()

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where it cannot be evaluated as the places."""
        root = self.deployed.root
        lines = tuple(Location(error.file, error.line) for error in root.errors) if root is not None else ()
        return Evidence(message.format(*values), lines or (Location(self.deployed.folder),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[EvaluatedRoot | Gap]:
        """Yield every root."""
        for deployed in roots(platform):
            if deployed.root is not None:
                yield cls(deployed)
            elif deployed.gap is not None:
                yield deployed.gap
