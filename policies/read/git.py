"""What git says of the platform's files, asked so that nothing in the platform's repository can run.

A repository's own configuration may name programs (`core.fsmonitor`, hooks); both are turned off on the command line, which
outranks it, and no system's or user's configuration is read.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from policies.errors import UsageError

SECONDS = 30

_SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.excludesFile=/dev/null",
    "-c", "core.untrackedCache=false", "-c", "safe.directory=*", "-c", "core.quotePath=false",
)  # fmt: skip


@dataclass(frozen=True)
class IgnoreRule:
    """The rule that decides whether git ignores a file: its file (relative to the platform), its line, its pattern."""

    file: str
    line: int
    pattern: str


@dataclass(frozen=True)
class Repository:
    """The work tree that a platform stands in."""

    root: Path

    def prefix(self) -> str:
        """Give the platform's folder in the repository, `deploy/shop/`; empty where it is the repository itself."""
        return os.fsdecode(_git(self.root, "rev-parse", "--show-prefix")).strip("\n")

    def tracked(self) -> tuple[str, ...]:
        """Give the platform's files that git tracks, relative to it. Raises subprocess.SubprocessError."""
        output = _git(self.root, "ls-files", "-z", "--cached", "--", ".")
        return tuple(sorted(os.fsdecode(name) for name in output.split(b"\0") if name))

    def ignore_rules(self, paths: Iterable[str]) -> dict[str, IgnoreRule]:
        """Give, for each of the paths that a `.gitignore` covers, the rule that does; one that is excepted has none.

        Rules of `.git/info/exclude` do not count: nobody else has them. Raises subprocess.SubprocessError.
        """
        listed = b"".join(os.fsencode(path) + b"\0" for path in paths)
        if not listed:
            return {}
        output = _git(
            self.root, "check-ignore", "--no-index", "--verbose", "--stdin", "-z", given=listed, accept=(0, 1)
        )
        fields = [os.fsdecode(part) for part in output.split(b"\0")]
        rules = {}
        for source, line, pattern, path in zip(fields[0::4], fields[1::4], fields[2::4], fields[3::4], strict=False):
            if os.path.basename(source) == ".gitignore" and not pattern.startswith("!"):
                rules[path] = IgnoreRule(source, int(line), pattern)
        return rules

    def extract(self, revision: str, folder: Path) -> None:
        """Write the platform's files as they were at a revision into a folder; links and the files of submodules are left out.

        Raises UsageError where git knows no such revision, or knows none of the platform's files there.
        """
        try:
            told = _git(self.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
            top = Path(os.fsdecode(_git(self.root, "rev-parse", "--show-toplevel")).rstrip("\n"))
            tree = f"{os.fsdecode(told).strip()}:{self.prefix().rstrip('/')}"
            # Blobs as they are stored: `git archive` and a checkout would run the filters that the repository's configuration names.
            entries = _git(top, "ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")
            files = [entry.split(b"\t", 1) for entry in entries if entry.startswith((b"100644 ", b"100755 "))]
            hashes = b"".join(head.split()[2] + b"\n" for head, _ in files)
            blobs = _blobs(_git(top, "cat-file", "--batch", given=hashes))
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().splitlines() or ["there is none of this name"]
            raise UsageError(f"git has no {self.root.name} at {revision!r}: {said[0]}") from None
        for (_, path), content in zip(files, blobs, strict=True):
            target = folder / os.fsdecode(path)
            if folder in target.resolve().parents and b".git" not in path.split(b"/"):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)


def _blobs(output: bytes) -> Iterator[bytes]:
    """Take apart what `git cat-file --batch` gives: for each blob a line with its size, and its content."""
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        size = int(output[position:end].split()[2])
        yield output[end + 1 : end + 1 + size]
        position = end + 1 + size + 1


def find_repository(root: Path) -> Repository | str:
    """Give the work tree around the platform, or the reason why there is none to ask."""
    try:
        inside = _git(root, "rev-parse", "--is-inside-work-tree").strip()
    except FileNotFoundError:
        return "git is not installed"
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        return (
            f"{root.name} is in no git work tree"
            if not said or "not a git repository" in said[0]
            else f"git refuses: {said[0]}"
        )
    except subprocess.TimeoutExpired:
        return f"git took longer than {SECONDS} s"
    return Repository(root) if inside == b"true" else f"{root.name} is in no git work tree"


def _git(root: Path, *arguments: str, given: bytes = b"", accept: tuple[int, ...] = (0,)) -> bytes:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "LC_ALL": "C",
    }
    done = subprocess.run(  # noqa: S603
        ["git", *_SAFE, *arguments],  # noqa: S607
        cwd=root, env=environment, input=given, capture_output=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    if done.returncode not in accept:
        raise subprocess.CalledProcessError(done.returncode, "git", done.stdout, done.stderr)
    return done.stdout
