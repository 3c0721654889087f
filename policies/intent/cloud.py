"""What `platform.toml` states of the cloud: Terraform's roots, networks, secrets."""

from __future__ import annotations

from typing import Annotated

import msgspec

from policies.intent.values import Name, RelativePath, StageName, Table, TierName


class Terraform(Table, frozen=True):
    """`[terraform.NAME]`: a folder that Terraform is run in; `tfvars` are files of values that it is given, relative to that folder.

    `modules` are the module calls that it must assemble, by the name that they have there.
    """

    path: RelativePath
    stage: StageName
    tfvars: tuple[RelativePath, ...] = ()
    modules: tuple[Name, ...] | None = None


class Vpc(Table, frozen=True):
    """`[vpc]`: the tiers that every VPC has, each with the words in tags, keys or names by which its subnets are told."""

    tiers: dict[TierName, Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]]


class Vault(Table, frozen=True):
    """`[vault]`: the secrets that Secrets Manager must hold, by their names, or what stands after the last slash of these."""

    secrets: tuple[Name, ...]
