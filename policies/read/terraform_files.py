"""The files that Terraform's functions read: which of them the copy needs, and which lie outside the platform and are not read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from policies.errors import MissingSourceError, SourceError
from policies.read.hcl import Expression, Source
from policies.read.terraform_spans import Span, parts, trim
from policies.read.terraform_wanted import expressions
from policies.read.tree import Tree

_READS = re.compile(
    r"(?<![\w.-])(file|filebase64|file(?:base64)?sha(?:1|256|512)|filemd5|fileexists|fileset|templatefile)\s*(?=\()"
)
_HOME = re.compile(r"^\$\{path\.(module|root|cwd)\}/?")
_NAMED = re.compile(r'"(?:\$\{path\.(?:module|root|cwd)\}/)?([^"\n$%]*\.[A-Za-z0-9]{1,12})"')

MAXIMUM_FILES = 2000
"""How many files a folder may hold that a function goes over."""

MAXIMUM_BYTES = 64 * 1024 * 1024
"""How much the copy may hold beside Terraform's own files."""


@dataclass
class Reads:
    """What is read: `contents` by path, `errors` for what must not be, and where the names of functions stand that are not to be called."""

    contents: dict[str, bytes] = field(default_factory=dict)
    errors: list[SourceError] = field(default_factory=list)
    forbidden: dict[Expression, list[tuple[int, int]]] = field(default_factory=dict)
    size: int = 0


def find_reads(tree: Tree, sources: Iterable[Source], roots: tuple[str, ...], only_plain: bool) -> Reads:
    """Find what the files of Terraform read. `only_plain` forbids every function whose path is computed, where nothing shuts tfparse in."""
    reads = Reads()
    for source in sources:
        folder = posixpath.dirname(source.file) or "."
        for expression, _ in expressions(source.body.blocks):
            if "file" in expression.code:
                for found in _READS.finditer(expression.code):
                    _judge(reads, tree, source.file, folder, roots, expression, found, only_plain)
        for found in _NAMED.finditer(source.text):
            for path in _places(found[1], folder, roots):
                if path not in reads.contents and not path.startswith("../") and tree.is_file(path):
                    _take(reads, tree, path)
    return reads


def _judge(
    reads: Reads, tree: Tree, file: str, folder: str, roots: tuple[str, ...], expression: Expression,
    call: re.Match[str], only_plain: bool,
) -> None:  # fmt: skip
    inside = Span(expression, call.end() + 1, _closing(expression.code, call.end()))
    argument = trim(next(parts(inside, ","), inside))
    text = expression.text[argument.start : argument.end]
    line = expression.line + expression.text.count("\n", 0, call.start())
    home = _HOME.match(text[1:-1])
    plain = text[1:-1][home.end() :] if home else text[1:-1]
    computed = re.fullmatch(r"path\.(?:module|root|cwd)", text) is None and (
        not argument.code.startswith("«") or bool(re.search(r"[$%]\{", plain))
    )
    if computed:
        if only_plain or (argument.code.startswith("«") and _leaves(plain, bool(home))):
            reads.forbidden.setdefault(expression, []).append(call.span(1))
            problem = f"the path that {call[1]} is given here is computed, and was not read"
            reads.errors.append(SourceError(file, problem, line))
        prefix = re.split(r"[$%]\{", plain, maxsplit=1)[0] if argument.code.startswith("«") else ""
        if prefix:
            for path in _places(posixpath.dirname(prefix) or ".", folder, roots):
                _take_folder(reads, tree, path)
        return
    if re.fullmatch(r"path\.(?:module|root|cwd)", text):
        plain, home = ".", None
    starts = (folder,) if home and home[1] == "module" else (folder, *roots)
    inside_platform = [
        _resolves(tree, plain or ".", start) and (bool(home) or not posixpath.isabs(plain)) for start in starts
    ]
    if not (all(inside_platform) if only_plain else any(inside_platform)):
        reads.forbidden.setdefault(expression, []).append(call.span(1))
        problem = f"{call[1]}({text}) leads out of the platform and was not read"
        reads.errors.append(SourceError(file, problem, line))
        return
    for path in _places(plain or ".", folder, roots):
        if call[1] == "fileset" or tree.is_directory(path):
            _take_folder(reads, tree, path)
        elif tree.is_there(path) and path not in reads.contents:
            try:
                _take(reads, tree, path, strict=True)
            except SourceError as error:
                reads.errors.append(SourceError(file, f"{call[1]}({text}): {error.file} {error.problem}", line))


def _resolves(tree: Tree, path: str, folder: str) -> bool:
    try:
        tree.resolve(path.lstrip("/"), folder)
    except SourceError:
        return False
    return True


def _leaves(plain: str, from_home: bool) -> bool:
    """Whether what stands before the first interpolation already leads out: an absolute path."""
    return plain.startswith("/") and not from_home


def _places(path: str, folder: str, roots: tuple[str, ...]) -> Iterator[str]:
    """What a path may mean: it is taken from the module's folder by `path.module`, and from the root's otherwise."""
    for start in dict.fromkeys((folder, *roots)):
        joined = posixpath.normpath(posixpath.join(start, path))
        if not joined.startswith(("../", "/")) and joined != "..":
            yield joined


def _take_folder(reads: Reads, tree: Tree, folder: str) -> None:
    below = "" if folder == "." else folder + "/"
    if not tree.is_directory(folder):
        return
    taken = 0
    for path in tree.files:
        if path.startswith(below) and path not in reads.contents:
            taken += 1
            if taken > MAXIMUM_FILES:
                return
            _take(reads, tree, path)


def _take(reads: Reads, tree: Tree, path: str, strict: bool = False) -> None:
    try:
        content = tree.read(path)
    except MissingSourceError:
        return
    except SourceError:
        if strict:
            raise
        return
    reads.size += len(content)
    if reads.size <= MAXIMUM_BYTES:
        reads.contents[path] = content


def _closing(code: str, start: int) -> int:
    depth = 0
    for found in re.compile(r"[({\[«)}\]»]").finditer(code, start):
        depth += 1 if found[0] in "({[«" else -1
        if depth == 0:
            return found.start()
    return len(code)
