"""Policy documents by what they mean: the order of statements and lists, one or a list of one, an account's number or its root make no difference."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

_ACCOUNT = re.compile(r"\d{12}")
_ROOT = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):root")

Meant = Callable[[str], str]
"""Gives one name for whatever means the same resource."""


def statements(text: str, meant: Meant) -> dict[str, str]:
    """Give what each statement of a document means, and how it is called. Raises ValueError where it is no document."""
    data = json.loads(text)
    listed = data.get("Statement") if isinstance(data, dict) else None
    if listed is None:
        raise ValueError("it has no statement")
    every = listed if isinstance(listed, list) else [listed]
    return {json.dumps(_meaning(one, meant), sort_keys=True): _told(one) for one in every}


def differing(declared: str, there: str, meant: Meant) -> Iterator[str]:
    """Yield a sentence about each statement that only one of two documents has."""
    ours, theirs = statements(declared, meant), statements(there, meant)
    for meaning, name in theirs.items():
        if meaning not in ours:
            yield f"the account's has {name}, and Terraform's has not"
    for meaning, name in ours.items():
        if meaning not in theirs:
            yield f"Terraform's has {name}, and the account's has not"


def _meaning(statement: dict[str, Any], meant: Meant) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": statement.get("Effect")}
    for element in ("Action", "NotAction"):
        if element in statement:
            made[element] = sorted({str(one).lower() for one in _many(statement[element])})
    for element in ("Resource", "NotResource"):
        if element in statement:
            made[element] = sorted({meant(str(one)) for one in _many(statement[element])})
    for element in ("Principal", "NotPrincipal"):
        if element in statement:
            made[element] = _principals(statement[element], meant)
    if statement.get("Condition"):
        made["Condition"] = {
            operator: {key.lower(): sorted({meant(_word(one)) for one in _many(value)}) for key, value in keys.items()}
            for operator, keys in statement["Condition"].items()
        }
    return made


def _principals(value: Any, meant: Meant) -> Any:
    if not isinstance(value, dict):
        value = {"AWS": value}
    return {kind: sorted({_principal(str(one), meant) for one in _many(names)}) for kind, names in value.items()}


def _principal(name: str, meant: Meant) -> str:
    account = _ROOT.fullmatch(name)
    return account[1] if account else name if _ACCOUNT.fullmatch(name) else meant(name)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _told(statement: dict[str, Any]) -> str:
    """Say which statement it is: whom it lets do what."""
    if statement.get("Sid"):
        return f"the statement {statement['Sid']}"
    actions = ", ".join(map(str, _many(statement.get("Action", statement.get("NotAction", "nothing")))))
    return f"a statement ({statement.get('Effect')} {actions})"
