"""checkov beside a run: what it finds is told with file and line, what owners accept is accepted, and the exit code is its own only where it must be."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import run_static

from policies import checkov
from policies.platform import Platform

TERRAFORM = 'resource "aws_s3_bucket" "logs" {\n}\n'
MANIFEST = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: till, namespace: shop}\n"
)


def record(check: str, file: str, line: int, resource: str) -> dict[str, object]:
    """Write a record as checkov does."""
    return {
        "check_id": check, "check_name": f"Ensure {check}", "file_path": file, "file_line_range": [line, line + 1], "resource": resource,
        "check_result": {"result": "FAILED"},
    }  # fmt: skip


FAILED = [
    record("CKV_AWS_18", "/terraform/main.tf", 1, "aws_s3_bucket.logs"),
    record("CKV_K8S_8", "/objects/0/objects.yaml", 4, "Deployment.shop.till"),
]


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    """A platform of one bucket and three objects."""
    root = tmp_path / "platform"
    (root / "shop").mkdir(parents=True)
    (root / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    (root / "shop" / "all.yaml").write_text(MANIFEST, encoding="utf-8")
    (root / "platform.toml").write_text('[manifests.shop]\npath = "shop"\nstage = "release"\n', encoding="utf-8")
    return root


def program(folder: Path, body: str) -> Path:
    """Write a program that stands for checkov."""
    file = folder / "bin" / "checkov"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!{sys.executable}\nimport json, os, sys\n{body}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def answering(folder: Path, failed: list[dict[str, object]]) -> Path:
    """Write a program that finds these, and passes one more."""
    passed = [record("CKV_AWS_1", "/terraform/main.tf", 1, "aws_s3_bucket.logs")]
    data = {
        "check_type": "terraform",
        "results": {"passed_checks": passed, "failed_checks": failed},
        "summary": {"checkov_version": "9.9"},
    }
    return program(folder, f"print(json.dumps({data!r}))\nsys.exit(1)")


def found_by(root: Path, file: Path) -> checkov.Found:
    """Run a program on a platform."""
    found = checkov.Beside.start(file, Platform.open(root)).finish()
    assert isinstance(found, checkov.Found), found
    return found


def test_findings_have_the_platform_s_own_lines(tmp_path: Path, platform: Path) -> None:
    """A block of Terraform its line, an object the line of the manifest that it comes from."""
    found = found_by(platform, answering(tmp_path, FAILED))
    assert {one.requirement: str(one.locations[0]) for one in found.failed} == {
        "CKV_AWS_18": "main.tf:1",
        "CKV_K8S_8": "shop/all.yaml:9",
    }
    assert next(found.lines()).startswith("checkov 9.9: 1 passed, 2 failed, 0 accepted")


def test_what_is_accepted_has_its_reason(tmp_path: Path, platform: Path) -> None:
    """A resource by the baseline, a check by the settings; an entry that nothing needs is told."""
    entries = [
        {
            "file": "/main.tf",
            "findings": [
                {"resource": "aws_s3_bucket.logs", "check_ids": ["CKV_AWS_18", "CKV_AWS_99"], "reason": "it is the log"}
            ],
        }
    ]
    (platform / ".checkov.baseline").write_text(json.dumps({"failed_checks": entries}), encoding="utf-8")
    (platform / ".checkov.yaml").write_text(
        "external-checks-dir: [evil]\nskip-check:\n  - CKV_K8S_8 # nobody probes it\n", encoding="utf-8"
    )
    found = found_by(platform, answering(tmp_path, FAILED))
    assert found.failed == ()
    assert {one.requirement: one.message for one in found.verdicts if one.waiver} == {
        "CKV_AWS_18": "it is the log",
        "CKV_K8S_8": "nobody probes it",
    }
    assert list(found.lines())[1:] == [
        "  .checkov.baseline accepts CKV_AWS_99 on aws_s3_bucket.logs, which nothing needs"
    ]


def test_broken_baseline_accepts_nothing_and_is_told(tmp_path: Path, platform: Path) -> None:
    """A file that is not in its form is no way to pass."""
    (platform / ".checkov.baseline").write_text('{"failed_checks": {"a": 1}}', encoding="utf-8")
    found = found_by(platform, answering(tmp_path, FAILED))
    assert len(found.failed) == 2
    assert "was not taken" in "\n".join(found.lines())


def test_it_sees_a_copy_and_nothing_steers_it(tmp_path: Path, platform: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the platform's, none of the user's, no Secret, no proxy but a dead one."""
    (platform / ".checkov.yaml").write_text("external-checks-dir: [evil]\n", encoding="utf-8")
    monkeypatch.setenv("BC_API_KEY", "x")
    seen = tmp_path / "seen.json"
    body = (
        f"every = [os.path.join(f, n) for f, _, names in os.walk('.') for n in names]\n"
        f"json.dump([every, dict(os.environ), open('objects/0/objects.yaml').read(), sys.argv], open({str(seen)!r}, 'w'))\nprint('[]')"
    )
    found_by(platform, program(tmp_path, body))
    files, environment, objects, arguments = json.loads(seen.read_text(encoding="utf-8"))
    assert sorted(name for name in files if not name.endswith((".json", ".txt"))) == [
        "./objects/0/objects.yaml",
        "./terraform/main.tf",
    ]
    assert "BC_API_KEY" not in environment
    assert environment["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert '"Secret"' not in objects
    assert "--skip-download" in arguments


@pytest.mark.parametrize(
    "body", ["sys.exit(2)", "print('no json')", "print('[1]')", "sys.stderr.write('Traceback\\nBoom: it broke\\n')"]
)
def test_program_that_breaks_is_told(tmp_path: Path, platform: Path, body: str) -> None:
    """It is never a pass."""
    found = checkov.Beside.start(program(tmp_path, body), Platform.open(platform)).finish()
    assert isinstance(found, str)


def test_exit_code_is_its_own_only_where_it_is_enforced(tmp_path: Path, platform: Path) -> None:
    """Advisory it tells; enforced it fails the run; off it is not started; where it is not there, that is told."""
    answering(tmp_path, FAILED)
    with_it = {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "TOX_ENV_DIR": str(tmp_path / "none" / "x"),
    }
    arguments = (
        "--platform",
        platform,
        "--junit",
        tmp_path / "own.xml",
        "-q",
        "-k",
        "nothing_is_called_so or dangles or STATE",
    )
    advisory, enforced, off = (
        run_static(*arguments, f"--checkov={mode}", environment=with_it) for mode in ("advisory", "enforce", "off")
    )
    assert "checkov 9.9: 1 passed, 2 failed" in advisory.stdout
    assert "CKV_AWS_18 main.tf:1" in advisory.stdout
    assert "checkov" not in off.stdout
    assert advisory.returncode == off.returncode
    assert enforced.returncode == 1


def test_report_is_one_of_its_own(tmp_path: Path, platform: Path) -> None:
    """Its cases are called after it, and hold file and line."""
    file = tmp_path / "checkov.xml"
    checkov.write_report(found_by(platform, answering(tmp_path, FAILED)), "x", "2026-01-01", file)
    cases = ElementTree.parse(file).findall(".//testcase")  # noqa: S314 (our own file)
    assert {case.get("classname") for case in cases} == {"checkov.CKV_AWS_1", "checkov.CKV_AWS_18", "checkov.CKV_K8S_8"}
    assert any("at main.tf:1" in (case.findtext("system-out") or "") for case in cases)
