"""The folders whose files a build of Java puts on the class path, by Maven's and Gradle's files."""

from __future__ import annotations

import posixpath
import re
import xml.parsers.expat
from collections.abc import Callable, Iterator

from policies.errors import SourceError
from policies.read.tree import Tree

_GRADLE = re.compile(r"""(?:srcDirs?|from)[\s(=\[]*(?:file\()?["']([^"'$]+)["']""")


def resource_folders(tree: Tree, folder: str) -> tuple[str, ...]:
    """Give the folders of resources of the project in a folder: the usual one, and those that its build names."""
    folders = [posixpath.join(folder, "src/main/resources")]
    for file, read in _READERS:
        path = posixpath.join(folder, file)
        if tree.is_file(path):
            try:
                folders += [posixpath.join(folder, one) for one in read(tree.read(path))]
            except SourceError:
                continue
    return tuple(dict.fromkeys(map(posixpath.normpath, folders)))


def _pom_folders(content: bytes) -> Iterator[str]:
    """Yield the `<directory>` of every `<resource>`; entities are not expanded, and what is no XML names none."""
    stack: list[str] = []
    found: list[str] = []
    text: list[str] = []
    parser = xml.parsers.expat.ParserCreate()

    def start(name: str, _: dict[str, str]) -> None:
        stack.append(name)
        text.clear()

    def end(_: str) -> None:
        if stack[-2:] == ["resource", "directory"]:
            found.append("".join(text).strip())
        stack.pop()

    def refuse(*_: object) -> None:
        raise ValueError("entities")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text.append
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (xml.parsers.expat.ExpatError, ValueError):
        return
    yield from (re.sub(r"^\$\{(project\.)?basedir\}/", "", one) for one in found)


def _gradle_folders(content: bytes) -> Iterator[str]:
    yield from (found[1] for found in _GRADLE.finditer(content.decode("utf-8", "replace")))


_READERS: tuple[tuple[str, Callable[[bytes], Iterator[str]]], ...] = (
    ("pom.xml", _pom_folders),
    ("build.gradle", _gradle_folders),
    ("build.gradle.kts", _gradle_folders),
)
