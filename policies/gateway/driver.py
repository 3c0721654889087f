"""Stands beside a gateway within its walls: starts it, sends it requests letter by letter, and tells what arrived behind it.

`python -I -S driver.py`: frames in at 0, frames out at 1, each a length (4 bytes, little endian) and JSON. The first frame in is how to start; the
first out says `ready`, or why not. It imports nothing of Turnstile but its two neighbours, and nothing beside the standard library.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from policies.gateway import backend, cell

START_SECONDS = 90.0
ANSWER_SECONDS = 10.0
ENDING_SECONDS = 0.05
"""So long after a connection broke it may take to see that the gateway ended."""

LONGEST_BODY = 2000
_LENGTH = struct.Struct("<I")
_QUICK: int | None = getattr(socket, "TCP_QUICKACK", None)


def receive() -> Any:
    """Give the next frame; None at the end."""
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        return None
    return json.loads(sys.stdin.buffer.read(_LENGTH.unpack(head)[0]))


def tell(value: Any) -> None:
    """Send a frame."""
    text = json.dumps(value).encode("ascii")
    sys.stdout.buffer.write(_LENGTH.pack(len(text)) + text)
    sys.stdout.buffer.flush()


class Gateway:
    """The program behind the walls (or, where its owner trusts it, without), and the connection to it."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self.setup, self.port, self.output = setup, setup["port"], tempfile.TemporaryFile()  # noqa: SIM115 (as long as it)
        self.connection: socket.socket | None = None
        self.ended = ""
        self.end = threading.Event()
        if setup["closed"]:
            cell.enclose()
            cell.furnish(setup["root"], setup["home"], setup["held"])
            found = cell.start(setup["root"], setup["command"], setup["environment"], self.output.fileno())
            self.process, self.program = found
        else:
            started = subprocess.Popen(  # noqa: S603 (its owner trusts it)
                setup["command"],
                env=setup["environment"],
                stdin=subprocess.DEVNULL,
                stdout=self.output,
                stderr=self.output,
                preexec_fn=cell.die_with_parent,
            )
            self.process = self.program = started.pid
        # Only now: a process with threads must not be forked.
        self.behind = backend.Backend({int(port): name for port, name in setup["backends"].items()})
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        _, status = os.waitpid(self.process, 0)
        code = os.waitstatus_to_exitcode(status)
        self.ended = f"exit code {code}" if code >= 0 else f"signal {-code}"
        self.end.set()

    def said(self) -> str:
        """Give the last of what it wrote."""
        end = os.fstat(self.output.fileno()).st_size
        return os.pread(self.output.fileno(), 20_000, max(0, end - 20_000)).decode("utf-8", "replace")

    def wait(self) -> bool:
        """Wait until it listens; False where it does not."""
        until = time.monotonic() + START_SECONDS
        while not self.end.is_set() and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return True
        return False

    def send(self, method: str, raw: bytes) -> dict[str, Any]:
        """Send a request, and give the answer and what arrived behind. A connection that was kept may be closed from the other end: once again."""
        self.behind.arrived()
        for fresh in (False, True):
            kept = self.connection is not None
            try:
                found = self._once(method, raw)
            except (OSError, http.client.HTTPException) as error:
                self._hang_up()
                found = {"status": 0, "headers": [], "body": "", "problem": f"{type(error).__name__}: {error}"}
                timed_out = isinstance(error, TimeoutError)
                self.end.wait(0 if timed_out else ENDING_SECONDS)
                found["arrived"] = self.behind.arrived()
                if fresh or not kept or timed_out or found["arrived"]:
                    return found
                continue
            found["arrived"] = self.behind.arrived()
            return found
        raise AssertionError

    def _once(self, method: str, raw: bytes) -> dict[str, Any]:
        if self.connection is None:
            self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_SECONDS)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.sendall(raw)
        if _QUICK is not None:
            # A server that writes an answer in two parts would wait 40 ms for the first one to be acknowledged, each time.
            self.connection.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)
        answer = http.client.HTTPResponse(self.connection, method=method)
        try:
            answer.begin()
            body = answer.read()
            if answer.will_close:
                self._hang_up()
            return {
                "status": answer.status, "headers": answer.getheaders(), "body": body[:LONGEST_BODY].decode("latin-1"), "problem": "",
            }  # fmt: skip
        finally:
            answer.close()

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def finish(self, archive: str) -> None:
        """End it: where it shall leave an archive of its classes, by asking it to; at once else."""
        self._hang_up()
        if archive and not self.end.is_set():
            os.kill(self.program, signal.SIGTERM)
            if self.end.wait(20):
                left = self.setup["root"] + self.setup["archive"] if self.setup["closed"] else self.setup["archive"]
                if os.path.isfile(left):
                    shutil.copyfile(left, archive)
        if not self.end.is_set():
            os.kill(self.program, signal.SIGKILL)
            self.end.wait(5)


def main() -> None:
    """Start the gateway and serve frames until there are no more."""
    setup = receive()
    try:
        gateway = Gateway(setup)
    except cell.SealError as error:
        tell({"unsealed": str(error)})
        return
    except OSError as error:
        tell({"problem": f"it could not be started: {error.strerror}", "said": ""})
        return
    try:
        if not gateway.wait():
            tell({"problem": gateway.ended or f"it does not listen on port {gateway.port}", "said": gateway.said()})
            return
        tell({"ready": True})
        while (frame := receive()) is not None:
            if "finish" in frame:
                gateway.finish(frame["finish"])
                tell({"finished": True})
                return
            answers = [gateway.send(method, raw.encode("latin-1")) for method, raw in frame["requests"]]
            tell({"answers": answers, "ended": gateway.ended, "said": gateway.said() if gateway.ended else ""})
    finally:
        gateway.finish("")


if __name__ == "__main__":
    main()
