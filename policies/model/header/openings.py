"""What lets a request pass beside CloudFront's header: a viewer's own header that is there, or says what the source says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from policies.errors import SourceError
from policies.evidence import Location
from policies.model.header.checks import Comparison
from policies.model.header.flow import Flow
from policies.model.header.names import Scope, arguments_of
from policies.model.header.refusals import decided_in, ends, passing
from policies.model.header.terms import children
from policies.read.java_nodes import short_text, text_of

_PLAIN = frozenset({"block", "return_statement", "expression_statement"})


@dataclass(frozen=True)
class Opening:
    """A branch that lets pass whoever sends a header that everybody may send."""

    location: Location
    shown: str


def openings(comparison: Comparison) -> tuple[Opening, ...]:
    """Give what opens the methods in which the comparison decides."""
    try:
        return tuple(dict.fromkeys(one for scope in decided_in(comparison) for one in _openings(comparison, scope)))
    except SourceError:
        return ()


def _openings(comparison: Comparison, scope: Scope) -> Iterator[Opening]:
    body = scope.method.body if scope.method is not None else None
    for statement in body.named_children if body is not None else ():
        if statement.type != "if_statement":
            continue
        condition, way = statement.child_by_field_name("condition"), statement.child_by_field_name("consequence")
        if condition is None or way is None:
            continue
        if not any(True for _ in passing(way, scope)) and ends(way):
            return  # Who is left here was not refused: what came before may have looked at him.
        if _passes_at_once(way, scope):
            for one in _alternatives(condition):
                if _asks_a_viewer(comparison, one, scope):
                    yield Opening(scope.owner.locate(statement), short_text(one))


def _passes_at_once(way: Node, scope: Scope) -> bool:
    """Whether a way does nothing but let the request pass."""
    for one in passing(way, scope):
        outer = one.parent
        while outer is not None and outer != way and outer.type in _PLAIN:
            outer = outer.parent
        return outer == way
    return False


def _alternatives(condition: Node) -> Iterator[Node]:
    """Yield what each is enough for a condition to hold."""
    if condition.type == "parenthesized_expression":
        for one in condition.named_children:
            yield from _alternatives(one)
    elif condition.type == "binary_expression" and text_of(condition.child_by_field_name("operator")) == "||":
        for one in children(condition, "left", "right"):
            yield from _alternatives(one)
    else:
        yield condition


def _asks_a_viewer(comparison: Comparison, node: Node, scope: Scope) -> bool:
    """Whether an expression asks no more than that a header is there, or that it says a text of the source."""
    flow, project = comparison.flow, comparison.project
    if node.type == "binary_expression" and text_of(node.child_by_field_name("operator")) == "!=":
        sides = children(node, "left", "right")
        return any(one.type == "null_literal" for one in sides) and any(
            _is_header(flow, comparison, one, scope) for one in sides
        )
    if node.type != "method_invocation":
        return False
    name, given, holder = (
        text_of(node.child_by_field_name("name")),
        arguments_of(node),
        node.child_by_field_name("object"),
    )
    if holder is None or len(given) != 1:
        return False
    if name == "containsKey":
        stated = project.constant(given[0], scope.owner)
        own = {one.text.lower() for one in comparison.names if hasattr(one, "text")}
        return stated is not None and stated.text.lower() not in own and "eaders" in short_text(holder)
    if name in ("equals", "equalsIgnoreCase"):
        sides = (holder, given[0])
        return any(project.constant(one, scope.owner) is not None for one in sides) and any(
            _is_header(flow, comparison, one, scope) for one in sides
        )
    return False


def _is_header(flow: Flow, comparison: Comparison, node: Node, scope: Scope) -> bool:
    """Whether an expression is a header as it came, and not the one that is compared with the secret."""
    found = flow.origins(node, scope)
    return bool(found) and all(
        one.kind == "header" and one.direct and one.location not in comparison.headers for one in found
    )
