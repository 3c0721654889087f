"""Policies of IAM, however they are written: statements of a data source, of `jsonencode`, of JSON in a heredoc, of an API's answer.

The elements are those of the IAM User Guide, "IAM JSON policy elements reference". What is not known of a statement stays Unknown in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from policies.evidence import Location
from policies.model.cloud.policy_statements import Condition, Statement, many
from policies.model.cloud.written_values import json_of
from policies.read.terraform import Block, Unknown

DOCUMENT = "aws_iam_policy_document"
DEEPEST = 5
"""A document that takes others in may do so this often, one in the other."""


def statements(block: Block, *path: str | int, depth: int = 0) -> tuple[Statement, ...] | Unknown | None:
    """Give the statements of the policy at a path of a block; None where there is none, Unknown where they are not known."""
    value = block.get(*path)
    if value is None or block.unknown is not None:
        return block.unknown
    documents = [other for other in block.refers_to(*path) if other.kind == "data" and other.type == DOCUMENT]
    text = _text(block, path)
    is_reference = isinstance(value, str) and re.fullmatch(r"\$\{[^{}]*\}", value.strip()) is not None
    if (
        documents
        and (is_reference or isinstance(value, Unknown))
        and not text.lstrip().startswith(("jsonencode", "<<"))
    ):
        return _joined(_of_document(document, depth) for document in documents)
    data = json_of(value, text)
    if isinstance(data, Unknown):
        return data
    found = tuple(_of_json(data, block.locate(*path)))
    return tuple(replace(one, resources=_as_made(one.resources, block, path)) for one in found)


def _as_made(resources: tuple[Any, ...], block: Block, path: tuple[str | int, ...]) -> tuple[Any, ...]:
    """Give resources; what a function may have made of another attribute than the ARN, as what is not known: it may have made an ARN of it."""

    def is_made(one: Any) -> bool:
        return isinstance(one, str) and one.startswith("${") and not one.endswith(".arn}") and block.is_cut(*path)

    return tuple(
        Unknown(f"what a function makes of {one} cannot be told", one) if is_made(one) else one for one in resources
    )


def _text(block: Block, path: tuple[str | int, ...]) -> str:
    """Give the text of the expression at a path of one or two steps."""
    holder: Block | None = block
    for step in path[:-1]:
        holder = holder.block(step) if holder is not None and isinstance(step, str) else holder
    name = path[-1] if path else ""
    declaration = holder.declaration if holder is not None else None
    return declaration.attributes[name].text if declaration is not None and name in declaration.attributes else ""


def _joined(parts: Iterator[tuple[Statement, ...] | Unknown]) -> tuple[Statement, ...] | Unknown:
    found: list[Statement] = []
    for part in parts:
        if isinstance(part, Unknown):
            return part
        found += part
    return tuple(found)


def _of_document(document: Block, depth: int) -> tuple[Statement, ...] | Unknown:
    """The statements of an `aws_iam_policy_document`, with those of the documents that it takes in."""
    if document.unknown is not None:
        return document.unknown
    found: list[Statement] = []
    for taken in ("source_policy_documents", "override_policy_documents", "source_json", "override_json"):
        if taken in document.attributes and depth < DEEPEST:
            others = [block for block in document.refers_to(taken) if block.type == DOCUMENT]
            part = _joined(_of_document(other, depth + 1) for other in others)
            if isinstance(part, Unknown) or not others:
                return (
                    part
                    if isinstance(part, Unknown)
                    else Unknown(f"{document} takes in what is known only when it is applied")
                )
            found += part
    for one in document.blocks("statement"):
        if one.unknown is not None:
            return one.unknown
        found.append(_of_block(document, one))
    return tuple(found)


def _of_block(document: Block, one: Block) -> Statement:
    listed = {name: many(one.get(name)) for name in ("actions", "not_actions", "resources", "not_resources")}
    inverted = {name.removeprefix("not_") for name in listed if name.startswith("not_") and listed[name]}
    principals: list[tuple[Any, Any]] = []
    for name in ("principals", "not_principals"):
        for block in one.blocks(name):
            kinds, identifiers = block.get("type"), many(block.get("identifiers"))
            principals += [(kinds, identifier) for identifier in identifiers or (Unknown("nobody is named"),)]
            inverted |= {"principals"} if name.startswith("not_") else set()
    conditions = tuple(
        Condition(str(block.get("test")), str(block.get("variable")), many(block.get("values")))
        for block in one.blocks("condition")
    )
    index = next((number for number, other in enumerate(document.blocks("statement")) if other is one), 0)
    places = {"": document.locate("statement", index)}
    for name in (*listed, "principals", "effect"):
        if name in one.attributes:
            places[name.removeprefix("not_")] = document.locate("statement", index, name)
    effect = one.get("effect")
    return Statement(
        "Allow" if effect is None else effect,
        listed["actions"] or listed["not_actions"],
        _as_made(
            listed["resources"] or listed["not_resources"],
            document,
            ("statement", index, "resources" if listed["resources"] else "not_resources"),
        ),
        tuple(principals),
        conditions,
        frozenset(inverted),
        places,
        str(one.get("sid") or "") if not isinstance(one.get("sid"), Unknown) else "",
    )


def _of_json(data: Any, place: Location) -> Iterator[Statement]:
    listed = data.get("Statement") if isinstance(data, Mapping) else data
    for one in listed if isinstance(listed, list) else [listed]:
        if not isinstance(one, Mapping):
            yield Statement(
                one if isinstance(one, Unknown) else Unknown("a statement is no object"), places={"": place}
            )
            continue
        inverted = frozenset(name.lower() + "s" for name in ("Action", "Resource", "Principal") if f"Not{name}" in one)
        yield Statement(
            one.get("Effect", Unknown("a statement has no Effect")),
            many(one.get("Action", one.get("NotAction"))),
            many(one.get("Resource", one.get("NotResource"))),
            tuple(_principals(one.get("Principal", one.get("NotPrincipal")))),
            tuple(_conditions(one.get("Condition"))),
            inverted,
            {"": place},
            str(one["Sid"]) if isinstance(one.get("Sid"), str) else "",
        )


def _principals(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        for kind, identifiers in value.items():
            yield from ((kind, identifier) for identifier in many(identifiers))
    elif value is not None:
        yield (value, value)


def _conditions(value: Any) -> Iterator[Condition]:
    for operator, keys in value.items() if isinstance(value, Mapping) else ():
        for key, values in keys.items() if isinstance(keys, Mapping) else ():
            yield Condition(operator, key, many(values))
