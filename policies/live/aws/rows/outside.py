"""Stand-ins for what Terraform takes from elsewhere: in an embedded AWS somebody must have made it."""

from __future__ import annotations

import secrets

from policies.live.aws.errors import AwsError
from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes

CANONICAL = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"
"""The canonical user of CloudFront's log delivery (Amazon CloudFront Developer Guide, "Access logs")."""


def _secret(making: Making) -> Attributes:
    name = making["name"] or making["secret_id"] or str(making["arn"]).rpartition(":secret:")[2]
    manager = making.of("secretsmanager")
    try:
        found = manager.describe_secret(SecretId=name)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
        key = making.of("kms").create_key(Description=f"Stand-in: key of {name}")["KeyMetadata"]["Arn"]
        manager.create_secret(Name=name, SecretString=secrets.token_urlsafe(32), KmsKeyId=key)
        found = manager.describe_secret(SecretId=name)
    return {"id": found["ARN"], "arn": found["ARN"], "name": name, "kms_key_id": found.get("KmsKeyId", "")}


def _secret_version(making: Making) -> Attributes:
    held = _secret(making)
    value = making.of("secretsmanager").get_secret_value(SecretId=held["id"])["SecretString"]
    making.provision.secrets.add(value)
    return {"id": held["id"], "arn": held["arn"], "secret_string": value}


def _key(making: Making) -> Attributes:
    found = making.of("kms").describe_key(KeyId=making["key_id"])["KeyMetadata"]
    return {"id": found["KeyId"], "arn": found["Arn"], "key_id": found["KeyId"]}


def _canonical(making: Making) -> Attributes:
    return {"id": secrets.token_hex(32) if making.block.type == "aws_canonical_user_id" else CANONICAL}


ROWS: dict[str, Row] = {
    "data.aws_secretsmanager_secret": _secret,
    "data.aws_secretsmanager_secret_version": _secret_version,
    "data.aws_kms_key": _key,
    "data.aws_canonical_user_id": _canonical,
    "data.aws_cloudfront_log_delivery_canonical_user_id": _canonical,
}
