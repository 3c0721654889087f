"""A live run of AWS as a user starts it: its lines, its report, what it leaves behind, and that no secret is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("ministack")

from live_accounts import REFERENCE, REPOSITORY, requirements

from policies.live.aws import errors
from policies.live.aws.access import Asked
from policies.live.aws.api import Aws, signed
from policies.live.aws.observing import observe
from policies.live.aws.queues import TriedQueue
from policies.live.aws.resources import CreatedResource
from policies.platform import Platform
from policies.verdict import cases, judge

FIRST = "turnstile: no environment was named: of AWS only an embedded stand-in is tried, filled from Terraform"


def command(folder: Path, *more: str) -> list[str]:
    """Give the command of `tox -e live`, for AWS alone."""
    return [
        sys.executable, "-m", "pytest", "-p", "policies.plugin", "-p", "policies.live.aws.plugin", "-c", str(REPOSITORY / "pyproject.toml"),
        f"--rootdir={REPOSITORY}", "--suite", "live", str(REPOSITORY / "tests_live"), "--requirements", str(REPOSITORY / "tests_live"),
        "--platform", str(REFERENCE), "--junit", str(folder / "live.xml"), *more,
    ]  # fmt: skip


def surroundings(folder: Path) -> dict[str, str]:
    """Give the environment of a run, with a folder of its own for what is temporary."""
    (folder / "scratch").mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(folder / "scratch"), "TURNSTILE_CANARY": "canary-of-the-environment"}


def left(folder: Path) -> list[str]:
    """Give what a run left: its folders, and the processes that name them."""
    found = [str(one) for one in (folder / "scratch").glob("turnstile-aws-*")]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder / "scratch") in told:
            found.append(told)
    return found


def test_run_without_an_environment_says_so_first_and_last_and_leaves_nothing(tmp_path: Path) -> None:
    """Whoever reads a green report must know that nothing of theirs was looked at."""
    done = subprocess.run(
        command(tmp_path), capture_output=True, text=True, env=surroundings(tmp_path), timeout=300, check=False
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert lines[0] == FIRST
    assert FIRST in lines[-2:]
    assert any("leads to a stand-in on loopback" in line for line in lines)
    names = {one.get("classname") for one in ElementTree.parse(tmp_path / "live.xml").iter("testcase")}  # noqa: S314 (ours)
    assert {f"live.{one.id}" for one in requirements()} <= names
    assert left(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_run_that_is_interrupted_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    """Not even where it had no time to say so."""
    process = subprocess.Popen(
        command(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=surroundings(tmp_path)
    )
    end = time.monotonic() + 120
    while not left(tmp_path) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.3)
    assert left(tmp_path)
    process.send_signal(number)
    process.wait(timeout=60)
    end = time.monotonic() + 20
    while left(tmp_path) and time.monotonic() < end:
        time.sleep(0.1)
    assert left(tmp_path) == []


def test_aws_can_be_left_out(tmp_path: Path) -> None:
    """Then nothing of it is judged, and nothing is started."""
    done = subprocess.run(
        command(tmp_path, "--aws", "none"),
        capture_output=True,
        text=True,
        env=surroundings(tmp_path),
        timeout=300,
        check=False,
    )
    assert FIRST not in done.stdout
    assert "9 passed" not in done.stdout
    assert left(tmp_path) == []


def test_no_secret_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in what is said on the way, nor in a verdict, nor where a resource that holds one is refused."""
    canary = "canary-" + "s3cr3t" * 6
    monkeypatch.setattr("policies.live.aws.rows.outside.secrets.token_urlsafe", lambda _: canary)
    create = "policies.live.aws.rows.distributions._origin"

    def broken(one: dict[str, object]) -> dict[str, object]:
        return {
            "Id": canary,
            "DomainName": canary,
            "OriginPath": canary,
            "CustomOriginConfig": canary,
            "CustomHeaders": one,
        }

    monkeypatch.setattr(create, broken)
    platform = Platform.open(REFERENCE)
    said: list[str] = []
    seen = tuple(observe(platform, Asked(), said.append))
    watched = type("Watched", (), {})()
    watched.observations, watched.only_clusters = seen, False
    told = [*said, *map(repr, seen)]
    from policies.catalogue import catalogue

    for requirement in catalogue(REPOSITORY / "tests_live"):
        if requirement.subject in (TriedQueue, CreatedResource):
            told += [repr(judge(case)) for case in cases(requirement, watched)]
    assert any("aws_cloudfront_distribution" in one for one in told)
    assert not [one for one in told if "s3cr3t" in one]


def test_what_boto_quotes_is_not_told() -> None:
    """A parameter of a wrong type is named, and its value is not."""
    aws = Aws(signed("123456789012", "none", "us-east-1"), "us-east-1", "http://127.0.0.1:9")
    with pytest.raises(errors.AwsError) as found:
        aws.of("sqs").create_queue(QueueName="q", Attributes={"Policy": ["s3cr3t"]})
    assert "Attributes.Policy" in str(found.value)
    assert "s3cr3t" not in str(found.value)
