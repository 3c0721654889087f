"""The HTTP server of the tests: all that a worker's network has. It notes what arrives, and answers each message as it is told.

The ports listen where the worker is, in a namespace of its own (edge/seal.py); they are served here, outside of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from policies.worker.answers import ELSEWHERE, OK, UNENDING, Answer, Way
from policies.worker.wire import body_of, write

LARGEST_HEAD = 64 * 1024
_READY_SECONDS = 15.0


@dataclass
class Arrival:
    """A request as it came, and when: `begun` and `ended` count what happens; `ended` is None until its answer is out, whole or not."""

    begun: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elsewhere: bool = False
    ended: int | None = None

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Service:
    """A server in a thread of its own; `choose` gives the answer to an arrival, `patience` the seconds after which the worker gives up."""

    patience: float
    choose: Callable[[Arrival], Answer] = field(default=lambda _: OK)
    arrivals: list[Arrival] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the pair of sockets through which the ports are handed over, and wait for them."""
        self._here, self.there = socket.socketpair(socket.AF_UNIX)
        self._here.settimeout(_READY_SECONDS)
        self._ticks = itertools.count(1)
        self._busy: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._over: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="turnstile-service", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            _, descriptors, _, _ = socket.recv_fds(self._here, 1, 2)
            if len(descriptors) == 2:
                self._loop.run_until_complete(self._serve([socket.socket(fileno=one) for one in descriptors]))
        self._here.close()
        self._loop.close()

    async def _serve(self, listening: list[socket.socket]) -> None:
        self._over = asyncio.Event()
        servers = [
            await asyncio.start_server(
                lambda reader, writer, at=at: self._connected(reader, writer, elsewhere=at == 1),  # type: ignore[misc]
                sock=one,
                limit=LARGEST_HEAD,
            )
            for at, one in enumerate(listening)
        ]
        self._elsewhere = listening[1].getsockname()[1]
        await self._over.wait()
        for server in servers:
            server.close()
        await self._give_up()

    def close(self) -> None:
        """End it."""
        self.there.close()
        with contextlib.suppress(RuntimeError, OSError):
            self._here.shutdown(socket.SHUT_RDWR)  # It may wait for its ports still.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self._over.set() if self._over is not None else None)
        self._thread.join(timeout=5)

    def begin(self, choose: Callable[[Arrival], Answer]) -> None:
        """Take note of what arrives from now on."""
        self.choose, self.arrivals = choose, []

    def end(self) -> list[Arrival]:
        """Give what arrived; answers that are still on their way are broken off."""
        if self._thread.is_alive() and self._over is not None:
            asyncio.run_coroutine_threadsafe(self._give_up(), self._loop).result(timeout=5)
        found, self.arrivals = self.arrivals, []
        return found

    async def _give_up(self) -> None:
        busy = [task for task in self._busy if task is not asyncio.current_task()]
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, elsewhere: bool) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                task = asyncio.current_task()
                assert task is not None  # noqa: S101 (this is a coroutine)
                self._busy.add(task)
                try:
                    if not await self._answer(head, reader, writer, elsewhere=elsewhere):
                        break
                finally:
                    self._busy.discard(task)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ValueError, asyncio.CancelledError):
            pass  # It has gone away, or speaks no HTTP: what arrived is noted.
        finally:
            writer.transport.abort()

    async def _answer(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, elsewhere: bool
    ) -> bool:
        """Note a request and answer it; give whether the connection goes on."""
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines) if name)
        body = await body_of(reader, {name.lower(): value for name, value in headers})
        arrival = Arrival(next(self._ticks), method, target, headers, body, elsewhere)
        self.arrivals.append(arrival)
        given = OK if elsewhere or target.startswith(ELSEWHERE) else self.choose(arrival)
        try:
            return await self._give(given, writer)
        finally:
            if given.way not in UNENDING:
                arrival.ended = next(self._ticks)

    async def _give(self, given: Answer, writer: asyncio.StreamWriter) -> bool:
        if given.pause:
            await asyncio.sleep(given.pause)
        way, line = given.way, f"HTTP/1.1 {given.status} Turnstile\r\nContent-Type: application/json\r\n"
        if way is Way.NEVER:
            await asyncio.sleep(60)
        elif way is Way.LATE:
            await asyncio.sleep(self.patience * 2.5)
        elif way is Way.RESET:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        elif way is Way.CLOSED:
            return False
        elif way is Way.NO_HTTP:
            return await write(writer, "220 mail.example ESMTP\r\n", last=True)
        elif way in (Way.STALLED, Way.SHORT):
            await write(writer, f"{line}Content-Length: 100\r\n\r\n{{")
            await asyncio.sleep(60 if way is Way.STALLED else 0.002)
            return False
        elif way is Way.DRIPPING:
            await write(writer, f"{line}Content-Length: 400\r\n\r\n{{")
            for _ in range(399):
                await asyncio.sleep(self.patience / 4)
                await write(writer, " ")
        elif way is Way.BROKEN_CHUNKS:
            await write(writer, f"{line}Transfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n")
            await asyncio.sleep(0.002)
            return False
        elif way in (Way.REDIRECT, Way.REDIRECT_HERE):
            host = f"http://127.0.0.1:{self._elsewhere}" if way is Way.REDIRECT else ""
            return await write(writer, f"{line}Location: {host}{ELSEWHERE}\r\nContent-Length: 0\r\n\r\n")
        elif given.status == 204:
            return await write(writer, f"{line}\r\n")
        elif way is Way.CHUNKED:
            return await write(writer, f'{line}Transfer-Encoding: chunked\r\n\r\n7\r\n{{"ok":1\r\n1\r\n}}\r\n0\r\n\r\n')
        return await write(writer, f"{line}Content-Length: 2\r\n\r\n{{}}")
