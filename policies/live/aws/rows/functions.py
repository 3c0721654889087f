"""Functions of Lambda and the mappings that hand them a queue's messages."""

from __future__ import annotations

import re
from typing import Any

from policies.live.aws.packages import package_of
from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes
from policies.live.aws.rows.spelling import first

_ADDRESS = re.compile(r"https?://.+")
EDGE = "us-east-1"


def _function(making: Making) -> Attributes:
    code = package_of(making.provision.tree, making.block, making.provision.beside)
    variables = {}
    for one in making["environment"] or ():
        variables.update({key: _led(making, key, str(value)) for key, value in (one.get("variables") or {}).items()})
    given = making.given(
        Description="description", Timeout="timeout", MemorySize="memory_size", Architectures="architectures",
        KMSKeyArn="kms_key_arn", Publish="publish", Layers="layers",
    )  # fmt: skip
    if variables:
        given["Environment"] = {"Variables": variables}
    given |= _blocks(making)
    lambdas = making.of("lambda")
    made = lambdas.create_function(
        FunctionName=making["function_name"], Role=making["role"], Runtime=making["runtime"], Handler=making["handler"],
        Code={"ZipFile": code}, Tags=making.tags, **given,
    )  # fmt: skip
    reserved = making["reserved_concurrent_executions"]
    if reserved is not None and int(reserved) >= 0:
        lambdas.put_function_concurrency(
            FunctionName=making["function_name"], ReservedConcurrentExecutions=int(reserved)
        )
    arn = re.sub(r":(\d+|\$LATEST)\Z", "", made["FunctionArn"])
    version = made.get("Version", "$LATEST")
    return {
        "id": making["function_name"], "arn": arn, "function_name": making["function_name"], "version": version,
        "qualified_arn": f"{arn}:{version}",
        "invoke_arn": f"arn:aws:apigateway:{making.region}:lambda:path/2015-03-31/functions/{arn}/invocations",
    }  # fmt: skip


_BLOCKS = {
    "vpc_config": ("VpcConfig", {"subnet_ids": "SubnetIds", "security_group_ids": "SecurityGroupIds"}),
    "tracing_config": ("TracingConfig", {"mode": "Mode"}),
    "ephemeral_storage": ("EphemeralStorage", {"size": "Size"}),
    "dead_letter_config": ("DeadLetterConfig", {"target_arn": "TargetArn"}),
    "logging_config": (
        "LoggingConfig",
        {
            "log_format": "LogFormat", "application_log_level": "ApplicationLogLevel", "system_log_level": "SystemLogLevel",
            "log_group": "LogGroup",
        },
    ),
}  # fmt: skip


def _blocks(making: Making) -> dict[str, Any]:
    """Give what nested blocks state of a function."""
    found: dict[str, Any] = {}
    for ours, (theirs, names) in _BLOCKS.items():
        stated = first(making[ours])
        if stated:
            found[theirs] = {names[key]: value for key, value in stated.items() if key in names and value is not None}
    return found


def _led(making: Making, name: str, value: str) -> str:
    """Give a variable of a function: an address outside is led to whoever stands in for it, and that is noted."""
    stand_in = making.provision.outside(name)
    if stand_in is None or not _ADDRESS.fullmatch(value):
        return value
    making.provision.led[f"{making['function_name']} {name}"] = value
    return stand_in


def _mapping(making: Making) -> Attributes:
    given = making.given(
        BatchSize="batch_size", FunctionResponseTypes="function_response_types", Enabled="enabled",
        MaximumBatchingWindowInSeconds="maximum_batching_window_in_seconds",
    )  # fmt: skip
    scaling: list[dict[str, Any]] = making["scaling_config"] or []
    if scaling:
        given["ScalingConfig"] = {"MaximumConcurrency": int(scaling[0]["maximum_concurrency"])}
    filters = [one.get("pattern") for block in making["filter_criteria"] or () for one in block.get("filter") or ()]
    if filters:
        given["FilterCriteria"] = {"Filters": [{"Pattern": pattern} for pattern in filters]}
    made = making.of("lambda").create_event_source_mapping(
        EventSourceArn=making["event_source_arn"], FunctionName=making["function_name"], **given
    )
    return {"id": made["UUID"], "uuid": made["UUID"], "function_arn": made.get("FunctionArn")}


def _alias(making: Making) -> Attributes:
    made = making.of("lambda").create_alias(
        FunctionName=making["function_name"], Name=making.name, FunctionVersion=making["function_version"]
    )
    return {"id": made["AliasArn"], "arn": made["AliasArn"], "name": making.name}


ROWS: dict[str, Row] = {
    "aws_lambda_function": _function,
    "aws_lambda_event_source_mapping": _mapping,
    "aws_lambda_alias": _alias,
}
