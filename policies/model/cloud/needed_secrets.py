"""Secrets that a worker's environment names: it reads them when it runs, and without them its calls are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.cloud.functions import Worker, workers
from policies.model.cloud.roots import roots
from policies.platform import Platform
from policies.read.terraform import Block, Unknown

SECRET, VERSION = "aws_secretsmanager_secret", "aws_secretsmanager_secret_version"
POLICY = "aws_secretsmanager_secret_policy"

_REFERENCE = re.compile(r"\$\{(?P<to>[^{}]+)\}(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class NeededSecret:
    """A secret that a variable of a worker's environment names, by its ARN or its name. `block` is it, or the data source that finds it.

    `elsewhere` says that a policy of the secret itself may let the worker in.
    """

    noun: ClassVar[str] = "secret that a worker reads"
    only_in_files: ClassVar[bool] = False

    worker: Worker
    variable: str
    block: Block
    elsewhere: bool = False

    @property
    def place(self) -> Place:
        """The root that the worker stands in."""
        return self.worker.place

    @property
    def id(self) -> str:
        """The function and the variable."""
        return f"{self.worker.id}:{self.variable}"

    @property
    def label(self) -> str:
        """The secret's name where that is known, else its address."""
        name = self.block.get("name")
        return name if isinstance(name, str) else self.block.address

    @property
    def key(self) -> Block | None:
        """The key of the account that it is encrypted with, where that is of the same root: made there, or looked up by what the secret says."""
        for one in self.block.refers_to("kms_key_id"):
            if one.type == "aws_kms_key":
                return one
        found = (one for one in self.block.root.data("aws_kms_key") if self.block in one.refers_to("key_id"))
        return next(found, None) if self.block.kind == "data" else None

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the variable's line and that of the worker's role as the places."""
        block = self.worker.block
        places = (block.locate("role"), block.locate("environment", "variables", self.variable))
        return Evidence(message.format(*values), places)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[NeededSecret | Gap]:
        """Yield the secrets in the environment of each worker."""
        for worker in workers(platform):
            if isinstance(worker, Gap):
                yield worker
                continue
            for variable in worker.environment:
                block = named_secret(worker, variable)
                if block is not None:
                    yield cls(worker, variable, block, _has_policy(platform, block))


def named_secret(worker: Worker, variable: str) -> Block | None:
    """Give the secret that a variable of a worker's environment names; None where it names none, or where a function may have made something else of it."""
    path = ("environment", "variables", variable)
    value = worker.block.get(*path)
    told = value.text if isinstance(value, Unknown) else value
    if not isinstance(told, str) or worker.block.is_cut(*path):
        return None
    reference = _REFERENCE.fullmatch(told)
    if reference is not None:
        found = secret_named(worker.block, reference["to"])
        return found if reference["rest"][:1] in ("", ":") else None  # An ARN may be followed by a key of its JSON.
    own = (one for one in worker.block.refers_to(*path) if one.type == SECRET)
    return next((one for one in own if told in (one.get("name"), one.get("arn"))), None)


def secret_named(block: Block, reference: str) -> Block | None:
    """Give the secret whose ARN or name a reference in a block's root is: `aws_secretsmanager_secret.it.arn`."""
    root = block.root
    found, attribute = root.find(reference), "id"
    if found is None:
        address, _, attribute = reference.rpartition(".")
        found = root.find(address)
    if found is not None and found.type == VERSION and attribute == "arn":
        return next((one for one in found.refers_to("secret_id") if one.type == SECRET), None)
    return found if found is not None and found.type == SECRET and attribute in ("id", "arn", "name") else None


def endpoint_of(worker: Worker) -> str:
    """Give the endpoint that a worker reads its secrets from: that of its region (AWS General Reference, "AWS Secrets Manager endpoints and quotas")."""
    provider = worker.block.provider
    region = provider.get("region") if provider is not None else None
    return f"secretsmanager.{region}.amazonaws.com" if isinstance(region, str) else "secretsmanager.amazonaws.com"


def _has_policy(platform: Platform, secret: Block) -> bool:
    """Whether a policy of the secret itself is written; of one that was found, any secret's may be its own."""
    if secret.kind != "data":
        own = (one for one in secret.root.resources(POLICY) if secret in one.refers_to("secret_arn"))
        return secret.get("policy") is not None or any(own)
    written = (one.root for one in roots(platform) if one.root is not None)
    return any(root.resources(POLICY) or any(map(_policy_of, root.resources(SECRET))) for root in written)


def _policy_of(secret: Block) -> bool:
    value: Any = secret.get("policy")
    return value is not None
