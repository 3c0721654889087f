"""What nobody stated of a worker's contract, found by handing it plain messages: how it takes ids, and in which headers it says what."""

from __future__ import annotations

from dataclasses import replace

from policies.worker.contract import CREDENTIAL
from policies.worker.fates import PLAIN
from policies.worker.messages import FORMS, Batch, Message
from policies.worker.outcome import LOST, Tried
from policies.worker.running import Running
from policies.worker.service import Arrival


def learn(running: Running) -> None:
    """Complete the contract."""
    tried = [one for one in _plain(running) if one.first.arrivals]
    arrivals = [(one, each) for one in tried for each in one.first.arrivals]
    contract = running.contract
    if contract.header is None:
        carrying = [name for _, each in arrivals for name, value in each.headers if CREDENTIAL in value]
        contract = replace(contract, header=carrying[0] if carrying else None)
    if contract.idempotency is None:
        keys = [name for one, each in arrivals for name in _keys(one, each)]
        contract = replace(contract, idempotency=keys[0] if keys else None)
        if not keys:
            running.unknown["idempotency"] = "no header was found that is the same for each delivery"
    if contract.header is None:
        running.unknown["header"] = "no header was found in which it sends what the service knows it by"
    running.take(contract)
    if tried and not any(one.first.kind in LOST for one in tried):
        running.bridge.warm = contract, tried[0].batch


def _plain(running: Running) -> list[Tried]:
    """Hand over a plain message of each action, with an id as it takes them."""
    batches = [Batch((Message(PLAIN, action.name),)) for action in running.contract.actions]
    for form in (*FORMS, *FORMS):  # Again, for what a process does for the first time may take longer than it waits.
        running.bridge.form = form
        running.memory.clear()
        running.judged.clear()
        tried = [running.work(batch) for batch in batches]
        if any(one.first.arrivals or one.first.kind in LOST for one in tried):
            return tried
    running.bridge.form = next(iter(FORMS))
    running.memory.clear()
    running.judged.clear()
    return [running.work(batch) for batch in batches]


def _keys(tried: Tried, arrival: Arrival) -> list[str]:
    record = tried.first.written[0].record
    known = {record["messageId"], record["attributes"].get("MessageDeduplicationId")}
    return [name for name, value in arrival.headers if value in known]
