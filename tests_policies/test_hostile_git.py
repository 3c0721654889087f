"""Git asked about a platform whose repository names programs: none of them runs, and git's answers are those of a clone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from policies.platform import Platform
from policies.read.git import IgnoreRule, Repository, find_repository

CLEAN = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": os.devnull}


def git(folder: Path, *arguments: str) -> str:
    """Run git as the platform's author would."""
    identity = (
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.com",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "init.defaultBranch=main",
    )
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=CLEAN, capture_output=True, text=True, check=True
    )
    return done.stdout


def write(file: Path, text: str) -> Path:
    """Write a file, and the folders that it stands in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one tracked file, one ignored file and one that is neither."""
    repository = tmp_path / "platform"
    write(repository / "app" / "config.env", "A=1\n")
    write(repository / ".gitignore", "# Secrets stay here.\nsecrets.env\n")
    git(repository, "init", "--quiet")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "x")
    write(repository / "app" / "secrets.env", "A=1\n")
    write(repository / "app" / "other.env", "A=1\n")
    return repository


def repository_of(root: Path) -> Repository:
    """The repository around a platform."""
    found = find_repository(root)
    assert isinstance(found, Repository), found
    return found


def ask_everything(root: Path) -> None:
    """Ask git all that the suite asks it."""
    platform = Platform(root)
    _ = platform.tracked
    platform.ignore_rules(("app/secrets.env", "app/other.env", "app/config.env"))


def test_answers_are_what_git_says(root: Path) -> None:
    """A tracked file, the rule that ignores another with its line, and no rule for the third."""
    repository = repository_of(root)
    assert repository.tracked() == (".gitignore", "app/config.env")
    assert repository.ignore_rules(["app/secrets.env", "app/other.env"]) == {
        "app/secrets.env": IgnoreRule(".gitignore", 2, "secrets.env")
    }
    assert repository.ignore_rules([]) == {}


def test_names_that_git_would_quote_are_plain(root: Path) -> None:
    """A file's name with a line feed, an umlaut or bytes that are no UTF-8 is the same name that the tree gives."""
    for name in (b"new\nline.env", "größe.env".encode(), b"\xff.env"):
        with open(os.path.join(os.fsencode(root), b"app", name), "wb"):
            pass
    git(root, "add", "--all")
    assert {"app/new\nline.env", "app/größe.env", "app/\udcff.env"} < set(repository_of(root).tracked())


@pytest.fixture
def trap(root: Path, tmp_path: Path) -> Path:
    """Make every setting and hook that names a program name one that leaves a mark; give the mark."""
    mark = tmp_path / "mark"
    program = write(tmp_path / "program", f'#!/bin/sh\necho "$0 $@" >> {mark}\nexit 1\n')
    program.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.askPass", "core.gitProxy", "core.alternateRefsCommand",
                 "pager.ls-files",
                 "filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.command", "diff.x.textconv", "diff.external", "merge.x.driver", "gpg.program",
                 "credential.helper", "uploadpack.packObjectsHook", "remote.origin.uploadpack", "remote.origin.vcs"):  # fmt: skip
        git(root, "config", name, str(program))
    git(root, "config", "remote.origin.url", f"ext::{program}")
    git(root, "config", "protocol.ext.allow", "always")
    git(root, "config", "alias.ls-files", f"!{program}")
    git(root, "config", "alias.check-ignore", f"!{program}")
    write(root / ".gitattributes", "* filter=x diff=x merge=x\n")
    hooks = root / "hooks-of-its-own"
    for folder in (root / ".git" / "hooks", hooks):
        for name in (
            "post-index-change",
            "pre-commit",
            "post-checkout",
            "reference-transaction",
            "fsmonitor-watchman",
            "sendemail-validate",
            "pre-auto-gc",
        ):
            write(folder / name, program.read_text(encoding="utf-8")).chmod(0o755)
    git(root, "config", "core.hooksPath", str(hooks))
    included = write(tmp_path / "included", f"[core]\n\tfsmonitor = {program}\n\thooksPath = {hooks}\n")
    git(root, "config", "include.path", str(included))
    git(root, "config", "extensions.worktreeConfig", "true")
    write(root / ".git" / "config.worktree", f"[core]\n\tfsmonitor = {program}\n")
    # What was written before is older than the index, so that git has to look at each file again.
    os.utime(root / "app" / "config.env", (1, 1))
    return mark


def test_no_program_that_the_repository_names_is_run(root: Path, trap: Path) -> None:
    """Asking what is tracked and what is ignored runs no hook, monitor, filter, alias, pager or helper of the repository."""
    trap.unlink(missing_ok=True)
    repository = repository_of(root)
    assert repository.tracked() == (".gitignore", "app/config.env")
    assert "app/secrets.env" in repository.ignore_rules(["app/secrets.env"])
    ask_everything(root)
    assert not trap.exists(), trap.read_text(encoding="utf-8")


def test_the_trap_closes_on_who_asks_as_usual(root: Path, trap: Path) -> None:
    """What the test above does not see can happen: plain git runs what the repository names."""
    trap.unlink(missing_ok=True)
    subprocess.run(["git", "status"], cwd=root, env=CLEAN, capture_output=True, check=False)
    assert "program" in trap.read_text(encoding="utf-8")


@pytest.mark.parametrize("where", ["user", "user's default", "repository", "repository's own excludes"])
def test_settings_that_nobody_else_has_do_not_count(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A file is ignored for everybody or not at all: a clone has neither one's own excludes nor `.git/info/exclude`."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    # Many call their own excludes like a repository's.
    excludes = write(home / ".gitignore", "other.env\n")
    if where == "user":
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(write(home / "config", f"[core]\n\texcludesFile = {excludes}\n")))
    elif where == "user's default":
        write(home / ".config" / "git" / "ignore", "other.env\n")
    elif where == "repository":
        git(root, "config", "core.excludesFile", str(excludes))
    else:
        write(root / ".git" / "info" / "exclude", "other.env\n")
    assert subprocess.run(["git", "check-ignore", "--quiet", "app/other.env"], cwd=root, check=False).returncode == 0
    assert repository_of(root).ignore_rules(["app/other.env"]) == {}


def test_environment_of_the_caller_does_not_count(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a hook git sets GIT_DIR and GIT_INDEX_FILE: the suite then still asks the platform's own repository."""
    other = tmp_path / "other"
    write(other / "x", "")
    git(other, "init", "--quiet")
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_WORK_TREE": other,
        "GIT_INDEX_FILE": other / "index",
        "GIT_TRACE": tmp_path / "trace",
    }.items():
        monkeypatch.setenv(name, str(value))
    assert repository_of(root).tracked() == (".gitignore", "app/config.env")
    assert not (tmp_path / "trace").exists()


def test_last_rule_decides_and_an_exception_is_no_rule(root: Path) -> None:
    """A rule that begins with `!` takes a file out again, and a `.gitignore` nearer to it outranks one above."""
    write(root / ".gitignore", "*.env\n!config.env\n!/app/other.env\n")
    write(root / "app" / ".gitignore", "\n\nother.env\n")
    write(root / "lib" / "other.env", "")
    rules = repository_of(root).ignore_rules(["app/config.env", "app/other.env", "app/secrets.env", "lib/other.env"])
    assert rules == {
        "app/other.env": IgnoreRule("app/.gitignore", 3, "other.env"),
        "app/secrets.env": IgnoreRule(".gitignore", 1, "*.env"),
        "lib/other.env": IgnoreRule(".gitignore", 1, "*.env"),
    }


def test_platform_within_a_larger_repository_has_its_own_paths(root: Path) -> None:
    """Paths are relative to the platform, and a rule above it counts: everybody who clones has it."""
    write(root / "app" / "nested" / "s.env", "")
    write(root / ".gitignore", "s.env\n")
    repository = repository_of(root / "app")
    assert repository.tracked() == ("config.env",)
    (rule,) = repository.ignore_rules(["nested/s.env"]).values()
    assert (os.path.basename(rule.file), rule.line, rule.pattern) == (".gitignore", 1, "s.env")


def test_no_work_tree_is_a_reason(tmp_path: Path, root: Path) -> None:
    """Where there is nothing to ask, the reason is said, and nothing is raised."""
    (tmp_path / "alone").mkdir()
    assert find_repository(tmp_path / "alone") == "alone is in no git work tree"
    bare = tmp_path / "bare.git"
    git(tmp_path, "init", "--quiet", "--bare", str(bare))
    assert find_repository(bare) == "bare.git is in no git work tree"
    assert find_repository(root / ".git") == ".git is in no git work tree"


def test_work_tree_elsewhere_is_a_reason(root: Path, tmp_path: Path) -> None:
    """A repository that says that its files are elsewhere does not speak of this platform."""
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path / "elsewhere" / "stolen.env", "A=1\n")
    git(root, "config", "core.worktree", str(tmp_path / "elsewhere"))
    assert isinstance(find_repository(root), str)


@pytest.mark.parametrize("text", ["gitdir: ../nothing\n", "gitdir: /dev/zero\n", "nonsense\n", "gitdir: .\n", ""])
def test_git_file_that_leads_nowhere_is_a_reason(tmp_path: Path, text: str) -> None:
    """`.git` may be a file that names a directory; where that is none, nothing is raised."""
    folder = tmp_path / "platform"
    write(folder / ".git", text)
    found = find_repository(folder)
    assert isinstance(found, str)
    assert found


def test_git_file_of_a_work_tree_is_followed(root: Path, tmp_path: Path) -> None:
    """`git worktree add` makes a `.git` file: what stands there is tracked as in any clone."""
    git(root, "worktree", "add", "--quiet", str(tmp_path / "second"))
    assert repository_of(tmp_path / "second").tracked() == (".gitignore", "app/config.env")


@pytest.mark.parametrize("name", ["HEAD", "config", "index"])
def test_broken_repository_is_a_reason_or_an_error_of_its_own(root: Path, name: str) -> None:
    """A repository that git cannot read is told, as what is not known or as an error, and nothing is raised."""
    (root / ".git" / name).write_bytes(b"\xff\0broken")
    platform = Platform(root)
    assert not isinstance(platform.tracked, tuple)
    assert platform.tracked.reason


def test_git_that_is_not_installed_is_a_reason(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git judges everything else."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_repository(root) == "git is not installed"
    assert not isinstance(Platform(root).tracked, tuple)


def test_asking_writes_nothing(root: Path) -> None:
    """Not even the index is refreshed: a platform is read, never written."""
    os.utime(root / "app" / "config.env", (1, 1))
    before = {path: path.stat().st_mtime_ns for path in sorted(root.rglob("*"))}
    ask_everything(root)
    assert {path: path.stat().st_mtime_ns for path in sorted(root.rglob("*"))} == before


def test_platform_of_another_user_is_read(root: Path) -> None:
    """Continuous integration often runs as another user than the one that checked out; git then refuses unless told not to."""
    if os.getuid() != 0:
        pytest.skip("only root can give a directory away")
    shutil.chown(root, 65534)
    assert repository_of(root).tracked()
