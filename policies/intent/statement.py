"""A TOML file of owners as an object: what does not fit is an error with the line of its key."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from policies.errors import MissingSourceError, SourceError, StatementError
from policies.intent.values import Table
from policies.read.tree import Tree

MAXIMUM_BYTES = 1024 * 1024


def read_statement(root: Path, file: str) -> str | None:
    """Read a TOML file of owners, which must be a plain file of the platform. Raises StatementError where it cannot be read."""
    try:
        return Tree(root).read(file, MAXIMUM_BYTES).decode("utf-8-sig")
    except MissingSourceError:
        return None
    except SourceError as error:
        raise StatementError(file, error.line, "", error.problem) from None
    except UnicodeDecodeError as error:
        raise StatementError(file, None, "", f"is not UTF-8 (byte {error.start})") from None


Shape = TypeVar("Shape", bound=msgspec.Struct)


def convert(text: str, file: str, shape: type[Shape]) -> Shape:
    """Give the text of a TOML file as an object of `shape`. Raises StatementError with the line of the key that does not fit."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"\(at line (\d+)", str(error))
        raise StatementError(
            file, int(line[1]) if line else len(text.splitlines()), "", f"is not TOML: {error}"
        ) from None
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        path, problem = _explain(str(error), data, shape)
        raise StatementError(file, line_of_key(text, path), ".".join(map(str, path)), problem) from None


def _explain(message: str, data: Any, shape: type[msgspec.Struct]) -> tuple[list[str | int], str]:
    """Turn msgspec's message into the path of the key and a sentence with the value seen."""
    problem, _, where = message.partition(" - at ")
    path: list[str | int] = []
    for name, index in re.findall(r"\.([^.\[`]+)|\[([^\]]+)\]", where):
        path.append(name or (int(index) if index.isdigit() else _culprit(data, path, shape)))
    unknown = re.match(r"Object contains unknown field `(.+)`", problem)
    if unknown:
        path.append(unknown[1])
        known = sorted(
            {field.encode_name for table in Table.__subclasses__() for field in msgspec.structs.fields(table)}
        )
        close = difflib.get_close_matches(unknown[1], known, 1)
        return path, "is no key of this table" + (f"; did you mean {close[0]!r}?" if close else "")
    missing = re.match(r"Object missing required field `(.+)`", problem)
    if missing:
        return path, f"lacks the key {missing[1]!r}"
    seen = _value(data, path)
    return path, f"{problem[:1].lower()}{problem[1:]}" + ("" if isinstance(seen, (dict, list)) else f"; it is {seen!r}")


def _culprit(data: Any, path: list[str | int], shape: type[msgspec.Struct]) -> str:
    """Find the key that msgspec writes as `[...]`: the one with which alone the error is still there."""
    table = _value(data, path)
    for key in table:
        try:
            msgspec.convert(_with(data, path, {key: table[key]}), shape)
        except msgspec.ValidationError:
            return str(key)
    return str(next(iter(table)))


def _with(data: Any, path: list[str | int], value: Any) -> Any:
    if not path:
        return value
    return {**data, path[0]: _with(data[path[0]], path[1:], value)}


def _value(data: Any, path: list[str | int]) -> Any:
    for step in path:
        data = data[step]
    return data


def line_of_key(text: str, path: list[str | int]) -> int | None:
    """Give the line on which the value at `path` begins, or the nearest table above it.

    TOML's parser gives no lines, but a prefix of a TOML file is one too: the value begins after the longest prefix that is
    TOML and does not hold it yet.
    """
    lines = text.splitlines()
    while path:
        last_without = 0
        for count in range(1, len(lines) + 1):
            try:
                data = tomllib.loads("\n".join(lines[:count]))
            except tomllib.TOMLDecodeError:
                continue
            try:
                _value(data, path)
            except (KeyError, IndexError, TypeError):
                last_without = count
            else:
                return last_without + 1
        path = path[:-1]
    return None
