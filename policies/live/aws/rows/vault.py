"""Secrets of Secrets Manager, and the random values that Terraform puts in them."""

from __future__ import annotations

import secrets

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes
from policies.live.aws.rows.spelling import first


def _secret(making: Making) -> Attributes:
    tags = [{"Key": key, "Value": value} for key, value in making.tags.items()]
    made = making.of("secretsmanager").create_secret(
        Name=making.name, Tags=tags, **making.given(Description="description", KmsKeyId="kms_key_id")
    )
    return {"id": made["ARN"], "arn": made["ARN"], "name": making.name}


def _version(making: Making) -> Attributes:
    value = making["secret_string"] or making["secret_string_wo"] or secrets.token_urlsafe(32)
    making.provision.secrets.add(str(value))
    making.of("secretsmanager").put_secret_value(SecretId=making["secret_id"], SecretString=str(value))
    return {"id": making["secret_id"], "arn": making["secret_id"], "secret_string": value}


def _rotation(making: Making) -> Attributes:
    rules = {theirs: first(making["rotation_rules"]).get(ours) for ours, theirs in _RULES.items()}
    making.of("secretsmanager").rotate_secret(
        SecretId=making["secret_id"], RotationRules={name: value for name, value in rules.items() if value is not None},
        **making.given(RotationLambdaARN="rotation_lambda_arn", RotateImmediately="rotate_immediately"),
    )  # fmt: skip
    return {"id": making["secret_id"]}


_RULES = {
    "automatically_after_days": "AutomaticallyAfterDays",
    "duration": "Duration",
    "schedule_expression": "ScheduleExpression",
}


def _random(making: Making) -> Attributes:
    length = int(making["length"] or making["byte_length"] or 32)
    value = secrets.token_hex(length)[:length]
    making.provision.secrets.add(value)
    return {"id": value, "result": value, "hex": value, "b64_url": value, "b64_std": value}


ROWS: dict[str, Row] = {
    "aws_secretsmanager_secret": _secret,
    "aws_secretsmanager_secret_version": _version,
    "aws_secretsmanager_secret_rotation": _rotation,
    "random_password": _random,
    "random_id": _random,
    "random_string": _random,
}
