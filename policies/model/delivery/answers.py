"""Behaviours with the headers that their answers get, as subjects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence
from policies.model.cloud.resources import known
from policies.model.delivery import managed as delivery_managed
from policies.model.delivery.distributions import CloudFrontBehaviour
from policies.read.terraform import Block, Unknown

_YEAR = 31536000


@dataclass(frozen=True, eq=False)
class Answers:
    """A response headers policy: one of the platform's, or one that AWS manages, whose security headers are known."""

    block: Block | None = None
    managed: bool = False
    unknown: Unknown | None = None

    def _has(self, header: str, custom: str) -> Any:
        known(self.unknown)
        if self.block is None:
            return None
        own = self.block.block("security_headers_config")
        stated = own.block(header) if own is not None else None
        if stated is not None:
            return stated
        items = self.block.blocks("custom_headers_config")
        names = [str(known(item.get("header"))).lower() for one in items for item in one.blocks("items")]
        return True if custom in names else None

    @property
    def transport_seconds(self) -> int:
        """For how many seconds browsers come by HTTPS alone."""
        stated = self._has("strict_transport_security", "strict-transport-security")
        if isinstance(stated, Block):
            return int(known(stated.get("access_control_max_age_sec")) or 0)
        return _YEAR if stated or self.managed else 0

    @property
    def forbids_guessing(self) -> bool:
        """Whether browsers may not guess the type of a content."""
        return self.managed or bool(self._has("content_type_options", "x-content-type-options"))

    @property
    def forbids_frames(self) -> bool:
        """Whether no other site may show it in a frame: by X-Frame-Options, or by `frame-ancestors` of a content security policy."""
        if self.managed or self._has("frame_options", "x-frame-options") is not None:
            return True
        policy = self._has("content_security_policy", "content-security-policy")
        text = known(policy.get("content_security_policy")) if isinstance(policy, Block) else ""
        return "frame-ancestors" in str(text)


class AnsweringBehaviour(CloudFrontBehaviour):
    """A behaviour, and what its response headers policy puts on every answer."""

    noun: ClassVar[str] = "behaviour that answers browsers"

    @property
    def answers(self) -> Answers:
        """Its response headers policy; one that says nothing where it has none."""
        value = self.found.block.get("response_headers_policy_id")
        if value is None:
            return Answers()
        kind = "aws_cloudfront_response_headers_policy"
        id = delivery_managed.id_in(value)
        for block in self.distribution.block.refers_to(*self.found.path, "response_headers_policy_id"):
            if block.type == kind and block.kind == "resource":
                return Answers(block=block)
            if block.type == kind:
                id = delivery_managed.named(block.get("name"), delivery_managed.RESPONSE_HEADERS) or id  # type: ignore[arg-type]
        if id in delivery_managed.RESPONSE_HEADERS:
            return Answers(managed=delivery_managed.RESPONSE_HEADERS[id][1])
        return Answers(
            unknown=value if isinstance(value, Unknown) else Unknown(f"what {value} says is known only in the account")
        )

    def blame_answers(self, message: str, *values: object) -> Evidence:
        """Give the response headers policy, and the behaviour that has it."""
        answers = self.answers
        own = (answers.block.locate(),) if answers.block is not None else ()
        return Evidence(
            message.format(*values),
            (*own, self.found.distribution.locate(*self.found.path, "response_headers_policy_id")),
        )
