"""Buckets of S3. Terraform keeps what they promise in resources of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row


def bucket(looking: Looking, name: str) -> Found | None:
    """Give a bucket by its name."""
    told = looking.ask("s3", "get_bucket_location", Bucket=name)
    if told is None:
        return None
    region = told.get("LocationConstraint") or "us-east-1"
    values = {
        "id": name, "bucket": name, "bucket_prefix": None, "arn": f"arn:{looking.search.partition}:s3:::{name}", "region": region,
        "bucket_domain_name": f"{name}.s3.amazonaws.com", "bucket_regional_domain_name": f"{name}.s3.{region}.amazonaws.com",
    }  # fmt: skip
    return Found("aws_s3_bucket", name, looking.region, values)


def versioning(looking: Looking, name: str) -> dict[str, Any] | None:
    """Give whether it keeps what was overwritten."""
    said = looking.ask("s3", "get_bucket_versioning", Bucket=name)
    return None if said is None else {"versioning_configuration": ({"status": said.get("Status") or "Disabled"},)}


def encryption(looking: Looking, name: str) -> dict[str, Any] | None:
    """Give how what is put into it is encrypted."""
    told = looking.ask("s3", "get_bucket_encryption", Bucket=name)
    if told is None:
        return None
    rules = []
    for one in told["ServerSideEncryptionConfiguration"]["Rules"]:
        default = one.get("ApplyServerSideEncryptionByDefault") or {}
        key = {"sse_algorithm": default.get("SSEAlgorithm"), "kms_master_key_id": default.get("KMSMasterKeyID") or None}
        shown = {
            "apply_server_side_encryption_by_default": (key,),
            "bucket_key_enabled": bool(one.get("BucketKeyEnabled")),
        }
        rules.append(shown)
    return {"rule": tuple(rules)}


ACCESS = {
    "block_public_acls": "BlockPublicAcls", "block_public_policy": "BlockPublicPolicy", "ignore_public_acls": "IgnorePublicAcls",
    "restrict_public_buckets": "RestrictPublicBuckets",
}  # fmt: skip


def public_access(looking: Looking, name: str) -> dict[str, Any] | None:
    """Give what keeps the public out."""
    told = looking.ask("s3", "get_public_access_block", Bucket=name)
    if told is None:
        return None
    said = told["PublicAccessBlockConfiguration"]
    return {ours: bool(said.get(theirs)) for ours, theirs in ACCESS.items()}


def _ownership(looking: Looking, name: str) -> dict[str, Any] | None:
    told = looking.ask("s3", "get_bucket_ownership_controls", Bucket=name)
    if told is None:
        return None
    return {"rule": tuple({"object_ownership": one["ObjectOwnership"]} for one in told["OwnershipControls"]["Rules"])}


def _policy(looking: Looking, name: str) -> dict[str, Any] | None:
    told = looking.ask("s3", "get_bucket_policy", Bucket=name)
    return None if told is None else {"policy": told["Policy"]}


def _lifecycle(looking: Looking, name: str) -> dict[str, Any] | None:
    told = looking.ask("s3", "get_bucket_lifecycle_configuration", Bucket=name)
    return None if told is None else {"rule": tuple(map(_rule, told["Rules"]))}


def _rule(said: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": said.get("ID"), "status": said["Status"]}
    for theirs, ours, names in (
        ("Expiration", "expiration", {"days": "Days"}),
        ("NoncurrentVersionExpiration", "noncurrent_version_expiration", {"noncurrent_days": "NoncurrentDays"}),
        (
            "AbortIncompleteMultipartUpload",
            "abort_incomplete_multipart_upload",
            {"days_after_initiation": "DaysAfterInitiation"},
        ),
    ):
        held = said.get(theirs)
        made[ours] = ({key: held.get(name) for key, name in names.items()},) if held else ()
    return made


def _whole(looking: Looking) -> Found | None:
    name = looking["bucket"]
    return bucket(looking, str(name)) if name else None


def _part(kind: str, read: Callable[[Looking, str], dict[str, Any] | None]) -> Row:
    def row(looking: Looking) -> Found | None:
        name = str(looking["bucket"])
        said = read(looking, name)
        if said is None:
            return None
        return Found(kind, name, looking.region, {"id": name, "bucket": name, "arn": None, **said}, part=True)

    return row


_PARTS = {
    "aws_s3_bucket_versioning": versioning,
    "aws_s3_bucket_server_side_encryption_configuration": encryption,
    "aws_s3_bucket_public_access_block": public_access,
    "aws_s3_bucket_ownership_controls": _ownership,
    "aws_s3_bucket_policy": _policy,
    "aws_s3_bucket_lifecycle_configuration": _lifecycle,
}

ROWS: dict[str, Row] = {"aws_s3_bucket": _whole, **{kind: _part(kind, read) for kind, read in _PARTS.items()}}
