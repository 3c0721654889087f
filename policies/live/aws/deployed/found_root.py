"""A root of what an account has, which requirements on Terraform are judged on: its blocks, and what they ask of where their values come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from policies.evidence import Location
from policies.live.aws.deployed.found import NAMED_IN, Attributes, Found, Whole, located, strings
from policies.read.terraform import Block, Root, Unknown


@dataclass(frozen=True, eq=False)
class FoundBlock(Block):
    """A block of what was read."""

    def blocks(self, name: str) -> tuple[Block, ...]:
        """Give its nested blocks of a name; where they were not read, one of which nothing is known."""
        value = self.attributes.get(name)
        if isinstance(value, Unknown):
            return (
                replace(
                    self, kind="block", type=name, address=f"{self.address}.{name}[?]", attributes={}, unknown=value
                ),
            )
        return super().blocks(name)


class Reader:
    """What a root's blocks ask of where their values come from: the place in the account, and whom a value means."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.owners: dict[Block, tuple[Found, Block, tuple[str | int, ...]]] = {}
        self.meant: dict[str, list[Block]] = {}
        self.named: dict[tuple[str, str], Block] = {}
        self.regions: dict[str, Block] = {}
        self.untold: dict[Block, Block] = {}

    def locate(self, block: Block, path: tuple[str | int, ...]) -> Location:
        """Give the resource by its ARN or its name, and the field."""
        owner = self.owners.get(block)
        if owner is None:
            return Location(f"{self.where} {block.address}")
        found, _, before = owner
        return located(self.where, found, (*before, *path))

    def refers_to(self, block: Block, path: tuple[str | int, ...]) -> tuple[Block, ...]:
        """Give the resources that the strings at a path mean: by ARN, URL or id anywhere, by name where the attribute is one of names.

        What cannot be told of the account refers to what Terraform has it refer to.
        """
        if block in self.untold:
            root = block.root
            meant = (root.find(one.address) for one in self.untold[block].refers_to(*path))
            return tuple(one for one in meant if one is not None)
        own = self.owners[block][1] if block in self.owners else block
        steps = [step for step in path if isinstance(step, str)]
        kind = NAMED_IN.get(steps[-1]) if steps else None
        found: dict[str, Block] = {}
        for text in strings(block.get(*path)):
            found.update({one.address: one for one in self.meant.get(text, ()) if one is not own})
            named = self.named.get((kind, text)) if kind else None
            if named is not None and named is not own:
                found[named.address] = named
        return tuple(found.values())

    def is_cut(self, _block: Block, _path: tuple[str | int, ...]) -> bool:
        """Whether a function made it: what an account has is told as it is."""
        return False

    def provider_of(self, block: Block) -> Block | None:
        """Give what stands for its provider: its region."""
        owner = self.owners.get(block)
        return self.regions.get(owner[0].region) if owner is not None else None


def root_of(where: str, folder: str, every: Mapping[str, Found], untold: Mapping[str, tuple[Block, str]]) -> Root:
    """Give the root of what an account has, by address; `untold` are Terraform's blocks of which it is not known whether it has them, and why."""
    reader = Reader(where)
    blocks: list[Block] = []
    root = Root(folder, blocks=(), reader=reader)
    for address, found in every.items():
        block = _block(root, found, address)
        blocks.append(block)
        for identity in found.identities:
            reader.meant.setdefault(identity, []).append(block)
        reader.named[found.type, found.name] = block
    for address, (block, reason) in untold.items():
        made = FoundBlock(root, "resource", block.type, block.name, address, "", where, 1, 1, {}, Unknown(reason))
        reader.untold[made] = block
        blocks.append(made)
    for region in sorted({found.region for found in every.values()}):
        values = {"region": region, "alias": region}
        reader.regions[region] = FoundBlock(
            root, "provider", "aws", "aws", f"provider.aws.{region}", "", where, 1, 1, values
        )
    vars(root)["blocks"] = tuple(blocks)
    return root


def _block(root: Root, found: Found, address: str) -> Block:
    name = address.rpartition(".")[2]
    block = FoundBlock(root, "resource", found.type, name, address, "", root.reader.where, 1, 1, {})
    root.reader.owners[block] = (found, block, ())
    vars(block)["attributes"] = _attributes(block, found.attributes, block, ())
    return block


def _attributes(holder: Block, read: Mapping[str, Any], own: Block, path: tuple[str | int, ...]) -> Attributes:
    values = dict(read)
    reader = own.root.reader
    for name, value in read.items():
        if not isinstance(value, tuple):
            continue
        nested = []
        for index, one in enumerate(value):
            here = (*path, name, index)
            inner = FoundBlock(own.root, "block", name, "", f"{holder.address}.{name}[{index}]", "", own.file, 1, 1, {})
            reader.owners[inner] = (reader.owners[own][0], own, here)
            vars(inner)["attributes"] = _attributes(inner, one, own, here)
            nested.append(inner)
        values[name] = tuple(nested)
    return Attributes(values, whole=isinstance(read, Whole))
