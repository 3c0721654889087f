"""A worker's contract as far as its owners and Terraform state it, and what is missing of it."""

from __future__ import annotations

import json

from policies.intent.work import Worker as Stated
from policies.worker.contract import Action, Contract
from policies.worker.finding import Deployed
from policies.worker.provision import Provision


def contract_of(stated: Stated, known: Deployed, provision: Provision) -> tuple[Contract, dict[str, str]]:
    """Give the contract, and why of each part that is not known."""
    unknown: dict[str, str] = {}
    fifo = known.fifo if stated.fifo is None else stated.fifo
    partial = known.partial if stated.partial_failures is None else stated.partial_failures
    why = known.why[0] if known.why else ""
    if fifo is None:
        unknown["fifo"] = why
    if partial is None:
        unknown["partial-failures"] = why
    elif not partial:
        unknown["partial-failures"] = "its mapping does not take which messages failed (WORKER-01d)"
    endings = stated.endings
    if not stated.actions:
        unknown["actions"] = "nobody says which actions there are, and where each leads"
    if stated.action is None:
        unknown["action"] = "nobody says where in a message its action stands"
    if stated.body is None:
        unknown["body"] = "nobody says what of a message is sent on"
    for name in ("unreadable", "unknown-action", "refused"):
        if getattr(endings, name.replace("-", "_")) is None:
            unknown[f"endings.{name}"] = "nobody says how such a message ends"
    if endings.conflict is None and endings.refused is None:
        unknown["endings.conflict"] = "nobody says how such a message ends"
    contract = Contract(
        actions=tuple(Action(name, *endpoint.split(" ", 1)) for name, endpoint in stated.actions.items()),
        action=stated.action or "",
        body=stated.body,
        message=json.dumps(stated.message, ensure_ascii=False, default=str),
        header=stated.header,
        idempotency=stated.idempotency,
        base=provision.base,
        fifo=fifo is not False,
        attempts=stated.attempts,
        patience=provision.patience,
        unreadable=endings.unreadable,
        unknown_action=endings.unknown_action,
        refused=endings.refused,
        conflict=endings.conflict,
    )
    return contract, unknown
