"""The command `turnstile`: list, explain, init, docs."""

from __future__ import annotations

import shutil
from pathlib import Path

from commands import BOOKSHOP, ROOT, run_static, run_turnstile

from policies.catalogue import OWN, catalogue
from policies.intent.intent import read_intent

HARBOUR, ARENA = (ROOT / "tests_policies" / "platforms" / name for name in ("harbour", "arena"))


def test_list_shows_every_requirement() -> None:
    """A line a requirement, by chapter; a chapter's name shows that chapter alone."""
    every = run_turnstile("list").stdout
    assert all(f"{item.id} " in every for item in catalogue(OWN))
    one = run_turnstile("list", "cfg").stdout
    assert "CFG-02" in one
    assert "BASE" not in one


def test_explain_says_why_and_what_to_do() -> None:
    """All that is known stands in one place: severity, clause, reason, remedy, and where the assertion is."""
    said = " ".join(run_turnstile("explain", "CFG-02").stdout.split())
    for part in (
        "HIGH",
        "3b, 7b, 8b",
        "which one wins depends on the reader",
        "Keep one declaration of the key.",
        "test_configuration.py:",
    ):
        assert part in said
    family = run_turnstile("explain", "BASE-02").stdout
    assert all(id in family for id in ("BASE-02a", "BASE-02b", "BASE-02c"))


def test_unknown_names_end_with_the_way_out() -> None:
    """An id that is none is answered with those that are close, on standard error, with exit code 2."""
    done = run_turnstile("explain", "CFG-20")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean CFG-0" in done.stderr


def test_init_writes_what_the_owners_wrote(tmp_path: Path) -> None:
    """What is found by looking on the bookshop is what its owners state, and the file it writes is read without a word."""
    platform = tmp_path / "shop"
    shutil.copytree(BOOKSHOP, platform)
    (platform / "platform.toml").unlink()
    assert run_turnstile("init", platform).returncode == 0
    found, stated = read_intent(platform), read_intent(BOOKSHOP)
    assert found is not None
    assert stated is not None
    assert found.services == stated.services
    assert found.base == stated.base
    assert found.overlays == stated.overlays
    done = run_static("--platform", platform, "--junit", tmp_path / "out.xml")
    assert done.returncode == 0, done.stdout
    assert "Assumed" not in done.stdout


def test_init_finds_terraform_and_validators(tmp_path: Path) -> None:
    """A platform without Kubernetes gets its roots, with what they are given and assemble, and the function that checks tokens."""
    platform = tmp_path / "port"
    shutil.copytree(HARBOUR, platform)
    shutil.copytree(ARENA / "edge", platform / "edge")
    (platform / "platform.toml").unlink()
    assert run_turnstile("init", platform).returncode == 0
    found, stated = read_intent(platform), read_intent(HARBOUR)
    assert found is not None
    assert stated is not None
    assert found.terraform == stated.terraform
    assert found.edge is not None
    assert found.edge.handler == "edge/door.js"


def test_init_never_overwrites(tmp_path: Path) -> None:
    """A platform.toml that is there stays as it is; so does what a link of that name leads to; an empty folder gets none."""
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", encoding="utf-8")
    target = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    (tmp_path / "platform.toml").symlink_to(target)
    assert run_turnstile("init", tmp_path).returncode == 2
    assert not target.exists()
    (tmp_path / "platform.toml").unlink()
    assert run_turnstile("init", tmp_path).returncode == 0
    assert run_turnstile("init", tmp_path).returncode == 2
    (tmp_path / "empty").mkdir()
    done = run_turnstile("init", tmp_path / "empty")
    assert done.returncode == 2
    assert "holds neither a kustomization nor a manifest nor Terraform" in done.stderr


def test_page_of_requirements_is_current(tmp_path: Path) -> None:
    """docs/requirements.md is what the requirements say; a page that is not is told, by the command that mends it."""
    assert run_turnstile("docs", "--check", ROOT / "docs" / "requirements.md").returncode == 0
    old = tmp_path / "requirements.md"
    old.write_text("# Requirements\n", encoding="utf-8")
    assert run_turnstile("docs", "--check", old).returncode == 1
