"""The one process of a cluster outside its namespaces: it starts the node, waits, and clears away after it.

It ends the cluster when the process that owns it ends, or when 'cluster up' ends before the cluster is ready. When it is itself killed,
the node ends with it, and with the node all that it runs; 'cluster down' then removes the empty control groups and the folder.
"""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
from pathlib import Path
from types import FrameType

from host import cgroups, life
from host.places import state

PR_SET_PDEATHSIG = 1
LOOK_AGAIN = 200  # ms
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def keep(name: str) -> None:
    """Start the node of a cluster that 'cluster up' has prepared, and stay until it has ended."""
    folder = state(name)
    wish = json.loads((folder / "wish").read_text())
    for number in SIGNALS:
        signal.signal(number, _end)
    cgroups.enter(name, "keeper")
    unwanted = False
    try:
        with _listen() as door:
            node = _start(name, folder, wish, door)
        unwanted = _wait(node, folder, owner=wish["owner"], starter=wish["starter"])
        if not unwanted and not (folder / "failed").exists():
            (folder / "failed").write_text("the node's first process was ended from outside\n")
    except SystemExit:
        unwanted = True
    except (OSError, subprocess.SubprocessError) as error:
        (folder / "failed").write_text(f"the node's first process could not be started: {error}\n")
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # from here on everything is as they want it
    if unwanted:
        life.sweep(name)
    else:
        cgroups.end(name)
        cgroups.move_out(name)
        cgroups.remove(name)  # the folder stays, with its logs, until somebody has read them


def _end(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)


def _listen() -> socket.socket:
    """The door to the API server: a port that nobody has, on the machine's loopback."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.bind(("127.0.0.1", 0))
    door.listen(128)
    return door


def _start(name: str, folder: Path, wish: dict[str, object], door: socket.socket) -> "subprocess.Popen[bytes]":
    keeper = os.getpid()
    libc = ctypes.CDLL(None)

    def bind() -> None:
        """In the child, before the program: into the group, and to end with the keeper."""
        cgroups.enter(name, "node")
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(1)

    dist = Path(str(wish["dist"]))
    boot = [
        *("unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"),
        *(str(dist / "bin" / "kube"), "boot"),
        *(f"--state={folder}", f"--dist={dist}", f"--cgroup=/{cgroups.group(name)}"),
        *(f"--api-fd={door.fileno()}", f"--api-port={door.getsockname()[1]}"),
        *(f"--enforce={'true' if wish['enforce'] else 'false'}", f"--denied={wish['denied']}"),
    ]
    with (folder / "log" / "boot.log").open("wb") as log:
        return subprocess.Popen(
            boot,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[door.fileno()],
            preexec_fn=bind,
            cwd="/",
            umask=0o022,
        )


def _wait(node: "subprocess.Popen[bytes]", folder: Path, *, owner: int | None, starter: int) -> bool:
    """Wait until the node ends, or somebody without whom nobody wants it any more; whether it was the latter."""
    waiting = select.poll()
    try:
        node_end, starter_end = os.pidfd_open(node.pid), os.pidfd_open(starter)
        if owner is not None:
            waiting.register(os.pidfd_open(owner), select.POLLIN)
    except ProcessLookupError:
        return True
    waiting.register(node_end, select.POLLIN)
    waiting.register(starter_end, select.POLLIN)
    starting = True
    while True:
        ended = waiting.poll(LOOK_AGAIN if starting else None)
        if starting and (folder / "ready").exists():
            waiting.unregister(starter_end)  # who started it may go
            starting = False
        elif ended:
            return all(descriptor != node_end for descriptor, _ in ended)
