"""HCL as it is written: the blocks and attributes of a file, each with its lines and its expression's text.

What is evaluated comes from tfparse; where the source itself is judged, or a value's own line is wanted, it is read here. The
grammar is HCL's native syntax (github.com/hashicorp/hcl, hclsyntax/spec.md); nothing here recurses, so that no depth of nesting breaks it.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from policies.errors import SourceError

MAXIMUM_DEPTH = 500
"""How deep brackets and blocks may be nested; nobody writes more than ten."""

_PLAIN = re.compile(r'(?:[^"\\$%\n]|\\.|\$\$\{|%%\{|\$(?!\{)|%(?!\{))+')
"""What stands in a quoted string before its end, or before an interpolation."""

_PLAIN_LINES = re.compile(r"(?:[^$%]|\$\$\{|%%\{|\$(?!\{)|%(?!\{))+")
"""The same in a heredoc, where neither a quote nor a backslash means anything."""

_SPACE = re.compile(r"[ \t\r]+|#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/")
_NAME = re.compile(r"[^\W\d][\w-]*")
_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)\r?\n")
_CODE = re.compile(r'[^"{}()\[\]\n#/<]+')
_CLOSES = {"{": "}", "(": ")", "[": "]", "$": "}"}


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """The text of an attribute's value. `code` is as long: in it comments are blank, and so is what a string says.

    A string there begins with « and ends with », and an interpolation in it stands in parentheses.
    """

    text: str
    code: str
    line: int
    last_line: int
    start: int = 0


@dataclass(frozen=True, eq=False)
class Declaration:
    """A block as it is written: its type, its labels, its attributes and the blocks in it. `start` and `end` are those of its body."""

    type: str
    labels: tuple[str, ...]
    file: str
    line: int
    last_line: int = 0
    attributes: dict[str, Expression] = field(default_factory=dict)
    blocks: list[Declaration] = field(default_factory=list)
    start: int = 0
    end: int = 0

    def of(self, type: str) -> tuple[Declaration, ...]:
        """Give the blocks of a type in it."""
        return tuple(block for block in self.blocks if block.type == type)


@dataclass(frozen=True)
class Source:
    """A file of HCL: `body` holds its blocks, and in a tfvars file its attributes."""

    file: str
    text: str
    body: Declaration

    @cached_property
    def raw(self) -> Mapping[str, Any]:
        """What python-hcl2 makes of it. Raises SourceError where it refuses the file."""
        import hcl2

        try:
            return hcl2.loads(self.text + "\n")
        except RecursionError:
            raise SourceError(self.file, "is nested too deeply to be read") from None
        except Exception as error:  # noqa: BLE001 (the parser under it has no one error)
            raise SourceError(
                self.file, f"is not HCL: {str(error).splitlines()[0]}", getattr(error, "line", None)
            ) from None


def read(file: str, content: bytes) -> Source:
    """Read a file of HCL. Raises SourceError, with the line, where it is not one."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(file, f"is not UTF-8 (byte {error.start})", line) from None
    if "\0" in text:
        raise SourceError(file, "holds a NUL character", text.count("\n", 0, text.index("\0")) + 1)
    return Source(file, text, _Reader(file, text).body())


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.newlines = [found.start() for found in re.finditer("\n", text)]
        self.at = 0

    def line(self, at: int) -> int:
        return bisect.bisect_left(self.newlines, at) + 1

    def error(self, problem: str, at: int) -> SourceError:
        return SourceError(self.file, problem, self.line(min(at, len(self.text))))

    def body(self) -> Declaration:
        text = self.text
        top = Declaration("", (), self.file, 1, len(self.newlines) + 1, end=len(text))
        stack = [top]
        while True:
            self.skip_space(newlines=True)
            if self.at >= len(text):
                break
            if text[self.at] == "}" and len(stack) > 1:
                closed = stack.pop()
                object.__setattr__(closed, "last_line", self.line(self.at))
                object.__setattr__(closed, "end", self.at)
                self.at += 1
                continue
            found = _NAME.match(text, self.at)
            if found is None:
                raise self.error(f"{text[self.at]!r} is neither a block nor an attribute", self.at)
            begin, self.at = self.at, found.end()
            self.skip_space()
            if text[self.at : self.at + 1] == "=" and text[self.at : self.at + 2] != "==":
                self.at += 1
                self.skip_space()
                stack[-1].attributes[found[0]] = self.expression()
                continue
            labels = tuple(self.labels())
            if text[self.at : self.at + 1] != "{":
                raise self.error(f"{found[0]} is neither a block nor an attribute: a '{{' or a '=' is missing", begin)
            self.at += 1
            block = Declaration(found[0], labels, self.file, self.line(begin), start=self.at)
            if len(stack) > MAXIMUM_DEPTH:
                raise self.error(f"is nested more than {MAXIMUM_DEPTH} deep", begin)
            stack[-1].blocks.append(block)
            stack.append(block)
        if len(stack) > 1:
            raise self.error(f"the block {stack[-1].type} that begins here does not end", stack[-1].start)
        return top

    def skip_space(self, newlines: bool = False) -> None:
        while True:
            found = _SPACE.match(self.text, self.at)
            if found:
                self.at = found.end()
            elif newlines and self.text[self.at : self.at + 1] == "\n":
                self.at += 1
            else:
                return

    def labels(self) -> Iterator[str]:
        while True:
            self.skip_space()
            if self.text[self.at : self.at + 1] == '"':
                end = self.text.find('"', self.at + 1)
                if end < 0 or "\n" in self.text[self.at : end]:
                    raise self.error("a string does not end", self.at)
                yield self.text[self.at + 1 : end]
                self.at = end + 1
            elif found := _NAME.match(self.text, self.at):
                yield found[0]
                self.at = found.end()
            else:
                return

    def expression(self) -> Expression:
        """Read to the end of the line on which every bracket is closed."""
        text, begin = self.text, self.at
        code: list[str] = []
        # What is open: a bracket, `"` in a quoted string, `$` in an interpolation of one.
        opened: list[tuple[str, int]] = []

        def put(until: int, mark: str = "") -> None:
            code.append(mark.rjust(until - self.at))
            self.at = until

        heredocs: list[tuple[int, int]] = []
        while self.at < len(text):
            inside = opened[-1][0] if opened else ""
            if inside == "<<":
                end, after = heredocs[-1]
                if self.at >= end:
                    opened.pop()
                    heredocs.pop()
                    put(max(after, self.at), "»")
                elif found := _PLAIN_LINES.match(text, self.at, end):
                    put(found.end())
                else:
                    opened.append(("$", self.at))
                    put(self.at + 2, "(")
                continue
            if inside == '"':
                if found := _PLAIN.match(text, self.at):
                    put(found.end())
                elif text.startswith(("${", "%{"), self.at):
                    opened.append(("$", self.at))
                    put(self.at + 2, "(")
                elif text.startswith('"', self.at):
                    opened.pop()
                    put(self.at + 1, "»")
                else:
                    raise self.error("a string does not end", opened[-1][1])
                continue
            if found := _CODE.match(text, self.at):
                put(found.end(), found[0])
                continue
            if len(opened) > MAXIMUM_DEPTH:
                raise self.error(f"is nested more than {MAXIMUM_DEPTH} deep", self.at)
            character = text[self.at]
            if character == "\n":
                if not opened:
                    break
                put(self.at + 1, "\n")
            elif character == '"':
                opened.append(('"', self.at))
                put(self.at + 1, "«")
            elif character in "{([":
                opened.append((character, self.at))
                put(self.at + 1, character)
            elif character in "})]":
                if not opened and character == "}":
                    break
                if not opened or _CLOSES.get(inside) != character:
                    raise self.error(f"{character!r} closes nothing that is open", self.at)
                opened.pop()
                put(self.at + 1, ")" if inside == "$" else character)
            elif found := _SPACE.match(text, self.at):
                put(found.end())
            elif found := _HEREDOC.match(text, self.at):
                terminator = re.compile(rf"^[ \t]*{re.escape(found[2])}[ \t\r]*$", re.MULTILINE)
                if (stop := terminator.search(text, found.end())) is None:
                    raise self.error(f"the heredoc {found[2]} does not end", self.at)
                put(found.end(), "«".ljust(found.end() - self.at))
                opened.append(("<<", found.start()))
                heredocs.append(stop.span())
            else:
                put(self.at + 1, character)
        if opened:
            raise self.error(f"what is opened here by {opened[-1][0]!r} does not end", opened[-1][1])
        if self.at == begin:
            raise self.error("an attribute has no value", begin)
        return Expression(text[begin : self.at], "".join(code), self.line(begin), self.line(self.at - 1), begin)
