"""Names of secrets in Terraform: a variable that goes nowhere but to where a secret is looked up holds the secret's name, and no secret.

What is asked of Secrets Manager and of the Parameter Store by a name is said by the provider (registry.terraform.io/providers/hashicorp/aws,
aws_secretsmanager_secret_version: `secret_id`, "Specifies the secret containing the version that you want to retrieve").
"""

from __future__ import annotations

import re

from policies.model.terraform.folders import Folder, Written, of_sources
from policies.platform import Platform
from policies.read.terraform_scope import target_of

_ASKED_BY = {
    "aws_secretsmanager_secret": ("name", "name_prefix", "arn"),
    "aws_secretsmanager_secret_version": ("secret_id",),
    "aws_secretsmanager_secret_versions": ("secret_id",),
    "aws_secretsmanager_secret_policy": ("secret_arn",),
    "aws_secretsmanager_secret_rotation": ("secret_id",),
    "aws_ssm_parameter": ("name",),
}
"""The attributes by which a secret is named, looked up or made, by the types of blocks; a data source is called as its resource is."""

_COUNTS = ("count", "for_each")
_IN_ARN = r'"arn:[^"\n]*"'
"""An ARN says where a secret is; what stands in it says it too."""


def is_only_a_name(platform: Platform, folder: Folder, one: Written) -> bool:
    """Whether an argument of a module call, the default of a variable or a local is used, and only to name a secret."""
    place = _holder(folder.path, one)
    return place is not None and bool(_names(platform, *place, set()))


def _holder(folder: str, one: Written) -> tuple[str, str] | None:
    """Give the folder in which a value is had, and what it is called there."""
    outer = one.chain[0]
    if len(one.chain) > 1:
        return None
    if outer.type == "module":
        target = target_of(outer, folder)
        return (target, f"var.{one.name}") if target is not None else None
    if outer.type == "variable" and one.name == "default" and outer.labels:
        return folder, f"var.{outer.labels[0]}"
    return (folder, f"local.{one.name}") if outer.type == "locals" else None


def _names(platform: Platform, folder: str, reference: str, seen: set[tuple[str, str]]) -> bool | None:
    """Whether what a reference gives names a secret and does nothing else; None where it does nothing at all."""
    sources = platform.configuration.folders.get(folder)
    if not sources or (folder, reference) in seen:
        return None
    seen.add((folder, reference))
    mentioned = re.compile(rf"(?<![\w.-]){re.escape(reference)}(?![\w-])")
    found = None
    for one in of_sources(folder, sources).expressions:
        outer = one.chain[0]
        if outer.type == "variable" or not mentioned.search(re.sub(_IN_ARN, "", one.expression.text)):
            continue  # A condition on a variable tells nothing of where it goes.
        inner = len(one.chain) > 1
        if one.name in _COUNTS and not inner:
            continue
        used: bool | None = not inner and bool(outer.labels) and one.name in _ASKED_BY.get(outer.labels[0], ())
        if outer.type in ("module", "locals"):
            holder = _holder(folder, one)
            used = _names(platform, *holder, seen) if holder is not None else False
        if used is False:
            return False
        found = found or used
    return found
