"""Lambda@Edge in a distribution's data plane, at viewer request and viewer response. ministack runs CloudFront Functions there, and nothing else."""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

import asyncio
import contextvars
import json
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import cloudfront, lambda_svc

from policies.live.aws.additions.edge_events import from_edge, to_edge


def install() -> None:
    """Let behaviours' Lambda associations run, where ministack runs functions."""
    associations, run = cloudfront._dataplane_function_associations, cloudfront._run_function

    def every(behaviour: Any) -> dict[str, str]:
        found = {kind: arn for kind, arn in lambda_associations(behaviour) if kind.startswith("viewer-")}
        return {**associations(behaviour), **found}

    async def running(arn: str, event: dict[str, Any]) -> Any:
        if ":lambda:" not in arn:
            return await run(arn, event)
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(None, context.run, _invoke, arn, event)

    cloudfront._dataplane_function_associations = every
    cloudfront._run_function = running


def lambda_associations(behaviour: Any) -> list[tuple[str, str]]:
    """Give a behaviour's Lambda functions: the event, and the version's ARN."""
    listed = cloudfront._find(behaviour, "LambdaFunctionAssociations")
    items = cloudfront._find(listed, "Items") if listed is not None else None
    if items is None:
        return []
    return [(cloudfront._text(one, "EventType"), cloudfront._text(one, "LambdaFunctionARN")) for one in items]


def _invoke(arn: str, event: dict[str, Any]) -> dict[str, Any]:
    _, _, _, region, account, _, name, version = arn.split(":")
    set_request_region(region)
    set_request_account_id(account)
    function = lambda_svc._functions.get(name)
    record = (function or {}).get("versions", {}).get(version)
    if record is None:
        raise cloudfront.CloudFrontFunctionError(f"{arn} is not there")
    result = lambda_svc._execute_function(record, to_edge(event))
    if result.get("error"):
        raise cloudfront.CloudFrontFunctionError(str(result.get("body")))
    body = result.get("body")
    answer = json.loads(body) if isinstance(body, (str, bytes)) else body
    if not isinstance(answer, dict):
        raise cloudfront.CloudFrontFunctionError(f"{arn} answered neither a request nor a response")
    return from_edge(answer)
