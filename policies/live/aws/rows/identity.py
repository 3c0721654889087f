"""Roles and policies of IAM, and what Terraform asks of itself: whose account it is, and where."""

from __future__ import annotations

from policies.live.aws.documents import document
from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes


def _role(making: Making) -> Attributes:
    made = making.of("iam").create_role(
        RoleName=making.name,
        AssumeRolePolicyDocument=making["assume_role_policy"],
        Tags=[{"Key": key, "Value": value} for key, value in making.tags.items()],
        **making.given(Description="description", Path="path", MaxSessionDuration="max_session_duration"),
    )["Role"]
    return {"id": making.name, "name": making.name, "arn": made["Arn"], "unique_id": made["RoleId"]}


def _role_policy(making: Making) -> Attributes:
    making.of("iam").put_role_policy(RoleName=making["role"], PolicyName=making.name, PolicyDocument=making["policy"])
    return {"id": f"{making['role']}:{making.name}", "name": making.name}


def _policy(making: Making) -> Attributes:
    made = making.of("iam").create_policy(
        PolicyName=making.name, PolicyDocument=making["policy"], **making.given(Description="description", Path="path")
    )["Policy"]
    return {"id": made["Arn"], "arn": made["Arn"], "name": making.name}


def _attachment(making: Making) -> Attributes:
    making.of("iam").attach_role_policy(RoleName=making["role"], PolicyArn=making["policy_arn"])
    return {"id": f"{making['role']}-{making['policy_arn']}"}


def _document(making: Making) -> Attributes:
    return {"id": making.block.address, "json": document({name: making[name] for name in making.values})}


def _caller(making: Making) -> Attributes:
    arn = f"arn:aws:iam::{making.account}:root"
    return {"id": making.account, "account_id": making.account, "arn": arn, "user_id": making.account}


def _partition(making: Making) -> Attributes:  # noqa: ARG001 (a row's shape)
    return {"id": "aws", "partition": "aws", "dns_suffix": "amazonaws.com"}


def _region(making: Making) -> Attributes:
    return {"id": making.region, "name": making.region, "region": making.region}


ROWS: dict[str, Row] = {
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_policy": _policy,
    "aws_iam_role_policy_attachment": _attachment,
    "data.aws_iam_policy_document": _document,
    "data.aws_caller_identity": _caller,
    "data.aws_partition": _partition,
    "data.aws_region": _region,
}
