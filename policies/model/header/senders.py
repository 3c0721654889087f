"""CloudFront's end of the header: the origins before the gateway, what they are sent, and where its value comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.evidence import Location
from policies.model.cloud.roots import DeployedRoot, roots
from policies.model.delivery.resources import DISTRIBUTION, OriginBlock, balancers
from policies.model.header.leaves import Leaf, merged
from policies.model.header.trace import written_at
from policies.model.kept import kept
from policies.platform import Platform
from policies.read.terraform import Block, Unknown

_VERSION = "aws_secretsmanager_secret_version"
_SECRET = "aws_secretsmanager_secret"  # noqa: S105 (a type of resource)
_PARAMETER = "aws_ssm_parameter"
_GENERATED = ("random_password", "random_id", "random_string", "random_uuid")
_ARN = re.compile(r":secret:(.+?)(?:-[A-Za-z0-9]{6})?\Z")


@dataclass(frozen=True)
class StoredSecret:
    """A secret of Secrets Manager or of the parameter store: its name where that is known, and where it is written."""

    store: str
    name: Any
    block: Block
    leaves: tuple[Leaf, ...] = ()


@dataclass(frozen=True, eq=False)
class Sent:
    """A header that an origin is sent."""

    platform: Platform
    deployed: DeployedRoot
    origin: OriginBlock
    block: Block
    index: int

    @property
    def comes_from(self) -> tuple[Block, ...]:
        """The blocks that its value refers to."""
        return self.origin.distribution.refers_to("origin", self.origin.index, "custom_header", self.index, "value")

    @property
    def name(self) -> Any:
        """Its name, Unknown where that is not known."""
        return self.block.get("name")

    @cached_property
    def names(self) -> tuple[Leaf, ...]:
        """Where its name is written."""
        if not isinstance(self.name, str):
            return ()
        return written_at(self.platform, self.origin.distribution, self.block, "name", self.name)

    @property
    def way(self) -> tuple[Location, ...]:
        """Where its name is written, and where the origin takes it."""
        return tuple(dict.fromkeys((*(leaf.location for leaf in self.names), self.block.locate("name"))))

    @property
    def literal(self) -> tuple[Leaf, ...]:
        """Where its value is written, if it is a text that somebody wrote; nothing where it is not."""
        value = self.block.get("value")
        if not isinstance(value, str) or "${" in value:
            return ()
        return written_at(self.platform, self.origin.distribution, self.block, "value", value)

    @cached_property
    def secrets(self) -> tuple[StoredSecret, ...]:
        """The secrets that its value is read from, or is put into as well."""
        found = [one for block in self.comes_from for one in _stored(self.platform, block)]
        return tuple({one.block.address: one for one in found}.values())

    @property
    def unknown(self) -> str | None:
        """Why its value is not known, where that is so."""
        value = self.block.get("value")
        return value.why if isinstance(value, Unknown) else None


@dataclass(frozen=True, eq=False)
class Front:
    """A distribution before the load balancer, with the origins that lead there."""

    platform: Platform
    deployed: DeployedRoot
    distribution: Block

    @property
    def origins(self) -> tuple[OriginBlock, ...]:
        """The origins that lead to the load balancer."""
        return balancers(self.distribution)

    @cached_property
    def sent(self) -> tuple[Sent, ...]:
        """Every header that they are sent."""
        return tuple(
            Sent(self.platform, self.deployed, origin, block, index)
            for origin in self.origins
            for index, block in enumerate(origin.headers)
        )

    @property
    def unseen(self) -> str | None:
        """Why it may send more: a `dynamic` block in an origin of which no header came."""
        for origin in self.origins:
            declared = origin.block.declaration
            for block in declared.of("dynamic") if declared is not None else ():
                made = any(block.line <= one.line <= block.last_line for one in origin.headers)
                if block.labels == ("custom_header",) and not made:
                    return f"what the dynamic block at {block.file}:{block.line} gives is not evaluated"
        return None

    @property
    def unknown(self) -> str | None:
        """Why what it sends is not known."""
        for block in (self.distribution, *(one.block for one in self.origins)):
            if block.unknown is not None:
                return block.unknown.why
        unknown = next((one.name.why for one in self.sent if isinstance(one.name, Unknown)), None)
        return unknown or self.unseen


@kept
def fronts(platform: Platform) -> tuple[Front, ...]:
    """Give every distribution before a load balancer."""
    found = []
    for deployed in roots(platform):
        for block in deployed.root.resources(DISTRIBUTION) if deployed.root is not None else ():
            front = Front(platform, deployed, block)
            if front.origins or block.unknown is not None:
                found.append(front)
    return tuple(found)


def _stored(platform: Platform, block: Block) -> Iterator[StoredSecret]:
    if block.type == _VERSION:
        yield from _of_version(platform, block)
    elif block.type == _PARAMETER:
        yield StoredSecret("parameter store", block.get("name"), block, _leaves(platform, block, "name"))
    elif block.type in _GENERATED:
        # What generates a value keeps it nowhere: the secret is where it is put, too.
        for version in block.root.resources(_VERSION):
            if any(block in version.refers_to(name) for name in ("secret_string", "secret_string_wo", "secret_binary")):
                yield from _of_version(platform, version)
        for parameter in block.root.resources(_PARAMETER):
            if block in (*parameter.refers_to("value"), *parameter.refers_to("value_wo")):
                yield StoredSecret(
                    "parameter store", parameter.get("name"), parameter, _leaves(platform, parameter, "name")
                )


def _of_version(platform: Platform, version: Block) -> Iterator[StoredSecret]:
    holders = [one for one in version.refers_to("secret_id") if one.type == _SECRET]
    for holder in holders:
        name = "name" if holder.get("name") is not None else "arn"
        yield StoredSecret("Secrets Manager", _plain(holder.get(name)), holder, _leaves(platform, holder, name))
    if not holders:
        yield StoredSecret(
            "Secrets Manager", _plain(version.get("secret_id")), version, _leaves(platform, version, "secret_id")
        )


def _plain(value: Any) -> Any:
    """Give the name in an ARN of a secret; any other value as it is."""
    found = _ARN.search(value) if isinstance(value, str) else None
    return found[1] if found is not None else value


def _leaves(platform: Platform, block: Block, name: str) -> tuple[Leaf, ...]:
    value = block.get(name)
    if not isinstance(value, str):
        return ()
    return merged(iter(written_at(platform, block, block, name, value)))
