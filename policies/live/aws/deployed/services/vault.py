"""Secrets of Secrets Manager: that they are there, how they are kept and rotated. Their values are never asked for."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row


def secret(looking: Looking, name: str) -> Found | None:
    """Give a secret by its name or ARN; one that is being deleted is not there."""
    said = looking.ask("secretsmanager", "describe_secret", SecretId=name)
    if said is None or said.get("DeletedDate"):
        return None
    values: dict[str, Any] = {
        "id": said["ARN"], "arn": said["ARN"], "name": said["Name"], "name_prefix": None,
        "description": said.get("Description") or None, "kms_key_id": said.get("KmsKeyId"),
        "rotation_enabled": bool(said.get("RotationEnabled")), "rotation_lambda_arn": said.get("RotationLambdaARN"),
        "rotation_rules": _rules(said.get("RotationRules")),
    }  # fmt: skip
    return Found("aws_secretsmanager_secret", said["ARN"], looking.region, values)


def _rules(said: dict[str, Any] | None) -> tuple[dict[str, Any], ...]:
    names = {
        "automatically_after_days": "AutomaticallyAfterDays",
        "duration": "Duration",
        "schedule_expression": "ScheduleExpression",
    }
    return ({ours: said.get(theirs) for ours, theirs in names.items()},) if said else ()


def _secret(looking: Looking) -> Found | None:
    return secret(looking, looking.name)


def _data(looking: Looking) -> Found | None:
    return secret(looking, str(looking["arn"] or looking["name"]))


def _version(looking: Looking) -> Found | None:
    """Give that a secret has a value, and nothing of it."""
    id = str(looking["secret_id"])
    said = looking.ask("secretsmanager", "describe_secret", SecretId=id)
    staged = [stage for stages in ((said or {}).get("VersionIdsToStages") or {}).values() for stage in stages]
    if "AWSCURRENT" not in staged:
        return None
    values = {"id": id, "arn": said["ARN"], "secret_id": id}
    return Found("aws_secretsmanager_secret_version", id, looking.region, values, part=True)


def _rotation(looking: Looking) -> Found | None:
    whole = secret(looking, str(looking["secret_id"]))
    if whole is None or not whole.attributes["rotation_enabled"]:
        return None
    kept = ("rotation_enabled", "rotation_lambda_arn", "rotation_rules")
    values = {name: whole.attributes[name] for name in kept}
    said = {"id": whole.id, "secret_id": whole.id, "arn": None, **values}
    return Found("aws_secretsmanager_secret_rotation", whole.id, looking.region, said, part=True)


ROWS: dict[str, Row] = {
    "aws_secretsmanager_secret": _secret,
    "aws_secretsmanager_secret_rotation": _rotation,
    "aws_secretsmanager_secret_version": _version,
    "data.aws_secretsmanager_secret": _data,
    "data.aws_secretsmanager_secret_version": _version,
}
