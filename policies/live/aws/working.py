"""The real worker and a batch with a poison message, by the mapping as it is configured."""

from __future__ import annotations

import time
import uuid
from typing import Any

from policies.live.aws.driving import Drive
from policies.live.aws.instructions import Instruction, instruction
from policies.live.aws.seen import Untried, WorkedOff
from policies.live.aws.stand_in import Service

SECONDS = 30.0
"""How long is waited at most for a delivery to be worked off; on a machine with nothing else to do it takes a tenth of a second."""

PAUSE = 0.05
STEADY = 4
"""So often the same must be seen: messages are hidden a moment before a function is handed them."""

MEMBERS = ("before", "poison", "behind", "beside")


def worked_off(drive: Drive, worker: Any, service: Service, most: int) -> WorkedOff | Untried:
    """Send a batch of which one message's call is always refused; let the mapping deliver it until that one is dead, or for `most` deliveries."""
    key = uuid.uuid4().hex[:8]
    batch = {name: instruction(worker, f"{name}-{key}") for name in MEMBERS}
    known = {name: one for name, one in batch.items() if one is not None}
    if len(known) < len(MEMBERS):
        return Untried("platform.toml does not state what messages ask for ([worker] actions)")
    service.calls.clear()
    service.refused = {known["poison"].path}
    hidden = drive.hidden
    with drive.alone() as readers:
        for name, one in known.items():
            drive.send(one.body, "beside" if name == "beside" else "group")
    deliveries = 0
    while readers and deliveries <= most:
        deliveries += 1
        if not _settle(drive, service):
            break
        dead = drive.bodies(drive.dead_letters) if drive.dead_letters else []
        if known["poison"].body in dead or not _waiting(drive):
            break
        drive.wait(hidden + 1)
    with drive.alone():
        drive.wait(hidden + 1)
        dead = drive.bodies(drive.dead_letters) if drive.dead_letters else []
        left = drive.bodies(drive.url)
    return _told(drive, known, service, dead, left, deliveries)


def _settle(drive: Drive, service: Service) -> bool:
    """Wait until nothing is visible and no call comes any more; whether that came to be."""
    end = time.monotonic() + SECONDS
    before: tuple[int, str, str] | None = None
    steady = 0
    while time.monotonic() < end:
        time.sleep(PAUSE)
        found = drive.sqs.get_queue_attributes(QueueUrl=drive.url, AttributeNames=["All"])["Attributes"]
        visible, hidden = found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesNotVisible"]
        now = (len(service.calls), visible, hidden)
        # Messages that are visible and cannot be taken stand behind one of their group that is hidden.
        quiet = now == before and (visible == "0" or hidden != "0") and not drive.clock.batches()
        steady = steady + 1 if quiet else 0
        if steady == STEADY:
            return True
        before = now
    return False


def _waiting(drive: Drive) -> bool:
    found = drive.sqs.get_queue_attributes(QueueUrl=drive.url, AttributeNames=["All"])["Attributes"]
    return any(found[f"ApproximateNumberOfMessages{kind}"] != "0" for kind in ("", "NotVisible", "Delayed"))


def _told(
    drive: Drive, known: dict[str, Instruction], service: Service, dead: list[str], left: list[str], deliveries: int
) -> WorkedOff:
    by_call = {(one.method, one.path): name for name, one in known.items()}
    by_body = {one.body: name for name, one in known.items()}
    made = [by_call[call.method, call.path] for call in service.calls if (call.method, call.path) in by_call]
    done = tuple(dict.fromkeys(name for name in made if name != "poison"))
    return WorkedOff(
        {name: made.count(name) for name in known},
        tuple(by_body[body] for body in dead if body in by_body),
        tuple(by_body[body] for body in left if body in by_body),
        done,
        deliveries,
        drive.fifo and "behind" in made and "poison" in made[made.index("behind") :],
    )
