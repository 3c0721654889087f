"""A gateway is untrusted: one that reads, writes, connects, listens to nothing, dies or floods is held by its walls, and never hangs a run."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policies.errors import SourceError
from policies.gateway import driver, running, session
from policies.gateway.java import find_java
from policies.gateway.running import Gateway, NotStartedError, UnsealedError, start
from policies.model.delivery.cloudfront import Request

SOURCE = Path(__file__).parent / "cases" / "gateway" / "Prisoner.java"
Start = Callable[..., Gateway]


@pytest.fixture(scope="module")
def jar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hostile gateway, of the JDK alone."""
    if find_java() is None or shutil.which("javac") is None:
        pytest.skip("no Java: neither java nor javac in PATH")
    folder = tmp_path_factory.mktemp("prisoner")
    subprocess.run(["javac", "-d", folder, SOURCE], check=True)
    made = folder / "prisoner.jar"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nMain-Class: Prisoner\n\n")
        for path in folder.glob("*.class"):
            archive.write(path, path.name)
    return made


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is unpacked out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def begin(jar: Path) -> Iterator[Start]:
    """Start the prisoner, and end it whatever happens."""
    begun: list[Gateway] = []

    def begin(**environment: str) -> Gateway:
        begun.append(start(jar, environment, {9001: "behind"}, keep=False))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def ask(gateway: Gateway, query: str) -> str:
    """Ask the prisoner for a deed, and give what came of it."""
    (answer,) = gateway.exchange([Request("/", query=query, headers=(("Host", "a"),))])
    return answer.body or answer.problem


def test_it_reads_none_of_our_files(begin: Start, tmp_path: Path) -> None:
    """Neither what everybody may read nor what is the user's; what it sees is Java and its own folder."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "secret").chmod(0o644)
    gateway = begin()
    for path in (tmp_path / "secret", Path.home(), Path(__file__), Path("/etc/passwd"), Path("/var")):
        assert ask(gateway, f"read={path}").startswith("refused: java.nio.file.NoSuchFileException"), path
    seen = set(ask(gateway, "read=/").split())
    assert seen <= {
        f"/{name}" for name in ("bin", "dev", "etc", "gateway", "lib", "lib32", "lib64", "proc", "tmp", "usr", "opt")
    }
    assert "gateway.jar" in ask(gateway, "read=/gateway")


def test_it_writes_nowhere_but_in_its_own_folder(begin: Start) -> None:
    """Not even over its own jar, nor into what Java is made of."""
    gateway = begin()
    for path in ("/usr/x", "/gateway/x", "/gateway/gateway.jar", "/x", "/etc/hosts"):
        assert ask(gateway, f"write={path}").startswith("refused: java.nio.file."), path
    assert ask(gateway, "write=/tmp/x") == "written /tmp/x"
    assert not Path("/tmp/x").exists()  # noqa: S108


def test_it_reaches_nobody_but_what_stands_behind_it(begin: Start) -> None:
    """No server of this machine, no address outside, by number or by name; the server of the tests it does reach."""
    gateway = begin()
    with socket.create_server(("127.0.0.1", 0)) as own:
        port = own.getsockname()[1]
        assert ask(gateway, f"connect=127.0.0.1:{port}").startswith("refused: java.net.ConnectException")
    for host in ("192.0.2.1", "169.254.169.254", "example.org"):
        assert ask(gateway, f"connect={host}:80").startswith("refused: java.net."), host
    assert ask(gateway, "connect=127.0.0.1:9001") == "connected"


def test_it_sees_no_process_and_nothing_of_our_environment(begin: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the first process of its own world, and has the variables that it was given."""
    monkeypatch.setenv("TURNSTILE_PROOF", "visible")
    gateway = begin(OWN="1")
    assert ask(gateway, "processes") in ("1", "")
    assert ask(gateway, "environment") == "{OWN=1}"
    assert "uid=65534" in ask(gateway, "run=/usr/bin/id")


def test_it_cannot_become_more(begin: Start) -> None:
    """No new namespaces, no mounts, no other root."""
    gateway = begin()
    for command in ("/usr/bin/unshare -Ur true", "/usr/bin/unshare -n true", "/bin/mount -t tmpfs none /tmp"):
        if Path(command.split()[0]).exists():
            said = ask(gateway, f"run={command.replace(' ', '%20')}")
            assert re.search("not permitted|denied|must be superuser", said), (command, said)


def test_what_it_leaves_behind_ends_with_it(begin: Start) -> None:
    """A child that it started and forgot does not outlive the run."""
    gateway = begin()
    before = _sleepers()
    assert ask(gateway, "leave") == "left"
    _until(lambda: len(_sleepers()) > len(before))
    gateway.close()
    _until(lambda: _sleepers() == before)


def test_it_ends_with_a_run_that_was_killed(jar: Path) -> None:
    """Nobody tidies up after SIGKILL: its driver goes when its pipe does, and it goes with its driver."""
    program = (
        "import sys, time; from pathlib import Path; from policies.gateway.running import start; from policies.model.delivery.cloudfront import Request;"
        f"g = start(Path({str(jar)!r}), {{}}, {{}}, keep=False); print(g.exchange([Request('/', query='leave')])[0].body, flush=True); time.sleep(60)"
    )
    before = _sleepers()
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "left\n"
    _until(lambda: len(_sleepers()) > len(before))
    child.kill()
    child.wait()
    _until(lambda: _sleepers() == before)


def test_one_that_ends_says_why(begin: Start) -> None:
    """Its last words are the reason."""
    with pytest.raises(NotStartedError, match="does not start: exit code 3; no such setting: PRISON_KEY"):
        begin(MODE="exit").exchange([Request("/")])


def test_why_it_does_not_start_is_told_to_everyone_who_asks(begin: Start) -> None:
    """The innermost cause, not the last line of its trace; and the second who asks finds no closed pipe."""
    gateway = begin(MODE="trace")
    why = r"does not start: exit code 1; Caused by: java.lang.IllegalArgumentException: no value: PRISON_KEY$"
    for _ in range(3):
        with pytest.raises(NotStartedError, match=why):
            gateway.exchange([Request("/")])
    gateway.close()


def test_one_that_listens_to_nobody_is_given_up(begin: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is waited for, and no longer."""
    own = tmp_path / "driver.py"
    own.write_text(
        f"import sys; sys.path.insert(0, {str(Path(driver.__file__).parents[2])!r})\n"
        "from policies.gateway import driver\ndriver.START_SECONDS = 2.0\ndriver.main()\n"
    )
    monkeypatch.setattr(running, "_DRIVER", own)
    with pytest.raises(NotStartedError, match="it does not listen on port 8080"):
        begin(MODE="deaf").exchange([Request("/")])


def test_one_that_ends_when_it_is_asked_is_told(begin: Start) -> None:
    """What it would have refused is not known, and nothing passes for want of an answer."""
    gateway = begin()
    with pytest.raises(NotStartedError, match="the gateway ended when it was asked: exit code 5"):
        ask(gateway, "die")
    with pytest.raises(NotStartedError, match="the gateway ended when it was asked"):
        ask(gateway, "nothing")


def test_one_that_does_not_answer_in_time_is_told(
    begin: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One answer that does not come keeps nobody else's back."""
    own = tmp_path / "driver.py"
    own.write_text(
        f"import sys; sys.path.insert(0, {str(Path(driver.__file__).parents[2])!r})\n"
        "from policies.gateway import driver\ndriver.ANSWER_SECONDS = 1.0\ndriver.main()\n"
    )
    monkeypatch.setattr(running, "_DRIVER", own)
    gateway = begin()
    (late,) = gateway.exchange([Request("/", query="hang")])
    assert late.is_late
    assert not late.through


def test_one_that_eats_memory_or_floods_its_output_is_held(begin: Start) -> None:
    """The limits are its own; ours is the run."""
    gateway = begin()
    assert "OutOfMemoryError" in ask(gateway, "memory")
    assert ask(gateway, "nothing") == "nothing"
    # What it writes beyond its limit is written nowhere.
    assert ask(begin(MODE="flood"), "nothing") == "nothing"


def test_without_walls_it_is_not_run(begin: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no namespace can be had it is a verdict that nothing is known, with what would run it nevertheless."""
    own = tmp_path / "driver.py"
    own.write_text(
        f"import sys; sys.path.insert(0, {str(Path(driver.__file__).parents[2])!r})\n"
        "from policies.gateway import cell, driver\n"
        "def enclose():\n    raise cell.SealError('unshare: Operation not permitted')\n"
        "cell.enclose = enclose\ndriver.main()\n"
    )
    monkeypatch.setattr(running, "_DRIVER", own)
    with pytest.raises(UnsealedError, match=r"unshare: Operation not permitted.*--trust-javascript"):
        begin().exchange([Request("/")])


def test_with_its_owners_trust_it_runs_without(jar: Path) -> None:
    """On the machine's own loopback: nothing of it is kept from the gateway, and nothing from it."""
    gateway = start(
        jar, {"OWN": "1"}, dict(zip(session.free_ports(1), ["behind"], strict=True)), trusted=True, keep=False
    )
    try:
        assert ask(gateway, "environment") == "{OWN=1}"
        process = int(ask(gateway, "processes=own"))
    finally:
        gateway.close()
    _until(lambda: not Path(f"/proc/{process}").exists())


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({}, "is no jar that can be unpacked"),
        ({"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n"}, "names no Main-Class"),
        ({"META-INF/MANIFEST.MF": b"\xff\xfe"}, "is no jar that can be unpacked"),
        (None, "is no jar that can be unpacked"),
    ],
)
def test_a_jar_that_is_none_is_told(tmp_path: Path, entries: dict[str, str | bytes] | None, problem: str) -> None:
    """By its name in the platform."""
    if find_java() is None:
        pytest.skip("no Java: neither JAVA_HOME nor PATH has one")
    made = tmp_path / "x.jar"
    if entries is None:
        made.write_bytes(b"PK nothing of the kind")
    else:
        with zipfile.ZipFile(made, "w") as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
    with pytest.raises(SourceError, match=f"^target/x.jar: {problem}"):
        start(made, {}, {}, shown="target/x.jar")


def test_names_in_a_jar_lead_nowhere(tmp_path: Path) -> None:
    """What a library is called in the jar is no name of a file of ours."""
    if find_java() is None:
        pytest.skip("no Java: neither JAVA_HOME nor PATH has one")
    made = tmp_path / "x.jar"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: a.Launcher\nStart-Class: a.Main\n")
        archive.writestr("BOOT-INF/lib/../../../../evil.jar", "x")
        archive.writestr("BOOT-INF/classes/../../evil.class", "x")
    gateway = start(made, {}, {}, keep=False)
    gateway.close()
    assert sorted(path.name for path in tmp_path.rglob("*evil*")) == []
    assert sorted(path.name for path in gateway.unpacked.folder.iterdir()) == ["000.jar", "gateway.jar", "main"]


def _sleepers() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if text in (b"sleep\x001000\x00", b"/bin/sh\x00-c\x00sleep 1000 & sleep 1000\x00"):
                found.append(entry.name)
    return sorted(found)


def _until(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
