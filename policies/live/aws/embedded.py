"""An embedded AWS: ministack on a free port of loopback, with what it lacks, made for a run and gone after it.

Its handlers run on Node in a network that has nothing but the embedded AWS in it, may read their own code and no other file, and
find no environment but their function's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies.edge import confinement
from policies.edge.seal import UNSEALED
from policies.live.aws.certificate import write_certificate
from policies.live.aws.errors import EmbeddedError

VERSION = "1.5.33"
"""The version of ministack whose functions the additions replace."""

START_SECONDS = 60.0
HERE = Path(__file__).resolve().parent
MEGABYTES = 256
"""What a handler may hold."""


@dataclass(frozen=True, eq=False)
class Embedded:
    """An embedded AWS that runs: its endpoint, whose account it is, and the certificate by which it is known."""

    endpoint: str
    account: str
    region: str
    certificate: Path
    secret: str = field(repr=False)
    control: socket.socket = field(repr=False)
    log: Path = field(repr=False)

    def move_clock(self, seconds: float) -> None:
        """Move the clock of queues and alarms; each minute on the way, metrics are sent and alarms evaluated."""
        self._post(f"/_turnstile/clock?seconds={seconds}")

    def lead(self, domain: str, port: int) -> None:
        """Let distributions reach an origin's domain at a port of the network of its handlers."""
        self._post(f"/_turnstile/origin?domain={urllib.parse.quote(domain)}&port={port}")

    def batches(self) -> int:
        """Give how many batches functions are working on."""
        return int(self._post("/_turnstile/busy")["batches"])

    def reset(self) -> None:
        """Make it empty again."""
        self._post("/_ministack/reset")

    def listener(self) -> tuple[int, socket.socket]:
        """Give a listening socket in the network of its handlers, and the port by which they reach it on 127.0.0.1."""
        self.control.sendall(b"L")
        told, descriptors, _, _ = socket.recv_fds(self.control, 16, 1)
        if not descriptors:
            raise EmbeddedError(f"the embedded AWS is gone: {self.said()}")
        return int(told), socket.socket(fileno=descriptors[0])

    def said(self) -> str:
        """Give the last of what it wrote; no secret is in it."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return text.replace(self.secret, "***")[-2000:].strip()

    def _post(self, path: str) -> Any:
        request = urllib.request.Request(f"{self.endpoint}{path}", method="POST")  # noqa: S310 (https, to ourselves)
        context = ssl.create_default_context(cafile=str(self.certificate))
        try:
            with urllib.request.urlopen(request, timeout=60, context=context) as answer:  # noqa: S310
                return json.load(answer)
        except (OSError, ValueError) as error:
            raise EmbeddedError(f"the embedded AWS does not answer ({error}): {self.said()}") from None


@contextmanager
def embedded(account: str, region: str, *, plain: bool = False) -> Iterator[Embedded]:
    """Start an embedded AWS and end it with all that it started; `plain` is ministack without any addition.

    Raises EmbeddedError where it does not start.
    """
    _check_installed()
    with tempfile.TemporaryDirectory(prefix="turnstile-aws-") as name, socket.create_server(("127.0.0.1", 0)) as gate:
        folder = Path(name).resolve()
        ours, theirs = socket.socketpair()
        secret, port = secrets.token_hex(16), gate.getsockname()[1]
        certificate, key = write_certificate(folder)
        environment = _environment(folder, account, region, port, secret, certificate, key)
        settings = {
            "control": theirs.fileno(), "listening": gate.fileno(), "port": port, "folder": str(folder),
            "certificate": str(certificate), "key": str(key), "plain": plain, "open": confinement.asked.trusted,
        }  # fmt: skip
        log = folder / "log"
        with ours, log.open("wb") as writing:
            process = subprocess.Popen(  # noqa: S603 (our own module)
                [sys.executable, "-I", "-m", "policies.live.aws.additions.server", json.dumps(settings)],
                stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, cwd=folder, env=environment,
                pass_fds=(theirs.fileno(), gate.fileno()), start_new_session=True,
            )  # fmt: skip
            theirs.close()
            running = Embedded(f"https://127.0.0.1:{port}", account, region, certificate, secret, ours, log)
            try:
                _wait(running, process)
                yield running
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _check_installed() -> None:
    if importlib.util.find_spec("ministack") is None:
        raise EmbeddedError("the embedded AWS is not installed; install turnstile-policies[live]")
    from importlib.metadata import version

    if version("ministack") != VERSION:
        found = version("ministack")
        raise EmbeddedError(f"ministack {found} is installed, and what is added to it is made for {VERSION}")


def _environment(
    folder: Path, account: str, region: str, port: int, secret: str, certificate: Path, key: Path
) -> dict[str, str]:
    """Give all of its environment: nothing of ours is in it, and no program but Node is in its PATH."""
    programs, scratch = folder / "bin", folder / "scratch"
    programs.mkdir()
    scratch.mkdir()
    node = programs / "node"
    readable = " ".join(f"--allow-fs-read='{path}'" for path in (scratch, certificate, HERE / "additions" / "sdk.cjs"))
    node.write_text(
        f"#!/bin/sh\nexec '{confinement.node()}' --permission {readable} --no-warnings "
        f"--max-old-space-size={MEGABYTES} --require='{HERE / 'additions' / 'sdk.cjs'}' \"$@\"\n",
        encoding="utf-8",
    )
    node.chmod(0o700)
    return {
        "PATH": str(programs), "HOME": str(scratch), "TMPDIR": str(scratch), "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1",
        "USE_SSL": "1", "MINISTACK_SSL_CERT": str(certificate), "MINISTACK_SSL_KEY": str(key),
        "MINISTACK_ACCOUNT_ID": account, "MINISTACK_REGION": region,
        "AUTH": "true", "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": secret,
        "LAMBDA_EXECUTOR": "local", "SFTP_ENABLED": "0", "IOT_MTLS_ENABLED": "0", "LOG_LEVEL": "WARNING",
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip


def _wait(running: Embedded, process: subprocess.Popen[bytes]) -> None:
    context = ssl.create_default_context(cafile=str(running.certificate))
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() == UNSEALED:
            raise EmbeddedError(
                "no network can be kept from the platform's functions here; --trust-javascript runs them nevertheless, --aws none leaves AWS out"
            )
        if process.returncode is not None or time.monotonic() > deadline:
            raise EmbeddedError(f"the embedded AWS does not start: {running.said()}")
        try:
            url = f"{running.endpoint}/_ministack/health"
            with urllib.request.urlopen(url, timeout=1, context=context):  # noqa: S310
                return
        except OSError:
            time.sleep(0.05)
