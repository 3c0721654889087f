"""Resources as an account has them, in Terraform's spelling."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.evidence import Location
from policies.read.terraform import Block, Unknown

UNREAD = Unknown("it is not read from AWS's API")


class Whole(dict[str, Any]):
    """A block that was read whole: what is not in it is not there."""


class Attributes(Mapping[str, Any]):
    """What was read of a resource, or of a block in it. What was not is not known: only what stands here as None is surely not there."""

    def __init__(self, read: Mapping[str, Any], *, whole: bool) -> None:
        self.read, self.whole = read, whole

    def __getitem__(self, name: str) -> Any:
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, value in self.read.items() if value is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return self.read.get(str(name)) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """Give a value, None where AWS says that there is none, Unknown where nobody asked."""
        if name not in self.read and not self.whole:
            return Unknown(f"{name} is not read from AWS's API")
        value = self.read.get(name)
        return default if value is None else value


@dataclass(frozen=True, eq=False)
class Found:
    """A resource of an account: `id` is what Terraform has as its id, `attributes` what was read, with nested blocks as tuples of mappings.

    `also` are other names by which something may mean it, `within` those of something in it (a function's versions). `part` is true of what
    Terraform writes apart and AWS keeps in another resource (a queue's policy), which stands in that one too.
    """

    type: str
    id: str
    region: str
    attributes: Mapping[str, Any] = field(repr=False)
    also: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    part: bool = False

    @property
    def arn(self) -> str | None:
        """Its ARN, where it was read."""
        value = self.attributes.get("arn")
        return value if isinstance(value, str) else None

    @property
    def name(self) -> str:
        """What people call it."""
        named = (self.attributes.get(key) for key in ("name", "function_name", "alarm_name", "bucket"))
        return next((one for one in named if isinstance(one, str)), self.id)

    @property
    def identities(self) -> frozenset[str]:
        """By what another resource's value means it, or something in it, wherever it stands."""
        return self.own | frozenset((*self.within, self.id))

    @property
    def own(self) -> frozenset[str]:
        """By what a value means just it, and can mean nothing else: no plain name, which a role and a function may share."""
        named = ("arn", "url", "bucket_domain_name", "bucket_regional_domain_name", "domain_name")
        found = (*(self.attributes.get(key) for key in named), *self.also, self.id)
        return frozenset(one for one in found if isinstance(one, str) and one and (one != self.name or ":" in one))


NAMED_IN = {
    "role": "aws_iam_role", "roles": "aws_iam_role", "function_name": "aws_lambda_function", "FunctionName": "aws_lambda_function",
    "QueueName": "aws_sqs_queue", "bucket": "aws_s3_bucket", "log_group": "aws_cloudwatch_log_group",
    "log_group_name": "aws_cloudwatch_log_group", "cluster_name": "aws_eks_cluster", "cluster_identifier": "aws_rds_cluster",
}  # fmt: skip
"""Attributes that mean a resource by its name, which others may have too."""


def strings(value: Any) -> Iterator[str]:
    """Yield the strings in a value, and in the JSON that a string is."""
    if isinstance(value, str):
        yield value
        if value[:1] in ("{", "["):
            try:
                yield from strings(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, Block):
        yield from strings(tuple(value.attributes.values()))
    elif isinstance(value, Mapping):
        yield from strings(tuple(value.values()))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from strings(one)


def located(where: str, found: Found, path: tuple[str | int, ...] = ()) -> Location:
    """Give a field of a resource of an account as a place."""
    field = ""
    for step in path:
        field += f"[{step}]" if isinstance(step, int) else f".{step}" if field else step
    return Location(f"{where} {found.arn or f'{found.type} {found.id}'}", None, field)
