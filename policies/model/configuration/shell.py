"""Shell scripts, as far as their variables are plain to see: what is given them, and what they give themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping

from policies.model.configuration.addresses import expand

_ASSIGNED = re.compile(
    r"(?:^|[\s;])(?P<name>[A-Za-z_]\w*)=(?P<value>\"[^\"\n]*\"|'[^'\n]*'|\$\{[^}\n]*\}|[^\s;\"'$(]*)(?=[\s;]|\Z)"
)
_BARE = re.compile(r"\$([A-Za-z_]\w*)")


def joined(text: str) -> str:
    """Give a script with one line for each that a backslash parts."""
    return re.sub(r"\\\n", "  ", text)


def without_comments(text: str) -> str:
    """Give a script without its lines of comment."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def variables(text: str, known: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that a script knows: `known`, and what it gives others first, where all of that is known."""
    found = dict(known)
    for match in _ASSIGNED.finditer(text):
        value = filled(match["value"].strip("\"'"), found)
        if "$" not in value and value:
            found.setdefault(match["name"], value)
    return found


def filled(text: str, known: Mapping[str, str]) -> str:
    """Put values for `$NAME`, `${NAME}` and `$(NAME)`; what is not known stays."""
    return _BARE.sub(lambda match: known.get(match[1], match[0]), expand(text, known))
