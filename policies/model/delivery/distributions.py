"""Distributions of CloudFront and their behaviours as subjects, with what stands before each: certificate, firewall, logs, headers of answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.cloud.resources import Resource, known
from policies.model.delivery.regions import region_of
from policies.model.delivery.resources import DISTRIBUTION, BehaviourBlock, behaviours
from policies.platform import Platform
from policies.read.terraform import Block

RECOMMENDED_TLS = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
"""Security policies that [CloudFront.15] takes."""

OWN_CERTIFICATE = "TLSv1"
"""The policy of CloudFront's own certificate, whatever is stated ("Supported protocols and ciphers between viewers and CloudFront")."""

_CERTIFICATES = ("aws_acm_certificate", "aws_acm_certificate_validation")


class CloudFront(Resource):
    """A distribution of CloudFront."""

    noun: ClassVar[str] = "distribution"
    types: ClassVar[tuple[str, ...]] = (DISTRIBUTION,)

    @property
    def has_own_certificate(self) -> bool:
        """Whether viewers are shown CloudFront's own certificate."""
        return bool(self.get("viewer_certificate", "cloudfront_default_certificate"))

    @property
    def minimum_tls(self) -> str:
        """The security policy for viewers."""
        stated = self.get("viewer_certificate", "minimum_protocol_version")
        return OWN_CERTIFICATE if self.has_own_certificate else str(stated or OWN_CERTIFICATE)

    @property
    def certificate_region(self) -> str | None:
        """The region of its certificate of ACM, None where it has none of its own, or where neither its ARN nor its provider says."""
        path = ("viewer_certificate", "acm_certificate_arn")
        value = self.block.get(*path)
        parts = value.split(":") if isinstance(value, str) else []
        if len(parts) > 5 and parts[0] == "arn":
            return parts[3]
        regions = {region_of(one) for one in self.block.refers_to(*path) if one.type in _CERTIFICATES}
        return regions.pop() if len(regions) == 1 else None

    @property
    def has_firewall(self) -> bool:
        """Whether a web ACL stands before it. Raises NotJudged where that is not known."""
        return bool(self.block.refers_to("web_acl_id")) or self.get("web_acl_id") not in (None, "")

    @property
    def logs(self) -> Block | None:
        """What delivers its access logs: `logging_config`, or a delivery source of CloudWatch (access logs v2)."""
        own = self.block.block("logging_config")
        if own is not None:
            return own
        sources = self.block.root.resources("aws_cloudwatch_log_delivery_source")
        return next((one for one in sources if self.block in one.refers_to("resource_arn")), None)

    @property
    def logs_cookies(self) -> bool:
        """Whether viewers' cookies stand in its access logs."""
        own = self.block.block("logging_config")
        if own is not None:
            return known(own.get("include_cookies")) is True
        fields = [one.get("record_fields") for one in self.block.root.resources("aws_cloudwatch_log_delivery")]
        return any("cs(Cookie)" in known(one) for one in fields if one is not None)

    @property
    def keeps_refusals(self) -> int:
        """For how many seconds it keeps the gateway's 403: ten where nothing else is stated."""
        for one in self.block.blocks("custom_error_response"):
            if known(one.get("error_code")) == 403:
                stated = known(one.get("error_caching_min_ttl"))
                return 10 if stated is None else int(stated)
        return 10


@dataclass(frozen=True, eq=False)
class CloudFrontBehaviour:
    """A behaviour of a distribution."""

    noun: ClassVar[str] = "behaviour of a distribution"
    only_in_files: ClassVar[bool] = False

    distribution: CloudFront
    found: BehaviourBlock

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.distribution.place

    @property
    def id(self) -> str:
        """The distribution and the pattern."""
        return f"{self.distribution.id}:{self.pattern}"

    @property
    def pattern(self) -> str:
        """Its path pattern; `*` for the default one."""
        return str(self.found.behaviour.pattern)

    def get(self, *path: str | int) -> Any:
        """Give the value at a path, None where there is none. Raises NotJudged where it is not known."""
        return known(self.found.block.get(*path))

    @property
    def mixes(self) -> tuple[str, ...]:
        """What it states beside a cache policy and may not."""
        if self.found.block.get("cache_policy_id") is None:
            return ()
        stated = [name for name in ("min_ttl", "default_ttl", "max_ttl") if self.get(name)]
        return (*(["forwarded_values"] if self.found.block.blocks("forwarded_values") else []), *stated)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the behaviour as the place."""
        return self.blame((), message, *values)

    def blame(self, path: tuple[str | int, ...], message: str, *values: object) -> Evidence:
        """Give a field of the behaviour as the place."""
        return Evidence(message.format(*values), (self.found.distribution.locate(*self.found.path, *path),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CloudFrontBehaviour | Gap]:
        """Yield every behaviour that counts of every distribution."""
        for one in CloudFront.collect(platform):
            if isinstance(one, Gap):
                yield one
            elif isinstance(one, CloudFront):
                every = (cls(one, found) for found in behaviours(one.block))
                yield from (each for each in every if each.counts)

    @property
    def counts(self) -> bool:
        """Whether it is a subject."""
        return True
