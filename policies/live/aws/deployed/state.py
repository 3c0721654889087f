"""Where Terraform's state is kept, as the account has it: the bucket of the backend, and the table that locks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking
from policies.live.aws.deployed.search import Search
from policies.live.aws.deployed.services import buckets, tables
from policies.read.terraform import Block

_ELSEWHERE = (
    "assume_role",
    "role_arn",
    "profile",
    "access_key",
    "endpoints",
    "shared_credentials_file",
    "shared_credentials_files",
)
"""By what a backend says that its state is kept by somebody else's credentials."""


@dataclass(frozen=True, eq=False)
class State:
    """The bucket of a backend: what it promises of itself; `table` is what locks it. None is what is not there; `reason` says why nothing was read."""

    backend: Block
    bucket: Found | None = None
    versioning: Mapping[str, Any] | None = None
    encryption: Mapping[str, Any] | None = None
    access: Mapping[str, Any] | None = None
    table: Found | None = None
    reason: str | None = None

    @property
    def bucket_name(self) -> str:
        """What the bucket is called."""
        return str(self.backend.get("bucket"))

    @property
    def table_name(self) -> str | None:
        """What the table is called; None where none is stated."""
        name = self.backend.get("dynamodb_table")
        return name if isinstance(name, str) else None

    @property
    def keeps_versions(self) -> bool:
        """Whether it keeps what was overwritten."""
        return self.versioning is not None and self.versioning["versioning_configuration"][0]["status"] == "Enabled"

    @property
    def algorithms(self) -> tuple[str, ...]:
        """How what is put into it is encrypted."""
        rules = self.encryption["rule"] if self.encryption is not None else ()
        every = (one["apply_server_side_encryption_by_default"][0]["sse_algorithm"] for one in rules)
        return tuple(str(one) for one in every if one)

    @property
    def key(self) -> str | None:
        """The key of KMS that the backend names."""
        name = self.backend.get("kms_key_id")
        return name if isinstance(name, str) and name else None

    @property
    def is_encrypted(self) -> bool:
        """Whether it encrypts what is put into it: by a key of KMS, where the backend names one."""
        return any(one.startswith("aws:kms") or self.key is None for one in self.algorithms)

    @property
    def open_to(self) -> tuple[str, ...]:
        """What of the public it does not keep out."""
        return tuple(name for name in buckets.ACCESS if not (self.access or {}).get(name))


def state_of(search: Search) -> State | None:
    """Read where a root keeps its state; None where that is not S3."""
    backend = search.root.backend
    if backend is None or backend.type != "s3":
        return None
    name, region = backend.get("bucket"), backend.get("region")
    if not isinstance(name, str):
        return State(backend, reason="the backend does not state its bucket; whoever runs 'terraform init' does")
    others = [one for one in _ELSEWHERE if backend.attributes.get(one) is not None]
    if others:
        return State(backend, reason=f"the state of {name} is kept by other credentials ({others[0]})")
    looking = Looking(search, region if isinstance(region, str) else search.account.region)
    bucket = buckets.bucket(looking, name)
    if bucket is None:
        return State(backend, table=_table(looking, backend))
    parts = (buckets.versioning(looking, name), buckets.encryption(looking, name), buckets.public_access(looking, name))
    return State(backend, bucket, *parts, table=_table(looking, backend))


def _table(looking: Looking, backend: Block) -> Found | None:
    name = backend.get("dynamodb_table")
    return tables.table(looking, name) if isinstance(name, str) else None
