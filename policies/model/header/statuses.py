"""With which status a method answers, as far as its source states it."""

from __future__ import annotations

import re

from policies.model.header.flow import Flow
from policies.model.header.names import Scope, arguments_of
from policies.read.java_nodes import text_of, walk

_STATUS = frozenset({"setStatusCode", "setRawStatusCode", "setStatus", "sendError", "status"})
_SUCCESS = re.compile(r"(?:\A|[.(])(?:20\d|(?:SC_)?(?:OK|CREATED|ACCEPTED|NO_CONTENT))\)?\Z")
"""A status of the 200s, as Spring's HttpStatus and the servlets call them (RFC 9110, 15.3)."""


def success_of(flow: Flow, scope: Scope) -> str:
    """Give the status of success with which a method refuses, where that is all that it, and what it calls itself, ever answers."""
    body = scope.method.body if scope.method is not None else None
    calls = [one for one in (walk(body) if body is not None else ()) if one.type == "method_invocation"]
    called = (one.body for call in calls for one in flow.names.called(call, scope))
    calls += [one for inner in called if inner is not None for one in walk(inner) if one.type == "method_invocation"]
    stated = [
        text_of(given[0])
        for one in calls
        if text_of(one.child_by_field_name("name")) in _STATUS and (given := arguments_of(one))
    ]
    return stated[0] if stated and all(_SUCCESS.search(one) for one in stated) else ""
