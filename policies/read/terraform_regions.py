"""Where an expression decides: the parts of it whose value can be told apart in the result only by what was chosen.

`"x-${var.name}"` shows what it is made from; `var.name == "prod" ? 7 : 3` does not. What is not known shows in the first, and hides in the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.read.terraform_functions import KEYWORDS, SHOWING, is_simple

_LOOP = re.compile(r"for\s+([\w-]+)(?:\s*,\s*([\w-]+))?\s+in\b")
_INDEX = re.compile(r"\s*(?:\[\s*\d|\.\s*\d)")
_TOKEN = re.compile(r"[^\W\d][\w-]*(?:::[\w-]+)*|==|!=|<=|>=|=>|&&|\|\||[?:,=<>!\n(){}\[\]«»]")
_OPENS, _CLOSES = frozenset("({[«"), frozenset(")}]»")
_DECIDES = frozenset(["==", "!=", "<", ">", "<=", ">=", "&&", "||", "!"])


@dataclass(frozen=True, slots=True)
class Region:
    """A part that decides, from `start` to `end`; `function` where it is a function's arguments."""

    start: int
    end: int
    function: str = ""


@dataclass(slots=True)
class _Frame:
    open: int
    segment: int
    bracket: str = ""
    function: str = ""
    decides: bool = False
    loops: bool = False


def regions(code: str) -> Iterator[Region]:
    """Yield the parts of an expression that decide."""
    frame = _Frame(0, 0)
    above: list[_Frame] = []
    name, name_end = "", -1
    for found in _TOKEN.finditer(code):
        word, at = found[0], found.start()
        if word in _OPENS:
            above.append(frame)
            called = name if word == "(" and not code[name_end:at].strip() and name not in KEYWORDS else ""
            frame = _Frame(at, at + 1, word, called)
        elif word in _CLOSES:
            if frame.decides:
                yield Region(frame.segment, at)
            if frame.function and frame.function not in SHOWING and not code[frame.open + 1 : at].isspace():
                yield Region(frame.open + 1, at, frame.function)
            if word in ")]" and _INDEX.match(code, at + 1) and (frame.function or not is_simple(code[frame.open : at])):
                # Which item is taken depends on how many there are before it.
                yield Region(frame.open, at)
            if above:
                frame = above.pop()
            name = ""
        elif word == "?":
            yield Region(frame.segment, at)
            frame.segment, frame.decides = at + 1, False
        elif word in (",", ":", "=", "=>") or (word == "\n" and frame.bracket in ("{", "")):
            if frame.decides:
                yield Region(frame.segment, at)
            frame.segment, frame.decides = found.end(), False
        elif word in _DECIDES:
            frame.decides = True
        elif word == "for" and frame.bracket in ("{", "["):
            frame.loops = True
            if (loop := _LOOP.match(code, at)) and (colon := _colon(code, loop.end())) is not None:
                names = rf"(?<![\w.-])(?:{'|'.join(re.escape(one) for one in loop.groups() if one)})(?![\w-])"
                if not re.search(names, code[colon : _end(code, frame.open)]):
                    # How many there are shows in nothing.
                    yield Region(loop.end(), colon)
        elif word == "if" and frame.loops:
            # What is left out of a loop shows nowhere.
            yield Region(frame.open, len(code) if not above else _end(code, frame.open))
        elif word == "if":
            frame.decides = True
        else:
            name, name_end = word, found.end()
    if frame.decides:
        yield Region(frame.segment, len(code))


def _colon(code: str, start: int) -> int | None:
    depth = 0
    for found in re.compile(r"[({\[«)}\]»:]").finditer(code, start):
        if found[0] == ":" and depth == 0:
            return found.start()
        depth += 1 if found[0] in _OPENS else -1 if found[0] in _CLOSES else 0
        if depth < 0:
            return None
    return None


def _end(code: str, start: int) -> int:
    depth = 0
    for found in re.compile(r"[({\[«)}\]»]").finditer(code, start):
        depth += 1 if found[0] in _OPENS else -1
        if depth == 0:
            return found.start()
    return len(code)
