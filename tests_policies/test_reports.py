"""The reports beside JUnit: SARIF, Markdown, and the baseline that the next run is held against."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from commands import BOOKSHOP, ROOT, run_static, run_turnstile
from markdown_it import MarkdownIt

from policies.evidence import Location
from policies.report import markdown, sarif
from policies.report.run import Run
from policies.requirement import Severity
from policies.verdict import Outcome, Verdict

SETTINGS = "deploy/envs/live/settings.env"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The bookshop with one key declared twice."""
    platform = tmp_path / "shop"
    shutil.copytree(BOOKSHOP, platform)
    with (platform / SETTINGS).open("a", encoding="utf-8") as settings:
        settings.write("LOG_LEVEL=warn\nLOG_LEVEL=error\n")
    return platform


def results(file: Path) -> Iterator[dict[str, Any]]:
    """Give the results of a SARIF file that is valid."""
    data = json.loads(file.read_text(encoding="utf-8"))
    schema = json.loads((ROOT / "tests_policies/schemas/sarif-2.1.0.json").read_text(encoding="utf-8"))
    errors = [error.message for error in jsonschema.Draft4Validator(schema).iter_errors(data)]
    assert errors == []
    yield from data["runs"][0]["results"]


def test_sarif_is_valid_and_points_at_the_line(broken: Path, tmp_path: Path) -> None:
    """A failure is a result of its rule, at the platform's file and line, and every rule brings its help."""
    file = tmp_path / "out.sarif"
    run_static("--platform", broken, "--junit", tmp_path / "out.xml", "--sarif", file)
    (found,) = (result for result in results(file) if result["ruleId"] == "CFG-02")
    place = found["locations"][0]["physicalLocation"]
    lines = (broken / SETTINGS).read_text(encoding="utf-8").splitlines()
    assert place["artifactLocation"] == {"uri": SETTINGS, "uriBaseId": "%SRCROOT%"}
    assert lines[place["region"]["startLine"] - 1] == "LOG_LEVEL=warn"
    rules = json.loads(file.read_text(encoding="utf-8"))["runs"][0]["tool"]["driver"]["rules"]
    assert all(rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)
    assert rules[found["ruleIndex"]]["id"] == "CFG-02"


def test_fingerprints_survive_moved_lines(broken: Path, tmp_path: Path) -> None:
    """A finding keeps its fingerprint when lines above it come and go, so that a code host knows it again."""
    prints = []
    for comment in ("", "# one\n# two\n"):
        text = (broken / SETTINGS).read_text(encoding="utf-8")
        (broken / SETTINGS).write_text(comment + text, encoding="utf-8")
        run_static("--platform", broken, "--junit", tmp_path / "out.xml", "--sarif", tmp_path / "out.sarif")
        prints.append({result["partialFingerprints"]["turnstile/v1"] for result in results(tmp_path / "out.sarif")})
    assert prints[0] == prints[1]
    assert len(prints[0]) > 1


def verdict(outcome: Outcome, message: str = "wrong", location: Location | None = None) -> Verdict:
    """Give a verdict."""
    places = (location or Location("a b/ü.yaml", 3),)
    return Verdict(
        "X-1",
        "subject",
        "prod",
        outcome,
        Severity.HIGH,
        "T",
        "Why.",
        "Do.",
        ("+",),
        message,
        places,
        meaning="m",
        value="v",
    )


def as_run(*verdicts: Verdict) -> Run:
    """Give a run of these verdicts."""
    return Run("static", "p", "2026-06-01", (), ("something",), {"X": "Chapter"}, verdicts)


def test_every_outcome_has_its_place_in_sarif(tmp_path: Path) -> None:
    """Waived is suppressed with its reason, known is unchanged, an unreadable source is a notification and no success."""
    file = tmp_path / "out.sarif"
    outcomes = (Outcome.FAILED, Outcome.WAIVED, Outcome.KNOWN, Outcome.ERROR, Outcome.PASSED, Outcome.NOT_JUDGED)
    sarif.write(as_run(*map(verdict, outcomes)), (), file, "shop/")
    failed, waived, known = results(file)
    assert failed["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "shop/a%20b/%C3%BC.yaml"
    assert waived["suppressions"][0]["justification"] == "wrong"
    assert known["baselineState"] == "unchanged"
    (invocation,) = json.loads(file.read_text(encoding="utf-8"))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == 1


def test_field_of_an_object_is_a_logical_location(tmp_path: Path) -> None:
    """What an API gave has no file: SARIF names the object and the field."""
    file = tmp_path / "out.sarif"
    sarif.write(
        as_run(verdict(Outcome.FAILED, location=Location("Deployment shop/web", None, "spec.replicas"))), (), file
    )
    (found,) = results(file)
    assert found["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Deployment shop/web spec.replicas"


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "[click](https://evil.example)",
        "![x](y)",
        "@everyone",
        "# heading",
        "a | b",
        "`code`",
        "&lt;b&gt;",
        "**b**",
    ],
)
def test_markdown_takes_the_platforms_text_for_text(text: str, tmp_path: Path) -> None:
    """Nothing that a platform names becomes markup, a link, an image or a mention in a pull request."""
    markdown.write(as_run(verdict(Outcome.FAILED, text)), tmp_path / "out.md")
    page = (tmp_path / "out.md").read_text(encoding="utf-8")
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    inline = [child for token in tokens for child in token.children or ()]
    shown = [
        "".join(child.content for child in token.children or ()).replace("\u200b", "")
        for token in tokens
        if token.type == "inline"
    ]
    assert text in shown
    assert not [child for child in inline if child.type in ("link_open", "image", "html_inline")]
    assert "@everyone" not in page


def test_baseline_lets_only_what_is_new_fail(broken: Path, tmp_path: Path) -> None:
    """What was there when the baseline was written passes as known, renamed and moved too; a second one of its kind fails."""
    done = run_turnstile("baseline", "write", "--platform", broken)
    assert done.returncode == 0, done.stderr
    options = ("--platform", broken, "--junit", tmp_path / "out.xml", "--baseline", broken / "baseline.json")
    assert run_static(*options).returncode == 0
    settings = (broken / SETTINGS).read_text(encoding="utf-8")
    (broken / SETTINGS).unlink()
    (broken / "deploy/envs/live/renamed.env").write_text("# moved\n" + settings, encoding="utf-8")
    kustomization = broken / "deploy/envs/live/Kustomization"
    kustomization.write_text(
        kustomization.read_text(encoding="utf-8").replace("settings.env", "renamed.env"), encoding="utf-8"
    )
    moved = run_static(*options)
    assert moved.returncode == 0, moved.stdout
    assert "known since baseline.json" in moved.stdout
    with (broken / "deploy/envs/live/renamed.env").open("a", encoding="utf-8") as file:
        file.write("SECOND=1\nSECOND=2\n")
    again = run_static(*options)
    assert again.returncode == 1
    assert "FAILED CFG-02 HIGH  live/renamed.env:SECOND" in again.stdout
    assert "FAILED CFG-02 HIGH  live/renamed.env:LOG_LEVEL" not in again.stdout


def test_fixed_finding_must_leave_the_baseline(broken: Path, tmp_path: Path) -> None:
    """What was fixed is told, and fails until the baseline is written again; a run of other cases alone says nothing."""
    run_turnstile("baseline", "write", "--platform", broken)
    shutil.copy(BOOKSHOP / SETTINGS, broken / SETTINGS)
    options = ("--platform", broken, "--junit", tmp_path / "out.xml", "--baseline", broken / "baseline.json")
    done = run_static(*options)
    assert done.returncode == 1
    assert "fixed, and still in the baseline: LOG_LEVEL is declared 2 times" in done.stdout
    assert run_static(*options, "-k", "test_base").returncode == 0
    run_turnstile("baseline", "write", "--platform", broken)
    assert run_static(*options).returncode == 0


@pytest.mark.parametrize("text", ["", "{}", '{"version": 9, "findings": []}', '{"version": 1, "findings": [{}]}', "[]"])
def test_file_that_is_no_baseline_ends_the_run(text: str, tmp_path: Path) -> None:
    """A broken or missing baseline is a usage error, never an empty one."""
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    for name in ("b.json", "missing.json"):
        done = run_static("--platform", BOOKSHOP, "--baseline", tmp_path / name)
        assert done.returncode == 4
        assert name in done.stderr
