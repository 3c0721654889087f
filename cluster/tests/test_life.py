"""A cluster's whole life on a real machine: what is enforced, and that nothing stays however it ends. Needs root."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from host import cgroups, condition, life, places
from host.build import build

PROGRAM = [sys.executable, "-B", str(places.SOURCES / "cluster")]
PODS = places.SOURCES / "tests" / "pods.yaml"
Left = Callable[[], dict[str, list[str]]]


@pytest.fixture(scope="module", autouse=True)
def _built(possible: None) -> None:
    build(lambda _: None)


def cluster(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run the program."""
    return subprocess.run([*PROGRAM, *words], capture_output=True, text=True, check=False)


@contextmanager
def running(name: str, *options: str) -> Iterator[str]:
    """Have a cluster for as long as the block runs."""
    done = cluster("up", name, *options)
    assert done.returncode == 0, done.stderr
    try:
        yield name
    finally:
        assert cluster("down", name).returncode == 0


def kubectl(name: str, *words: str) -> str:
    """Ask a cluster as its administrator."""
    status = condition.status(name)
    argv = [
        str(places.cache() / status.version / "bin" / "kube"),
        "kubectl",
        f"--kubeconfig={status.kubeconfig}",
        *words,
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def reaches(name: str, pod: str, url: str) -> bool:
    """Whether a pod gets an answer from a URL."""
    fetch = f"timeout -s KILL 3 wget -q -O - http://{url} >/dev/null 2>&1 && echo yes || echo no"
    return kubectl(name, "-n", "town", "exec", pod, "--", "sh", "-c", fetch).strip() == "yes"


def with_pods(name: str) -> dict[str, str]:
    """Make the pods; give the address of each."""
    kubectl(name, "apply", "-f", str(PODS))
    kubectl(name, "-n", "town", "wait", "--for=condition=Ready", "pod", "--all", "--timeout=120s")
    told = kubectl(
        name,
        "-n",
        "town",
        "get",
        "pods",
        "-o",
        "jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{'\\n'}{end}",
    )
    return dict(line.split() for line in told.splitlines())


def from_outside(name: str, address: str, own: str = "0.0.0.0") -> str:
    """Connect from outside the node, with an address of our own where one is given; give what came of it."""
    connect = f"import socket; s = socket.socket(); s.bind(({own!r}, 0)); s.settimeout(3); s.connect(({address!r}, 8080)); print('yes')"
    argv = life.entering(name, outside=True)
    return subprocess.run(
        [*argv, "/usr/bin/python3", "-c", connect], capture_output=True, text=True, check=False
    ).stdout.strip()


def test_policies_are_enforced_and_nothing_stays(nothing_left: Left) -> None:
    """What policies deny does not pass, what they allow does; after `down` nothing is there that was not before."""
    with running("test-a", "--denied=reject") as name:
        pods = with_pods(name)
        till, shelf = pods["till"], pods["shelf"]
        expected = {
            ("till", f"{shelf}:8080"): True,
            ("till", "shelf.town.svc.cluster.local"): True,  # by name, through a Service
            ("till", f"{shelf}:8081"): False,
            ("visitor", f"{shelf}:8080"): False,
            ("shelf", f"{till}:8080"): False,  # what is allowed one way is not the other way
            ("till", "192.0.2.1:8080"): False,
        }
        assert {pair: reaches(name, *pair) for pair in expected} == expected
        assert from_outside(name, shelf) == ""
        if Path("/usr/bin/python3").exists():
            assert from_outside(name, shelf, "198.51.100.9") == "yes", "an ipBlock allows it"
        refused = kubectl(
            name,
            "-n",
            "town",
            "exec",
            "visitor",
            "--",
            "sh",
            "-c",
            f"timeout 3 wget -q -O - http://{shelf}:8080 2>&1 || true",
        )
        assert "No route to host" in refused or "Host is unreachable" in refused, refused
    assert nothing_left() == {}


def test_without_the_enforcer_policies_are_accepted_and_nothing_is_refused(nothing_left: Left) -> None:
    """A cluster whose network plugin knows no policies takes them, and everything passes."""
    with running("test-open", "--no-enforce") as name:
        pods = with_pods(name)
        assert kubectl(name, "-n", "town", "get", "networkpolicies", "-o", "name").count("networkpolicy") == 3
        assert reaches(name, "visitor", f"{pods['shelf']}:8080")
        assert not condition.status(name).enforce
    assert nothing_left() == {}


def test_two_at_once_know_nothing_of_each_other(nothing_left: Left) -> None:
    """Two clusters beside each other share neither objects nor a network."""
    with running("test-a") as first, running("test-b") as second:
        kubectl(first, "create", "namespace", "only-in-first")
        assert "only-in-first" not in kubectl(second, "get", "namespaces", "-o", "name")
        again = cluster("up", first)
        assert again.returncode == 1
        assert "is there already (up): cluster down test-a" in again.stderr
        assert cluster("down", first).returncode == 0
        assert cluster("status", second).returncode == 0
        assert kubectl(second, "get", "--raw", "/readyz") == "ok"
    assert nothing_left() == {}


def test_down_is_idempotent(nothing_left: Left) -> None:
    """To remove what is not there is no error."""
    assert [cluster("down", "test-never").returncode for _ in range(2)] == [0, 0]
    assert cluster("status", "test-never").stdout == "test-never: absent\n"
    assert nothing_left() == {}


MOMENTS = [0.05, 0.15, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 4.5, 7.0]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", MOMENTS)
def test_up_ended_at_any_moment_undoes_itself_or_is_removed(
    moment: float, number: signal.Signals, nothing_left: Left
) -> None:
    """An interrupted `up` removes what it began; a killed one leaves what `down` removes whole."""
    up = subprocess.Popen([*PROGRAM, "up", "test-k"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(moment)
    was_done = up.poll() is not None  # A quiet machine has a cluster up before the last moment.
    up.send_signal(number)
    up.wait()
    if number is not signal.SIGKILL and not was_done:
        assert condition.status("test-k").condition == "absent", (
            "an interrupted 'up' removes what it began before it ends"
        )
    assert cluster("down", "test-k").returncode == 0
    assert nothing_left() == {}


@pytest.mark.parametrize("step", ["Path.mkdir", "Path.write_text", "cgroups.make", "subprocess.Popen"])
def test_up_killed_between_two_steps_is_removed(step: str, nothing_left: Left) -> None:
    """Between what is made and what is noted of it there is no moment that `down` cannot undo."""
    owner, attribute = step.rsplit(".", 1)
    killed = f"""
import os, signal, sys
sys.path.insert(0, {str(places.SOURCES)!r})
from host import life
real = life.{step}
def then_die(*args, **kwargs):
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
life.STATES.mkdir(exist_ok=True)
life.{owner}.{attribute} = then_die
life.up(life.Wish("test-k", life.Path({str(places.built())!r})))
"""
    assert subprocess.run([sys.executable, "-B", "-c", killed], check=False).returncode == -signal.SIGKILL
    assert cluster("down", "test-k").returncode == 0
    assert nothing_left() == {}


@pytest.mark.parametrize("moment", [0.3, 0.6, 1.0, 2.0, 4.0, None])
def test_keeper_killed_takes_the_node_with_it(moment: float | None, nothing_left: Left) -> None:
    """A node does not outlive the one who keeps it."""
    up = subprocess.Popen([*PROGRAM, "up", "test-k"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(moment) if moment else up.wait()
    keepers = cgroups.processes("test-k", "keeper")
    for pid in keepers:
        os.kill(pid, signal.SIGKILL)
    if keepers:
        until = time.monotonic() + 10
        while cgroups.processes("test-k") and time.monotonic() < until:
            time.sleep(0.05)
        assert not cgroups.processes("test-k"), "the node outlives its keeper"
    if moment:
        up.kill()
        up.wait()
    assert cluster("down", "test-k").returncode == 0
    assert nothing_left() == {}


@pytest.mark.parametrize("victim", ["kube-apiserver", "containerd", "netpol", "first process"])
def test_node_that_loses_a_part_ends_and_says_why(victim: str, nothing_left: Left) -> None:
    """A node of which a part is dead is no node: it ends, and its status names the part."""
    with running("test-k") as name:
        for pid in _called(name, victim):
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while cgroups.names().count(name) and time.monotonic() < until:
            time.sleep(0.05)
        told = cluster("status", name)
        assert told.returncode == 3
        assert f"{victim} was ended by signal 9" in told.stdout or "first process was ended from outside" in told.stdout
        assert not cgroups.processes(name)
    assert nothing_left() == {}


def _called(name: str, what: str) -> list[int]:
    if what == "first process":
        return [cgroups.first_process(name)]
    found = []
    for pid in cgroups.processes(name, "node"):
        argv = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        if what == os.path.basename(argv[0]) or what in argv[1:2]:
            found.append(pid)
    assert found, what
    return found


def test_cluster_ends_with_its_owner(nothing_left: Left) -> None:
    """A cluster that was started for a process is removed when that one is gone."""
    owner = subprocess.Popen(["sleep", "600"])
    assert cluster("up", "test-k", f"--owner={owner.pid}").returncode == 0
    owner.kill()
    owner.wait()
    until = time.monotonic() + 15
    while condition.status("test-k").condition != "absent" and time.monotonic() < until:
        time.sleep(0.05)
    assert condition.status("test-k").condition == "absent"
    assert nothing_left() == {}


@pytest.mark.parametrize("moment", [0.1, 0.25, 0.4, 0.8])
def test_down_killed_can_be_repeated(moment: float, nothing_left: Left) -> None:
    """A `down` that was killed is finished by the next."""
    assert cluster("up", "test-k").returncode == 0
    down = subprocess.Popen([*PROGRAM, "down", "test-k"])
    time.sleep(moment)
    down.kill()
    down.wait()
    assert cluster("down", "test-k").returncode == 0
    assert nothing_left() == {}
