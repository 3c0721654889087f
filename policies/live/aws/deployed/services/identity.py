"""Roles and policies of IAM, and what Terraform asks of itself: whose account it is, and where."""

from __future__ import annotations

import json
from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.documents import document


def role(looking: Looking, name: str) -> Found | None:
    """Give a role by its name, with its own policies and those that are attached to it."""
    told = looking.ask("iam", "get_role", RoleName=name)
    if told is None:
        return None
    said, iam = told["Role"], looking.of("iam")
    inline = [
        {"name": policy, "policy": _text(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])}
        for policy in iam.every("list_role_policies", "PolicyNames", RoleName=name)
    ]
    attached = [one["PolicyArn"] for one in iam.every("list_attached_role_policies", "AttachedPolicies", RoleName=name)]
    boundary = (said.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    values: dict[str, Any] = {
        "id": name, "name": name, "name_prefix": None, "arn": said["Arn"], "unique_id": said["RoleId"], "path": said["Path"],
        "description": said.get("Description") or None, "assume_role_policy": _text(said["AssumeRolePolicyDocument"]),
        "max_session_duration": said.get("MaxSessionDuration") or 3600, "permissions_boundary": boundary,
        "inline_policy": tuple(inline), "managed_policy_arns": attached or None,
    }  # fmt: skip
    return Found("aws_iam_role", name, looking.region, values)


def _text(said: Any) -> str:
    return said if isinstance(said, str) else json.dumps(said)


def _role(looking: Looking) -> Found | None:
    return role(looking, looking.name)


def _role_policy(looking: Looking) -> Found | None:
    name, owner = looking.name, str(looking["role"])
    said = looking.ask("iam", "get_role_policy", RoleName=owner, PolicyName=name)
    if said is None:
        return None
    values = {"id": f"{owner}:{name}", "name": name, "role": owner, "policy": _text(said["PolicyDocument"])}
    return Found("aws_iam_role_policy", f"{owner}:{name}", looking.region, {**values, "arn": None}, part=True)


def _attachment(looking: Looking) -> Found | None:
    owner, arn = str(looking["role"]), str(looking["policy_arn"])
    whole = role(looking, owner)
    if whole is None or arn not in (whole.attributes["managed_policy_arns"] or ()):
        return None
    values = {"id": f"{owner}-{arn}", "role": owner, "policy_arn": arn, "arn": None}
    return Found("aws_iam_role_policy_attachment", f"{owner}-{arn}", looking.region, values, part=True)


def policy(looking: Looking, arn: str) -> Found | None:
    """Give a managed policy by its ARN, in its default version."""
    told = looking.ask("iam", "get_policy", PolicyArn=arn)
    if told is None:
        return None
    said = told["Policy"]
    version = looking.of("iam").get_policy_version(PolicyArn=arn, VersionId=said["DefaultVersionId"])["PolicyVersion"]
    values = {
        "id": arn, "arn": arn, "name": said["PolicyName"], "name_prefix": None, "path": said.get("Path") or "/",
        "description": said.get("Description") or None, "policy": _text(version["Document"]),
    }  # fmt: skip
    return Found("aws_iam_policy", arn, looking.region, values)


def _policy(looking: Looking) -> Found | None:
    path = looking["path"] or "/"
    return policy(looking, f"arn:{looking.search.partition}:iam::{looking.account}:policy{path}{looking.name}")


def _document(looking: Looking) -> Found:
    stated = {name: looking[name] for name in looking.values or ()}
    return _data(looking, {"id": "document", "json": document(stated)})


def _caller(looking: Looking) -> Found:
    return _data(looking, {"id": looking.account, "account_id": looking.account})


def _partition(looking: Looking) -> Found:
    return _data(looking, {"id": looking.search.partition, "partition": looking.search.partition})


def _region(looking: Looking) -> Found:
    return _data(looking, {"id": looking.region, "name": looking.region, "region": looking.region})


def _data(looking: Looking, values: dict[str, Any]) -> Found:
    kind = looking.block.type if looking.block is not None else ""
    return Found(f"data.{kind}", str(values["id"]), looking.region, {**values, "arn": None}, part=True)


ROWS: dict[str, Row] = {
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_role_policy_attachment": _attachment,
    "aws_iam_policy": _policy,
    "data.aws_iam_policy_document": _document,
    "data.aws_caller_identity": _caller,
    "data.aws_partition": _partition,
    "data.aws_region": _region,
}
