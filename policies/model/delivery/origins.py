"""Origins before the load balancer as subjects: by which protocol CloudFront calls them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.cloud.resources import known
from policies.model.delivery.distributions import CloudFront
from policies.model.delivery.headers import is_refused
from policies.model.delivery.resources import OriginBlock, balancers, origins
from policies.platform import Platform
from policies.read.terraform import Block, Unknown

_DEFAULT_TLS = ("TLSv1", "TLSv1.1", "TLSv1.2")


@dataclass(frozen=True, eq=False)
class CloudFrontOrigin:
    """An origin of a distribution."""

    noun: ClassVar[str] = "origin of a distribution"
    only_in_files: ClassVar[bool] = False

    distribution: CloudFront
    found: OriginBlock

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.distribution.place

    @property
    def id(self) -> str:
        """The distribution and its id there."""
        return f"{self.distribution.id}:{self.found.origin.id}"

    @property
    def refused_headers(self) -> tuple[str, ...]:
        """The names of custom headers that CloudFront takes from nobody."""
        names = [str(known(name)) for name, _ in self.found.origin.headers]
        return tuple(name for name in names if is_refused(name))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the origin as the place."""
        return self.blame((), message, *values)

    def blame(self, path: tuple[str | int, ...], message: str, *values: object) -> Evidence:
        """Give a field of the origin as the place."""
        location = self.found.distribution.locate("origin", self.found.index, *path)
        return Evidence(message.format(*values), (location,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CloudFrontOrigin | Gap]:
        """Yield every origin of every distribution."""
        for one in CloudFront.collect(platform):
            if isinstance(one, Gap):
                yield one
            elif isinstance(one, CloudFront):
                yield from (cls(one, found) for found in cls.chosen(one.block))

    @classmethod
    def chosen(cls, distribution: Block) -> tuple[OriginBlock, ...]:
        """Give the origins that are subjects."""
        return origins(distribution)


class BalancerOrigin(CloudFrontOrigin):
    """An origin that leads to a load balancer."""

    noun: ClassVar[str] = "origin before a load balancer"

    @property
    def _endpoint(self) -> tuple[Block | None, str]:
        """The block that states the protocol, and the prefix of its attributes: the origin's own, or that of a VPC origin."""
        own = self.found.block.block("custom_origin_config")
        if own is not None:
            return own, "origin"
        inner = self.distribution.block.refers_to("origin", self.found.index, "vpc_origin_config", 0, "vpc_origin_id")
        made = next((one for one in inner if one.type == "aws_cloudfront_vpc_origin"), None)
        return made.block("vpc_origin_endpoint_config") if made is not None else None, "origin"

    def _stated(self, name: str) -> Any:
        block, _ = self._endpoint
        if block is None:
            return known(
                self.found.block.unknown
                or Unknown(f"how {self.found.origin.id} is called is not stated in the platform")
            )
        return known(block.get(name))

    @property
    def protocol(self) -> str:
        """By which protocol it is called."""
        return str(self._stated("origin_protocol_policy"))

    @property
    def tls(self) -> tuple[str, ...]:
        """The versions of TLS that it may be called with."""
        stated = self._stated("origin_ssl_protocols")
        if isinstance(stated, tuple) and stated and isinstance(stated[0], Block):
            stated = known(stated[0].get("items"))
        return tuple(str(known(one)) for one in stated) if stated else _DEFAULT_TLS

    @classmethod
    def chosen(cls, distribution: Block) -> tuple[OriginBlock, ...]:
        """Give the origins that lead to a load balancer."""
        return balancers(distribution)
