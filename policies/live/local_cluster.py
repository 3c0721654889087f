"""The local cluster: a real one-node Kubernetes of this repository's `cluster/`, made for a test and removed with it.

All that is done to the machine is done by `cluster/cluster`, a program of its own: what is here calls it and names its answers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from policies.live.errors import LiveError

Progress = Callable[[str], None]
PROGRAM = Path(__file__).resolve().parents[2] / "cluster" / "cluster"
BUSYBOX = "turnstile.local/busybox:1"  # an image that every local cluster has: a shell, wget, nc
OF_RUNS = "live-"
"""How the names of clusters begin that `tox -e live` makes."""


class LocalClusterError(LiveError):
    """The local cluster cannot be had, did not come up, or could not be removed; with the end of its logs."""


@dataclass(frozen=True)
class LocalCluster:
    """A cluster that is up. Nothing of it can reach the machine's network, nor what lies behind that."""

    name: str
    kubeconfig: Path
    version: str
    enforce: bool
    timings: str

    def enter(self, command: Sequence[str], *, outside: bool = False) -> list[str]:
        """The command line that runs a program on the node; or outside of the cluster, where every address but the cluster's is local.

        Outside, a listener hears whatever a pod sends to any address of the world, and a client may bind to any as its own.
        """
        return [*_program(), "enter", self.name, *(["--outside"] if outside else []), "--", *command]

    def load(self, image: str, program: Path) -> None:
        """Give the node an image that holds a static program, its entry point, and a shell; `imagePullPolicy` must be `Never`."""
        _run("load", self.name, f"{image}={program}")


def unavailable() -> str | None:
    """Why there can be no local cluster on this machine, and the way out; none where there can."""
    if not PROGRAM.is_file():
        return "the local cluster comes with the repository, not with the package: take a clone of it, or name an existing cluster"
    done = subprocess.run([*_program(), "check"], capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    return None if done.returncode == 0 else (done.stdout.strip() or done.stderr.strip())


def build(progress: Progress) -> None:
    """Compile what the cluster is made from, once a version; minutes the first time, then nothing."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [*_program(), "build"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as building:
        said = []
        for line in building.stderr or ():
            said.append(line.rstrip().removeprefix("cluster: "))
            progress(said[-1])
    if building.returncode != 0:
        raise LocalClusterError("\n".join(said) or "the local cluster could not be built")


@contextmanager
def local_cluster(
    name: str, *, enforce: bool = True, denied: Literal["drop", "reject"] = "drop"
) -> Iterator[LocalCluster]:
    """A cluster for as long as the block runs. It is removed however the block ends, and when this process is killed.

    With `enforce=False` policies are accepted and nothing is enforced: what must be noticed then, tests can show. With `denied="reject"`
    a denied connection fails at once, as "no route to host", where else it times out.
    """
    wish = [
        "up",
        name,
        "--json",
        f"--denied={denied}",
        f"--owner={os.getpid()}",
        *([] if enforce else ["--no-enforce"]),
    ]
    status = json.loads(_run(*wish))  # where this fails or is interrupted, 'up' removes what it began
    try:
        yield LocalCluster(name, Path(status["kubeconfig"]), status["version"], status["enforce"], status["detail"])
    finally:
        remove(name)


def archive(image: str, program: Path, file: Path) -> None:
    """Write an image that holds a static program, its entry point, and a shell, as other clusters load it."""
    _run("archive", f"{image}={program}", str(file))


def remove(name: str) -> None:
    """Remove what there is of a cluster; nothing is fine too."""
    _run("down", name)


def leftovers() -> list[str]:
    """The names of all local clusters of which there is anything on this machine."""
    return [str(status["name"]) for status in json.loads(_run("list", "--json"))]


def leftovers_of_runs() -> list[str]:
    """The names of the clusters of `tox -e live` that are neither up nor starting: those of a run that is under way are."""
    if not PROGRAM.is_file() or sys.platform != "linux":
        return []
    known = json.loads(_run("list", "--json"))
    return [
        str(one["name"])
        for one in known
        if one["name"].startswith(OF_RUNS) and one["condition"] not in ("up", "starting")
    ]


def _program() -> list[str]:
    return [sys.executable, "-B", str(PROGRAM)]


def _run(*words: str) -> str:
    """What a command of the program printed. An interrupt is for it too, and is waited for: it clears away what it began."""
    command = subprocess.Popen(  # noqa: S603 - our own program
        [*_program(), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # no interrupt from the terminal: it comes from here, once
    )
    try:
        printed, complaints = command.communicate()
    except BaseException:
        command.terminate()
        command.wait()
        raise
    if command.returncode != 0:
        told = complaints.strip().removeprefix("cluster: ")
        raise LocalClusterError(
            told or f"'cluster {' '.join(words)}' ended with status {command.returncode} and said nothing"
        )
    return printed
