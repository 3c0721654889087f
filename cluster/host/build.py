"""Compile the components from their Go modules, once a version, into the user's cache."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from host import condition, images
from host.places import SOURCES, ClusterError, built, cache, kubernetes, version

Progress = Callable[[str], None]
EVERY = 10.0  # seconds between two lines of progress


def build(progress: Progress, *, again: bool = False) -> Path:
    """The folder with everything that a cluster is made from. A build that is interrupted leaves nothing that counts as one."""
    with _alone(progress):
        if (found := built()) and not again:
            return found
        began = time.monotonic()
        final, part = cache() / version(), cache() / f".{version()}.part"
        for stale in cache().glob(".*.part"):
            shutil.rmtree(stale)
        for folder in ("bin", "images"):
            (part / folder).mkdir(parents=True)
        compile_program("node", ".", part / "bin" / "kube", progress, _stamped())
        compile_program("node", "./admit", part / "bin" / "admit", progress)
        compile_program("coredns", ".", part / "bin" / "coredns", progress)
        progress("packing images")
        images.write_base(part / "images")
        images.write_program(part / "images" / "coredns.tar", "turnstile.local/coredns:1", part / "bin" / "coredns")
        shutil.copytree(SOURCES / "manifests", part / "manifests")
        in_use = condition.running_versions()
        for old in cache().iterdir():
            if (
                old.is_dir()
                and old != part
                and old.name[0].isdigit()
                and old.name not in in_use
                and (old.name != final.name or again)
            ):
                shutil.rmtree(old)
        part.rename(final)
        progress(f"built {final.name} in {time.monotonic() - began:.0f} s")
        return final


def compile_program(
    module: str, package: str, to: Path, progress: Progress, stamps: str = "", command: tuple[str, ...] = ("build",)
) -> None:
    """Compile a program of a Go module here. GOFLAGS of the user are kept: -p=1 builds with one core."""
    progress(f"compiling {to.name}")
    flags = f"{os.environ.get('GOFLAGS', '')} -buildvcs=false -trimpath -mod=readonly".strip()
    environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": flags, "GOTOOLCHAIN": "local", "GOWORK": "off"}
    argv = ["go", *command, "-v", f"-ldflags=-s -w {stamps}".strip(), "-o", str(to), package]
    said = _run(argv, SOURCES / module, environment, lambda n: progress(f"compiling {to.name}: {n} packages"))
    if not to.is_file():
        raise ClusterError(f"{module} does not compile; the last lines of go:\n" + "\n".join(said[-15:]))


def _run(argv: list[str], folder: Path, environment: Mapping[str, str], tell: Callable[[int], None]) -> list[str]:
    """What a command printed. It ends with us: a build that nobody waits for is of no use."""
    said, last = [], time.monotonic()
    process = subprocess.Popen(
        argv, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        for line in process.stdout or ():
            said.append(line.rstrip())
            if time.monotonic() - last > EVERY:
                last = time.monotonic()
                tell(len(said))
    finally:
        process.terminate()
        process.wait()
    return said


def _stamped() -> str:
    """Kubernetes tells its version from what the linker was told; without, a kubelet calls itself v0.0.0."""
    major, minor, _ = kubernetes().removeprefix("v").split(".", 2)
    told = {
        "gitVersion": kubernetes(),
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "clean",
        "gitCommit": "unknown",
    }
    return " ".join(f"-X k8s.io/component-base/version.{key}={value}" for key, value in told.items())


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    """One build at a time; who comes second waits and finds it done."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another build")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def to_stderr(line: str) -> None:
    """Progress for a person."""
    print(f"cluster: {line}", file=sys.stderr, flush=True)
