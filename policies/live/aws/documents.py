"""Policy documents as IAM takes them, from Terraform's `aws_iam_policy_document`."""

from __future__ import annotations

import json
from typing import Any


def document(data: dict[str, Any]) -> str:
    """Give the JSON of a data source `aws_iam_policy_document` whose values are known."""
    statements: list[dict[str, Any]] = []
    for source in [*(data.get("source_policy_documents") or ()), data.get("source_json")]:
        if source:
            statements += _listed(json.loads(source).get("Statement"))
    statements += [_statement(one) for one in data.get("statement") or ()]
    for over in data.get("override_policy_documents") or ():
        for one in _listed(json.loads(over).get("Statement")):
            statements = [other for other in statements if not one.get("Sid") or other.get("Sid") != one["Sid"]]
            statements.append(one)
    return json.dumps({"Version": data.get("version") or "2012-10-17", "Statement": statements})


def _statement(one: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": one.get("effect") or "Allow"}
    if one.get("sid"):
        made["Sid"] = one["sid"]
    for name, element in (
        ("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource"),
    ):  # fmt: skip
        if one.get(name):
            made[element] = one[name]
    for name, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if one.get(name):
            made[element] = _principals(one[name])
    conditions: dict[str, dict[str, Any]] = {}
    for condition in one.get("condition") or ():
        conditions.setdefault(condition["test"], {})[condition["variable"]] = condition["values"]
    return {**made, "Condition": conditions} if conditions else made


def _principals(blocks: list[dict[str, Any]]) -> Any:
    found: dict[str, list[str]] = {}
    for one in blocks:
        found.setdefault(one["type"], []).extend(one["identifiers"])
    return "*" if found == {"*": ["*"]} else {kind: names for kind, names in found.items() if kind != "*"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []
