"""The folders whose files a build of Java puts on the class path, by Maven's and Gradle's files."""

from __future__ import annotations

import posixpath
import re
import xml.parsers.expat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.errors import SourceError
from policies.read.tree import Tree

_GRADLE = re.compile(
    r"""(?:srcDirs?|from)[\s(=\[]*(?:file\()?["']([^"'$]+)["'](?:[\s)]*\{\s*into[\s(=]*["']([^"'$]+)["'])?"""
)


@dataclass(frozen=True)
class Resources:
    """A folder of resources, and where below the class path's root its files are put: Maven's `<targetPath>`, Gradle's `into`."""

    folder: str
    target: str = ""

    def path_of(self, name: str) -> str | None:
        """Give the file that a name on the class path means, were it of this folder."""
        below = posixpath.relpath(posixpath.normpath(name), self.target or ".")
        return None if below.startswith("..") else posixpath.normpath(posixpath.join(self.folder, below))


def resource_folders(tree: Tree, folder: str) -> tuple[Resources, ...]:
    """Give the folders of resources of the project in a folder: the usual one, and those that its build names."""
    folders = [("src/main/resources", "")]
    for file, read in _READERS:
        path = posixpath.join(folder, file)
        if tree.is_file(path):
            try:
                folders += list(read(tree.read(path)))
            except SourceError:
                continue
    made = (Resources(posixpath.normpath(posixpath.join(folder, one)), target.strip("/")) for one, target in folders)
    return tuple(dict.fromkeys(made))


def _pom_folders(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the `<directory>` and the `<targetPath>` of every `<resource>`; entities are not expanded, and what is no XML names none."""
    stack: list[str] = []
    found: list[dict[str, str]] = []
    text: list[str] = []
    parser = xml.parsers.expat.ParserCreate()

    def start(name: str, _: dict[str, str]) -> None:
        stack.append(name)
        text.clear()
        if name == "resource":
            found.append({})

    def end(_: str) -> None:
        if stack[-2:-1] == ["resource"]:
            found[-1][stack[-1]] = "".join(text).strip()
        stack.pop()

    def refuse(*_: object) -> None:
        raise ValueError("entities")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text.append
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (xml.parsers.expat.ExpatError, ValueError):
        return
    for one in found:
        if "directory" in one:
            target = re.sub(r"^\$\{project\.build\.outputDirectory\}", "", one.get("targetPath", ""))
            yield re.sub(r"^\$\{(project\.)?basedir\}/", "", one["directory"]), target


def _gradle_folders(content: bytes) -> Iterator[tuple[str, str]]:
    yield from ((found[1], found[2] or "") for found in _GRADLE.finditer(content.decode("utf-8", "replace")))


_READERS: tuple[tuple[str, Callable[[bytes], Iterator[tuple[str, str]]]], ...] = (
    ("pom.xml", _pom_folders),
    ("build.gradle", _gradle_folders),
    ("build.gradle.kts", _gradle_folders),
)
