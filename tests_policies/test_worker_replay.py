"""A failure of the worker is kept in a file, and delivered again by a command."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from commands import AS_CLONED, REFERENCE

from policies import cli
from policies.catalogue import OWN, catalogue
from policies.edge import confinement
from policies.platform import Platform
from policies.verdict import Outcome, cases, judge
from policies.worker import running
from policies.worker.fates import PLAIN
from policies.worker.messages import Batch, Message
from policies.worker.replay import read, to_plain

FUNCTION = Path("lambda", "ticket-worker")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A platform whose worker does not report what follows a failure."""
    root = tmp_path / "platform"
    shutil.copytree(REFERENCE / FUNCTION, root / FUNCTION, ignore=AS_CLONED)
    shutil.copy(REFERENCE / "platform.toml", root)
    stated = root / "platform.toml"
    text = stated.read_text(encoding="utf-8")
    stated.write_text(text.replace("[worker]\n", "[worker]\nfifo = true\npartial-failures = true\n"), encoding="utf-8")
    batch = root / FUNCTION / "batch.js"
    old = batch.read_text(encoding="utf-8")
    assert old.count("return records.slice(index);") == 1
    batch.write_text(old.replace("return records.slice(index);", "return [record];"), encoding="utf-8")
    return root


def test_failure_is_delivered_again(
    broken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The batch that a finding names shows the same on what is broken, and holds on what is not."""
    monkeypatch.setattr(confinement.asked, "failures", tmp_path / "reports" / "edge")
    (requirement,) = (item for item in catalogue(OWN) if item.id == "WORKER-03b")
    try:
        (verdict,) = (judge(case) for case in cases(requirement, Platform.open(broken), {}))
    finally:
        running.close_all()
    assert verdict.outcome is Outcome.FAILED
    named = re.search(r"the batch is in (\S+\.json)", verdict.message)
    assert named is not None
    file = Path(named[1])
    assert cli.main(["worker", "replay", str(file), "--platform", str(broken)]) == 1
    told = capsys.readouterr().out
    assert "reports 1\n" in told
    assert "message 2: it is not reported, and so deleted unsent" in told
    assert cli.main(["worker", "replay", str(file), "--platform", str(REFERENCE)]) == 0
    assert "The worker makes of it what it must." in capsys.readouterr().out


def test_batch_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Nothing of it is lost on the way."""
    batch = Batch((Message(PLAIN, "RESERVE", 1), Message(PLAIN, "RESERVE", 1, repeats=True)), again=True, left=10)
    file = tmp_path / "failure.json"
    data = {
        "format": "turnstile-worker-2",
        "handler": "index.js",
        "batch": to_plain(batch),
        "fault": "is sent more often than once",
    }
    file.write_text(json.dumps(data), encoding="utf-8")
    assert read(file).batch == batch


@pytest.mark.parametrize("text", ["", "{}", '{"format": "turnstile-worker-1"}', "[1]"])
def test_what_is_no_failure_is_refused(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Another file, or one of an older form, is told from one that a run has written."""
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    assert cli.main(["worker", "replay", str(file), "--platform", str(REFERENCE)]) == 2
    assert "is no failure that a run has written" in capsys.readouterr().err.replace("\n", " ")
