"""A gateway that runs: started in the background, asked over its own loopback, ended with all that it started.

gateway = start(jar, {"ORDERS_URL": "http://127.0.0.1:9001"}, backends={9001: "orders"})
answers = gateway.exchange([Request("/orders/1", headers=(("Host", "shop.internal"),))])
gateway.close()
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from policies.errors import ToolError, TurnstileError
from policies.gateway.answers import NEVER_SENT, Answer, read_answer
from policies.gateway.java import ARCHIVE, INSIDE, find_java
from policies.gateway.unpacked import Unpacked, unpack
from policies.gateway.wire import written
from policies.model.delivery.cloudfront import Request

START_SECONDS = 100.0
BATCH_SECONDS = 30.0
EACH_SECONDS = 0.2
ENDING_SECONDS = 2.0
_LENGTH = struct.Struct("<I")
_OF_A_TRACE = re.compile(r"at [\w.$/@<>-]+\(|\.\.\. \d+ (more|common frames omitted)")
_DRIVER = Path(__file__).with_name("driver.py")


class NotStartedError(TurnstileError):
    """A gateway that does not come up, or does not stay."""


class UnsealedError(TurnstileError):
    """A gateway that would run without walls."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"its walls cannot be had here ({why}), so the gateway was not run; --trust-javascript runs it nevertheless"
        )


class Gateway:
    """A gateway within its walls. It starts by itself; the first exchange waits for it."""

    def __init__(
        self, unpacked: Unpacked, process: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str]
    ) -> None:
        self.unpacked, self.process, self._folder = unpacked, process, folder
        self._ready = False
        self._gone: TurnstileError | None = None
        self.archives = False
        self._finalizer = weakref.finalize(self, _end, process, folder)

    def exchange(self, requests: Sequence[Request]) -> list[Answer]:
        """Send requests one after the other, and give the answers. Raises NotStartedError or UnsealedError where it does not run.

        What cannot be written as a request of HTTP is not sent. Why it does not run is told to everyone who asks, not only to the first.
        """
        if self._gone is not None:
            raise self._gone
        try:
            return self._exchange(requests)
        except (NotStartedError, UnsealedError) as error:
            self._gone = error
            raise

    def _exchange(self, requests: Sequence[Request]) -> list[Answer]:
        self._await()
        lines = [written(request) for request in requests]
        sent = [
            (request.method, line.decode("latin-1"))
            for request, line in zip(requests, lines, strict=True)
            if line is not None
        ]
        told = self._ask({"requests": sent}, BATCH_SECONDS + EACH_SECONDS * len(sent)) if sent else {"answers": []}
        if told.get("ended"):
            raise NotStartedError(f"the gateway ended when it was asked: {told['ended']}{_last_words(told['said'])}")
        found = iter(told["answers"])
        return [NEVER_SENT if line is None else read_answer(next(found)) for line in lines]

    def _await(self) -> None:
        if self._ready:
            return
        told = self._receive(time.monotonic() + START_SECONDS)
        if "unsealed" in told:
            raise UnsealedError(told["unsealed"])
        if "ready" not in told:
            raise NotStartedError(f"the gateway does not start: {told['problem']}{_last_words(told['said'])}")
        self._ready = True

    def _ask(self, frame: dict[str, Any], seconds: float) -> dict[str, Any]:
        text = json.dumps(frame).encode("ascii")
        try:
            assert self.process.stdin is not None  # noqa: S101 (it was opened)
            self.process.stdin.write(_LENGTH.pack(len(text)) + text)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise NotStartedError("the gateway is gone") from None
        return self._receive(time.monotonic() + seconds)

    def _receive(self, until: float) -> dict[str, Any]:
        (length,) = _LENGTH.unpack(self._read(4, until))
        found: dict[str, Any] = json.loads(self._read(length, until))
        return found

    def _read(self, length: int, until: float) -> bytes:
        assert self.process.stdout is not None  # noqa: S101 (it was opened)
        parts, missing, stream = [], length, self.process.stdout.fileno()
        while missing:
            ready, _, _ = select.select([stream], [], [], max(0.0, until - time.monotonic()))
            part = os.read(stream, min(missing, 1 << 20)) if ready else b""
            if not part:
                self._finalizer()
                raise NotStartedError(
                    "the gateway does not come to an end" if not ready else "the gateway's driver is gone"
                )
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        """End it, and all that it started; where it is the first of its kind, it leaves an archive of its classes for the next."""
        if self._ready and self.archives and self._finalizer.alive:
            made = Path(self._folder.name) / "archive"
            with contextlib.suppress(TurnstileError, OSError):  # Without one the next start takes longer.
                self._ask({"finish": str(made)}, 30.0)
                made.chmod(0o644)
                shutil.move(made, self.unpacked.archive)
        self._finalizer()


def start(
    jar: Path,
    environment: Mapping[str, str],
    backends: Mapping[int, str],
    *,
    port: int = 8080,
    trusted: bool = False,
    shown: str = "",
    keep: bool = True,
) -> Gateway:
    """Start a gateway's jar with this environment, on a port of its own loopback, with a server of ours on each port of `backends` behind it.

    Raises ToolError where there is no Java, SourceError for a jar that is none. `trusted` runs it without walls; `keep` keeps an archive of its
    classes, by which the next start takes half as long.
    """
    java = find_java()
    if java is None:
        raise ToolError("no Java")
    unpacked = unpack(jar, shown or str(jar), java.version)
    folder = tempfile.TemporaryDirectory(prefix="turnstile-gateway-")
    root = Path(folder.name) / "root"
    root.mkdir()
    process = subprocess.Popen(  # noqa: S603 (our own, which puts the gateway behind walls)
        [sys.executable, "-I", "-S", str(_DRIVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder.name, env={}, bufsize=0
    )  # fmt: skip
    gateway = Gateway(unpacked, process, folder)
    gateway.archives = keep and not unpacked.is_archived and not trusted
    setup = {
        "closed": not trusted,
        "root": str(root),
        "home": str(java.home),
        "held": {INSIDE: str(unpacked.folder)},
        "command": java.command(unpacked, closed=not trusted, archive=gateway.archives),
        "environment": dict(environment),
        "port": port,
        "backends": {str(number): name for number, name in backends.items()},
        "archive": ARCHIVE,
    }
    text = json.dumps(setup).encode("ascii")
    assert process.stdin is not None  # noqa: S101 (it was opened)
    process.stdin.write(_LENGTH.pack(len(text)) + text)
    process.stdin.flush()
    return gateway


def _end(process: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str]) -> None:
    # At the end of its frames the driver ends the gateway and itself. Where it cannot any more, the gateway dies with it (PR_SET_PDEATHSIG), and
    # all that it started with the gateway, the first of its namespace.
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    folder.cleanup()


def _last_words(said: str) -> str:
    # Spring's own description; else the innermost cause of the last exception; else the last line that is none of a trace of calls.
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    at = next((index for index, line in enumerate(lines) if line == "Description:"), None)
    if at is not None:
        words = lines[at + 1 : at + 3]
    else:
        told = [line for line in lines if not _OF_A_TRACE.match(line)]
        words = ([line for line in told if line.startswith("Caused by:")] or told or lines)[-1:]
    return "".join(f"; {line[:300]}" for line in words)
