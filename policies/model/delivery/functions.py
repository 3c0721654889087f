"""Functions at CloudFront's edge as subjects, and whether CloudFront takes them.

Source: Amazon CloudFront Developer Guide, "Restrictions on Lambda@Edge" and "Quotas on Lambda@Edge".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence
from policies.model.cloud.access_policies import statements
from policies.model.cloud.resources import Resource, known
from policies.model.delivery.regions import region_of
from policies.model.delivery.resources import DISTRIBUTION, behaviours
from policies.read.terraform import Block, Unknown
from policies.requirement import NotJudged

PRINCIPALS = ("lambda.amazonaws.com", "edgelambda.amazonaws.com")
DEFAULT_MEMORY, DEFAULT_TIMEOUT = 128, 3

_LIMITS = {"viewer": (128, 5), "origin": (10240, 30)}
"""Memory in MB and time in seconds, by the events at which a function runs."""


@dataclass(frozen=True, eq=False)
class EdgeFunction(Resource):
    """A function of Lambda that a distribution runs."""

    noun: ClassVar[str] = "function at the edge"
    types: ClassVar[tuple[str, ...]] = ("aws_lambda_function",)

    @property
    def counts(self) -> bool:
        """Whether a behaviour of a distribution runs it."""
        return bool(self.events)

    @property
    def events(self) -> tuple[str, ...]:
        """The events at which behaviours run it."""
        found: dict[str, None] = {}
        for distribution in self.block.root.resources(DISTRIBUTION):
            for one in behaviours(distribution):
                for index, block in enumerate(one.block.blocks("lambda_function_association")):
                    path = (*one.path, "lambda_function_association", index, "lambda_arn")
                    targets = list(distribution.refers_to(*path))
                    targets += [
                        inner
                        for alias in targets
                        if alias.type == "aws_lambda_alias"
                        for inner in alias.refers_to("function_name")
                    ]
                    if self.block in targets:
                        event = block.get("event_type")
                        found[event if isinstance(event, str) else "viewer-request"] = None
        return tuple(found)

    @property
    def _limits(self) -> tuple[int, int]:
        return _LIMITS["viewer" if any(one.startswith("viewer") for one in self.events) else "origin"]

    @property
    def memory(self) -> tuple[int, int]:
        """Its memory in MB, and the most that it may have."""
        stated = self.get("memory_size")
        return DEFAULT_MEMORY if stated is None else int(stated), self._limits[0]

    @property
    def timeout(self) -> tuple[int, int]:
        """How long it may take in seconds, and the longest that it may."""
        stated = self.get("timeout")
        return DEFAULT_TIMEOUT if stated is None else int(stated), self._limits[1]

    @property
    def region(self) -> str:
        """The region that it is made in. Raises NotJudged where no provider states one."""
        return region_of(self.block)

    @property
    def architectures(self) -> tuple[str, ...]:
        """The architectures that it runs on; x86_64 where nothing is stated."""
        stated = self.get("architectures")
        return tuple(str(known(one)) for one in stated) if stated else ("x86_64",)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its environment's variables."""
        stated = self.block.get("environment", "variables")
        if isinstance(stated, Unknown) and not stated.text:
            raise NotJudged(stated.why)
        return tuple(stated) if isinstance(stated, dict) else ()

    def has(self, name: str) -> bool:
        """Whether it has a nested block, or a list or a value that is not empty."""
        if self.block.blocks(name):
            return any(known(one.unknown) is None for one in self.block.blocks(name))
        return bool(self.get(name))

    @property
    def is_image(self) -> bool:
        """Whether it is made of a container's image."""
        return bool(self.get("package_type") == "Image") or self.get("image_uri") is not None

    @property
    def is_traced(self) -> bool:
        """Whether X-Ray traces it."""
        return bool(self.get("tracing_config", "mode") == "Active")

    @property
    def role(self) -> Block | None:
        """The role that it runs in, where it is of the same root."""
        return next((one for one in self.block.refers_to("role") if one.type == "aws_iam_role"), None)

    @property
    def missing_principals(self) -> tuple[str, ...]:
        """The services that its role does not trust, and must. Raises NotJudged where that is not known."""
        role = self.role
        if role is None:
            raise NotJudged("its role is not in this root")
        found = statements(role, "assume_role_policy")
        if found is None or isinstance(found, Unknown):
            raise NotJudged(found.why if found is not None else "its role has no trust policy")
        trusted = [identifier for one in found if one.allows for _, identifier in one.principals]
        missing = tuple(one for one in PRINCIPALS if one not in [name for name in trusted if isinstance(name, str)])
        unknown = next((one for one in trusted if isinstance(one, Unknown)), None)
        if missing and unknown is not None:
            raise NotJudged(unknown.why)
        return missing

    def blame_role(self, message: str, *values: object) -> Evidence:
        """Give the trust policy of its role."""
        role = self.role
        holders = (role, *role.refers_to("assume_role_policy")) if role is not None else (self.block,)
        return Evidence(message.format(*values), tuple(one.locate() for one in holders))
