"""A second gateway, in another style, behind a second edge: judged with nothing but its platform.toml."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from rich.console import Console

from policies.catalogue import OWN, catalogue
from policies.edge import confinement, running
from policies.errors import UsageError
from policies.gateway import attacks
from policies.gateway.agreement import Agreement
from policies.gateway.found import ORIGIN_SECRET
from policies.gateway.java import find_java
from policies.gateway.replay import is_ours, replay
from policies.platform import Platform
from policies.verdict import Collected, Outcome, Verdict, cases, judge

FERRY = Path(__file__).resolve().parent / "platforms" / "ferry"
REQUIREMENTS = tuple(item for item in catalogue(OWN) if item.subject is Agreement)
GATE = "gate/src/main/java/ferry/Gate.java"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is unpacked out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def verdicts(folder: Path, *changes: tuple[str, str, str]) -> dict[str, Verdict]:
    """Build a copy with these changes (file, what stands there, what instead), and judge it."""
    if find_java() is None or shutil.which("javac") is None:
        pytest.skip("no Java: neither java nor javac in PATH")
    root = Path(shutil.copytree(FERRY, folder / "ferry"))
    for file, old, new in changes:
        text = (root / file).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (root / file).write_text(text.replace(old, new), encoding="utf-8")
    classes = folder / "classes"
    subprocess.run(["javac", "-d", classes, *(root / "gate").rglob("*.java")], check=True)
    (root / "gate" / "target").mkdir()
    with zipfile.ZipFile(root / "gate" / "target" / "gate.jar", "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nMain-Class: ferry.Gate\n\n")
        for path in classes.rglob("*.class"):
            archive.write(path, path.relative_to(classes).as_posix())
    platform = Platform.open(root)
    collected: dict[type, Collected] = {}
    try:
        found = [judge(case) for item in REQUIREMENTS for case in cases(item, platform, collected)]
    finally:
        for one in collected[Agreement].subjects:
            if isinstance(one, Agreement):
                one.close()
        while running._running:
            running._running.popitem()[1].close()
    return {item.requirement: item for item in found}


def test_second_gateway_agrees(tmp_path: Path) -> None:
    """Another server, another port, another status, paths written anew, no settings but the environment."""
    found = verdicts(tmp_path)
    assert set(found) == {item.id for item in REQUIREMENTS}
    assert {id: (item.outcome, item.message) for id, item in found.items() if item.outcome is not Outcome.PASSED} == {}


def test_what_is_written_anew_is_known_behind_it(tmp_path: Path) -> None:
    """`/api/cabins` is `/cabins` there: a filter that looks at less than what is routed is found all the same."""
    change = (GATE, "boolean isProtected = path.toLowerCase(Locale.ROOT)", "boolean isProtected = path")
    routed = (GATE, 'path.startsWith("/api/") ?', 'path.toLowerCase(Locale.ROOT).startsWith("/api/") ?')
    found = verdicts(tmp_path, change, routed)
    broken = {id for id, item in found.items() if item.outcome is Outcome.FAILED}
    assert broken == {"EDGE-07d", "EDGE-07e"}
    assert "of CABINS_URL" in found["EDGE-07e"].message
    # What was sent to the gateway itself is its own to answer for.
    assert {item.locations[0].source for id, item in found.items() if id in broken} == {GATE}


def test_another_header_is_found_here_too(tmp_path: Path) -> None:
    """7d, in another platform's words."""
    found = verdicts(tmp_path, ("tf/main.tf", '"X-Ferry-Edge"', '"X-Edge"'))
    broken = {id for id, item in found.items() if item.outcome is Outcome.FAILED}
    assert "EDGE-07a" in broken
    assert "X-Edge: (the right value)" in found["EDGE-07a"].message
    assert "answers 401" in found["EDGE-07a"].message


def test_a_failure_is_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the file that the run wrote, with tokens of now; what it says is the same in every run, and holds no secret."""
    monkeypatch.setattr(confinement.asked, "failures", tmp_path / "failures")
    first = verdicts(tmp_path, ("tf/main.tf", '"X-Ferry-Edge"', '"X-Edge"'))["EDGE-07a"].message
    assert ORIGIN_SECRET not in first
    assert "eyJ" not in first
    file = tmp_path / "failures" / "gateway.let_in.json"
    root = tmp_path / "ferry"
    console = Console(record=True, width=300)
    assert is_ours(file)
    assert replay(file, Platform.open(root), console) == 1
    told = console.export_text()
    assert "CloudFront  sends GET /api/cabins" in told
    assert "gateway     answers 401, application/json" in told
    text = (root / "tf/main.tf").read_text(encoding="utf-8")
    (root / "tf/main.tf").write_text(text.replace('"X-Edge"', '"X-Ferry-Edge"'), encoding="utf-8")
    assert replay(file, Platform.open(root), console) == 0
    file.write_text("{}", encoding="utf-8")
    assert not is_ours(file)
    with pytest.raises(UsageError, match="is no failure that a run has written"):
        replay(file, Platform.open(root), console)


def test_a_class_that_does_not_come_about_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was never sent proves nothing: that is no pass."""
    plain = attacks.plainly
    monkeypatch.setattr(attacks, "plainly", dataclasses.replace(plain, labels=(*plain.labels, "never made")))
    found = verdicts(tmp_path)["EDGE-07b"]
    assert (found.outcome, "plainly: never made came about" in found.message) == (Outcome.ERROR, True)
