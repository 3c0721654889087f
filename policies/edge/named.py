"""The paths that a handler's own code names: by one of them it may let in what nobody stated."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAXIMUM_PATHS = 60
MAXIMUM_LENGTH = 200

_LITERAL = re.compile(r"""(?:['"`]\^?|/\^)((?:\\?/[\w.~-]+)+)""")
"""What a string or an anchored pattern begins with, as far as it is a plain path: `'/a/b'`, `` `/a/${id}` ``, `/^\\/a\\/b/`."""


def named_paths(sources: Iterable[str]) -> tuple[str, ...]:
    """Give the paths that stand in code, each once and in their order; of very many the first."""
    found = (match[1].replace("\\", "") for source in sources for match in _LITERAL.finditer(source))
    return tuple(dict.fromkeys(path for path in found if len(path) <= MAXIMUM_LENGTH))[:MAXIMUM_PATHS]
