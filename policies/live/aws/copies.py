"""Copies of a queue and its dead-letter queue, with the same attributes: ours to send messages through, and removed after it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from policies.live.aws.access import Account
from policies.live.aws.driving import Drive
from policies.live.aws.listening import TAG
from policies.live.aws.reading import Link

_OWN = (
    "QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "Policy", "RedrivePolicy", "RedriveAllowPolicy",
    "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
)  # fmt: skip
"""What a copy does not take over: what AWS counts, and what names the queue itself."""


class Waiting(Drive):
    """A queue whose messages come again at once: nobody moves AWS' clock."""

    @property
    def hidden(self) -> int:
        """Nothing is hidden from the next who asks."""
        return 0

    def wait(self, seconds: float) -> None:
        """Wait for what was hidden for a second."""
        time.sleep(min(seconds, 2))


@contextmanager
def copied(account: Account, link: Link) -> Iterator[Drive]:
    """Give a copy of a queue, with one of its dead-letter queue where it has one."""
    sqs = account.aws.of("sqs")
    made: list[str] = []
    ending = ".fifo" if link.is_fifo else ""
    name = f"turnstile-{uuid.uuid4().hex[:8]}"
    try:
        attributes = _attributes(link)
        target = link.dead_letters
        if target is not None:
            own = sqs.create_queue(QueueName=f"{name}-dead{ending}", Attributes=_attributes(target), tags=TAG)[
                "QueueUrl"
            ]
            made.append(own)
            arn = sqs.get_queue_attributes(QueueUrl=own, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            attributes["RedrivePolicy"] = json.dumps({**link.redrive, "deadLetterTargetArn": arn})
        url = sqs.create_queue(QueueName=f"{name}{ending}", Attributes=attributes, tags=TAG)["QueueUrl"]
        made.append(url)
        yield Waiting(account, url, link.is_fifo, made[0] if target is not None else None)
    finally:
        for url in made:
            sqs.delete_queue(QueueUrl=url)


def _attributes(link: Link) -> dict[str, str]:
    kept = {key: value for key, value in link.attributes.items() if key not in _OWN}
    return (
        kept if link.is_fifo else {key: value for key, value in kept.items() if not key.startswith(("Fifo", "Content"))}
    )
