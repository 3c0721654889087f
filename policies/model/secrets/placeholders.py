"""Values that only hold the place of another."""

from __future__ import annotations

import re

from policies.model.secrets.credential_values import default_of

_PLACEHOLDER = re.compile(
    r"""(?ix)
      change[-_ ]?(?:me|it|this) | replace | place-?_?holder | (?:^|[^a-z])your(?:[^a-z]|$) | example | sample | dummy
    | todo | fixme | fill[-_ ]?(?:in|me) | insert | secret[-_ ]?here | goes[-_ ]?here | to[-_ ]?be[-_ ]?set
    | x{3,} | \*{3,} | ^<.*>$ | ^\$\{[^:}]*(?:[:][?+][^}]*)?\}$ | ^\[.*\]$ | ^\.\.\.$
    | not[-_ ]?(?:a[-_ ]?)?(?:real|secret) | (?:^|[^a-z])(?:set|generate)[-_ ]?me"""
)


_PASSWORD_IN_URL = re.compile(r"://[^/\s:@]*:(?P<password>[^/\s@]+)@")


def is_placeholder(value: str) -> bool:
    """Whether a value only holds the place of another: `CHANGE_ME`, `<password>`, nothing at all.

    Of an address its password decides, of `${VAR:default}` the default.
    """
    text = value.strip().strip("\"'")
    if (default := default_of(text)) is not None:
        return is_placeholder(default)
    password = _PASSWORD_IN_URL.search(text)
    return not text or bool(_PLACEHOLDER.search(password["password"] if password else text))
