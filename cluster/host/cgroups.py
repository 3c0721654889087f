"""A cluster's control groups, which are also its identity: whatever runs for a cluster was started in one of them.

No process id is written down anywhere, so none can be stale. To end a cluster is to end what is in its groups.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from host.places import HANDED_DOWN, ClusterError

ROOT = Path("/sys/fs/cgroup")
PREFIX = "turnstile-"
LEAVES = ("keeper", "node")
CONTROLLERS = ("cpuset", "cpu", "io", "memory", "pids")
PATIENCE = 20.0


def group(name: str) -> str:
    """The name of a cluster's group, below the root of every hierarchy."""
    return PREFIX + name


def hierarchies() -> list[Path]:
    """Where pods get groups: the hierarchies of version 1 where there are any, else the one of version 2."""
    found = list(_mounted("cgroup")) or list(_mounted("cgroup2"))
    if not found:
        raise ClusterError(
            f"no control groups are mounted below {ROOT}: mount them, or give the container --privileged"
        )
    return found


def names() -> list[str]:
    """The clusters that have a group anywhere."""
    found = {
        place.name.removeprefix(PREFIX)
        for hierarchy in _mounted("cgroup", "cgroup2")
        for place in hierarchy.glob(f"{PREFIX}*")
    }
    return sorted(found)


def make(name: str) -> None:
    """Make the groups; a cluster has them at once or the error says why."""
    try:
        for hierarchy in hierarchies():
            if (hierarchy / "cgroup.subtree_control").exists():
                _hand_down(hierarchy)
            place = hierarchy / group(name)
            place.mkdir(exist_ok=True)
            for setting in ("cpuset.mems", "cpuset.cpus"):  # of version 1, which leaves them empty
                if (place / setting).exists() and not (place / "cgroup.subtree_control").exists():
                    (place / setting).write_text((hierarchy / setting).read_text())
        for leaf in LEAVES:
            _leaf(name, leaf).mkdir()
    except OSError as error:
        raise ClusterError(f"cannot make control groups: {error}; a container needs --privileged") from error


def enter(name: str, leaf: str) -> None:
    """Put this process into one of the cluster's groups."""
    (_leaf(name, leaf) / "cgroup.procs").write_text("0")


def move_out(name: str) -> None:
    """Put this process where no cluster is, if it is in one of the cluster's groups: a group with a process cannot be removed."""
    if os.getpid() in processes(name):
        (_tracking() / "cgroup.procs").write_text("0")


def processes(name: str, leaf: str = "") -> set[int]:
    """Every process of a cluster, containers included."""
    found: set[int] = set()
    for hierarchy in _mounted("cgroup", "cgroup2"):
        for folder in _below(hierarchy / group(name) / leaf):
            try:
                found.update(int(pid) for pid in (folder / "cgroup.procs").read_text().split())
            except OSError:
                continue  # the group went while it was read
    return found - {0}


def end(name: str) -> None:
    """End every process of a cluster but this one."""
    until = time.monotonic() + PATIENCE
    while left := processes(name) - {os.getpid()}:
        if time.monotonic() > until:
            raise ClusterError(
                f"processes {sorted(left)} of cluster {name} do not end; look at /proc/PID/stack, then run 'cluster down {name}' again"
            )
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)


def remove(name: str) -> None:
    """Remove the groups, which must be empty of processes; the kernel may take a moment to see that they are."""
    until = time.monotonic() + PATIENCE
    while left := [place for hierarchy in _mounted("cgroup", "cgroup2") if (place := hierarchy / group(name)).is_dir()]:
        end(name)  # who was about to enter when it was asked to end
        for place in left:
            for folder in reversed(_below(place)):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    continue
                except OSError as error:
                    if time.monotonic() > until:
                        raise ClusterError(
                            f"cannot remove {folder}: {error}; run 'cluster down {name}' again"
                        ) from error
        time.sleep(0.02)


def first_process(name: str) -> int:
    """The node's first process, as the machine numbers it: the one that is number 1 in a PID namespace one below ours."""
    for pid in processes(name, "node"):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        numbers = next((line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:")), [])
        if len(numbers) >= 2 and numbers[-2:] == [str(pid), "1"]:
            return pid
    raise ClusterError(f"cluster {name} is not up: cluster up {name}")


def _below(place: Path) -> list[Path]:
    """A group and those below it, each after the one that it is in; groups that go meanwhile do no harm."""
    return [Path(folder) for folder, _, _ in os.walk(place)]


def _leaf(name: str, leaf: str) -> Path:
    return _tracking() / group(name) / leaf


def _tracking() -> Path:
    """The one hierarchy in which processes are looked for: the only one of version 2, or one of version 1 that all systems have."""
    places = {place.name: place for place in hierarchies()}
    return next(
        (places[known] for known in ("cgroup", "pids", "freezer") if known in places), next(iter(places.values()))
    )


def _mounted(*kinds: str) -> Iterator[Path]:
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, place, kind = line.split()[:3]
        if kind in kinds and Path(place).is_relative_to(ROOT):
            yield Path(place)


def _hand_down(root: Path) -> None:
    """Version 2: what pods are limited by must be handed down from the root. What was before is noted, for it is the machine's."""
    offered, handed = ((root / name).read_text().split() for name in ("cgroup.controllers", "cgroup.subtree_control"))
    if not HANDED_DOWN.exists():
        HANDED_DOWN.write_text(" ".join(handed))
    for controller in CONTROLLERS:
        if controller in offered and controller not in handed:
            (root / "cgroup.subtree_control").write_text(f"+{controller}")


def take_back() -> None:
    """After the last cluster: hand down no more than was before. What somebody else has come to use, the kernel keeps."""
    if names() or not HANDED_DOWN.exists():
        return
    before = HANDED_DOWN.read_text().split()
    for root in hierarchies():
        for controller in (root / "cgroup.subtree_control").read_text().split():
            if controller not in before:
                with suppress(OSError):
                    (root / "cgroup.subtree_control").write_text(f"-{controller}")
    HANDED_DOWN.unlink(missing_ok=True)
