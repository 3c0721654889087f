"""What a worker's role must be allowed, what it may be, and what goes beyond it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policies.model.cloud.execution_roles import WorkerGrant, role_of
from policies.model.cloud.functions import Worker
from policies.model.cloud.policy_statements import Statement, matches
from policies.model.cloud.queues import Queue
from policies.read.terraform import Block, Unknown
from policies.requirement import NotJudged

TAKING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"""What Lambda does with a queue in the role's name (AWS Lambda Developer Guide, "Configuring execution role permissions" for SQS)."""

ATTACHING = frozenset(
    f"ec2:{name}"
    for name in (
        *("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface", "DetachNetworkInterface"),
        *("DescribeSubnets", "DescribeSecurityGroups", "DescribeVpcs", "GetSecurityGroupsForVpc"),
        *("AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"),
    )
)
"""What Lambda needs to attach a function to a VPC; it names no resource beforehand ("Giving Lambda functions access to resources in a VPC")."""

TRACING = frozenset(
    f"xray:{name}"
    for name in (
        *("PutTraceSegments", "PutTelemetryRecords", "PutSpans"),
        *("GetSamplingRules", "GetSamplingTargets", "GetSamplingStatisticSummaries"),
    )
)
"""What X-Ray needs, whose actions know no resource."""

WITHOUT_RESOURCE = (
    ATTACHING
    | TRACING
    | frozenset(
        [
            *("cloudwatch:PutMetricData", "logs:DescribeLogGroups", "sqs:ListQueues", "sts:GetCallerIdentity"),
            *("secretsmanager:ListSecrets", "secretsmanager:GetRandomPassword", "kms:ListKeys", "kms:ListAliases"),
            *("ec2:DescribeAvailabilityZones", "ec2:DescribeVpcEndpoints", "ec2:DescribeRouteTables"),
        ]
    )
)
"""Actions that AWS takes on `*` alone (Service Authorization Reference)."""

PATTERNS = frozenset({"kms:generatedatakey*", "kms:reencrypt*"})
"""Patterns that AWS' own documents write: one action in its variants."""

_USED = {
    "sqs": (*TAKING, "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl"),
    "ec2": tuple(ATTACHING),
    "xray": tuple(TRACING),
    "logs": tuple(
        f"logs:{name}" for name in ("CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogStreams")
    ),
    "kms": ("kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKey*", "kms:DescribeKey"),
    "secretsmanager": ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
    "ssm": ("ssm:GetParameter", "ssm:GetParameters"),
}
"""Services of which it is known what a worker does with them: it takes messages, reads its credential, writes its log and its traces."""

_FOUND = re.compile(r"\$\{(?:module\.[^}]*\.)?data\.[^}]*\.arn\}")
"""What a data source found: one resource, whose ARN has no pattern."""


def wide_actions(statement: Statement) -> tuple[str, ...]:
    """Give the actions that are patterns, or all but some."""
    if "actions" in statement.inverted:
        return tuple(f"all but {action}" for action in statement.actions)
    named = [action for action in statement.actions if isinstance(action, str)]
    return tuple(action for action in named if ("*" in action or "?" in action) and action.lower() not in PATTERNS)


def wide_resources(statement: Statement) -> tuple[str, ...]:
    """Give the resources that are every one of a service, where an action could name its own."""
    named = [action.lower() for action in statement.actions if isinstance(action, str)]
    free = {action.lower() for action in WITHOUT_RESOURCE}
    if (
        "actions" not in statement.inverted
        and named
        and len(named) == len(statement.actions)
        and free.issuperset(named)
    ):
        return ()
    if "resources" in statement.inverted:
        return tuple(f"all but {resource}" for resource in statement.resources)
    return tuple(resource for resource in statement.resources if isinstance(resource, str) and _is_every(resource))


def _is_every(resource: str) -> bool:
    """Whether an ARN is that of every resource: `*`, `arn:aws:sqs:*:*:*`, `arn:aws:secretsmanager:…:secret:*`."""
    own = resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
    return own == "*" or (
        resource.startswith("arn:")
        and own.split(":")[-1].split("/")[-1] == "*"
        and own.count(":") + own.count("/") == 1
    )


def names_one(value: Unknown) -> bool:
    """Whether a value that is not known is one ARN all the same: of this account, of this region, or what a data source found."""
    return value.text.startswith("arn:") or _FOUND.fullmatch(value.text) is not None


def unused(grant: WorkerGrant) -> tuple[str, ...]:
    """Give the actions that a worker is allowed and does not use. Raises NotJudged for a service of which nobody here knows."""
    doubts = []
    found = []
    for action in grant.statement.actions:
        service = action.partition(":")[0].lower() if isinstance(action, str) else ""
        if service not in _USED:
            doubts.append(f"whether the function's code uses {action} is not known")
        elif not any(matches(pattern, str(action)) for pattern in _used(grant.worker, service)):
            if service == "sqs" and not _names_own(grant):
                doubts.append(f"whether the function's code uses {action} on another queue is not known")
            else:
                found.append(str(action))
    if not found and doubts:
        raise NotJudged(doubts[0])
    return tuple(found)


def _used(worker: Worker, service: str) -> tuple[str, ...]:
    if service == "ec2" and not worker.block.blocks("vpc_config"):
        return ()
    if service == "xray" and not worker.block.blocks("tracing_config"):
        return ()
    return _USED[service]


def _names_own(grant: WorkerGrant) -> bool:
    """Whether a grant speaks of one of the queues whose messages its function takes."""
    return any(
        names(resource, queue.block, queue.name)
        for resource in grant.statement.resources
        for queue in grant.worker.queues
    )


def names(resource: Any, block: Block, name: Any) -> bool:
    """Whether a resource of a statement is a block's, by reference, by its name in an ARN, or as one of all."""
    if isinstance(resource, Unknown):
        last = resource.text.rpartition(":")[2]
        return resource.text.startswith("arn:") and "${" not in last and isinstance(name, str) and matches(last, name)
    if not isinstance(resource, str):
        return False
    if resource.startswith("${"):
        return resource.startswith(f"${{{block.address}.arn}}")  # IAM takes ARNs alone: no URL, no id of a key.
    own = block.get("arn")
    if isinstance(own, str) and own.startswith("arn:"):  # what an account has, has an ARN
        return matches(resource, own)
    return resource == "*" or (
        resource.startswith("arn:") and isinstance(name, str) and matches(resource.rpartition(":")[2], name)
    )


def lacking(worker: Worker) -> Iterator[tuple[str, str]]:
    """Yield what a worker needs and its role does not allow: the action and what it is needed on. Raises NotJudged where that is not known."""
    role = role_of(worker)
    allowed = [statement for statement in role.statements if statement.allows]
    for queue in worker.queues:
        for action in TAKING:
            if not role.has_of_aws(action) and not _is_allowed(allowed, action, queue.block, queue.name):
                _doubt(allowed, action, [one.arn for one in role.untold])
                yield action, queue.label


def cannot_decrypt(worker: Worker) -> Iterator[Queue]:
    """Yield the queues whose key a worker's role may not use. Raises NotJudged where that is not known."""
    role = role_of(worker)
    allowed = [statement for statement in role.statements if statement.allows]
    for queue in worker.queues:
        if queue.key is not None and not _is_allowed(allowed, "kms:Decrypt", queue.key, None):
            _doubt(allowed, "kms:Decrypt", [one.arn for one in role.untold])
            yield queue


def _is_allowed(allowed: list[Statement], action: str, block: Block, name: Any) -> bool:
    return any(
        one.covers(action) and any(names(resource, block, name) for resource in one.resources) for one in allowed
    )


def _doubt(allowed: list[Statement], action: str, elsewhere: list[Any]) -> None:
    """Raise NotJudged where something that is not known may allow it."""
    for one in allowed:
        doubtful = [part for part in one.actions if isinstance(part, Unknown)]
        if one.covers(action):
            doubtful += [part for part in one.resources if isinstance(part, Unknown) and not names_one(part)]
        if doubtful:
            raise NotJudged(doubtful[0].why)
    if elsewhere:
        raise NotJudged(f"what {elsewhere[0]} allows is not written here")
