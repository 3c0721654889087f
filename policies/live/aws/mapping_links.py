"""What a mapping, as it is configured in an account, makes of a batch with a poison message: by reading it."""

from __future__ import annotations

from policies.live.aws.api import Service
from policies.live.aws.errors import AwsError
from policies.live.aws.reading import Link
from policies.live.aws.seen import WorkedOff
from policies.model.cloud.functions import PARTIAL


def read_off(link: Link) -> WorkedOff:
    """Give what the mapping promises: without partial responses a batch is done as a whole; one that is off carries nothing out."""
    functions = link.aws.of("lambda")
    arn = link.attributes["QueueArn"]
    listed = functions.every("list_event_source_mappings", "EventSourceMappings", EventSourceArn=arn)
    on = [one for one in listed if one["State"] in ON and _is_there(functions, str(one["FunctionArn"]))]
    partial = bool(on) and all(PARTIAL in (one.get("FunctionResponseTypes") or ()) for one in on)
    deliveries = int(link.redrive.get("maxReceiveCount") or 0)
    calls = {"before": len(on[:1]), "poison": deliveries, "behind": 0, "beside": len(on[:1])}
    if not on:
        return WorkedOff(calls, (), tuple(calls), (), 0)
    if not partial:
        return WorkedOff(calls, (), (), ("before", "beside"), 1)
    held = ("poison", "behind")
    dies = link.dead_letters is not None
    return WorkedOff(calls, held if dies else (), () if dies else held, ("before", "beside"), deliveries)


ON = ("Enabled", "Enabling", "Creating", "Updating")


def _is_there(functions: Service, arn: str) -> bool:
    try:
        functions.get_function_configuration(FunctionName=arn)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            return False
        raise
    return True
