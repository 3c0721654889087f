"""Whether a gateway that gets no secret stands open: an empty text equals an empty header, unless somebody asks whether either is empty."""

from __future__ import annotations

from tree_sitter import Node

from policies.errors import SourceError
from policies.model.header.checks import Comparison
from policies.model.header.names import Scope, arguments_of
from policies.model.header.terms import children
from policies.read.java_nodes import text_of, walk

_ASKS = frozenset(
    [
        *("isBlank", "isEmpty", "isNotBlank", "isNotEmpty", "isNullOrEmpty", "isNoneBlank", "hasText", "hasLength"),
        *("length", "matches", "matcher", "notBlank", "notEmpty", "checkArgument", "isTrue", "state", "filter"),
    ]
)
"""Methods that tell an empty text from another, or that take a test of one."""

_DEMANDS = (b"NotBlank", b"NotEmpty", b"@Size", b"@Length", b"@Pattern")
"""Annotations (Jakarta Bean Validation, Hibernate Validator) by which a property must not be empty."""

_LISTS = frozenset({"List", "Collection", "Enumeration", "Set", "Iterator"})


def may_be_empty(comparison: Comparison) -> bool:
    """Whether nothing that can be seen asks for the emptiness of the secret or of the header; False where it is not known."""
    if any(comparison.project.mentions(word) for word in _DEMANDS):
        return False
    try:
        return not (_is_asked(comparison) or _is_decided_by(comparison))
    except SourceError:
        return False


def _is_asked(comparison: Comparison) -> bool:
    """Whether a method is asked about either."""
    for scope, node in comparison.flow.compared:
        if node.type == "binary_expression" or text_of(node.child_by_field_name("name")) not in _ASKS:
            continue
        for one in (*children(node, "object"), *arguments_of(node)):
            # Of a list of values it is not asked whether one of them is empty.
            of_list = comparison.flow.names.type_of(one, scope) in _LISTS or "eaders" in text_of(one)
            if _holds(comparison, one, scope, headers=not of_list):
                return True
    return False


def _is_decided_by(comparison: Comparison) -> bool:
    """Whether a branch, or a text that stands beside it, hangs on the secret alone: what it asks may be this."""
    for scope, node in comparison.flow.branches:
        condition = node.child_by_field_name("condition")
        if condition is not None and _holds(comparison, condition, scope, headers=False):
            at = (comparison.scope.owner.file, comparison.node.start_byte, comparison.node.end_byte)
            if all((scope.owner.file, one.start_byte, one.end_byte) != at for one in walk(condition)):
                return True
    return any(
        node.type == "binary_expression" and _is_bare(text_of(one))
        for scope, node in comparison.flow.compared
        if any(_holds(comparison, one, scope, headers=True) for one in children(node, "left", "right"))
        for one in children(node, "left", "right")
    )


def _is_bare(text: str) -> bool:
    return text in ('""', "0")


def _holds(comparison: Comparison, node: Node, scope: Scope, *, headers: bool) -> bool:
    """Whether a part of an expression is the secret, or, with `headers`, what came in the header."""
    secrets = {(one.text, one.location) for one in comparison.settings}
    for part in walk(node):
        if part.type not in ("identifier", "field_access", "method_invocation"):
            continue
        for one in comparison.flow.origins(part, scope):
            if one.kind == "setting" and (one.text, one.location) in secrets:
                return True
            if headers and one.kind == "header" and one.location in comparison.headers:
                return True
    return False
