"""What a handler did with a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

Request = dict[str, Any]
"""A viewer request in CloudFront's own form: `clientIp`, `method`, `uri`, `querystring`, `headers`."""


class Kind(Enum):
    """What became of a request; the last six are none of a validator's."""

    THROUGH = "lets it through"
    REFUSED = "refuses it"
    THREW = "throws"
    NOTHING = "answers nothing"
    LARGE = "answers too much"
    HUNG = "does not come to an end"
    NEVER = "never answers"
    DIED = "dies"


_UNDEFINED = re.compile(r"\bundefined\b")

LOST = frozenset({Kind.HUNG, Kind.NEVER, Kind.DIED})
"""What ends the process, so that the next request needs a fresh one."""


@dataclass(frozen=True)
class Answer:
    """A kind, the value returned (None where a request was let through unchanged), and what is known of the fault."""

    kind: Kind
    value: Any = None
    detail: str = ""

    @property
    def through(self) -> bool:
        """Whether the request goes on to the origin."""
        return self.kind is Kind.THROUGH

    @property
    def status(self) -> str:
        """The status of a response, as text; empty where there is none."""
        is_response = self.kind is Kind.REFUSED and isinstance(self.value, dict)
        return str(self.value.get("status", "")) if is_response else ""

    def header(self, name: str) -> list[str]:
        """The values of a response's header."""
        headers: Any = self.value.get("headers") if isinstance(self.value, dict) else None
        found = headers.get(name, []) if isinstance(headers, dict) else []
        items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
        return [str(item["value"]) for item in items if item.get("value") is not None]

    @property
    def is_hollow(self) -> bool:
        """Whether something that the code asked for was not there: a header without a value, or JavaScript's `undefined` in it."""
        if self.kind is Kind.THREW:
            return " of undefined" in self.detail
        headers: Any = self.value.get("headers") if self.kind is Kind.REFUSED else None
        lists = headers.values() if isinstance(headers, dict) else ()
        items = [item for items in lists if isinstance(items, list) for item in items if isinstance(item, dict)]
        return any(item.get("value") is None or _UNDEFINED.search(str(item["value"])) for item in items)

    def __str__(self) -> str:
        if self.kind is Kind.REFUSED:
            location = "".join(f", to {value}" for value in self.header("location"))
            return f"refuses it with {self.status}{location}"
        return str(self.kind.value) + (f" ({self.detail})" if self.detail else "")


UNCHANGED = Answer(Kind.THROUGH)


def read_answer(spelled: Any) -> Answer:
    """Take an answer as the harness spells it."""
    if spelled == 1:
        return UNCHANGED
    what, value = spelled[0], spelled[1] if len(spelled) > 1 else ""
    if what == "answer":
        # CloudFront takes for a response what has a status, and for a request what has a method or a path.
        if isinstance(value, dict) and "status" in value:
            return Answer(Kind.REFUSED, value)
        if isinstance(value, dict) and ("uri" in value or "method" in value):
            return Answer(Kind.THROUGH, value)
        return Answer(Kind.NOTHING, value, "neither a request nor a response")
    kinds = {
        "threw": Kind.THREW,
        "nothing": Kind.NOTHING,
        "large": Kind.LARGE,
        "never": Kind.NEVER,
        "exited": Kind.DIED,
        "died": Kind.DIED,
    }
    said = "it exits the process" if what == "exited" else str(value)
    return Answer(kinds[what], None, said)
