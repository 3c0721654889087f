"""Settings in texts: properties, INI, YAML and JSON files, directives without a sign, and the options that a script gives to programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.errors import SourceError
from policies.read import yaml

LONGEST_TREE = 128 * 1024
"""A YAML or JSON text longer than this is somebody's data (a dashboard), not settings."""

_TREES = (".yaml", ".yml", ".json")
_SCRIPTS = (".sh", ".bash", ".lua", ".py", ".js")
_DIRECTIVES = (".conf", ".cfg", ".cnf")
_COMMENT = ("#", ";", "//", "!")

_SETTING = re.compile(r"\s*(?P<name>[A-Za-z_][\w.-]*(?:\[[^\]\s]*\])*)\s*[=:]\s*(?P<value>.*?)\s*\Z")
_DIRECTIVE = re.compile(r"\s*(?P<name>[A-Za-z_][\w.-]*)\s+(?P<value>\S.*?)\s*;?\s*\Z")
_OPTION = re.compile(
    r"(?:(?<=\s)|^)(?:(?P<variable>[A-Za-z_][\w.]*)=|--?(?P<option>[A-Za-z][\w.-]*)(?:=|[ \t]+(?!-)))(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s;|&\"']+)"
)


def settings_in(name: str, text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the settings of a file's text: line (from 0), name and value; how they are written its name tells.

    A line that is none and holds an address goes by its number.
    """
    if name.lower().endswith(_TREES):
        yield from _of_tree(name, text)
        return
    for number, line in enumerate(text.splitlines()):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        if is_of_scripts(name):
            yield from ((number, option, value) for option, value in options_in(line))
            continue
        match = _SETTING.match(line) or (_DIRECTIVE.match(line) if name.lower().endswith(_DIRECTIVES) else None)
        if match:
            yield number, match["name"], match["value"].strip("\"'")
        elif "://" in line or ".svc" in line:
            yield number, f"line {number + 1}", line.strip()


def _of_tree(name: str, text: str) -> Iterator[tuple[int, str, str]]:
    if len(text) > LONGEST_TREE:
        return
    try:
        documents = yaml.parse(text.encode(), name)
    except (SourceError, UnicodeEncodeError):
        return
    for document in documents:
        for path, value in yaml.fields(document.data):
            if path and not isinstance(value, (dict, list)):
                yield document.line_of(path) - 1, ".".join(map(str, path)), _spelled(value)


def _spelled(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def options_in(line: str) -> Iterator[tuple[str, str]]:
    """Yield what a line of a script sets: `NAME=value`, `--name=value`, `--name value`, `--override name=value`."""
    for match in _OPTION.finditer(line):
        value = match["value"].strip("\"'")
        yield match["variable"] or _option(match["option"]), value
        if match["option"] and re.match(r"[A-Za-z_][\w.-]*=", value):
            inner, _, value = value.partition("=")
            yield inner, value
    bare = _OPTION.sub(" ", line)
    if "://" in bare:
        yield "line", bare.strip()


def _option(name: str) -> str:
    """Give an option's name; of `-Dname=value`, which sets a property of a JVM, the property's."""
    return name[1:] if re.match(r"D[a-z]", name) else name


def arguments_in(arguments: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield position, name and value of what a list of arguments sets: `--name=value`, `name=value`, and `--name`, `value`."""
    for index, argument in enumerate(arguments):
        name, separator, value = argument.partition("=")
        if separator and re.match(r"-{0,2}[A-Za-z_][\w.-]*\Z", name):
            yield index, _option(name.lstrip("-")), value
        elif not separator and re.match(r"--?[A-Za-z][\w.-]*\Z", argument):
            yield from (
                (index + 1, argument.lstrip("-"), one) for one in arguments[index + 1 : index + 2] if one[:1] != "-"
            )
        elif "://" in argument and not is_script(argument) and not (index and arguments[index - 1][:1] == "-"):
            yield index, f"argument {index + 1}", argument


def is_of_scripts(name: str) -> bool:
    """Whether a file's name is one of a script."""
    return name.lower().endswith(_SCRIPTS)


def is_script(text: str) -> bool:
    """Whether an argument is a program for a shell and not one word."""
    return bool(re.search(r"\s", text.strip()))
