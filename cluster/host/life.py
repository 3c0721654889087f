"""A cluster's life as the machine sees it: started, entered, removed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from host import cgroups
from host.condition import Status, ends_of_logs, status
from host.places import SOURCES, STATES, ClusterError, state

KEEPER_PATIENCE = 10.0
PATIENCE = 180.0  # what waits inside gives up before


@dataclass(frozen=True)
class Wish:
    """What is asked of a cluster."""

    name: str
    dist: Path
    enforce: bool = True
    denied: str = "drop"
    owner: int | None = None  # the cluster ends with this process


def up(wish: Wish) -> Status:
    """Start a cluster and wait until pods can run in it. Whatever ends this call early, nothing stays."""
    folder = state(wish.name)
    try:
        folder.mkdir(mode=0o700, parents=True)  # whoever makes it owns the name
    except FileExistsError:
        raise ClusterError(
            f"cluster {wish.name} is there already ({status(wish.name).condition}): cluster down {wish.name}"
        ) from None
    try:
        (folder / "log").mkdir()
        (folder / "wish").write_text(
            json.dumps(asdict(wish) | {"dist": str(wish.dist), "version": wish.dist.name, "starter": os.getpid()})
        )
        cgroups.make(wish.name)
        keeper = [sys.executable, "-B", str(SOURCES / "cluster"), "keep", wish.name]
        with (folder / "log" / "keeper.log").open("wb") as log:
            kept = subprocess.Popen(
                keeper, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
            )
        return _wait(wish.name, kept)
    except BaseException:
        down(wish.name)
        raise


def _wait(name: str, keeper: "subprocess.Popen[bytes]") -> Status:
    folder = state(name)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        gone = keeper.poll() is not None
        now = status(name)
        if now.condition == "up":
            return now
        if gone or now.condition in {"failed", "absent"}:
            logs = ends_of_logs(folder, now.detail)
            raise ClusterError(
                f"cluster {name} did not come up: {now.detail or 'it was removed while it started'}{logs}"
            )
        time.sleep(0.05)
    raise ClusterError(f"cluster {name} was not up after {PATIENCE:.0f} s{ends_of_logs(folder, '')}")


def down(name: str) -> None:
    """Remove a cluster, whatever is there of it; nothing is fine too. What has begun to be removed is removed.

    The keeper is asked first: it goes on even where this call is killed. What it does not do, because it is gone or stuck, is done here.
    """
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        _ask_keeper(name)
        sweep(name)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _ask_keeper(name: str) -> None:
    folder = state(name)
    for pid in cgroups.processes(name, "keeper") - {os.getpid()}:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
        until = time.monotonic() + KEEPER_PATIENCE
        while folder.exists() and Path(f"/proc/{pid}").exists() and time.monotonic() < until:
            time.sleep(0.02)


def sweep(name: str) -> None:
    """End every process of a cluster but this one, and remove its groups and its folder."""
    cgroups.end(name)
    cgroups.move_out(name)
    cgroups.remove(name)
    folder = state(name)
    for _ in range(3):  # who else removes it may be at the same file
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise ClusterError(f"cannot remove {folder}: look at what is in it, then run 'cluster down {name}' again")
    cgroups.take_back()
    try:
        STATES.rmdir()
    except OSError:
        return  # another cluster's, or gone


def entering(name: str, *, outside: bool = False) -> list[str]:
    """The command before a command that is to run on the node, or in the network outside of the cluster."""
    first = cgroups.first_process(name)
    into = ["--net=/run/netns/outside"] if outside else []
    enter = ["nsenter", "-t", str(first), "-m", "-n", "-p", "-i", "-u", "--"]
    return [*enter, "setpriv", "--pdeathsig", "KILL", "--", "nsenter", *into, "--"]


def load(name: str, archive: Path) -> None:
    """Give the node an image, from an OCI archive."""
    there = state(name) / f"image-{os.getpid()}.tar"
    try:
        shutil.copyfile(archive, there)
        argv = [*entering(name), "ctr", "-n", "k8s.io", "images", "import", f"/state/{there.name}"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    finally:
        there.unlink(missing_ok=True)
    if done.returncode != 0:
        raise ClusterError(f"containerd does not take {archive}: {done.stderr.strip()}")
