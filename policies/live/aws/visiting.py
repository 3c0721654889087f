"""Knocks at the way in of an environment, by its URLs: only requests that read, and no secret that was not asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from policies.errors import SourceError, ToolError, UsageError
from policies.gateway.agreement import Agreement
from policies.intent.environments import Environment
from policies.live.aws.access import Account, Asked
from policies.live.aws.entering import ask, doors
from policies.live.aws.front_doors import DoorNotTried, DoorSeen
from policies.live.aws.knocking import knocks
from policies.live.aws.sending import at_url
from policies.model.cloud.roots import DeployedRoot
from policies.platform import Platform
from policies.requirement import NotJudged

MANAGER = "secretsmanager:"


def knocked_at(
    platform: Platform,
    deployed: DeployedRoot,
    account: Account,
    stated: Environment,
    asked: Asked,
    progress: Callable[[str], None],
) -> Iterator[DoorSeen | DoorNotTried]:
    """Yield what became of requests to an environment's edge and gateway. Raises UsageError where a secret cannot be read."""
    for agreement in doors(platform, deployed):
        if stated.edge_url is None or stated.gateway_url is None:
            reason = f"[environments.{asked.environment}] states no edge-url and gateway-url"
            yield DoorNotTried(agreement.place, agreement.id, reason)
            continue
        try:
            yield _visited(agreement, account, stated.edge_url, stated.gateway_url, asked)
        except (NotJudged, ToolError, SourceError) as error:
            yield DoorNotTried(agreement.place, agreement.id, str(error))
        else:
            progress(f"{deployed.place.name}: knocked at {stated.edge_url} and {stated.gateway_url}")


def _visited(agreement: Agreement, account: Account, edge_url: str, gateway_url: str, asked: Asked) -> DoorSeen:
    began = time.monotonic()
    agreement.validator.require_door()
    key, value = _read(asked.token_key, account), _read(asked.header_value, account)
    contract = replace(agreement.contract, key=(key or "").encode())
    names = agreement.program.header_names
    wanted = tuple(knocks(contract, names, value, signs=key is not None))
    replies = ask(wanted, at_url(edge_url), at_url(gateway_url))
    return DoorSeen(agreement, account.name, contract.queue, replies, time.monotonic() - began)


def _read(stated: str | None, account: Account) -> str | None:
    """Give a secret from a file, or from Secrets Manager (`NAME`, or `NAME#KEY` where it is JSON); None where none is named."""
    if stated is None:
        return None
    if not stated.startswith(MANAGER):
        try:
            return Path(stated).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{stated} cannot be read: {type(error).__name__}") from None
    name, _, key = stated.removeprefix(MANAGER).partition("#")
    text = str(account.aws.of("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"the secret {name} is no JSON with a key {key!r}") from None
