"""Keys of KMS."""

from __future__ import annotations

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes


def _key(making: Making) -> Attributes:
    kms = making.of("kms")
    given = making.given(
        Description="description", Policy="policy", KeyUsage="key_usage", KeySpec="customer_master_key_spec",
        MultiRegion="multi_region",
    )  # fmt: skip
    tags = [{"TagKey": key, "TagValue": value} for key, value in making.tags.items()]
    made = kms.create_key(Tags=tags, **given)["KeyMetadata"]
    if making["enable_key_rotation"]:
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return {"id": made["KeyId"], "key_id": made["KeyId"], "arn": made["Arn"]}


def _alias(making: Making) -> Attributes:
    making.of("kms").create_alias(AliasName=making.name, TargetKeyId=making["target_key_id"])
    arn = f"arn:aws:kms:{making.region}:{making.account}:{making.name}"
    return {"id": making.name, "name": making.name, "arn": arn, "target_key_id": making["target_key_id"]}


ROWS: dict[str, Row] = {"aws_kms_key": _key, "aws_kms_alias": _alias}
