"""What `policies.live.local_cluster` promises: a cluster for a block, removed however the block or its process ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

local = pytest.importorskip("policies.live.local_cluster")
Left = Callable[[], dict[str, list[str]]]
HOLD = """
import sys, time
from policies.live.local_cluster import local_cluster
with local_cluster("test-face") as cluster:
    print("up", flush=True)
    time.sleep(600)
"""


def test_cluster_is_there_for_the_block_and_gone_after_an_exception(nothing_left: Left, tmp_path: Path) -> None:
    """What the block raises comes through, the cluster is gone; who comes second under its name removes nothing."""
    assert local.unavailable() is None
    said: list[str] = []
    local.build(said.append)

    def fail() -> None:
        with local.local_cluster("test-face", denied="reject") as cluster:
            assert cluster.kubeconfig.stat().st_mode & 0o777 == 0o600
            cluster.load("turnstile.local/probe:1", Path("/bin/busybox"))
            listed = subprocess.run(
                cluster.enter(["ctr", "-n", "k8s.io", "images", "ls", "-q"]), capture_output=True, text=True, check=True
            )
            assert "turnstile.local/probe:1" in listed.stdout
            assert "test-face" in local.leftovers()
            with pytest.raises(local.LocalClusterError, match="is there already"), local.local_cluster("test-face"):
                pass
            assert "test-face" in local.leftovers(), "who comes second removes nothing"
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert "test-face" not in local.leftovers()
    assert nothing_left() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("moment", [1.0, 3.0, None])
def test_cluster_goes_with_its_process(number: signal.Signals, moment: float | None, nothing_left: Left) -> None:
    """Whether interrupted or killed, the process that holds a cluster takes it along."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    if moment is None:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "up\n"
    else:
        time.sleep(moment)
    os.kill(holder.pid, number)
    holder.wait()
    if number is signal.SIGINT:
        assert "test-face" not in local.leftovers(), "an interrupt waits until the cluster is removed"
    until = time.monotonic() + 20
    while "test-face" in local.leftovers() and time.monotonic() < until:
        time.sleep(0.1)
    assert nothing_left() == {}


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A missing program, and what the program itself misses, is told as the reason."""
    monkeypatch.setattr(local, "PROGRAM", tmp_path / "cluster")
    assert "clone" in (local.unavailable() or "")
    (tmp_path / "cluster").write_text("import sys; print('needs runc: apt-get install runc'); sys.exit(1)")
    assert local.unavailable() == "needs runc: apt-get install runc"
