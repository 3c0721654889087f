"""The probe: the small program that answers and makes connections in a twin's pods (`cluster/probe`)."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from policies.live.errors import LiveError
from policies.model.network.observation import Port

SOURCE = Path(__file__).resolve().parents[2] / "cluster" / "probe"
IMAGE = "turnstile.local/probe:1"
"""What the probe's image is called on a local cluster."""


def built() -> Path:
    """Give the probe's program, compiled once a version into the user's cache. Raises LiveError without Go."""
    files = [*sorted(SOURCE.glob("*.go")), SOURCE / "go.mod"]
    version = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    program = cache / "turnstile" / f"probe-{version}" / "probe"
    if program.is_file():
        return program
    go = shutil.which("go")
    if go is None:
        raise LiveError(
            "the probe is compiled with Go, and there is none; install Go 1.24 or later, or give an image: --probe-image"
        )
    program.parent.mkdir(parents=True, exist_ok=True)
    made = program.with_suffix(f".{os.getpid()}")
    command = [go, "build", "-trimpath", "-ldflags=-s -w", "-o", str(made), "."]
    done = subprocess.run(  # noqa: S603 (our own source)
        command, cwd=SOURCE, env={**os.environ, "CGO_ENABLED": "0"}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LiveError(f"the probe does not compile: {done.stderr.strip()}")
    made.replace(program)
    return program


def spelled(protocol: str, address: str, number: int) -> str:
    """Give a target as the probe reads it."""
    return f"{protocol.lower()}/{address}/{number}"


def read(targets: Iterable[tuple[str, Port]], output: str) -> dict[tuple[str, Port], str]:
    """Read what came of each target. Raises LiveError where the probe did not answer for all of them."""
    said = dict(line.split(" ", 1) for line in output.splitlines() if " " in line)
    wanted = list(targets)
    missing = [one for one in wanted if spelled(one[1][0], one[0], one[1][1]) not in said]
    if missing:
        raise LiveError(
            f"the probe says nothing of {len(missing)} of {len(wanted)} connections: {output.strip()[-300:] or 'no output'}"
        )
    return {(address, port): said[spelled(port[0], address, port[1])] for address, port in wanted}
