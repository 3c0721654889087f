"""What the machine must have, each with the way to get it. Nothing is installed here."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from host import cgroups
from host.images import ARCHITECTURES, BUSYBOX
from host.places import ClusterError, built

PROGRAMS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "nft": "nftables",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mount": "mount",
}
FILES = {
    **{
        Path("/usr/lib/cni") / plugin: "containernetworking-plugins"
        for plugin in ("host-local", "loopback", "portmap", "ptp")
    },
    BUSYBOX: "busybox-static",
}
GO = (1, 25)
MEMORY = 1536  # MiB; 1.2 GiB were measured with four pods

# What the node does to the kernel, tried in namespaces that end with the trial. busybox has an ip of its own.
TRIALS = {
    "namespaces (mount, network, PID, IPC, UTS)": (
        "true",
        "a container needs --privileged; a kernel CONFIG_NAMESPACES, CONFIG_NET_NS, CONFIG_PID_NS, CONFIG_IPC_NS and CONFIG_UTS_NS",
    ),
    "overlay file systems": (
        "mount -t tmpfs t /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m && mount -t overlay o -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w /mnt/m",
        "modprobe overlay",
    ),
    "bridges": ("busybox ip link add b0 type bridge", "modprobe bridge"),
    "veth pairs": ("busybox ip link add v0 type veth peer name v1", "modprobe veth"),
    "nftables with connection tracking and translation": (
        "nft 'table ip t { chain c { type filter hook forward priority 0; ct state established accept; ip saddr vmap { 10.0.0.1 : drop }; }; "
        "chain n { type nat hook postrouting priority 100; masquerade; }; }'",
        "modprobe -a nf_tables nf_conntrack nft_ct nft_nat nft_masq nft_chain_nat; a kernel of 5.13 or later",
    ),
}


def unmet(*, to_build: bool | None = None) -> list[str]:
    """Everything that stands in the way of a cluster, a sentence each; nothing where it can be had."""
    if platform.system() != "Linux" or platform.machine() not in ARCHITECTURES:
        return [
            f"the local cluster needs Linux on x86_64 or aarch64; this is {platform.system()} on {platform.machine()}"
        ]
    if os.geteuid() != 0:
        return ["the local cluster needs root, for namespaces, mounts and cgroups: run the same command with sudo"]
    wanting = list(_programs())
    if to_build if to_build is not None else built() is None:
        wanting += _go()
    if not wanting:
        wanting = [*_kernel(), *_cgroups(), *_memory()]
    return wanting


def _programs() -> Iterator[str]:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    absent = [name for name in PROGRAMS if shutil.which(name, path=path) is None]
    files = [file for file in FILES if not file.exists()]
    packages = sorted({PROGRAMS[name] for name in absent} | {FILES[file] for file in files})
    if packages:
        names = ", ".join([*absent, *map(str, files)])
        yield f"the local cluster needs {names}: apt-get install --no-install-recommends {' '.join(packages)} (Debian 12 or later)"


def _go() -> Iterator[str]:
    go = shutil.which("go")
    wanted = ".".join(map(str, GO))
    way_out = f"install Go {wanted} or later (as the Go project releases it; Debian 12's own is too old) and put it on the PATH"
    if go is None:
        yield f"the local cluster is compiled once, and there is no go: {way_out}"
        return
    told = subprocess.run(
        [go, "env", "GOVERSION"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GOTOOLCHAIN": "local"},
    ).stdout
    number = re.match(r"go(\d+)\.(\d+)", told)
    if number is None or (int(number[1]), int(number[2])) < GO:
        yield f"the local cluster is compiled once, and {go} is {told.strip() or 'of an unknown version'}: {way_out}"


def _kernel() -> Iterator[str]:
    for what, (trial, way_out) in TRIALS.items():
        argv = ["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "sh", "-ec", trial]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
        if done.returncode != 0:
            said = " ".join(done.stderr.split())[:200]
            yield f"the local cluster needs {what}, and this kernel (or container) refuses: {said}; way out: {way_out}"
            if what.startswith("namespaces"):
                return


def _cgroups() -> Iterator[str]:
    try:
        closed = [str(place) for place in cgroups.hierarchies() if not os.access(place, os.W_OK)]
    except ClusterError as error:
        yield str(error)
        return
    if closed:
        yield f"the local cluster needs control groups, and may not write in {', '.join(closed)}: a container needs --privileged"


def _memory() -> Iterator[str]:
    found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    if found and int(found[1]) // 1024 < MEMORY:
        yield f"the local cluster needs {MEMORY} MiB of free memory; {int(found[1]) // 1024} MiB are free: end something, or take a larger machine"
