"""Tables of DynamoDB: those that lock Terraform's state."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row


def table(looking: Looking, name: str) -> Found | None:
    """Give a table by its name."""
    told = looking.ask("dynamodb", "describe_table", TableName=name)
    if told is None:
        return None
    said = told["Table"]
    keys = {one["KeyType"]: one["AttributeName"] for one in said.get("KeySchema") or ()}
    values: dict[str, Any] = {
        "id": name, "name": name, "arn": said["TableArn"], "hash_key": keys.get("HASH"), "range_key": keys.get("RANGE"),
        "attribute": tuple(
            {"name": one["AttributeName"], "type": one["AttributeType"]} for one in said.get("AttributeDefinitions") or ()
        ),
        "billing_mode": (said.get("BillingModeSummary") or {}).get("BillingMode") or "PROVISIONED",
        "deletion_protection_enabled": bool(said.get("DeletionProtectionEnabled")),
    }  # fmt: skip
    return Found("aws_dynamodb_table", name, looking.region, values)


def _table(looking: Looking) -> Found | None:
    return table(looking, looking.name)


ROWS: dict[str, Row] = {"aws_dynamodb_table": _table}
