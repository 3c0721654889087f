"""A handler's code as it is run: a copy of its folder, with a key of the tests' where it looks for one, and nothing of the owners' secrets."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policies.edge.provision import CODE, Provided, encoded, guess_secret, provide
from policies.edge.template import Names
from policies.errors import SourceError
from policies.intent.entry import Edge
from policies.read.tree import Tree

MAXIMUM_FILES = 5_000
MAXIMUM_BYTES = 64 * 1024 * 1024
_HANDLER = re.compile(
    r"\b(?:exports\.handler|export\s+(?:async\s+)?(?:const|let|function)\s+handler\b|exports\s*=\s*\{[^}]*\bhandler\b|export\s*\{[^}]*\bhandler\b)"
)
_READS_REQUEST = re.compile(r"\bcf\b\s*(?:\.|\[|\}|:|;|,)\s*[\w'\"{]*")


@dataclass(frozen=True)
class Package:
    """A handler's folder, file by file, and how its secret reaches it. `file` is the handler's, relative to the folder.

    `missing` says what it needs and has not; `partial` is the file that was made for it and of which no more than the key is sure.
    """

    folder: str
    file: str
    files: tuple[tuple[str, bytes], ...]
    environment: tuple[tuple[str, str], ...]
    secrets: tuple[tuple[str, str], ...]
    key: bytes
    missing: str = ""
    partial: str = ""

    @property
    def digest(self) -> str:
        """A name for all that it is."""
        return hashlib.sha256(repr((self.file, self.files, self.environment, self.secrets)).encode()).hexdigest()

    @property
    def sources(self) -> dict[str, str]:
        """Its own JavaScript, without what others wrote and without its tests."""
        return {
            name: content.decode("utf-8", "replace")
            for name, content in self.files
            if name.endswith(CODE)
            and "node_modules/" not in name
            and not re.search(r"(^|/)(tests?|__tests__)/|\.(test|spec)\.", name)
        }

    def unpack(self) -> tuple[tempfile.TemporaryDirectory[str], Path]:
        """Write it into a new folder."""
        outer = tempfile.TemporaryDirectory(prefix="turnstile-edge-")
        root = Path(outer.name).resolve() / "function"
        for name, content in (
            *self.files,
            *((("package.json", b"{}"),) if "package.json" not in dict(self.files) else ()),
        ):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return outer, root

    def setup(self, root: Path, export: str, epoch: float) -> dict[str, Any]:
        """Give what the harness is told first."""
        return {
            "file": str(root / self.file),
            "name": export,
            "environment": dict(self.environment),
            "secrets": dict(self.secrets),
            "epoch": epoch,
        }


def find_handlers(tree: Tree) -> Iterator[str]:
    """Yield the JavaScript files that look like a function at viewer request: they export `handler` and read `cf`'s request."""
    for path in tree.files:
        if path.endswith(CODE) and not re.search(r"(^|/)(tests?|dist|build)/|\.(test|spec)\.", path):
            try:
                text = tree.read(path).decode("utf-8", "replace")
            except SourceError:
                continue
            if _HANDLER.search(text) and _READS_REQUEST.search(text) and "cf.response" not in text:
                yield path


def folder_of(tree: Tree, handler: str, stated: Edge) -> str:
    """Give the folder that is a handler's package: the stated one, or the one with its package.json."""
    return posixpath.normpath(stated.folder) if stated.folder else _package_folder(tree, handler)


def pack(
    tree: Tree,
    handler: str,
    stated: Edge,
    *,
    with_key: bool = True,
    table: str = "edge",
    names: Names = MappingProxyType({}),
) -> Package:
    """Read a handler's folder; `names` are what the names in its templates stand for.

    Raises SourceError, naming the table of platform.toml that can state another, where it cannot be read.
    """
    folder = folder_of(tree, handler, stated)
    beside = tuple(path for path in tree.files if folder == "." or path.startswith(folder + "/"))
    files: dict[str, bytes] = {}
    for path in beside:
        if len(files) >= MAXIMUM_FILES:
            raise SourceError(
                folder, f"holds more than {MAXIMUM_FILES:,} files; state the function's own as [{table}] folder"
            )
        if not _is_kept_back(path):
            files[posixpath.relpath(path, folder)] = tree.read(path)
    if sum(map(len, files.values())) > MAXIMUM_BYTES:
        raise SourceError(
            folder, f"holds more than {MAXIMUM_BYTES:,} bytes; state the function's own folder as [{table}] folder"
        )
    missing = _add_dependencies(tree, folder, files)
    secret = stated.secret or guess_secret(files)
    provided = provide(secret, folder, files, names) if with_key else Provided()
    return Package(
        folder,
        posixpath.relpath(handler, folder),
        tuple(sorted(files.items())),
        tuple(provided.environment.items()),
        tuple(provided.secrets.items()),
        encoded(secret)[1],
        missing,
        provided.partial,
    )


def _package_folder(tree: Tree, handler: str) -> str:
    folder = own = posixpath.dirname(handler) or "."
    while folder not in (".", ""):
        if tree.is_file(f"{folder}/package.json"):
            return folder
        folder = posixpath.dirname(folder)
    return own


def _is_kept_back(path: str) -> bool:
    """Whether a file is one in which the owners' own secret may stand, or a packed release: it is never read."""
    name = posixpath.basename(path)
    return name == "config.json" or name == ".env" or name.startswith(".env.") or name.endswith(".zip")


def _add_dependencies(tree: Tree, folder: str, files: dict[str, bytes]) -> str:
    """Add the packages that it needs; say what is missing."""
    try:
        needed = json.loads(files.get("package.json", b"{}")).get("dependencies") or {}
    except (ValueError, AttributeError):
        return ""
    provided = {"aws-sdk", "@aws-sdk/client-secrets-manager", "@aws-sdk/client-ssm"}
    if set(needed) <= provided:
        return ""
    modules = f"{folder}/node_modules"
    if not tree.is_directory(modules):
        return f"its dependencies are not installed; install them: npm ci --omit=dev --prefix {folder}"
    inner = Tree(tree.root / modules)
    for path, _, names in os.walk(tree.root / modules):
        for name in names:
            full = Path(path, name).relative_to(tree.root / modules).as_posix()
            files[f"node_modules/{full}"] = inner.read(full)
            if len(files) > MAXIMUM_FILES:
                raise SourceError(
                    modules, f"holds more than {MAXIMUM_FILES:,} files; install it without what only tests need"
                )
    return ""
