"""Buckets of S3."""

from __future__ import annotations

from typing import Any

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes
from policies.live.aws.rows.spelling import first


def _bucket(making: Making) -> Attributes:
    name = making["bucket"] or f"{making['bucket_prefix'] or 'turnstile-'}1"
    place = {} if making.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": making.region}}
    making.of("s3").create_bucket(Bucket=name, **place)
    domain = f"{name}.s3.amazonaws.com"
    regional = f"{name}.s3.{making.region}.amazonaws.com"
    return {
        "id": name, "bucket": name, "arn": f"arn:aws:s3:::{name}", "bucket_domain_name": domain,
        "bucket_regional_domain_name": regional,
    }  # fmt: skip


def _ownership(making: Making) -> Attributes:
    rules = [{"ObjectOwnership": one["object_ownership"]} for one in making["rule"]]
    making.of("s3").put_bucket_ownership_controls(Bucket=making["bucket"], OwnershipControls={"Rules": rules})
    return {"id": making["bucket"]}


def _public_access(making: Making) -> Attributes:
    stated = making.given(
        BlockPublicAcls="block_public_acls", BlockPublicPolicy="block_public_policy",
        IgnorePublicAcls="ignore_public_acls", RestrictPublicBuckets="restrict_public_buckets",
    )  # fmt: skip
    making.of("s3").put_public_access_block(Bucket=making["bucket"], PublicAccessBlockConfiguration=stated)
    return {"id": making["bucket"]}


def _encryption(making: Making) -> Attributes:
    rules = []
    for rule in making["rule"]:
        default = (rule.get("apply_server_side_encryption_by_default") or [{}])[0]
        names = {"SSEAlgorithm": "sse_algorithm", "KMSMasterKeyID": "kms_master_key_id"}
        said = {theirs: default[ours] for theirs, ours in names.items() if default.get(ours)}
        rules.append(
            {"ApplyServerSideEncryptionByDefault": said, "BucketKeyEnabled": bool(rule.get("bucket_key_enabled"))}
        )
    making.of("s3").put_bucket_encryption(Bucket=making["bucket"], ServerSideEncryptionConfiguration={"Rules": rules})
    return {"id": making["bucket"]}


def _versioning(making: Making) -> Attributes:
    status = making["versioning_configuration"][0]["status"]
    making.of("s3").put_bucket_versioning(Bucket=making["bucket"], VersioningConfiguration={"Status": status})
    return {"id": making["bucket"]}


def _policy(making: Making) -> Attributes:
    making.of("s3").put_bucket_policy(Bucket=making["bucket"], Policy=making["policy"])
    return {"id": making["bucket"]}


def _acl(making: Making) -> Attributes:
    if making["acl"]:
        making.of("s3").put_bucket_acl(Bucket=making["bucket"], ACL=making["acl"])
        return {"id": making["bucket"]}
    stated = first(making["access_control_policy"])
    grants = [
        {
            "Permission": one["permission"],
            "Grantee": {"Type": first(one["grantee"])["type"], **_grantee(first(one["grantee"]))},
        }
        for one in stated["grant"]
    ]
    owner = {"ID": first(stated["owner"])["id"]}
    making.of("s3").put_bucket_acl(Bucket=making["bucket"], AccessControlPolicy={"Owner": owner, "Grants": grants})
    return {"id": making["bucket"]}


def _grantee(one: Attributes) -> dict[str, str]:
    return {theirs: one[ours] for ours, theirs in (("id", "ID"), ("uri", "URI")) if one.get(ours)}


def _lifecycle(making: Making) -> Attributes:
    rules = []
    for one in making["rule"]:
        rule: dict[str, Any] = {"ID": one["id"], "Status": one["status"], "Filter": _filter(first(one.get("filter")))}
        for ours, theirs, names in (
            ("expiration", "Expiration", {"days": "Days"}),
            ("noncurrent_version_expiration", "NoncurrentVersionExpiration", {"noncurrent_days": "NoncurrentDays"}),
            ("abort_incomplete_multipart_upload", "AbortIncompleteMultipartUpload", {"days_after_initiation": "DaysAfterInitiation"}),
        ):  # fmt: skip
            held = first(one.get(ours))
            if held:
                rule[theirs] = {
                    names[key]: int(value) for key, value in held.items() if key in names and value is not None
                }
        rules.append(rule)
    making.of("s3").put_bucket_lifecycle_configuration(Bucket=making["bucket"], LifecycleConfiguration={"Rules": rules})
    return {"id": making["bucket"]}


def _filter(one: Attributes) -> dict[str, str]:
    return {"Prefix": one.get("prefix") or ""}


ROWS: dict[str, Row] = {
    "aws_s3_bucket_acl": _acl,
    "aws_s3_bucket_lifecycle_configuration": _lifecycle,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_ownership_controls": _ownership,
    "aws_s3_bucket_public_access_block": _public_access,
    "aws_s3_bucket_server_side_encryption_configuration": _encryption,
    "aws_s3_bucket_versioning": _versioning,
    "aws_s3_bucket_policy": _policy,
}
