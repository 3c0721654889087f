"""Messages through a queue of an embedded AWS: what is redelivered, kept in order, deduplicated, and by whom it is taken."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from policies.live.aws.access import Account
from policies.live.aws.api import Aws, Service, signed
from policies.live.aws.embedded import Embedded
from policies.live.aws.errors import AwsError
from policies.live.aws.seen import Followers, Redelivery, Repetition, Strangers

MOST = 30
"""Deliveries after which a message that still comes is one that always will, unless more are declared."""

STRANGER = "999999999999"


@dataclass(frozen=True, eq=False)
class Drive:
    """A queue in an embedded AWS, by its URL, and the one that Terraform declares for its dead letters."""

    account: Account
    url: str
    fifo: bool
    dead_letters: str | None

    @property
    def sqs(self) -> Service:
        """SQS."""
        return self.account.aws.of("sqs")

    @property
    def clock(self) -> Embedded:
        """Whoever moves the clock."""
        assert self.account.stand_in is not None  # noqa: S101 (only what is ours is driven)
        return self.account.stand_in

    def wait(self, seconds: float) -> None:
        """Let time pass: its clock is moved."""
        self.clock.move_clock(seconds)

    def attribute(self, name: str) -> str:
        """Give one of its attributes as it is there."""
        return str(self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"].get(name, ""))

    @property
    def name(self) -> str:
        """Its name."""
        return self.url.rpartition("/")[2]

    @property
    def hidden(self) -> int:
        """For how many seconds a message is hidden that somebody took."""
        return int(self.attribute("VisibilityTimeout") or 30)

    def send(self, body: str, group: str, key: str | None = None, url: str | None = None) -> None:
        """Send a message."""
        fifo = {"MessageGroupId": group, "MessageDeduplicationId": key or uuid.uuid4().hex} if self.fifo else {}
        self.sqs.send_message(QueueUrl=url or self.url, MessageBody=body, **fifo)

    def receive(self, url: str | None = None, most: int = 1, **more: Any) -> list[dict[str, Any]]:
        """Take messages that are there."""
        asked = {"MaxNumberOfMessages": most, "WaitTimeSeconds": 0, "AttributeNames": ["All"], **more}
        return list(self.sqs.receive_message(QueueUrl=url or self.url, **asked).get("Messages") or ())

    def delete(self, message: dict[str, Any], url: str | None = None) -> None:
        """Delete a message that was taken."""
        self.sqs.delete_message(QueueUrl=url or self.url, ReceiptHandle=message["ReceiptHandle"])

    def bodies(self, url: str) -> list[str]:
        """Give the bodies of what lies in a queue, and leave it there."""
        found: list[str] = []
        while True:
            page = self.receive(url, 10, VisibilityTimeout=1)
            if not page:
                break
            found += [one["Body"] for one in page]
        self.wait(2)
        return found

    def empty(self) -> None:
        """Take away every message of it and of its dead-letter queue."""
        for url in filter(None, (self.url, self.dead_letters)):
            self.sqs.purge_queue(QueueUrl=url)

    def empty_by_receiving(self) -> None:
        """Take away every message of it that can be had: a queue is purged once a minute at most."""
        while got := self.receive(most=10):
            for one in got:
                self.delete(one)

    def every_url(self) -> list[str]:
        """Give every queue of the account."""
        return [str(one) for one in self.sqs.every("list_queues", "QueueUrls")]

    @contextmanager
    def alone(self) -> Iterator[list[str]]:
        """Switch off the mappings that read it, and on again those that were on; give these."""
        functions = self.account.aws.of("lambda")
        arn = self.attribute("QueueArn")
        listed = functions.every("list_event_source_mappings", "EventSourceMappings", EventSourceArn=arn)
        on = [str(one["UUID"]) for one in listed if one["State"] in ("Enabled", "Enabling", "Creating")]
        for id in on:
            functions.update_event_source_mapping(UUID=id, Enabled=False)
        try:
            yield on
        finally:
            for id in on:
                functions.update_event_source_mapping(UUID=id, Enabled=True)


def redeliver(drive: Drive, declared: int | None) -> tuple[Redelivery, Followers]:
    """Take a message again and again without deleting it, until it no longer comes; then what is behind it in its group."""
    names = ["first", "second", "third"]
    for name in names:
        drive.send(name, "group")
    deliveries, ended, hidden = 0, False, drive.hidden
    while deliveries < max(MOST, (declared or 0) + 2):
        got = drive.receive(VisibilityTimeout=hidden)
        if not got or got[0]["Body"] != names[0]:
            ended = True
            break
        deliveries += 1
        drive.wait(hidden + 1)
    came: list[str] = []
    drive.wait(hidden + 1)
    while ended and len(came) <= len(names):
        got = drive.receive()
        if not got:
            break
        came.append(got[0]["Body"])
        drive.delete(got[0])
    there = [drive.dead_letters, *drive.every_url()] if drive.account.stand_in is not None else [drive.dead_letters]
    found = next((url for url in there if url is not None and names[0] in drive.bodies(url)), None)
    where = None if found is None else found.rpartition("/")[2]
    return Redelivery(deliveries, ended, where), Followers(tuple(names[1:]), tuple(came))


def repeat(drive: Drive) -> Repetition:
    """Send a message twice under one id, and once more in another group."""
    key = uuid.uuid4().hex
    for group in ("once", "once", "other"):
        drive.send(group, group, key)
    came: list[str] = []
    while len(came) < 5 and (got := drive.receive()):
        came.append(got[0]["Body"])
        drive.delete(got[0])
    return Repetition(came.count("once"), "other" in came)


def intrude(drive: Drive) -> Strangers:
    """Try to send as another account, and as one of our own without TLS."""
    aws, own = drive.account.aws, drive.clock
    other = Aws(signed(STRANGER, own.secret, own.region), aws.region, aws.endpoint, aws.certificate)
    plain = Aws(signed(own.account, own.secret, own.region), aws.region, aws.endpoint, aws.certificate)
    plain.of("sqs").client.meta.events.register("before-send.sqs.*", _without_tls)
    return Strangers(_gets_in(drive, other), _gets_in(drive, plain))


def _gets_in(drive: Drive, aws: Aws) -> bool:
    fifo = {"MessageGroupId": "stranger", "MessageDeduplicationId": uuid.uuid4().hex} if drive.fifo else {}
    try:
        aws.of("sqs").send_message(QueueUrl=drive.url, MessageBody=json.dumps("stranger"), **fifo)
    except AwsError as error:
        if error.code == "AccessDenied":
            return False
        raise
    return True


def _without_tls(request: Any, **_: Any) -> None:
    # What a load balancer says of a client: ministack takes its word for aws:SecureTransport.
    request.headers["x-forwarded-proto"] = "http"
