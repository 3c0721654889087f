"""What a worker promises: which action reaches which endpoint with what, and how each kind of message ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

CREDENTIAL = "turnstile-credential-7f3a9c51e2d84b06"
"""What the service of the tests knows the worker by."""

FIELD = re.compile(r"\{([^{}]+)\}")
_UNRESERVED = "-._~"


@dataclass(frozen=True)
class Action:
    """An action's endpoint: `POST /orders/{orderId}/pay`. What stands in braces is where in the message the value stands."""

    name: str
    method: str
    template: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Where in a message its values stand."""
        return tuple(FIELD.findall(self.template))

    def path(self, values: dict[str, str], base: str = "") -> str:
        """Give the path for values, each encoded as one segment."""
        return base + FIELD.sub(lambda match: quote(values[match[1]], safe=_UNRESERVED), self.template)

    def carries(self, path: str, value: str, base: str = "") -> bool:
        """Whether a path is its endpoint with this value, in whatever legal spelling, as one segment in the first field's place."""
        fixed = FIELD.split(base + self.template)[::2]
        found = re.fullmatch("([^/]*)".join(map(re.escape, fixed)), path)
        # A dot segment is one however it is encoded (WHATWG URL, "double-dot URL path segment").
        return found is not None and unquote(found[1]) == value and value not in ("", ".", "..")


@dataclass(frozen=True)
class Contract:
    """All of it. An ending is `reported` or `done`, None where nobody says; so are the names of headers and fields."""

    actions: tuple[Action, ...] = ()
    action: str = ""
    body: str | None = None
    message: str = "{}"
    header: str | None = None
    idempotency: str | None = None
    base: str = ""
    fifo: bool = True
    attempts: int = 1
    patience: float = 0.1
    unreadable: str | None = None
    unknown_action: str | None = None
    refused: str | None = None
    conflict: str | None = None

    def action_of(self, name: str) -> Action:
        """Give an action by its name."""
        return next(one for one in self.actions if one.name == name)
