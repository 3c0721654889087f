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
from policies.read.problem import Problem

MAXIMUM_LINE = 64 * 1024 - 1
"""Go's `bufio.Scanner` stops at a longer line (a CR counts) and kustomize does not ask why: what follows is silently not there."""

LONGEST_SHOWN = 60
"""A key longer than this is not repeated in a message."""

_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Go's `unicode.IsSpace` takes as white space; Python's `str.lstrip()` takes more."""

_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}\Z")
"""What the API server takes as a key of a ConfigMap or a Secret (`IsConfigMapKey`)."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One line that gives a key a value. The file is relative to the platform, the line counts from 1.

    `bare` says that the line has no `=`: all of it is the key, as of each line but the first of a value that was broken.
    """

    key: str
    value: str
    file: str
    line: int
    bare: bool = False


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
        if len(raw) > MAXIMUM_LINE:
            problems.append(
                Problem(number, f"is longer than {MAXIMUM_LINE:,} bytes; kustomize drops it and all that follows")
            )
            break
        if b"\0" in raw:
            raise SourceError(path, "holds a NUL byte: it is not text", number)
        try:
            line = raw.removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf" if number == 1 else b"").decode()
        except UnicodeDecodeError as error:
            raise SourceError(path, f"is not UTF-8 (byte 0x{raw[error.start]:02x}); save it as UTF-8", number) from None
        line = line.lstrip(_SPACE)
        if not line or line.startswith("#"):
            continue
        key, separator, value = line.partition("=")
        if not key:
            problems.append(Problem(number, "has no key before the '='; kustomize drops the line without a word"))
            continue
        if not _is_key(key):
            # What has no '=', or is that long, may be a part of a secret: it is not repeated.
            shown = f"named {key!r}" if separator and len(key) <= LONGEST_SHOWN else f"of {len(key):,} characters"
            problems.append(Problem(number, f"declares a key {shown}, which the API server refuses"))
        declarations.append(Declaration(key, value, path, number, not separator))
    return EnvironmentFile(path, tuple(declarations), tuple(problems))


def _lines(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _is_key(key: str) -> bool:
    return bool(_KEY.match(key)) and key != "." and not key.startswith("..")


def without_values(file: EnvironmentFile) -> EnvironmentFile:
    """Give the same keys and lines with every value emptied: what may be known of a real secret.

    A line without `=`, and the padding that ends such lines (`Zg==`), is a part of a value that was broken over lines, not a key.
    """
    hidden: list[Declaration] = []
    broken = False
    for item in file.declarations:
        broken = item.bare or (broken and not item.value.strip("="))
        hidden.append(replace(item, key=f"(line {item.line}, which names no key)" if broken else item.key, value=""))
    return replace(file, declarations=tuple(hidden))
