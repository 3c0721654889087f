"""Functions of Lambda and the mappings that hand them a queue's messages. Values of their variables stay where they are."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import UNREAD, Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.resolving import UnresolvedError
from policies.read.terraform import Unknown

HIDDEN = "a variable of a function may be a secret, so its value is not kept where it is not Terraform's own"
LATEST = "$LATEST"


def function(looking: Looking, name: str, known: dict[str, Any] | None = None) -> Found | None:
    """Give a function by its name or ARN. Of its variables those values are kept that are `known`, which Terraform states."""
    said = looking.ask("lambda", "get_function_configuration", FunctionName=name)
    if said is None:
        return None
    lambdas, own = looking.of("lambda"), str(said["FunctionName"])
    versions = [str(one["Version"]) for one in lambdas.every("list_versions_by_function", "Versions", FunctionName=own)]
    numbers = sorted(int(one) for one in versions if one.isdigit())
    version = str(numbers[-1]) if numbers else LATEST
    arn = str(said["FunctionArn"])
    arn = arn if arn.endswith(f":{own}") else arn.rpartition(":")[0]
    reserved = lambdas.get_function_concurrency(FunctionName=own).get("ReservedConcurrentExecutions")
    tracing = (said.get("TracingConfig") or {}).get("Mode")
    dead = (said.get("DeadLetterConfig") or {}).get("TargetArn")
    image = said.get("PackageType") == "Image"
    values: dict[str, Any] = {
        "id": own, "function_name": own, "arn": arn, "version": version, "qualified_arn": f"{arn}:{version}",
        "description": said.get("Description") or None, "role": said.get("Role"), "runtime": said.get("Runtime"),
        "handler": said.get("Handler"), "timeout": said.get("Timeout"), "memory_size": said.get("MemorySize"),
        "architectures": said.get("Architectures") or ["x86_64"], "kms_key_arn": said.get("KMSKeyArn"),
        "package_type": said.get("PackageType") or "Zip", "publish": bool(numbers), "source_code_hash": said.get("CodeSha256"),
        "layers": [one["Arn"] for one in said.get("Layers") or ()] or None, "region": None,
        "reserved_concurrent_executions": -1 if reserved is None else reserved,
        "environment": _environment(said.get("Environment"), known or {}), "vpc_config": _network(said.get("VpcConfig")),
        "dead_letter_config": ({"target_arn": dead},) if dead else (),
        "tracing_config": ({"mode": tracing},) if tracing else (),
        "ephemeral_storage": ({"size": (said.get("EphemeralStorage") or {}).get("Size", 512)},),
        "logging_config": _logging(said.get("LoggingConfig")),
        "file_system_config": tuple(
            {"arn": one["Arn"], "local_mount_path": one["LocalMountPath"]} for one in said.get("FileSystemConfigs") or ()
        ),
        **({} if image else {"image_uri": None}),
    }  # fmt: skip
    versioned = tuple(f"{arn}:{one}" for one in versions)
    return Found("aws_lambda_function", own, looking.region, values, within=versioned)


def _environment(said: dict[str, Any] | None, known: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    variables = (said or {}).get("Variables") or {}
    kept = {name: value if str(known.get(name)) == value else Unknown(HIDDEN) for name, value in variables.items()}
    return ({"variables": kept},) if kept else ()


def _network(said: dict[str, Any] | None) -> tuple[dict[str, Any], ...]:
    names = {"subnet_ids": "SubnetIds", "security_group_ids": "SecurityGroupIds"}
    values = {ours: list((said or {}).get(theirs) or ()) for ours, theirs in names.items()}
    dual = bool((said or {}).get("Ipv6AllowedForDualStack"))
    return ({**values, "ipv6_allowed_for_dual_stack": dual},) if any(values.values()) else ()


def _logging(said: dict[str, Any] | None) -> tuple[dict[str, Any], ...] | Unknown:
    if not said:
        return UNREAD
    names = {
        "log_format": "LogFormat", "application_log_level": "ApplicationLogLevel", "system_log_level": "SystemLogLevel",
        "log_group": "LogGroup",
    }  # fmt: skip
    return ({ours: said.get(theirs) for ours, theirs in names.items()},)


def _function(looking: Looking) -> Found | None:
    return function(looking, str(looking["function_name"]), _stated(looking))


def _stated(looking: Looking) -> dict[str, Any]:
    """Give the variables whose values Terraform states and that are known."""
    found: dict[str, Any] = {}
    block = looking.block.block("environment") if looking.block is not None else None
    variables = block.get("variables") if block is not None else None
    for name, value in variables.items() if isinstance(variables, dict) else ():
        try:
            found[name] = looking.search.resolver.plain(value)
        except UnresolvedError:
            continue
    return found


def mappings(looking: Looking, queue: str) -> list[Found]:
    """Give the mappings that read a queue, by its ARN."""
    listed = looking.of("lambda").every("list_event_source_mappings", "EventSourceMappings", EventSourceArn=queue)
    return [_mapped(looking, one) for one in listed]


def _mapped(looking: Looking, said: dict[str, Any]) -> Found:
    most = (said.get("ScalingConfig") or {}).get("MaximumConcurrency")
    filters = (said.get("FilterCriteria") or {}).get("Filters") or ()
    values: dict[str, Any] = {
        "id": said["UUID"], "uuid": said["UUID"], "arn": said.get("EventSourceMappingArn"),
        "event_source_arn": said.get("EventSourceArn"), "function_name": said.get("FunctionArn"),
        "function_arn": said.get("FunctionArn"), "batch_size": said.get("BatchSize"),
        "enabled": said.get("State") in ("Enabled", "Enabling", "Creating", "Updating"),
        "function_response_types": said.get("FunctionResponseTypes") or None,
        "maximum_batching_window_in_seconds": said.get("MaximumBatchingWindowInSeconds") or 0,
        "scaling_config": ({"maximum_concurrency": most},) if most else (),
        "filter_criteria": ({"filter": tuple({"pattern": one.get("Pattern")} for one in filters)},) if filters else (),
    }  # fmt: skip
    return Found("aws_lambda_event_source_mapping", str(said["UUID"]), looking.region, values)


def _mapping(looking: Looking) -> Found | None:
    source, name = str(looking["event_source_arn"]), str(looking["function_name"])
    own = name.partition(":function:")[2] or name
    listed = mappings(looking, source)
    fits = [one for one in listed if str(one.attributes["function_arn"]).partition(":function:")[2] == own]
    return fits[0] if fits else None


def _alias(looking: Looking) -> Found | None:
    said = looking.ask("lambda", "get_alias", FunctionName=str(looking["function_name"]), Name=looking.name)
    if said is None:
        return None
    arn = str(said["AliasArn"])
    values = {
        "id": arn, "arn": arn, "name": said["Name"], "function_name": looking["function_name"],
        "function_version": said["FunctionVersion"], "description": said.get("Description") or None,
    }  # fmt: skip
    return Found("aws_lambda_alias", arn, looking.region, values)


ROWS: dict[str, Row] = {
    "aws_lambda_function": _function,
    "aws_lambda_event_source_mapping": _mapping,
    "aws_lambda_alias": _alias,
}
