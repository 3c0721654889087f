"""What is declared of an object, held against the object that runs: field by field, without what the API server adds or leaves out.

Only what is declared is looked at, for the server fills in all else; a list is looked at whole, for it has no fields that could be added to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.model.secrets.credential_names import names_credential
from policies.model.workloads.pods import show
from policies.model.workloads.quantities import parse
from policies.read.documents import spell
from policies.read.yaml import FieldPath


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING: Any = _Missing()
"""What stands where a field is not there."""

_OMITTED = frozenset(
    [
        *("hostNetwork", "hostPID", "hostIPC", "hostPort", "tty", "stdin", "stdinOnce", "readOnly", "paused"),
        *("publishNotReadyAddresses", "initialDelaySeconds", "minReadySeconds", "sessionAffinity"),
    ]
)
"""Fields whose false or zero the server leaves out (`omitempty` on no pointer, `k8s.io/api`)."""

_EMPTY_MAPPINGS = frozenset(
    ["annotations", "labels", "matchLabels", "nodeSelector", "strategy", "updateStrategy", "selector"]
)
"""Mappings that the server leaves out, or fills in, where they are empty."""

_QUANTITIES = frozenset(
    ["limits", "requests", "capacity", "hard", "sizeLimit", "averageValue", "value", "divisor", "default"]
)
"""Fields of quantities, or above them."""

_CREDENTIALS = re.compile(r"://[^/@\s]*@")
"""What stands before a host: `amqp://user:password@host`."""

_KEYS = ("name", "mountPath", "containerPort", "key", "type", "ip")
"""By what the elements of a list are told apart, where all have it and no two the same."""


@dataclass(frozen=True)
class Difference:
    """A field that is not as declared; `MISSING` where one of the two has none."""

    path: FieldPath
    declared: Any
    running: Any

    def __str__(self) -> str:
        for value, told in (
            (self.declared, "is declared, and does not run"),
            (self.running, "runs, and is not declared"),
        ):
            other = self.running if value is self.declared else self.declared
            if other is MISSING and isinstance(value, dict) and "name" in value:
                return f"{spell(self.path)} {value['name']!r} {told}"
        if not _may_be_shown(self.path, self.declared, self.running):
            return f"{spell(self.path)} is not as declared (its values are not shown)"
        return f"{spell(self.path)} is declared {_shown(self.declared)}, and {_shown(self.running)} runs"


def differences(declared: Any, running: Any, path: FieldPath = ()) -> Iterator[Difference]:
    """Yield every declared field that runs otherwise."""
    if isinstance(declared, dict) and isinstance(running, dict):
        for key, value in declared.items():
            here = (*path, str(key))
            if running.get(key) is not None:
                yield from differences(value, running[key], here)
            elif not _left_out(str(key), value):
                yield Difference(here, value, MISSING)
    elif isinstance(declared, list) and isinstance(running, list):
        yield from _of_lists(declared, running, path)
    elif not _same(declared, running, path):
        yield Difference(path, declared, running)


def _of_lists(declared: list[Any], running: list[Any], path: FieldPath) -> Iterator[Difference]:
    key = next((key for key in _KEYS if _tells_apart(declared, key) and _tells_apart(running, key)), None)
    if key is None:
        if len(declared) != len(running):
            yield Difference(path, declared, running)
            return
        for index, (one, other) in enumerate(zip(declared, running, strict=True)):
            yield from differences(one, other, (*path, index))
        return
    there = {str(element[key]): element for element in running}
    for index, element in enumerate(declared):
        found = there.pop(str(element[key]), None)
        if found is None:
            yield Difference((*path, index), element, MISSING)
        else:
            yield from differences(element, found, (*path, index))
    for element in there.values():
        yield Difference(path, MISSING, element)


def _tells_apart(elements: list[Any], key: str) -> bool:
    found = [str(element[key]) for element in elements if isinstance(element, dict) and key in element]
    return len(found) == len(elements) == len(set(found))


def _left_out(key: str, value: Any) -> bool:
    if value is False or (value == 0 and isinstance(value, int)):
        return key in _OMITTED
    if isinstance(value, dict) and not value:
        return key in _EMPTY_MAPPINGS
    if isinstance(value, dict) and all(_left_out(str(inner), one) for inner, one in value.items()):
        return True
    return value in (None, "") or value == []


def _same(declared: Any, running: Any, path: FieldPath) -> bool:
    if isinstance(declared, bool) or isinstance(running, bool):
        return declared is running
    if declared == running or (_is_scalar(declared) and _is_scalar(running) and str(declared) == str(running)):
        return True
    if _QUANTITIES.isdisjoint(map(str, path[-2:])):
        return False
    amount = parse(declared)
    return amount is not None and amount == parse(running)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _shown(value: Any) -> str:
    return repr(value) if value is MISSING else show(value)


def _may_be_shown(path: FieldPath, *values: Any) -> bool:
    """Whether no value may be a credential: by its field's name, by its look, or as a variable's, whose name stands beside it."""
    texts = [value for value in values if value is not MISSING]
    if all(isinstance(value, bool) for value in texts):
        return True
    if path[-1:] == ("value",) or any(names_credential(str(step)) for step in path):
        return False
    return not any(_CREDENTIALS.search(str(value)) or (isinstance(value, dict) and "value" in value) for value in texts)
