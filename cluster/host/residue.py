"""Everything that a cluster could leave on a machine, as lines: taken before and after, the two must be the same."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from host import cgroups

OURS = ("kube", "containerd", "containerd-shim-runc-v2", "ctr", "runc", "coredns", "unshare", "nsenter")
FOLDERS = ("/etc/cni", "/opt/cni", "/run", "/tmp", "/var/lib", "/var/log", "/var/run")  # noqa: S108 - looked at only
SETTINGS = ("kernel/keys", "kernel/panic", "kernel/panic_on_oops", "net", "vm")
KINDS = ("ipc", "mnt", "net", "pid", "uts")


def residue() -> dict[str, list[str]]:
    """The listing, by kind of thing."""
    return {
        "processes": sorted(_processes()),
        "namespaces": sorted(_namespaces()),
        "mounts": sorted(_mounts()),
        "cgroups": sorted(folder for folder, _, _ in os.walk(cgroups.ROOT)),
        "links": sorted(path.name for path in Path("/sys/class/net").iterdir()),
        "routes": _lines("/proc/net/route"),
        "listeners": sorted(_listeners()),
        "nftables": _ask("nft", "list", "ruleset"),
        "iptables": [line for line in _ask("iptables-legacy-save") if not line.startswith("#")],
        "settings": sorted(_settings()),
        "files": sorted(str(path) for folder in FOLDERS if os.path.isdir(folder) for path in Path(folder).iterdir()),
    }


def _processes() -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            argv = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        keeper = "keep" in argv and any(part.endswith("cluster/cluster") for part in argv)
        if os.path.basename(argv[0]) in OURS or keeper or _cluster(folder):
            yield f"{folder.name} {' '.join(argv)[:120]} {_cluster(folder)}".rstrip()


def _cluster(process: Path) -> str:
    """The group of the cluster that a process belongs to."""
    try:
        found = re.search(rf"/({cgroups.PREFIX}[^/\n]+)", (process / "cgroup").read_text())
    except OSError:
        return ""
    return found[1] if found else ""


def _namespaces() -> Iterator[str]:
    """Namespaces other than ours, each with whose they are."""
    seen = set()
    for folder in Path("/proc").glob("[0-9]*"):
        for kind in KINDS:
            try:
                held = os.readlink(folder / "ns" / kind)
                if held != os.readlink(f"/proc/self/ns/{kind}"):
                    seen.add(f"{held} of {_cluster(folder) or (folder / 'comm').read_text().strip()}")
            except OSError:
                continue
    yield from seen
    named = Path("/run/netns")
    yield from (f"named {path.name}" for path in (named.iterdir() if named.is_dir() else ()))


def _mounts() -> Iterator[str]:
    for line in _lines("/proc/self/mountinfo"):
        left, right = line.split(" - ")
        yield f"{left.split()[4]} {' '.join(right.split()[:2])}"


def _listeners() -> Iterator[str]:
    """Listening sockets of this network, each with whose they are."""
    holders: dict[str, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            held = [os.readlink(descriptor) for descriptor in (folder / "fd").iterdir()]
            holders |= {
                link: _cluster(folder) or (folder / "comm").read_text().strip()
                for link in held
                if link.startswith("socket:")
            }
        except OSError:
            continue
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in _lines(file)[1:]:
            column = line.split()
            if column[3] == "0A":
                yield f"{column[1]} of {holders.get(f'socket:[{column[9]}]', 'nobody')}"


def _settings() -> Iterator[str]:
    for start in SETTINGS:
        place = Path("/proc/sys") / start
        for file in [Path(folder) / name for folder, _, names in os.walk(place) for name in names] or [place]:
            try:
                value = " ".join(file.read_text(encoding="utf-8", errors="replace").split())
            except OSError:
                continue  # some can only be written
            yield f"{file.relative_to('/proc/sys')} = {value}"


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _ask(*argv: str) -> list[str]:
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()
    except OSError:
        return []
