"""`turnstile live`, the shipped roles, the probe's image, and what a live run says first and last. Without a cluster."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml
from commands import BOOKSHOP, ROOT, run_turnstile
from running_town import TOWN

from policies.live import folders
from policies.live.command import ROLES, Leftover
from policies.live.plugin import STAND_INS
from policies.live.running import BESIDE
from policies.live.trying import LONGEST_COMMAND, parts

PROBE = ROOT / "cluster" / "probe"


def run_live(report: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the suite as `tox -e live` does, on what needs no cluster."""
    command = [
        *(sys.executable, "-m", "pytest", "-p", "policies.plugin", "-p", "policies.live.plugin"),
        *("-c", str(ROOT / "pyproject.toml"), f"--rootdir={ROOT}", "--suite", "live", str(ROOT / "tests_static")),
        *("--checkov", "off", "--junit", str(report), "-q", *options),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_run_without_an_environment_says_so_first_and_last(tmp_path: Path) -> None:
    """Nobody may think that what was tried is what runs."""
    done = run_live(tmp_path / "live.xml", "--cluster", "none", "--platform", str(BOOKSHOP))
    lines = [line for line in done.stdout.splitlines() if line.startswith("turnstile: ")]
    assert lines[0] == lines[-1] == f"turnstile: {STAND_INS}"
    assert done.stdout.rstrip().splitlines()[-2] == lines[-1], "only pytest's own count comes after it"


def test_environment_that_looks_like_production_is_not_touched(tmp_path: Path) -> None:
    """The run ends before anything is asked, with the way out."""
    done = run_live(tmp_path / "live.xml", "--environment", "prod", "--platform", str(ROOT / "reference"))
    assert done.returncode == 4
    assert "--allow-production" in done.stderr


def test_context_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With the contexts that are."""
    file = tmp_path / "kubeconfig"
    file.write_text("{contexts: [{name: other, context: {}}]}", encoding="utf-8")
    done = run_live(tmp_path / "live.xml", "--environment", "town", "--kubeconfig", str(file), "--platform", str(TOWN))
    assert done.returncode == 4
    assert "has no context 'turnstile-runner', but other" in done.stderr


def test_live_run_is_one_process(tmp_path: Path) -> None:
    """Several would each make a cluster, and see other things."""
    pytest.importorskip("xdist")
    done = run_live(tmp_path / "live.xml", "--cluster", "none", "--platform", str(BOOKSHOP), "-n", "2")
    assert done.returncode == 4
    assert "leave out -n" in done.stderr


def test_roles_are_the_least(tmp_path: Path) -> None:
    """No wildcard, no write but in what the suite makes itself, Secrets apart from all else; `turnstile live role` prints them."""
    del tmp_path
    roles = {one["metadata"]["name"]: one["rules"] for one in yaml.safe_load_all(ROLES.read_text(encoding="utf-8"))}
    assert set(roles) == {"turnstile-reader", "turnstile-prober", "turnstile-secret-keys"}
    assert "*" not in str(roles)
    assert {verb for rule in roles["turnstile-reader"] for verb in rule["verbs"]} == {"list"}
    assert {resource for rule in roles["turnstile-reader"] for resource in rule["resources"]}.isdisjoint(
        {"secrets", "pods/exec"}
    )
    assert run_turnstile("live", "role").stdout == ROLES.read_text(encoding="utf-8")


def test_reader_may_list_every_kind_that_is_read_anyway() -> None:
    """What is read of every environment needs no rule of the platform's owner."""
    (reader, *_) = yaml.safe_load_all(ROLES.read_text(encoding="utf-8"))
    allowed = {(group, name) for rule in reader["rules"] for group in rule["apiGroups"] for name in rule["resources"]}
    plurals = {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"}
    wanted = {(version.rpartition("/")[0], plurals.get(kind, f"{kind.lower()}s")) for version, kind in BESIDE}
    assert wanted <= allowed


def test_clean_does_not_touch_production_unasked(tmp_path: Path) -> None:
    """Neither by an environment nor by a context, though nothing but the suite's own would go."""
    for options in (("--environment", "prod", "--platform", str(ROOT / "reference")), ("--kube-context", "eu-prod")):
        done = run_turnstile("live", "clean", *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert "--allow-production" in done.stderr
    done = run_turnstile("live", "clean", "--kube-context", "other", "--kubeconfig", tmp_path / "none")
    assert done.returncode == 2
    assert "cannot be read as a kubeconfig" in done.stderr


def test_clean_removes_the_folders_of_runs_that_were_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kubeconfig in them is a key; those of runs that live stay."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with folders.own_folder() as mine:
        dead = tmp_path / "turnstile-live-999999999-x"
        dead.mkdir()
        (dead / "kubeconfig").write_text("key", encoding="utf-8")
        (tmp_path / "turnstile-live-other").mkdir()
        assert mine.stat().st_mode & 0o777 == 0o700
        assert folders.left_folders() == [dead]
        folders.remove(dead)
        assert folders.left_folders() == []
        assert mine.is_dir()
    assert not mine.exists()


def test_leftover_tells_what_it_is() -> None:
    """It is listed before it is removed."""
    done: list[str] = []
    one = Leftover("namespace x", 3, lambda: done.append("removed"))
    assert (one.what, one.minutes, done) == ("namespace x", 3, [])
    one.remove()
    assert done == ["removed"]


def test_probes_image_is_made_of_files_that_exist() -> None:
    """A static program from its own folder alone, onto nothing, under a user of no rights, where testinfra looks for a shell."""
    lines = (PROBE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line]
    assert copied == [["go.mod", "main.go"]]
    assert all((PROBE / file).is_file() for files in copied for file in files)
    sources = {file.name for file in PROBE.glob("*.go") if not file.name.endswith("_test.go")}
    assert sources == {"main.go"}, "what is not copied is not compiled"
    stages = [line.split()[1] for line in lines if line.startswith("FROM")]
    assert stages[-1] == "scratch"
    built = re.search(r"-o (\S+)", "\n".join(lines))
    assert built is not None
    assert [line.split()[2:] for line in lines if "--from=build" in line] == [
        [built[1], "/probe"],
        [built[1], "/bin/sh"],
    ]
    assert any("CGO_ENABLED=0" in line for line in lines)
    assert "USER 65532:65532" in lines
    wanted = re.search(r"^go (\d+)\.(\d+)", (PROBE / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    given = re.match(r"golang:(\d+)\.(\d+)", stages[0])
    assert wanted is not None
    assert given is not None
    assert tuple(map(int, given.groups())) >= tuple(map(int, wanted.groups()))


def test_targets_are_parted_so_that_each_part_fits_a_command_line() -> None:
    """Nothing is lost, and no part is too long or empty."""
    targets = [(f"10.0.{index // 250}.{index % 250}", ("TCP", 1 + index)) for index in range(9000)]
    found = list(parts(targets))
    assert [one for part in found for one in part] == targets
    assert len(found) > 1
    assert all(part for part in found)
    assert all(sum(len(f"tcp/{address}/{port[1]} ") for address, port in part) <= LONGEST_COMMAND for part in found)
    assert list(parts([])) == []
