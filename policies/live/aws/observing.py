"""Looks at each queue of a platform in an account: by driving what is ours, by reading what is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from policies.errors import UsageError
from policies.evidence import Place
from policies.live.aws.access import Account, Asked, reached, stated_environment
from policies.live.aws.deployed.held import Held, NotHeld
from policies.live.aws.deployed.reading import deployed_in
from policies.live.aws.entering import files_beside, knocked
from policies.live.aws.expected import (
    dead_letters_of,
    is_of_aws,
    source_queues,
    stated_account,
    uncertain_queues,
)
from policies.live.aws.front_doors import DoorNotTried, DoorSeen
from policies.live.aws.looking import driven, read, unmapped
from policies.live.aws.provision import Provision
from policies.live.aws.rows import ROWS
from policies.live.aws.seen import CloudNotTried, Created, QueueSeen, Untried
from policies.live.aws.stand_in import Service, serving
from policies.live.aws.visiting import knocked_at
from policies.model.cloud.functions import TakenQueue
from policies.model.cloud.queues import SourceQueue
from policies.model.cloud.roots import DeployedRoot, roots
from policies.platform import Platform
from policies.read.terraform import Block

Progress = Callable[[str], None]
Seen = QueueSeen | CloudNotTried | Created | DoorSeen | DoorNotTried | DeployedRoot | Held | NotHeld


def observe(platform: Platform, asked: Asked, progress: Progress) -> Iterator[Seen]:
    """Yield what is seen of the queues of each root that was asked for, and what was not looked at. Raises UsageError and LiveError."""
    every = [one for one in roots(platform) if one.is_applied and is_of_aws(one)]
    environments = platform.intent.environments
    if asked.environment:
        stated = stated_environment(asked.environment, environments)
        if stated.account is None:
            reason = f"[environments.{asked.environment}] states no account"
            yield CloudNotTried(Place(asked.environment), asked.environment, reason)
            return
        every = [_chosen(every, stated.terraform, asked.environment)]
    for deployed in every:
        account, region = stated_account(deployed)
        with reached(asked, environments, account, region, deployed.place.stage) as there:
            if there.stand_in is not None:
                port, listening = there.stand_in.listener()
                with serving(port, listening) as service:
                    provision = filled(platform, deployed, there, service.url, progress)
                    yield from deployed_in(deployed, there, (), progress, filled=True)
                    yield from looked_at(deployed, there, provision, service, platform.intent.worker, progress)
                    yield from knocked(platform, deployed, there, provision, progress)
                continue
            if asked.endpoint and there.writable:
                filled(platform, deployed, there, None, progress)
            progress(f"{deployed.place.name}: reading {there.name}, account {there.id}, {there.region}")
            was_filled = bool(asked.endpoint and there.writable)
            yield from deployed_in(deployed, there, stated_secrets(platform), progress, filled=was_filled)
            # An emulator was filled by us: what messages come to there says something of the emulator.
            sends = there.writable and not asked.endpoint
            if asked.environment:
                yield from knocked_at(platform, deployed, there, environments[asked.environment], asked, progress)
            for block in uncertain_queues(deployed):
                yield _uncertain(deployed, block)
            for queue in source_queues(deployed):
                yield read(queue, there, sends=sends)


def stated_secrets(platform: Platform) -> tuple[str, ...]:
    """Give the names of secrets that `platform.toml` states."""
    return tuple(platform.intent.vault.secrets) if platform.intent.vault is not None else ()


def _chosen(every: list[DeployedRoot], stated: str | None, environment: str) -> DeployedRoot:
    if stated is not None:
        found = [one for one in every if one.place.name == stated]
        known = ", ".join(one.place.name for one in every) or "none at all"
        if not found:
            raise UsageError(f"[environments.{environment}] terraform = {stated!r}: there is no such root, but {known}")
        return found[0]
    released = [one for one in every if one.place.released]
    if len(released) != 1:
        raise UsageError(f"state which root {environment} is made from: [environments.{environment}] terraform")
    return released[0]


def filled(
    platform: Platform, deployed: DeployedRoot, account: Account, outside: str | None, progress: Progress
) -> Provision:
    """Create a root's resources in an account; `outside` stands in for what functions call."""
    assert deployed.root is not None  # noqa: S101 (asked before)
    start = time.monotonic()
    beside = files_beside(platform, deployed) if account.stand_in is not None else {}
    provision = Provision(account, deployed.root, platform.tree, ROWS, lambda _: outside, beside)
    provision.everything()
    made = sum(block.address in provision.created for block in deployed.root.resources())
    progress(f"{deployed.place.name}: {made} resources created in {account.name} ({time.monotonic() - start:.1f} s)")
    return provision


def looked_at(
    deployed: DeployedRoot, account: Account, provision: Provision, service: Service, worker: Any, progress: Progress
) -> Iterator[Seen]:
    """Yield what is seen of a root that was provisioned."""
    assert deployed.root is not None  # noqa: S101 (asked before)
    for block in deployed.root.resources():
        if block.address in provision.refused:
            yield Created(deployed.place, block, provision.refused[block.address])
        elif block.address in provision.missing:
            reason = f"not provisioned: {provision.missing[block.address]}"
            yield CloudNotTried(deployed.place, f"{deployed.place.name}:{block.address}", reason, resource=True)
        elif block.address in provision.created:
            yield Created(deployed.place, block)
    for name, stated in provision.led.items():
        progress(f"{deployed.place.name}: {name} leads to a stand-in on loopback, not to {stated}")
    for block in uncertain_queues(deployed):
        yield _uncertain(deployed, block)
    for queue in source_queues(deployed):
        url = provision.created.get(queue.block.address, {}).get("url")
        if url is None:
            reason = provision.missing.get(queue.block.address, "it was not created")
            yield CloudNotTried(deployed.place, queue.id, f"not provisioned: {reason}")
            continue
        targets = (provision.created.get(one.address, {}).get("url") for one in dead_letters_of(queue))
        dead_letters = next((str(one) for one in targets if one), None)
        yield driven(queue, account, url, dead_letters, worker, service, _unread(queue, provision))


def _unread(queue: SourceQueue, provision: Provision) -> Untried | None:
    """Say why no worker reads a queue that one is to read; None where it does."""
    unread = unmapped(queue)
    if unread is not None:
        return unread
    for mapping in TakenQueue(queue.deployed, queue.block).mappings:
        address = mapping.block.address
        if address not in provision.created:
            reason = provision.missing.get(address) or provision.refused.get(address) or "it was not created"
            return Untried(f"{address} is not provisioned: {reason}")
    return None


def _uncertain(deployed: DeployedRoot, block: Block) -> CloudNotTried:
    reason = f"whether {block.address} is there is not known: {block.unknown.why if block.unknown else ''}"
    return CloudNotTried(deployed.place, f"{deployed.place.name}:{block.address}", reason)
