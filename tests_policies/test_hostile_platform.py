"""The command on platforms that mean harm, or that are nothing: what they bring is not run, what cannot be read is told, what is odd is harmless."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import BOOKSHOP, run_static

FAILED, USAGE = 1, 4
"""Exit codes of pytest."""

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\ndata: {a: b}\n"


def write(file: Path, text: str | bytes) -> Path:
    """Write a file, and the folders that it stands in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def told(junit: Path) -> list[tuple[str, str, str]]:
    """Requirement, subject and outcome of each case of a report."""
    return [
        (
            case.get("classname", "").partition(".")[2],
            case.get("name", ""),
            next((item.tag for item in case if item.tag != "system-out"), "passed"),
        )
        for case in ElementTree.parse(junit).iter("testcase")  # noqa: S314 (a report of ours)
    ]


@pytest.mark.parametrize("form", ["--platform DIR", "--platform=DIR", "--platform DIR, seen from inside"])
def test_nothing_that_a_platform_brings_is_run(tmp_path: Path, form: str) -> None:
    """Files that pytest, Python or tox would load are files like any other, however the platform is named and wherever it is named from."""
    root, mark = tmp_path / "theirs", tmp_path / "mark"
    shutil.copytree(BOOKSHOP, root)
    code = f"open({str(mark)!r}, 'a').write(__file__ + '\\n')\n"
    for folder in (root, root / "deploy", root / "tests_static"):
        for name in (
            "conftest.py",
            "sitecustomize.py",
            "usercustomize.py",
            "yaml.py",
            "msgspec.py",
            "pytest.py",
            "test_theirs.py",
            "test_base.py",
            "setup.py",
            "__init__.py",
        ):
            write(folder / name, code)
        for name in ("policies/__init__.py", "policies/plugin.py", "commands/__init__.py", "rich/__init__.py"):
            write(folder / name, code)
        write(folder / "evil.pth", f"import os; os.system('echo pth >> {mark}')\n")
        write(folder / "pytest.ini", "[pytest]\naddopts = -p evil --collect-only\npython_files = *.py\n")
        write(
            folder / "tox.ini",
            f"[tox]\nrequires = evil\n[testenv]\ncommands = touch {mark}\n[pytest]\naddopts = -p evil\n",
        )
        write(folder / "setup.cfg", "[tool:pytest]\naddopts = -p evil\n")
        write(folder / "pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['-p', 'evil']\n")
        write(folder / "evil.py", code)
    arguments = [f"--platform={root}"] if "=" in form else ["--platform", root]
    # A name of one's own is last, so that what pytest does not take for the option's value it would take for a path.
    done = run_static(
        "--junit", tmp_path / "out.xml", *arguments, cwd=root if "inside" in form else Path(__file__).parent.parent
    )
    assert not mark.exists(), mark.read_text(encoding="utf-8")
    assert done.returncode == 0, done.stdout
    assert len(told(tmp_path / "out.xml")) > 50


def test_the_mark_is_left_by_a_conftest_that_is_loaded(tmp_path: Path) -> None:
    """What the test above does not see can happen: pytest imports a `conftest.py` beside a path that it is given."""
    mark = tmp_path / "mark"
    write(tmp_path / "theirs" / "conftest.py", f"open({str(mark)!r}, 'a').write('x')\n")
    run_static("--junit", tmp_path / "out.xml", tmp_path / "theirs")
    assert mark.exists()


def test_empty_directory_is_not_judged_and_with_require_fails(tmp_path: Path) -> None:
    """Nothing is no pass: every requirement says that it had nothing to look at, and `--require` makes that a failure."""
    (tmp_path / "nothing").mkdir()
    done = run_static("--platform", tmp_path / "nothing", "--junit", tmp_path / "out.xml", "--require")
    assert done.returncode == FAILED, done.stdout
    found = told(tmp_path / "out.xml")
    assert len({requirement for requirement, _, _ in found}) > 20
    assert {outcome for _, _, outcome in found} <= {"failure", "error"}


def test_directory_that_is_not_there_ends_the_run(tmp_path: Path) -> None:
    """A typing error in the directory's name is a usage error in one sentence, and no green run."""
    for path in (tmp_path / "nowhere", write(tmp_path / "file", "x")):
        done = run_static("--platform", path, "--junit", tmp_path / "out.xml")
        assert done.returncode == USAGE
        assert f"{path} is not a directory" in done.stderr
        assert "Traceback" not in done.stderr + done.stdout
        assert not (tmp_path / "out.xml").exists()


UNREADABLE: dict[str, bytes] = {
    "brackets": b"kind: Pod\na: " + b"[" * 200_000,
    "dashes": b"kind: Pod\na:\r" + b"- " * 200_000,
    "laughs": b"kind: Pod\nl0: &l0 [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"l%d: &l%d [%s]\n" % (i, i, b",".join([b"*l%d" % (i - 1)] * 10)) for i in range(1, 30)),
    "cycle": b"kind: Pod\na: &a [*a]\n",
    "nul": b"kind: Pod\na: \0\n",
    "latin": b"kind: Pod\na: \xe9\n",
    "tab": b"kind: Pod\nspec:\n\ta: b\n",
    "broken": b"kind: Pod\nspec: [\n",
}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A run over a platform with every kind of unreadable file beside two overlays that are sound, one that is missing and one that is empty."""
    folder = tmp_path_factory.mktemp("damaged")
    root = folder / "theirs"
    shutil.copytree(BOOKSHOP, root)
    for name, content in UNREADABLE.items():
        write(root / "plain" / f"{name}.yaml", content)
        write(root / "overlays" / name / "kustomization.yaml", f"resources: [good.yaml, {name}.yaml]\n")
        write(root / "overlays" / name / "good.yaml", GOOD)
        write(root / "overlays" / name / f"{name}.yaml", content)
    flood = write(root / "plain" / "flood.yaml", "kind: Pod\n")
    os.truncate(flood, 1 << 30)
    os.mkfifo(root / "plain" / "pipe.yaml")
    (root / "plain" / "out.yaml").symlink_to("/etc/hostname")
    (root / "plain" / "zero.yaml").symlink_to("/dev/zero")
    write(root / "overlays" / "empty" / "kustomization.yaml", "resources: []\n")
    write(root / "overlays" / "kustomization" / "kustomization.yaml", b"resources: [\0]\n")
    stated = "".join(
        f'[overlays.{name}]\npath = "overlays/{name}"\nstage = "development"\n'
        for name in (*UNREADABLE, "empty", "missing", "kustomization")
    )
    with (root / "platform.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{stated}")
    done = run_static("--platform", root, "--junit", folder / "out.xml")
    return done, folder / "out.xml"


def test_every_unreadable_file_is_an_error_and_the_rest_is_judged(
    damaged: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    """One file that cannot be read is one error with its name, whether it lies alone or in an overlay; the overlays that are sound pass as before."""
    done, junit = damaged
    assert done.returncode == FAILED, done.stdout + done.stderr
    found = told(junit)
    errors = {subject for requirement, subject, outcome in found if requirement == "BUILD-01c" and outcome == "error"}
    for name in UNREADABLE:
        assert f"overlays/{name}/{name}.yaml" in errors
    for name in (*UNREADABLE, "flood", "pipe", "out", "zero"):
        assert f"plain/{name}.yaml" in errors
    by_overlay = {subject: outcome for requirement, subject, outcome in found if requirement == "BUILD-01a"}
    assert {name: by_overlay[name] for name in ("live", "laptop")} == {"live": "passed", "laptop": "passed"}
    assert {by_overlay[name] for name in (*UNREADABLE, "empty", "missing", "kustomization")} <= {"failure", "error"}
    assert Counter(outcome for _, _, outcome in found)["passed"] > 50


def test_nothing_of_ours_failed_over_damaged_files(damaged: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """An error is a sentence about a file of the platform, never a traceback of ours."""
    done, junit = damaged
    text = done.stdout + done.stderr + junit.read_text(encoding="utf-8")
    for sign in ("Traceback", "itself failed", "INTERNALERROR"):
        assert sign not in text


def test_overlay_that_is_promised_and_not_there_never_passes(
    damaged: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    """`platform.toml` states an overlay that does not exist, and one that renders nothing: no requirement passes but that this one fetches nothing."""
    _, junit = damaged
    of_them = [case for case in told(junit) if case[1] in ("missing", "empty")]
    assert [case for case in of_them if case[2] == "passed"] == [("BUILD-01b", "empty", "passed")]
    assert {case for case in of_them if case[0] == "BUILD-01a"} == {
        ("BUILD-01a", "missing", "error"),
        ("BUILD-01a", "empty", "failure"),
    }
    assert len(of_them) > 15


ODD = "\x1b[31mred\x1b]0;title\x07]]>&<b>\u202e\u2028"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """A run over a platform whose names and values hold escapes, markup, direction marks and line feeds, in folders, files, objects and keys."""
    folder = tmp_path_factory.mktemp("odd")
    root = folder / f"theirs{ODD}"
    quoted = ODD.replace("\x1b", "\\e").replace("\x07", "\\a").replace("\u202e", "\\u202e").replace("\u2028", "\\L")
    pod = (
        f'apiVersion: v1\nkind: Pod\nmetadata:\n  name: "web{quoted}"\n  namespace: "{quoted}"\nspec:\n  containers:\n'
        f'  - name: "c{quoted}"\n    image: "x{quoted}\\nFAILED:latest"\n'
        f'    env:\n    - name: "PASSWORD{quoted}"\n      value: "hunter2{quoted}"\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: "s{quoted}"\n'
        f'spec:\n  type: NodePort\n  ports:\n  - name: "p{quoted}"\n    port: 80\n    nodePort: "31{quoted}"\n'
    )
    for name in ("plain", f"p{ODD}\n"):
        write(root / name / f"pod{ODD}\n.yaml", pod)
        write(root / name / f"broken{ODD}\n.yaml", 'kind: Pod\nmetadata: "\n')
    overlay = root / f"dev{ODD}"
    write(
        overlay / "kustomization.yaml",
        f'resources: ["pod.yaml", "missing{quoted}", "https://{quoted}"]\n"field{quoted}": 1\nconfigMapGenerator:\n- name: x\n  envs: [c.env]\n',
    )
    write(overlay / "pod.yaml", pod.replace("namespace: ", "annotations: {a: b}\n  generateName: "))
    write(overlay / "c.env", f"PASSWORD{ODD}=1\nPASSWORD{ODD}=2\n=3\n")
    with open(os.fsencode(root) + b"/plain/\xff\x1b[31m.yaml", "wb") as stream:
        stream.write(b"kind: Pod\nmetadata: [\n")
    done = run_static("--platform", root, "--junit", folder / "out.xml")
    return done, folder / "out.xml"


def test_control_characters_do_not_reach_the_terminal(odd: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """A name can colour the screen, rename the window, turn the text around or begin a line of its own; none of that reaches a reader."""
    done, _ = odd
    assert done.returncode == FAILED, done.stderr
    shown = done.stdout + done.stderr
    assert "red" in shown
    assert not re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", shown)
    assert not re.search(r"^\s*FAILED:latest", shown, re.MULTILINE)
    for sign in ("Traceback", "itself failed", "INTERNALERROR"):
        assert sign not in shown


def test_report_of_odd_names_is_xml_and_says_the_same(odd: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """The report parses, holds every case, and no character in it does anything but stand there."""
    _, junit = odd
    text = junit.read_text(encoding="utf-8")
    assert not re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)
    found = told(junit)
    assert sum("red" in subject for _, subject, _ in found) > 10
    assert {outcome for _, _, outcome in found} >= {"failure", "error"}
