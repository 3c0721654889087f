"""CloudFront's policies: for how long answers are kept, what tells them apart, and what of a request goes on to the origin.

Sources: Amazon CloudFront Developer Guide, "Control the cache key with a policy" and "Control origin requests with a policy".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from policies.model.cloud.resources import known

ALL, NONE, LISTED, BUT = "all", "none", "whitelist", "allExcept"


@dataclass(frozen=True)
class Choice:
    """Which of a request's headers, cookies or parameters: all, none, those listed, or all but those. In a cookie's name `*` and `?` stand for others."""

    kind: Any = NONE
    names: Any = ()

    def takes(self, name: str, *, exact: bool = False) -> bool:
        """Whether a name is among them; `exact` minds the case of letters, as parameters and cookies do."""
        kind = known(self.kind)
        if kind in (ALL, NONE):
            return bool(kind == ALL)
        listed = [str(known(one)) for one in known(self.names)]
        found = any(fits(one, name) if exact else one.lower() == name.lower() for one in listed)
        return found is not bool(kind == BUT)


@dataclass(frozen=True)
class CachePolicy:
    """For how long answers are kept (in seconds) and what tells them apart; `legacy` is true of `forwarded_values` in a behaviour."""

    min_ttl: Any = 0
    default_ttl: Any = 86400
    max_ttl: Any = 31536000
    headers: Choice = Choice()
    cookies: Choice = Choice()
    query: Choice = Choice()
    gzip: Any = False
    brotli: Any = False
    legacy: bool = False

    @property
    def keeps(self) -> bool:
        """Whether any answer is kept at all."""
        if self.legacy and known(self.headers.kind) == ALL:
            return False  # "All – CloudFront doesn't cache the objects that are associated with this cache behavior."
        return any(int(known(ttl) or 0) > 0 for ttl in (self.max_ttl, self.min_ttl, self.default_ttl))


@dataclass(frozen=True)
class OriginRequestPolicy:
    """What of a viewer's request is sent on beside what the cache key has."""

    headers: Choice = Choice()
    cookies: Choice = Choice()
    query: Choice = Choice()


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern: `*` stands for any number of characters, `?` for one; capitals make a difference."""
    expression = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None
