"""A cluster made by kind, with programs in the place of kind and Docker that write down how they are called."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from commands import REFERENCE

from policies.deployed import Deployed
from policies.errors import UsageError
from policies.live import kind_cluster
from policies.live.kind_cluster import KindError, configuration, leftovers, made, unavailable
from policies.platform import Platform

KIND = """#!/bin/sh
echo "kind $*" >> "$CALLS"
case "$*" in
  "$FAILS"*) echo "no space left" >&2; exit 1 ;;
  "create cluster"*) for word; do [ "$previous" = --config ] && cat "$word" > "$CALLS.config"; previous=$word; done ;;
  "get clusters") printf 'kind\\nturnstile-%s-abc\\nturnstile-999999999-abc\\nturnstile-mine\\n' "$PPID" ;;
esac
"""


@pytest.fixture
def platform() -> Platform:
    """The reference platform, whose development overlay has NodePorts and a cluster file of kind."""
    return Platform.open(REFERENCE)


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the programs on an otherwise empty PATH, and give the file in which calls are written down."""
    for name, text in (("kind", KIND), ("docker", '#!/bin/sh\necho "docker $*" >> "$CALLS"\n')):
        program = tmp_path / name
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("FAILS", "nothing")
    monkeypatch.setattr(kind_cluster, "built", lambda: Path("probe"))
    monkeypatch.setattr(kind_cluster, "archive", lambda image, program, file: file.write_text(f"{image}={program}"))
    return tmp_path / "calls"


def development(platform: Platform) -> Deployed:
    """Give the overlay for kind."""
    return next(item for item in platform.deployed if item.place.name == "kind")


def told(calls: Path) -> list[str]:
    """Give the calls of kind, their first two words."""
    return [
        " ".join(line.split()[1:3])
        for line in calls.read_text(encoding="utf-8").splitlines()
        if line.startswith("kind")
    ]


def test_cluster_is_made_as_the_platform_needs_it_and_removed(platform: Platform, calls: Path) -> None:
    """With its NodePorts, a kubeconfig of its own of mode 600, the probe's image; and it says that it is experimental."""
    said: list[str] = []
    with made("abc", platform, development(platform), said.append) as kubeconfig:
        assert kubeconfig.stat().st_mode & 0o777 == 0o600
        assert told(calls) == ["create cluster", "load image-archive"]
    assert told(calls) == ["create cluster", "load image-archive", "delete cluster"]
    lines = calls.read_text(encoding="utf-8").splitlines()
    assert all(f"--name turnstile-{os.getpid()}-abc" in line for line in lines if line.startswith("kind"))
    assert all(f"--kubeconfig {kubeconfig}" in line for line in lines if "create" in line or "delete" in line)
    assert any("experimental" in text for text in said)
    config = json.loads(calls.with_name("calls.config").read_text(encoding="utf-8"))
    assert config == configuration(platform, development(platform))
    assert not kubeconfig.exists()


def test_configuration_has_the_node_ports_and_nothing_else_of_the_platforms_file(platform: Platform) -> None:
    """Its own cluster file could mount the machine's files or name an image: nothing but host ports is taken from it."""
    config = configuration(platform, development(platform))
    (node,) = config["nodes"]
    assert set(config) == {"kind", "apiVersion", "nodes"}
    assert set(node) == {"role", "extraPortMappings"}
    found = {(one["containerPort"], one["hostPort"]) for one in node["extraPortMappings"]}
    assert found == {(30080, 8080), (30300, 3000)}
    assert {one["listenAddress"] for one in node["extraPortMappings"]} == {"127.0.0.1"}
    release = next(item for item in platform.deployed if item.place.released)
    assert configuration(platform, release)["nodes"][0]["extraPortMappings"] == []


@pytest.mark.parametrize("fails", ["create", "load"])
def test_cluster_that_failed_is_removed(
    platform: Platform, calls: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """Half a cluster is one too, and the error says what kind said."""
    monkeypatch.setenv("FAILS", fails)
    with pytest.raises(KindError, match="no space left"), made("abc", platform, development(platform), print):
        pytest.fail("there is no cluster")
    assert told(calls)[-1] == "delete cluster"


@pytest.mark.parametrize("error", [KeyboardInterrupt, LookupError])
def test_cluster_is_removed_whatever_ends_the_run(platform: Platform, calls: Path, error: type[BaseException]) -> None:
    """An interrupt too."""
    with pytest.raises(error), made("abc", platform, development(platform), print):
        raise error
    assert told(calls)[-1] == "delete cluster"


@pytest.mark.parametrize(
    ("missing", "said"),
    [("kind", "kind is not installed"), ("docker", "there is no docker"), ("daemon", "does not answer")],
)
def test_what_is_missing_is_told_with_the_way_out(
    platform: Platform, calls: Path, monkeypatch: pytest.MonkeyPatch, missing: str, said: str
) -> None:
    """Before anything is made."""
    monkeypatch.setenv("PATH", str(calls.parent))
    if missing == "daemon":
        (calls.parent / "docker").write_text(
            "#!/bin/sh\necho 'Cannot connect to the daemon' >&2\nexit 1\n", encoding="utf-8"
        )
    else:
        (calls.parent / missing).unlink()
    with pytest.raises(UsageError, match=said) as error, made("abc", platform, development(platform), print):
        pytest.fail("there is no cluster")
    assert "--cluster local" in str(error.value)
    assert not calls.exists() or told(calls) == []
    assert leftovers() == []


def test_leftovers_are_clusters_of_ours_whose_process_is_gone(calls: Path) -> None:
    """Those of a run that is under way, and of others, stay."""
    assert unavailable() is None
    assert leftovers() == ["turnstile-999999999-abc"]
    assert calls.exists()
