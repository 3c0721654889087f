"""One Node process with a handler in it: frames in, frames out, and what it writes beside them."""

from __future__ import annotations

import os
import select
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import msgspec

from policies.edge import seal
from policies.edge.confinement import HERE, command
from policies.errors import TurnstileError

LOAD_SECONDS = 10.0
HARNESS = HERE / "harness.cjs"
MAXIMUM_FRAME = 64 * 1024 * 1024
_LENGTH = struct.Struct("<I")


class LostError(Exception):
    """The process is gone; `hung` where it had to be ended."""

    def __init__(self, why: str, *, hung: bool = False) -> None:
        self.why, self.hung = why, hung
        super().__init__(why)


class UnsealedError(TurnstileError):
    """JavaScript of the platform would run with a network."""

    def __init__(self) -> None:
        super().__init__("no network can be kept from its JavaScript here; --trust-javascript runs it nevertheless")


class Process:
    """A handler that was loaded, or a reason why not (`unloadable`); raises LostError when it is gone."""

    def __init__(self, folder: Path, setup: dict[str, Any], harness: Path = HARNESS, serve: int | None = None) -> None:
        inside_in, self._to = os.pipe()
        self._from, inside_out = os.pipe()
        # A file, not a pipe: nobody has to empty it, and the limit on files bounds it.
        self.output: IO[bytes] = tempfile.TemporaryFile(prefix="turnstile-")  # noqa: SIM115 (it lives as long as the process)
        self._told = 0
        self._process = subprocess.Popen(  # noqa: S603 (behind walls: seal.py)
            command(folder, inside_in, inside_out, harness, serve),
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            pass_fds=(inside_in, inside_out, *(() if serve is None else (serve,))),
            cwd=folder,
            env={},
        )
        os.close(inside_in)
        os.close(inside_out)
        for descriptor in (self._to, self._from):
            os.set_blocking(descriptor, False)
        try:
            _, lines = self.exchange(msgspec.json.encode(setup), LOAD_SECONDS)
            said = msgspec.json.decode(lines[0])
        except LostError as error:
            if self._process.returncode == seal.UNSEALED:
                raise UnsealedError from None
            said = ["unloadable", "it does not end" if error.hung else f"the process ends: {error.why}"]
        self.unloadable = "" if said[0] == "loaded" else str(said[1] if len(said) > 1 else said[0])

    def exchange(
        self, frame: bytes, seconds: float, meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Send a frame, do something else, and give the answer's head and its lines, each a JSON text. Raises LostError where the process is gone."""
        deadline = time.monotonic() + seconds
        self._send(_LENGTH.pack(len(frame)) + frame, deadline)
        meanwhile()
        (length,) = _LENGTH.unpack(self._receive(4, deadline))
        if length > MAXIMUM_FRAME:
            self.close()
            raise LostError("it wrote into our own channel")
        head, *lines = self._receive(length, deadline).split(b"\n")
        try:
            return msgspec.json.decode(head), lines
        except msgspec.DecodeError:
            self.close()
            raise LostError("it wrote into our own channel") from None

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._to, view) :]
            except BlockingIOError:
                self._wait(self._to, select.POLLOUT, deadline)
            except BrokenPipeError:
                raise self._lost() from None

    def _receive(self, length: int, deadline: float) -> bytes:
        parts, missing = [], length
        while missing:
            try:
                part = os.read(self._from, missing)
            except BlockingIOError:
                self._wait(self._from, select.POLLIN, deadline)
                continue
            if not part:
                raise self._lost()
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0, int((deadline - time.monotonic()) * 1000))):
            self.close()
            raise LostError("it does not come to an end", hung=True)

    def _lost(self) -> LostError:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        text = self.said(everything=True).decode("utf-8", "replace")
        if code == seal.UNSEALED or "Cannot find module" in text.partition("\n")[0]:
            return LostError(text)
        memory = "heap out of memory" in text or "Allocation failed" in text
        return LostError("it takes too much memory" if memory else f"exit code {code}")

    def said(self, *, everything: bool = False) -> bytes:
        """Give what it wrote to its own output since last asked."""
        start = 0 if everything else self._told
        end = os.fstat(self.output.fileno()).st_size
        if end <= start:
            return b""
        found = os.pread(self.output.fileno(), end - start, start)
        self._told = end
        return found

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for name in ("_to", "_from"):
            descriptor = getattr(self, name)
            if descriptor >= 0:
                os.close(descriptor)
                setattr(self, name, -1)
