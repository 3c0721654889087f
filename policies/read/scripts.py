"""The scripts of a platform: what commands of a pipeline run, and what these run in turn."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.errors import SourceError
from policies.read.tree import Tree

MAXIMUM_BYTES = 256 * 1024
"""A script is smaller than this."""

_RUNNERS = (
    (re.compile(r"\bmake\b"), ("Makefile", "makefile", "GNUmakefile")),
    (re.compile(r"\b(?:npm|pnpm|yarn)\b"), ("package.json",)),
    (re.compile(r"\bjust\b"), ("justfile", "Justfile")),
    (re.compile(r"\btask\b"), ("Taskfile.yml", "Taskfile.yaml")),
    (re.compile(r"\btox\b"), ("tox.ini",)),
    (re.compile(r"\bpre-commit\b"), (".pre-commit-config.yaml",)),
)
"""Programs that run what a file of a fixed name says."""

_WORD = re.compile(r"[\w./@+-]+")


@dataclass(frozen=True)
class Script:
    """A file of the platform that a pipeline runs; `text` is without comments that stand on lines of their own."""

    path: str
    text: str


def scripts_of(tree: Tree, text: str, folder: str = ".", depth: int = 3) -> tuple[Script, ...]:
    """Give the files of the platform that commands name or run by a program that reads them, and those that these run in turn."""
    found: dict[str, Script] = {}
    pending = [(text, folder, depth)]
    while pending:
        commands, here, left = pending.pop()
        for path in _named(tree, commands, here) if left else ():
            if path not in found:
                script = _read(tree, path)
                found[path] = script
                pending.append((script.text, posixpath.dirname(path) or ".", left - 1))
    return tuple(found.values())


def _named(tree: Tree, commands: str, folder: str) -> Iterator[str]:
    names = [name for pattern, files in _RUNNERS if pattern.search(commands) for name in files]
    for word in dict.fromkeys((*names, *_WORD.findall(commands))):
        if not is_script(word):
            continue
        for start in dict.fromkeys((folder, ".")):
            path = posixpath.normpath(posixpath.join(start, word))
            if not path.startswith(("..", "/")) and tree.is_file(path):
                yield path
                break


_SCRIPTS = (".sh", ".bash", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".bats", ".go", ".mk", ".hcl")
_BY_NAME = frozenset(
    {*(name for _, files in _RUNNERS for name in files), "run", "check", "validate", "release", "build", "action.yml"}
)


def is_script(path: str) -> bool:
    """Whether a file is, by its name, one that can be run, or that a program takes its commands from."""
    return path.endswith(_SCRIPTS) or posixpath.basename(path) in _BY_NAME


def _read(tree: Tree, path: str) -> Script:
    try:
        return Script(
            path,
            re.sub(r"(?m)^\s*(?:#(?!!)|//).*$", "", tree.read(path, MAXIMUM_BYTES).decode("utf-8", errors="replace")),
        )
    except SourceError:
        return Script(path, "")  # What cannot be read proves nothing.


def shipped_scripts(tree: Tree) -> tuple[Script, ...]:
    """Give every file of the platform that can be run."""
    return tuple(_read(tree, path) for path in tree.files if is_script(path))
