"""What the API server would refuse of an object, in sentences: the errors of a JSON Schema, and names."""

from __future__ import annotations

import base64
import binascii
import difflib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from policies.model.workloads.pods import Fault, show
from policies.model.workloads.workload import pod_spec_path
from policies.read.documents import Document, spell
from policies.read.yaml import FieldPath

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import ValidationError

_PRIVATE = frozenset({"data", "stringData", "binaryData", "value", "args", "command", "annotations"})
"""Fields whose values may be secrets: of these only the type and the length are told."""

_BOUNDS = {
    "minimum": "at least {}", "maximum": "at most {}", "minItems": "at least {} of them", "maxLength": "at most {} characters",
    "pattern": "of the form {}", "format": "of the format {}",
}  # fmt: skip
_NAMES = {dict: "a mapping", list: "a list", str: "a text", bool: "a truth value", int: "a number", float: "a number"}


def explain(error: ValidationError) -> Iterator[Fault]:
    """Say what an error means: the field, its value, and what would be allowed."""
    path: FieldPath = tuple(error.absolute_path)
    value, where = error.instance, spell(path)
    wanted: Any = error.validator_value
    if error.validator == "additionalProperties" and isinstance(value, dict):
        known = list(mapping_of(error.schema).get("properties", {}))
        for name in [name for name in value if name not in known]:
            close = difflib.get_close_matches(str(name), known, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield Fault((*path, name), f"{spell((*path, name))} is no field of the API{hint}")
    elif error.validator == "required" and isinstance(value, dict):
        for name in wanted:
            if name not in value:
                yield Fault(path, f"{spell((*path, name))} is missing")
    elif error.validator == "oneOf":
        if value is not None:  # Null is as good as not set.
            yield Fault(path, f"{where} is {_told(path, value)}, and a text or a number is expected")
    elif error.validator == "type":
        types = [wanted] if isinstance(wanted, str) else [name for name in wanted if name != "null"]
        yield Fault(path, f"{where} is {_told(path, value)}, and {_a(types)} is expected")
    elif error.validator == "enum":
        allowed = ", ".join(str(one) for one in wanted if one not in (None, ""))
        yield Fault(path, f"{where} is {_told(path, value)}, and one of {allowed} is expected")
    else:
        limit = _limit_of(error.validator, wanted)
        if "propertyNames" in error.absolute_schema_path:
            yield Fault((*path, str(value)), f"{where} has the key {show(value)}, which must be {limit}")
        else:
            yield Fault(path, f"{where} is {_told(path, value)}, which must be {limit}")


def _limit_of(validator: object, wanted: object) -> str:
    return _BOUNDS.get(str(validator), f"{validator} {{}}").format(wanted)


def mapping_of(schema: Any) -> dict[str, Any]:
    """Give a schema that may be a truth value as a mapping."""
    return schema if isinstance(schema, dict) else {}


def _a(types: list[str]) -> str:
    spelled = {
        "object": "a mapping",
        "array": "a list",
        "string": "a text",
        "boolean": "true or false",
        "integer": "a whole number",
    }
    return " or ".join(spelled.get(name, f"a {name}") for name in types)


def _told(path: FieldPath, value: Any) -> str:
    if isinstance(value, (dict, list)):
        return _NAMES[type(value)]
    if any(step in _PRIVATE for step in path):
        return f"a text of {len(value)} characters" if isinstance(value, str) else _NAMES.get(type(value), "nothing")
    return show(value)


def formats() -> FormatChecker:
    """Give the checks of the formats that the API's schemas name: the server decodes into these types."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    checker.checks("int32")(lambda value: not _is_integer(value) or -(2**31) <= value < 2**31)
    checker.checks("int64")(lambda value: not _is_integer(value) or -(2**63) <= value < 2**63)
    checker.checks("byte")(_is_base64)
    return checker


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_SEGMENT = re.compile(r"(?!\.{1,2}\Z)[^/%]+\Z")
_LONGEST = {"Namespace": 63, "Service": 63, "CronJob": 52}
_ANY_SEGMENT = frozenset(
    {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "PriorityLevelConfiguration", "FlowSchema"}
)
_RESTARTS = {
    "Job": ("OnFailure", "Never"),
    "CronJob": ("OnFailure", "Never"),
    "Deployment": ("Always",),
    "StatefulSet": ("Always",),
    "DaemonSet": ("Always",),
    "ReplicaSet": ("Always",),
}


def beyond_schema(document: Document) -> Iterator[Fault]:
    """Yield what depends on the object's kind: its name (`pkg/apis/*/validation`), and the restart policy of its pods."""
    name = document.metadata.get("name")
    if not name and not document.metadata.get("generateName"):
        yield Fault(("metadata",), "metadata.name is missing")
    elif isinstance(name, str) and name:
        longest, form = _LONGEST.get(document.kind, 253), _SEGMENT if document.kind in _ANY_SEGMENT else _SUBDOMAIN
        if not form.match(name) or (longest == 63 and "." in name):
            yield Fault(
                ("metadata", "name"),
                f"metadata.name is {show(name)}, which no {document.kind} may be called (RFC 1123)",
            )
        elif len(name) > longest:
            text = f"metadata.name has {len(name)} characters, and a {document.kind}'s has at most {longest}"
            yield Fault(("metadata", "name"), text)
    spec = pod_spec_path(document)
    if spec is not None and document.kind in _RESTARTS:
        policy, allowed = document.get(*spec, "restartPolicy") or "Always", _RESTARTS[document.kind]
        if policy not in allowed:
            path = (*spec, "restartPolicy")
            yield Fault(
                path,
                f"{spell(path)} is {show(policy)}, and one of {', '.join(allowed)} is expected of a {document.kind}",
            )
