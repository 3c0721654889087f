"""What `platform.toml` states of the worker of a queue."""

from __future__ import annotations

from typing import Any

from policies.intent.values import EndingName, Endpoint, Name, Positive, RelativePath, Table


class WorkerCredential(Table, frozen=True):
    """`[worker.credential]`: the variable that holds what the service knows the worker by, or the one that names its secret in Secrets Manager.

    `key` is the key in the secret's JSON.
    """

    environment: Name | None = None
    secrets_manager: Name | None = None
    key: Name | None = None


class WorkerEndings(Table, frozen=True):
    """`[worker.endings]`: whether a message that can never be carried out is reported, so that it becomes a dead letter, or done with.

    `unreadable` is no JSON, or lacks what its action needs; `unknown_action` asks for what there is not; `refused` was answered with 400, 404, 410 or
    422; `conflict` with 409.
    """

    unreadable: EndingName | None = None
    unknown_action: EndingName | None = None
    refused: EndingName | None = None
    conflict: EndingName | None = None


class Worker(Table, frozen=True):
    """`[worker]`: the function that takes the queue's messages, what these ask for, and how each must end.

    `action` is where in a message stands what it asks for (keys parted by dots), `actions` are the endpoints by action (`POST /orders/{orderId}`: what
    stands in braces is where in the message the value stands), `body` is what of the message is sent on, and `message` is what else each holds.
    `url` and `timeout` are the variables with the service's address and the milliseconds (`..._SECONDS`: seconds) of a call; `header` carries the credential,
    `idempotency` what is the same for each delivery. `environment` is what else it needs. `fifo` and `partial_failures` are what Terraform says of its
    queue and mapping. `attempts` is how often at most it sends a message in one delivery.
    """

    handler: RelativePath | None = None
    folder: RelativePath | None = None
    export: Name = "handler"
    action: Name | None = None
    actions: dict[Name, Endpoint] = {}
    body: Name | None = None
    message: dict[str, Any] = {}
    url: Name | None = None
    timeout: Name | None = None
    header: Name | None = None
    idempotency: Name | None = None
    environment: dict[Name, str] = {}
    fifo: bool | None = None
    partial_failures: bool | None = None
    attempts: Positive = 1
    credential: WorkerCredential | None = None
    endings: WorkerEndings = WorkerEndings()
