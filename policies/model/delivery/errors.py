"""Error responses of a distribution, and the policies that CloudFront takes or refuses, as subjects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.cloud.resources import Resource, known
from policies.model.delivery.distributions import CloudFront
from policies.model.delivery.policies import NONE, CachePolicy, OriginRequestPolicy
from policies.model.delivery.written import cache_of, origin_request_of
from policies.platform import Platform
from policies.read.terraform import Block

_NEVER_LISTED = ("authorization", "accept-encoding")
"""What an origin request policy may not list ("Headers contains Authorization that is not allowed")."""


@dataclass(frozen=True, eq=False)
class ErrorResponse:
    """What a distribution makes of an error of its origins."""

    noun: ClassVar[str] = "error response of a distribution"
    only_in_files: ClassVar[bool] = False

    distribution: CloudFront
    block: Block
    index: int

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.distribution.place

    @property
    def id(self) -> str:
        """The distribution and the status."""
        return f"{self.distribution.id}:{self.block.get('error_code')}"

    @property
    def status(self) -> int:
        """The status of the origin."""
        return int(known(self.block.get("error_code")))

    @property
    def answered(self) -> int | None:
        """The status that the viewer gets instead, None where it is the origin's."""
        stated = known(self.block.get("response_code"))
        return int(stated) if stated else None

    @property
    def hides_refusal(self) -> bool:
        """Whether it answers a refusal by a success."""
        return 400 <= self.status < 500 and self.answered is not None and self.answered < 400

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the status that viewers get as the place."""
        location = self.distribution.block.locate("custom_error_response", self.index, "response_code")
        return Evidence(message.format(*values), (location,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ErrorResponse | Gap]:
        """Yield every error response of every distribution."""
        for one in CloudFront.collect(platform):
            if isinstance(one, Gap):
                yield one
            elif isinstance(one, CloudFront):
                blocks = one.block.blocks("custom_error_response")
                yield from (cls(one, block, index) for index, block in enumerate(blocks))


class CachePolicyResource(Resource):
    """A cache policy that the platform makes."""

    noun: ClassVar[str] = "cache policy"
    types: ClassVar[tuple[str, ...]] = ("aws_cloudfront_cache_policy",)

    @property
    def policy(self) -> CachePolicy:
        """What it says."""
        return cache_of(self.block)

    @property
    def compresses(self) -> bool:
        """Whether it keeps compressed answers apart."""
        return bool(known(self.policy.gzip)) or bool(known(self.policy.brotli))

    @property
    def key(self) -> tuple[str, ...]:
        """What of a request is in its key beside the path."""
        parts = (
            ("headers", self.policy.headers),
            ("cookies", self.policy.cookies),
            ("query strings", self.policy.query),
        )
        return tuple(name for name, choice in parts if known(choice.kind) != NONE)


class OriginRequestPolicyResource(Resource):
    """An origin request policy that the platform makes."""

    noun: ClassVar[str] = "origin request policy"
    types: ClassVar[tuple[str, ...]] = ("aws_cloudfront_origin_request_policy",)

    @property
    def policy(self) -> OriginRequestPolicy:
        """What it says."""
        return origin_request_of(self.block)

    @property
    def refused(self) -> tuple[str, ...]:
        """The headers that it lists and may not."""
        if self.get("headers_config", "header_behavior") != "whitelist":
            return ()
        names = [str(known(one)) for one in known(self.policy.headers.names) or ()]
        return tuple(name for name in names if name.lower() in _NEVER_LISTED)
