"""Resources of a cloud as subjects: a block of Terraform as it evaluates, or what an API says of the same thing.

A value that is not known decides nothing: `known` ends the requirement as not judged, and says which variable or resource it waits for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.cloud.plain_values import number
from policies.model.cloud.roots import DeployedRoot, roots
from policies.platform import Platform
from policies.read.terraform import Block, Unknown
from policies.requirement import NotJudged


def known(value: Any) -> Any:
    """Give a value that is known. Raises NotJudged, saying what it waits for, for one that is not."""
    if isinstance(value, Unknown):
        raise NotJudged(value.why)
    return value


@dataclass(frozen=True, eq=False)
class Resource:
    """A resource of a root. A type of subject derives from it, names its `types`, and says in properties what requirements ask."""

    noun: ClassVar[str] = "resource"
    only_in_files: ClassVar[bool] = False
    types: ClassVar[tuple[str, ...]] = ()
    named_by: ClassVar[str] = "name"

    deployed: DeployedRoot
    block: Block

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.deployed.place

    @property
    def id(self) -> str:
        """Place and address: `prod:module.sqs.aws_sqs_queue.this`."""
        return f"{self.place.name}:{self.block.address}"

    @property
    def label(self) -> str:
        """Its name where that is known, else its address."""
        name = self.block.get(self.named_by)
        return name if isinstance(name, str) else self.block.address

    def whole(self, *path: str | int, default: int) -> int:
        """Give the whole number at a path, or what AWS takes where there is none. Raises NotJudged for one that is not known, or is no number."""
        value = self.get(*path)
        return default if value is None else int(number(value))

    def get(self, *path: str | int) -> Any:
        """Give the value at a path, None where there is none. Raises NotJudged where it is not known."""
        return known(self.block.get(*path))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the block as the place."""
        return self.blame((), message, *values)

    def blame(self, path: tuple[str | int, ...], message: str, *values: object) -> Evidence:
        """Give an attribute of the block as the place, or what is nearest to it."""
        return Evidence(message.format(*values), (self.block.locate(*path),))

    @property
    def counts(self) -> bool:
        """Whether it is a subject."""
        return True

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Resource | Gap]:
        """Yield the resources of its types in every root, and why a root or a part of it could not be looked at."""
        for deployed, blocks in resources(platform, *cls.types):
            if isinstance(blocks, Gap):
                yield blocks
                continue
            yield from (one for block in blocks if (one := cls(deployed, block)).counts)


def resources(platform: Platform, *types: str) -> Iterator[tuple[DeployedRoot, tuple[Block, ...] | Gap]]:
    """Yield each root with its resources of these types, and the gaps: a root without files, a module whose source is not here."""
    for deployed in roots(platform):
        if deployed.root is None:
            if deployed.gap is not None:
                yield deployed, deployed.gap
            continue
        for call in deployed.root.remote:
            name = f"{deployed.place.name}:{call.address}"
            reason = f"the source of {call.address} ({call.attributes.get('source')}) is not in the platform, and nothing is fetched"
            yield deployed, Gap(name, reason, deployed.place, (call.locate("source"),))
        blocks = [block for kind in types for block in deployed.root.resources(kind)]
        # Of what cannot be told of an account nothing is judged; in files more may be known of a block than whether it is there.
        untold = [block for block in blocks if deployed.in_account and block.unknown is not None]
        for block in untold:
            why = block.unknown.why if block.unknown is not None else ""
            yield deployed, Gap(f"{deployed.place.name}:{block.address}", why, deployed.place)
        yield deployed, tuple(block for block in blocks if block not in untold)


def places(*blocks: Block) -> tuple[Location, ...]:
    """Give the first lines of blocks."""
    return tuple(block.locate() for block in blocks)
