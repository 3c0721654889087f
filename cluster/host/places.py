"""Where things are, and which version of them this is."""

import hashlib
import os
import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1]
STATES = Path(
    "/run/turnstile-cluster"
)  # with the machine's other running things: gone after a restart, as the clusters are
HANDED_DOWN = STATES / ".handed-down"  # what was handed down in the machine's control groups before any cluster
BUILT_FROM = ("node", "coredns", "manifests", "host/build.py", "host/images.py")


class ClusterError(Exception):
    """What stands in the way, in words, and the way out."""


def cache() -> Path:
    """The user's cache of what was built."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "turnstile" / "cluster"


def kubernetes() -> str:
    """The version of Kubernetes that is built, as its module says it."""
    text = (SOURCES / "node" / "go.mod").read_text(encoding="utf-8")
    found = re.search(r"^\tk8s\.io/kubernetes (v\S+)$", text, re.MULTILINE)
    if found is None:
        raise ClusterError(
            f"{SOURCES / 'node' / 'go.mod'}: requires no k8s.io/kubernetes; take the file from the repository again"
        )
    return found[1]


def version() -> str:
    """Kubernetes' version and a hash of everything that a build is made from."""
    digest = hashlib.sha256()
    for part in BUILT_FROM:
        place = SOURCES / part
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and not file.name.endswith("_test.go"):
                digest.update(f"{file.relative_to(SOURCES)}\0{file.stat().st_size}\0".encode())
                digest.update(file.read_bytes())
    return f"{kubernetes().removeprefix('v')}-{digest.hexdigest()[:12]}"


def built() -> Path | None:
    """The folder of this version's build, where there is one."""
    folder = cache() / version()
    return folder if folder.is_dir() else None


def state(name: str) -> Path:
    """The folder of a running cluster."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", name):
        raise ClusterError(f"{name!r} is no name for a cluster: small letters, digits and dashes, 32 at most")
    return STATES / name
