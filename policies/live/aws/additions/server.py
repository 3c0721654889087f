"""The embedded AWS's own process: ministack with the additions, in a network of its own, until whoever started it is gone.

Started by `embedded.py` as `python -I -m policies.live.aws.additions.server SETTINGS`; nothing else imports it.
"""

# ruff: noqa: SLF001 -- what is replaced of ministack is what it keeps to itself.
from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import signal
import socket
import sys
import threading
from typing import Any
from urllib.parse import parse_qs

from policies.edge.seal import UNSEALED, unplug

MINUTE = 60
"""The seconds between two datapoints of a queue, and the most that the clock is moved before alarms are evaluated."""


def main() -> None:
    """Build the walls, serve, and end with the one who started it."""
    settings = json.loads(sys.argv[1])
    control = socket.socket(fileno=settings["control"])
    sealed = unplug(ctypes.CDLL(None, use_errno=True)) and _bring_loopback_up()
    if not sealed and not settings["open"]:
        os._exit(UNSEALED)
    binds = [f"fd://{settings['listening']}"]
    if sealed:
        binds.append(f"127.0.0.1:{settings['port']}")  # what handlers reach, inside the walls
    threading.Thread(target=_obey, args=(control, settings["folder"]), daemon=True).start()
    asyncio.run(_serve(binds, settings))


def _bring_loopback_up() -> bool:
    """Bring up the one interface of a new network namespace."""
    import fcntl
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as some:
        request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)  # up, running
        try:
            fcntl.ioctl(some, 0x8914, request)  # SIOCSIFFLAGS
        except OSError:
            return False
    return True


def _obey(control: socket.socket, folder: str) -> None:
    """Hand out listening sockets of the network inside, one for each byte that comes; end the group when nobody is there to send one."""
    listening = []
    while control.recv(1):
        made = socket.create_server(("127.0.0.1", 0))
        listening.append(made)
        socket.send_fds(control, [str(made.getsockname()[1]).encode()], [made.fileno()])
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


async def _serve(binds: list[str], settings: dict[str, Any]) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app

    config = Config()
    config.bind = binds
    config.certfile, config.keyfile = settings["certificate"], settings["key"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    await serve(app.app if settings["plain"] else _with_additions(app.app), config)


def _with_additions(inner: Any) -> Any:
    """Put the additions into ministack, and a way to move the clock before it."""
    from ministack.services import cloudwatch, lambda_svc, sqs

    from policies.live.aws.additions import (
        alarm_permissions,
        alarm_queries,
        alarms,
        clock,
        distribution_refusals,
        edge_functions,
        mapping_refusals,
        origins,
        queue_refusals,
    )

    clock.install(sqs, cloudwatch)
    for addition in (
        alarms, alarm_queries, alarm_permissions, queue_refusals, mapping_refusals, edge_functions, distribution_refusals,
        origins,
    ):  # fmt: skip
        addition.install()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if path == "/_turnstile/clock":
            asked = parse_qs(scope.get("query_string", b"").decode())
            await asyncio.to_thread(_move, float(asked["seconds"][0]))
            await _answer(send, {"offset": clock.CLOCK.offset})
            return
        if path == "/_turnstile/origin":
            asked = parse_qs(scope.get("query_string", b"").decode())
            origins.LED[asked["domain"][0].lower()] = int(asked["port"][0])
            await _answer(send, {})
            return
        if path == "/_turnstile/busy":
            await _answer(send, {"batches": sum(lambda_svc._esm_inflight.values())})
            return
        if path == "/_ministack/reset":
            clock.CLOCK.offset = 0.0
            origins.LED.clear()
        await inner(scope, receive, send)

    return application


def _move(seconds: float) -> None:
    """Move the clock, a minute at most at a time: after each, queues send their metrics and every alarm is evaluated."""
    from ministack.core.concurrency import esm_wake
    from ministack.core.responses import set_request_account_id, set_request_region
    from ministack.services import cloudwatch, sqs

    from policies.live.aws.additions import alarms, queue_metrics
    from policies.live.aws.additions.clock import CLOCK

    while True:
        step = min(seconds, MINUTE)
        CLOCK.offset += step
        stores = (sqs._queues, cloudwatch._alarms)
        for account, region in sorted({key[:2] for store in stores for key in list(store._data)}):
            set_request_account_id(account)
            set_request_region(region)
            queue_metrics.publish()
            alarms.evaluate_all()
        esm_wake.set()
        seconds -= step
        if seconds <= 0:
            return


async def _answer(send: Any, data: dict[str, Any]) -> None:
    body = json.dumps(data).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    main()
