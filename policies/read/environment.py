"""Environment files (`config.env`) by kustomize's own rules, which are not a shell's.

Source: kustomize `api/kv/kv.go` (`keyValuesFromLines`). White space before a key is dropped, all else is kept: quotes,
spaces around the value, `#` in it, and whatever stands before the `=`, so that `export A=1` declares a key named `export A`,
which the API server then refuses. A byte order mark counts only at the start of the file; a line without `=` declares an
empty value; a line without a key declares nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from policies.errors import SourceError
from policies.read.yaml import Problem

MAXIMUM_LINE = 64 * 1024
"""Go's `bufio.Scanner` stops at a longer line and kustomize does not ask why: what follows is silently not there."""

_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Go's `unicode.IsSpace` takes as white space; Python's `str.lstrip()` takes more."""

_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}\Z")
"""What the API server takes as a key of a ConfigMap or a Secret (`IsConfigMapKey`)."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One line that gives a key a value. The file is relative to the platform, the line counts from 1."""

    key: str
    value: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """What an environment file declares, in its order, and the lines that kustomize would refuse or lose."""

    path: str
    declarations: tuple[Declaration, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Each key once, in the order of its first declaration."""
        return tuple(dict.fromkeys(declaration.key for declaration in self.declarations))


def parse(content: bytes, path: str) -> EnvironmentFile:
    """Read an environment file. Raises SourceError, with the line, for what is binary or not UTF-8."""
    declarations: list[Declaration] = []
    problems: list[Problem] = []
    for number, raw in enumerate(_lines(content), start=1):
        if len(raw) >= MAXIMUM_LINE:
            problems.append(Problem(number, f"is longer than {MAXIMUM_LINE:,} bytes; kustomize drops it and all that follows"))
            break
        if b"\0" in raw:
            raise SourceError(path, "holds a NUL byte: it is not text", number)
        try:
            line = raw.removeprefix(b"\xef\xbb\xbf").decode() if number == 1 else raw.decode()
        except UnicodeDecodeError as error:
            raise SourceError(path, f"is not UTF-8 (byte 0x{raw[error.start]:02x}); save it as UTF-8", number) from None
        line = line.lstrip(_SPACE)
        if not line or line.startswith("#"):
            continue
        key, _, value = line.partition("=")
        if not key:
            problems.append(Problem(number, "has no key before the '='; kustomize drops the line without a word"))
            continue
        if not _is_key(key):
            problems.append(Problem(number, f"declares a key named {key!r}, which the API server refuses"))
        declarations.append(Declaration(key, value, path, number))
    return EnvironmentFile(path, tuple(declarations), tuple(problems))


def _lines(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines]


def _is_key(key: str) -> bool:
    return bool(_KEY.match(key)) and key != "." and not key.startswith("..")


def without_values(file: EnvironmentFile) -> EnvironmentFile:
    """Give the same keys and lines with every value emptied: what may be known of a real secret."""
    return replace(file, declarations=tuple(replace(declaration, value="") for declaration in file.declarations))
