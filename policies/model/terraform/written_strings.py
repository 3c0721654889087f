"""The strings of an expression of HCL, each with the key that it stands under; what a function makes of them is told apart from themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MADE_OF = frozenset(
    {
        "sensitive",
        "nonsensitive",
        "base64encode",
        "tostring",
        "trimspace",
        "chomp",
        "format",
        "jsonencode",
        "coalesce",
        "try",
    }
)
"""Functions whose result holds what they are given."""

_STRING = r'"(?:[^"\\$]|\\.|\$(?!\{)|\$\{(?:[^{}"]|"[^"]*")*\})*"'
_TOKEN = re.compile(
    rf"(?P<space>\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)|(?P<string>{_STRING})|(?P<heredoc><<-?(?P<mark>\w+)\r?\n.*?^[ \t]*(?P=mark)[ \t\r]*$)"
    r"|(?P<operator>[=!<>]=|=>)|(?P<key>[=:])|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<name>[A-Za-z_][\w-]*)|(?P<other>.)",
    re.DOTALL | re.MULTILINE,
)


def strings(text: str) -> Iterator[tuple[str, str, int, bool]]:
    """Yield the strings of an expression: the key of the object that it stands under, the string, where, and whether it is the value itself."""
    opened: list[tuple[str, str, bool]] = []
    key, before, function, named = "", "", "", ""
    pending: tuple[str, int] | None = None
    whole, asked = True, 0
    for found in _TOKEN.finditer(text):
        kind, said = found.lastgroup or "", found[0]
        if kind == "space":
            continue
        is_key = kind == "key" and not (said == ":" and asked)  # Of a condition, `:` divides two values.
        if pending is not None and not is_key:
            named = pending[0] if key == "name" else named
            yield named if key == "value" and named else key, pending[0], pending[1], whole
        if is_key:
            key = pending[0] if pending is not None else function
        asked += (said == "?") - (kind == "key" and not is_key)
        pending = None
        if kind == "string":
            pending = (said[1:-1].replace('\\"', '"'), found.start())
        elif kind == "heredoc":
            yield key, "\n".join(said.splitlines()[1:-1]), found.start(), whole
        elif kind == "open":
            opened.append((said, key, whole))
            # A key of an index is no value, and what a function makes of its arguments may hold nothing of them.
            if (said == "(" and function and function not in _MADE_OF) or (said == "[" and before in ("name", "close")):
                whole = False
            elif said == "{":
                key, named, whole = "", "", True
        elif kind == "close" and opened:
            _, key, whole = opened.pop()
        elif said == "\n" or (said == "," and opened and opened[-1][0] == "{"):
            key = ""
        function = said if kind == "name" else ""
        before = kind
    if pending is not None:
        yield key, pending[0], pending[1], whole
