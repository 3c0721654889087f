"""The run as a user sees it: exit codes, the summary, the JUnit report, the options."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import AS_CLONED, BOOKSHOP, REFERENCE, ROOT, run_static
from lxml import etree

TODAY = "--today=2026-06-01"


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that stands in a file exactly once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def outcomes(junit: Path) -> dict[tuple[str, str], str]:
    """Give what a report says of each case: passed, failure, error or skipped."""
    cases = ElementTree.parse(junit).iter("testcase")  # noqa: S314 (a report of ours)
    return {
        (case.get("classname", ""), case.get("name", "")): next(
            (item.tag for item in case if item.tag != "system-out"), "passed"
        )
        for case in cases
    }


def assert_valid(junit: Path) -> None:
    """Hold a report to the schema by which Jenkins reads it."""
    schema = etree.XMLSchema(etree.parse(ROOT / "tests_policies" / "schemas" / "junit-10.xsd"))
    assert schema.validate(etree.parse(junit)), schema.error_log


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The bookshop with a key declared twice (high) and a literal credential in development (medium)."""
    platform = tmp_path / "bookshop"
    shutil.copytree(BOOKSHOP, platform)
    with (platform / "deploy/envs/live/settings.env").open("a", encoding="utf-8") as settings:
        settings.write("LOG_LEVEL=warn\nLOG_LEVEL=error\n")
    with (platform / "deploy/envs/laptop/visitors.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: till\nstringData:\n  pin: '4711'\n")
    return platform


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Where the report goes."""
    return tmp_path / "reports" / "out.xml"


def test_reference_platform_keeps_every_requirement(report: Path) -> None:
    """The main job is green on the platform that we ship: nothing fails, and one thing is waived."""
    done = run_static("--junit", report)
    assert done.returncode == 0, done.stdout
    assert_valid(report)
    assert set(outcomes(report).values()) == {"passed", "skipped"}, done.stdout
    assert " 1 waived" in done.stdout


def test_verdicts_are_the_same_in_parallel(broken: Path, tmp_path: Path) -> None:
    """Two workers judge the same cases with the same ids and messages as one process, and say so in the same order."""
    files = [tmp_path / "one.xml", tmp_path / "two.xml"]
    codes = [
        run_static("--platform", broken, TODAY, "--junit", file, *options).returncode
        for file, options in zip(files, ((), ("-n", "2")), strict=True)
    ]
    assert codes == [1, 1]
    texts = []
    for file in files:
        root = ElementTree.parse(file).getroot()  # noqa: S314 (a report of ours)
        for element in root.iter():
            element.attrib.pop("time", None)
        texts.append(ElementTree.tostring(root))
    assert texts[0] == texts[1]


def test_failure_tells_all_that_is_needed(broken: Path, report: Path) -> None:
    """A failure names the requirement, the values seen, the line of the platform's own file, why it matters and the way out."""
    done = run_static("--platform", broken, "--junit", report)
    assert done.returncode == 1
    assert "FAILED CFG-02 HIGH  live/settings.env:LOG_LEVEL" in done.stdout
    assert "LOG_LEVEL is declared 2 times" in done.stdout
    lines = (broken / "deploy/envs/live/settings.env").read_text(encoding="utf-8").splitlines()
    for wanted in ("LOG_LEVEL=warn", "LOG_LEVEL=error"):
        assert f"  deploy/envs/live/settings.env:{lines.index(wanted) + 1}\n" in done.stdout
    assert "why     A key declared twice says two things" in done.stdout
    assert "remedy  Keep one declaration of the key." in done.stdout


def test_summary_counts_and_names_what_was_not_judged(broken: Path, report: Path) -> None:
    """The summary counts by chapter and severity, and names the chart that was not judged with the way to have it judged."""
    done = run_static("--platform", broken, "--junit", report)
    assert "Failures by severity: 1 critical, 1 high, 1 medium." in done.stdout
    assert "Helm charts are not judged; render them" in done.stdout
    assert "BUILD-01a charts/mailer" in done.stdout
    assert "the folder of plain manifests deploy/plain is release" in done.stdout
    assert "CFG  Configuration" in done.stdout


def test_report_is_junit_as_jenkins_reads_it(broken: Path, report: Path) -> None:
    """The report is valid, its counts are those of its cases, and a failure's message is its first line."""
    run_static("--platform", broken, "--junit", report)
    assert_valid(report)
    suite = ElementTree.parse(report).getroot()[0]  # noqa: S314 (a report of ours)
    seen = Counter(outcomes(report).values())
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == tuple(
        str(seen[tag]) for tag in ("failure", "error", "skipped")
    )
    case = next(
        item
        for item in suite.iter("testcase")
        if item.get("classname") == "static.CFG-02" and item.find("failure") is not None
    )
    assert case.get("name") == "live/settings.env:LOG_LEVEL"
    assert case.find("failure").get("message") == "LOG_LEVEL is declared 2 times"  # type: ignore[union-attr]
    assert "at deploy/envs/live/settings.env:" in (case.findtext("system-out") or "")


def test_threshold_lets_lesser_failures_pass(broken: Path, report: Path) -> None:
    """With --fail-on a lesser failure is told and counted as advisory, and the run ends well; a worse one still fails it."""
    change(broken / "deploy/envs/live/settings.env", "LOG_LEVEL=warn\nLOG_LEVEL=error\n", "")
    done = run_static("--platform", broken, "--junit", report, "--fail-on", "high")
    assert done.returncode == 0, done.stdout
    assert "1 advisory" in done.stdout
    assert "(below --fail-on high)" in done.stdout
    assert outcomes(report)["static.KIND-05", "laptop:bookshop/Secret/till:pin"] == "failure"
    assert run_static("--platform", broken, "--junit", report, "--fail-on", "medium").returncode == 1


def test_required_cases_must_be_judged(broken: Path, report: Path) -> None:
    """--require turns what is not judged into a failure, of all or of what it names, and refuses a name that is none."""
    shutil.rmtree(broken)
    shutil.copytree(BOOKSHOP, broken)
    chart = ("static.BUILD-01a", "charts/mailer")
    for options, expected, code in (
        ((), "skipped", 0),
        (("--require",), "failure", 1),
        (("--require", "BUILD"), "failure", 1),
        (("--require=CFG"), "skipped", 0),
    ):
        options = (options,) if isinstance(options, str) else options
        done = run_static("--platform", broken, "--junit", report, "-k", "test_build or test_configuration", *options)
        assert (outcomes(report)[chart], done.returncode) == (expected, code), (options, done.stdout)
    refused = run_static("--platform", broken, "--junit", report, "--require=NONSENSE")
    assert refused.returncode == 4
    assert "--require NONSENSE names no requirement" in refused.stderr


WAIVER = '[[waiver]]\nrequirement = "{}"\nsubject = "{}"\nreason = "the till moves in June"\nowner = "shop team"\n{}\n'


def test_waived_failure_is_told_and_passes(broken: Path, report: Path) -> None:
    """A waiver lets its failure pass, and the report says by whom, why and until when."""
    change(broken / "deploy/envs/live/settings.env", "LOG_LEVEL=warn\nLOG_LEVEL=error\n", "")
    (broken / "waivers.toml").write_text(
        WAIVER.format("KIND-05", "laptop:*till:pin", "expires = 2026-06-01"), encoding="utf-8"
    )
    done = run_static("--platform", broken, "--junit", report, TODAY)
    assert done.returncode == 0, done.stdout
    assert "waived until 2026-06-01 by shop team: the till moves in June" in done.stdout
    assert "1 waived" in done.stdout
    assert outcomes(report)["static.KIND-05", "laptop:bookshop/Secret/till:pin"] == "skipped"
    assert_valid(report)


def test_expired_waiver_fails(broken: Path, report: Path) -> None:
    """The day after its last day a waiver lets nothing pass, and is itself a failure, at its line."""
    (broken / "waivers.toml").write_text(
        "# accepted\n" + WAIVER.format("KIND-05", "laptop:*till:pin", "expires = 2026-05-31"), encoding="utf-8"
    )
    done = run_static("--platform", broken, "--junit", report, TODAY)
    assert done.returncode == 1
    found = outcomes(report)
    assert found["static.KIND-05", "laptop:bookshop/Secret/till:pin"] == "failure"
    assert found["static.WAIVER-01", "KIND-05 laptop:*till:pin"] == "failure"
    assert "waivers.toml:2" in done.stdout
    assert not [name for name in found if name[0] == "static.WAIVER-02"]


def test_unused_waiver_fails_when_all_its_cases_ran(report: Path, tmp_path: Path) -> None:
    """A waiver that no failure needs fails the run; a run of other cases alone cannot know, and says nothing."""
    platform = tmp_path / "bookshop"
    shutil.copytree(BOOKSHOP, platform)
    (platform / "waivers.toml").write_text(
        WAIVER.format("CFG-02", "live/settings.env:GONE", "permanent = true"), encoding="utf-8"
    )
    for options, code in (((), 1), (("-n", "2"), 1), (("-k", "test_build"), 0), (("-k", "not LOG_LEVEL"), 0)):
        done = run_static("--platform", platform, "--junit", report, *options)
        assert done.returncode == code, (options, done.stdout)
        assert (("static.WAIVER-02", "CFG-02 live/settings.env:GONE") in outcomes(report)) == bool(code)


TEAM = '''"""The team's own rules. PYTEST_DONT_REWRITE"""
import pytest
from policies import LOW, requirement
from policies.model.configuration.keys import EnvironmentKey

@pytest.fixture
def longest():
    return 14

@requirement("TEAM-01", EnvironmentKey, clause="+", severity=LOW, remedy="Shorten it.")
def test_key_is_short(key, longest):
    """Long keys do not fit the operators' screens."""
    assert len(key.key) <= longest, key.evidence("{} has {} letters", key.key, len(key.key))
'''


def test_team_brings_its_own_requirements(report: Path, tmp_path: Path) -> None:
    """--requirements DIR judges a team's own demands beside ours, with fixtures of theirs, evidence and report alike."""
    (tmp_path / "test_team.py").write_text(TEAM, encoding="utf-8")
    done = run_static("--platform", BOOKSHOP, "--requirements", tmp_path, "--junit", report)
    assert done.returncode == 1
    failed = [name for (classname, name), outcome in outcomes(report).items() if outcome == "failure"]
    assert "TEAM  The team's own rules" in done.stdout
    assert failed, done.stdout
    assert all(len(name.rpartition(":")[2]) > 14 for name in failed)


def test_rewritten_module_is_refused(report: Path, tmp_path: Path) -> None:
    """A module without PYTEST_DONT_REWRITE would lose its evidence without a word: it is refused, by name."""
    (tmp_path / "test_team.py").write_text(TEAM.replace(" PYTEST_DONT_REWRITE", ""), encoding="utf-8")
    done = run_static("--platform", BOOKSHOP, "--requirements", tmp_path, "--junit", report)
    assert done.returncode == 4
    assert "test_team.py:1: the module's docstring lacks PYTEST_DONT_REWRITE" in done.stderr


def test_what_breaks_beside_the_requirements_is_shown(report: Path, tmp_path: Path) -> None:
    """A team's broken fixture or plain test is shown with its traceback, and fails the run whatever the threshold."""
    (tmp_path / "test_team.py").write_text(TEAM.replace("return 14", "return len(1)"), encoding="utf-8")
    (tmp_path / "test_plain.py").write_text("def test_plain():\n    assert 1 + 1 == 3\n", encoding="utf-8")
    done = run_static(
        "--platform",
        BOOKSHOP,
        "--requirements",
        tmp_path,
        "--junit",
        report,
        "--fail-on",
        "critical",
        "-k",
        "team or plain",
    )
    assert done.returncode == 1
    assert "assert 1 + 1 == 3" in done.stdout
    assert "object of type 'int' has no len()" in done.stdout


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("platform.toml", "[overlays.live]\npath = 'deploy'\nstage = 'live'\n", "platform.toml:3: overlays.live.stage: invalid enum value 'live'"),
        ("platform.toml", "[overlays.live]\npaht = 'x'\npath = 'y'\nstage = 'release'\n", "platform.toml:2: overlays.live.paht: is no key"),
        ("platform.toml", "\n[overlays.live]\npath = 'y'\n", "platform.toml:2: overlays.live: lacks the key 'stage'"),
        ("platform.toml", "[overlays.live]\npath = '../..'\nstage = 'release'\n", "platform.toml:2: overlays.live.path: '../..' leads out of the platform"),
        ("platform.toml", "a = \n", "platform.toml:1: is not TOML"),
        ("waivers.toml", WAIVER.format("CFG-99", "x", "permanent = true"), "waivers.toml:2: waiver.0.requirement: there is no requirement 'CFG-99'"),
        ("waivers.toml", WAIVER.format("CFG-02", "x", ""), "waivers.toml:1: waiver.0: lacks an end"),
        ("waivers.toml", WAIVER.format("CFG-02", "x", "expires = 'soon'"), "waivers.toml:6: waiver.0.expires: "),
    ],
)  # fmt: skip
def test_statement_that_does_not_fit_ends_the_run(file: str, text: str, said: str, tmp_path: Path) -> None:
    """What owners state wrongly is a usage error with file, key and line; nothing is judged by half of it."""
    shutil.copytree(BOOKSHOP, tmp_path / "shop")
    (tmp_path / "shop" / file).write_text(text, encoding="utf-8")
    done = run_static("--platform", tmp_path / "shop")
    assert done.returncode == 4, done.stdout
    assert said in done.stderr


def test_platform_inside_a_larger_repository(report: Path, tmp_path: Path) -> None:
    """A platform in a folder of a repository is judged alone, by the repository's own .gitignore above it."""
    inner = tmp_path / "repository" / "platform"
    shutil.copytree(BOOKSHOP, inner)
    (inner / ".gitignore").replace(inner.parent / ".gitignore")
    subprocess.run(["git", "init", "-q", inner.parent], check=True)
    subprocess.run(["git", "-C", inner.parent, "add", "-A"], check=True)
    done = run_static("--platform", inner, "--junit", report)
    assert done.returncode == 0, done.stdout
    found = outcomes(report)
    of_git = ("static.SECRET-02a", "static.SECRET-02b", "static.SECRET-02c")
    assert {found[key] for key in found if key[0].startswith(of_git)} == {"passed"}


def test_nothing_is_written_into_the_platform(tmp_path: Path, report: Path) -> None:
    """Judging leaves the platform as it was: no file more, none changed."""
    platform = tmp_path / "reference"
    shutil.copytree(REFERENCE, platform, ignore=AS_CLONED)
    before = {path: path.stat().st_mtime_ns for path in platform.rglob("*")}
    run_static("--platform", platform, "--junit", report)
    assert {path: path.stat().st_mtime_ns for path in platform.rglob("*")} == before
