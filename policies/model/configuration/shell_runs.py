"""A shell script followed as far as it is plain: assignments, and loops over lists that are written out (POSIX.1-2024, Shell Command Language, 2.9).

What a condition, another loop, a function or another program gives a variable is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate

from policies.model.configuration.shell import filled, joined, without_comments

LONGEST = 2000
"""A script that runs through more commands is not followed."""

LARGEST, DEEPEST = 8 * 1024, 20
"""Nor is one that is larger, or has more blocks in each other; a value that grows so large is not known."""

_PART = re.compile(
    r"(?P<comment>(?<!\S)#[^\n]*)|'[^']*'|\"(?:\\.|[^\"\\])*\"|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|\\.|;+|\n|[^'\"$`\\;\s#]+|[ \t]+|."
)
_LEADING = re.compile(r"(?P<word>do|then|else|\{)(?:\s+|\Z)")
_FUNCTION = re.compile(r"(?:function\s+)?[\w-]+\s*\(\s*\)|function\s")
_OPENS = frozenset({"for", "while", "until", "if", "case", "select"})
_CLOSES = frozenset({"done", "fi", "esac"})
_JUMPS = re.compile(r"\b(?:break|continue|return)\b")
_VALUE = r"(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|[^\s\"'`;&|<>()])*"
_ASSIGNMENT = re.compile(rf"(?P<name>[A-Za-z_]\w*)=(?P<value>{_VALUE})(?:\s+|\Z)")
_DECLARES = re.compile(r"(?:export|readonly|local)\s+")
_GIVES = re.compile(
    r"(?:^|[\s;(\"'{])([A-Za-z_]\w*)\+?=|\bfor\s+([A-Za-z_]\w*)|\bread\s+(?:-\w+\s+)*([A-Za-z_][\w ]*)", re.M
)
_FOR = re.compile(r"for\s+(?P<name>[A-Za-z_]\w*)\s+in\s+(?P<list>.*)\Z", re.S)
_COUNTED = re.compile(
    r"(?:\$\(|`)\s*seq\s+(?:(?P<first>\d{1,9})\s+)?(?P<last>\d{1,9})\s*[)`]|\{(?P<low>\d{1,9})\.\.(?P<high>\d{1,9})\}"
)


class _NotPlainError(Exception):
    """A script that cannot be followed."""


def given_in(text: str) -> frozenset[str]:
    """Give the names of the variables that a script gives a value itself."""
    return frozenset(
        name for found in _GIVES.findall(without_comments(joined(text))) for part in found for name in part.split()
    )


def followed(text: str, known: Mapping[str, str]) -> tuple[tuple[str, dict[str, str]], ...]:
    """Give the commands of a script in their order, each with its variables then; none where the script is not plain.

    A variable that has a value, and nobody knows which, has its own reference: `$NAME`.
    """
    plain = without_comments(joined(text))
    if "<<" in plain or len(plain) > LARGEST:
        return ()
    found: list[tuple[str, dict[str, str]]] = []
    commands = _commands(plain)
    if _depth(commands) > DEEPEST:
        return ()
    try:
        for one in _walk(commands, dict(known)):
            found.append(one)
            if len(found) > LONGEST:
                return ()
    except _NotPlainError:
        return ()
    return tuple(found)


def _commands(text: str) -> list[str]:
    """Part a script at its ends of lines and semicolons, and take `do`, `then`, `else` and `{` apart from what follows."""
    parts = [""]
    for match in _PART.finditer(text):
        if match[0] == "\n" or match[0][0] == ";":
            parts.append("")
        elif match["comment"] is None:
            parts[-1] += match[0]
    found: list[str] = []
    for part in (one.strip() for one in parts):
        rest = part
        while leading := _LEADING.match(rest):
            found.append(leading["word"])
            rest = rest[leading.end() :]
        found += [rest] if rest else []
    return found


def _walk(commands: list[str], known: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    position = 0
    while position < len(commands):
        command = commands[position]
        word = command.split()[0]
        if _FUNCTION.match(command):
            end = _end_of_function(commands, position)
            _forget(known, commands[position : end + 1])
        elif word in _OPENS:
            end = _end(commands, position)
            yield from _block(command, commands[position + 1 : end], known)
        else:
            end = position
            yield command, dict(known)
            _assign(command, known)
        position = end + 1


def _block(head: str, body: list[str], known: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    loop = _FOR.match(head)
    values = _listed(loop["list"], known) if loop else None
    if loop and values is not None and body[:1] == ["do"] and not any(_JUMPS.search(one) for one in body):
        for value in values:
            known[loop["name"]] = value
            yield from _walk(body, known)
        return
    _forget(known, [head, *body])
    yield from _walk(body, known)
    _forget(known, [head, *body])


def _depth(commands: list[str]) -> int:
    words = [one.split()[0] for one in commands]
    return max(accumulate((word in _OPENS) - (word in _CLOSES) for word in words), default=0) if words else 0


def _end(commands: list[str], start: int) -> int:
    depth = 0
    for position in range(start, len(commands)):
        word = commands[position].split()[0]
        depth += (word in _OPENS) - (word in _CLOSES)
        if depth == 0:
            return position
    raise _NotPlainError


def _end_of_function(commands: list[str], start: int) -> int:
    for position in range(start, len(commands)):
        if commands[position] == "}" or (position == start and commands[position].endswith("}")):
            return position
    raise _NotPlainError


def _listed(text: str, known: Mapping[str, str]) -> list[str] | None:
    """Give the words of a loop's list; None where a program or the files of a folder make them."""

    def count(match: re.Match[str]) -> str:
        first = match["low"] or match["first"] or ("1" if match["last"] else "0")
        last = min(int(match["high"] or match["last"]), int(first) + LONGEST)
        return " ".join(map(str, range(int(first), last + 1)))

    plain = _COUNTED.sub(count, filled(text, known))
    return None if re.search(r"[$`*?\[{\"'\\]", plain) else plain.split()


def _assign(command: str, known: dict[str, str]) -> None:
    """Take over what a command gives; a variable before a program (`A=1 run`) is the program's alone."""
    declared = _DECLARES.match(command)
    position = declared.end() if declared else 0
    found = []
    while match := _ASSIGNMENT.match(command, position):
        found.append((match["name"], match["value"]))
        position = match.end()
    if position < len(command):
        _forget(known, [command])
        return
    for name, value in found:
        # What nobody has given anything yet is empty: a list begins so.
        begun = {} if name in known or not re.search(rf"\$(?:{name}\b|\{{{name}\}})", value) else {name: ""}
        text = _unquoted(value, {**known, **begun})
        known[name] = text if text is not None and len(text) <= LARGEST else f"${name}"


def _unquoted(value: str, known: Mapping[str, str]) -> str | None:
    text = ""
    for part in re.findall(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|[^'\"]+", value):
        if part[0] == "'":
            text += part[1:-1]
            continue
        plain = filled(part.strip('"'), known)
        if re.search(r"[$`\\]", plain):
            return None
        text += plain
    return text


def _forget(known: dict[str, str], commands: list[str]) -> None:
    """Let what commands give be unknown; it has a value all the same, so that no default stands for it."""
    for name in given_in("\n".join(commands)):
        known[name] = f"${name}"
