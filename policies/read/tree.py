"""The platform's files, which are untrusted: nothing outside them is read, and nothing that is not a plain file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from policies.errors import MissingSourceError, OutsidePlatformError, SourceError

MAXIMUM_BYTES = 4 * 1024 * 1024
"""A manifest or a configuration file is smaller than this; etcd takes no object above 1.5 MiB."""

MAXIMUM_FILES = 200_000

NOT_SEARCHED = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
"""Folders that hold other people's files. Hidden folders (`.git`, `.terraform`, `.venv`) are not searched either."""


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or in it."""
    return folder == "." or path == folder or path.startswith(folder + "/")


@dataclass(frozen=True)
class Tree:
    """A directory of files; every path in and out of it is relative, with `/`."""

    root: Path

    @cached_property
    def _resolved(self) -> str:
        return os.path.realpath(self.root)

    def resolve(self, path: str, seen_from: str = ".") -> str:
        """Give the path relative to the root that `path` means in folder `seen_from`, links followed.

        `..` is taken away before links are followed, as kustomize does. Raises OutsidePlatformError where it leads out of the root,
        even if it comes back in.
        """
        if "\0" in path:
            raise SourceError(seen_from, f"{path!r} is no file's name")
        inside = os.path.normpath(os.path.join(seen_from, path))
        real = os.path.realpath(os.path.join(self._resolved, inside))
        leaves = inside == ".." or inside.startswith("../") or os.path.isabs(inside)
        if leaves or (real != self._resolved and not real.startswith(self._resolved.rstrip(os.sep) + os.sep)):
            raise OutsidePlatformError(
                inside, "leads out of the platform and was not read; name a directory that holds it all as --platform"
            )
        return PurePosixPath(os.path.relpath(real, self._resolved)).as_posix()

    def is_there(self, path: str) -> bool:
        """Whether anything is there, be it a pipe or a link to nothing."""
        return os.path.lexists(os.path.join(self._resolved, path))

    def is_file(self, path: str) -> bool:
        """Whether a plain file is there."""
        return os.path.isfile(os.path.join(self._resolved, path))

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        return os.path.isdir(os.path.join(self._resolved, path))

    def read(self, path: str, limit: int = MAXIMUM_BYTES) -> bytes:
        """Give the bytes of a plain file inside the root.

        Raises SourceError for a path that leads out, is missing, is a pipe or a device, or is larger than `limit`.
        """
        inside = self.resolve(path)
        try:
            # Non-blocking, because opening a pipe that nobody writes to would wait for ever.
            descriptor = os.open(os.path.join(self._resolved, inside), os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            raise MissingSourceError(path, "is not there") from None
        except OSError as error:
            raise SourceError(path, f"cannot be opened: {error.strerror}") from None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise SourceError(path, "is not a plain file (a directory, a pipe or a device) and was not read")
        size = status.st_size
        with os.fdopen(descriptor, "rb") as stream:
            content = stream.read(size + 1) if size <= limit else b""
            # More than it says that it holds can come out of a file that grows, or of one that is made up (/proc).
            if len(content) > size:
                content += stream.read(limit - size)
        if size > limit or len(content) > limit:
            raise SourceError(path, f"is larger than {limit:,} bytes ({size:,}) and was not read")
        return content

    def is_large(self, path: str, limit: int = MAXIMUM_BYTES) -> bool:
        """Whether there is a plain file that `read` would refuse for its size."""
        try:
            status = os.stat(os.path.join(self._resolved, self.resolve(path)))
        except (OSError, SourceError):
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size > limit

    def beginning(self, path: str, length: int) -> bytes:
        """Give the first bytes of a plain file, however large it is. Raises SourceError as `read` does."""
        with open(os.path.join(self._resolved, self.resolve(path)), "rb") as stream:
            return stream.read(length)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file below the root, sorted, without what `NOT_SEARCHED` names; links to folders are not followed.

        Raises SourceError where there are more than `MAXIMUM_FILES`.
        """
        return self._listed[0]

    @property
    def unlisted(self) -> tuple[SourceError, ...]:
        """The folders below the root that could not be looked into."""
        return self._listed[1]

    @cached_property
    def _listed(self) -> tuple[tuple[str, ...], tuple[SourceError, ...]]:
        found: list[str] = []
        refused: list[SourceError] = []
        for path in self._walk(refused):
            found.append(path)
            if len(found) > MAXIMUM_FILES:
                problem = f"holds more than {MAXIMUM_FILES:,} files; name a smaller directory as --platform"
                raise SourceError(".", problem)
        return tuple(sorted(found)), tuple(refused)

    def _walk(self, refused: list[SourceError]) -> Iterator[str]:
        pending = [""]
        while pending:
            folder = pending.pop()
            try:
                entries = list(os.scandir(os.path.join(self._resolved, folder)))
            except OSError as error:
                refused.append(SourceError(folder or ".", f"cannot be listed: {error.strerror}"))
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in NOT_SEARCHED and not entry.name.startswith("."):
                        pending.append(path)
                else:
                    yield path
