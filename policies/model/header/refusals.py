"""Whether a request that fails a comparison is refused: followed from the comparison to the branch that lets a request pass or does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from policies.errors import SourceError
from policies.evidence import Location
from policies.model.header.checks import Comparison
from policies.model.header.flow import Flow
from policies.model.header.names import Key, Scope, result_key
from policies.model.header.statuses import success_of
from policies.model.header.terms import children
from policies.read.java import Type
from policies.read.java_nodes import short_text, text_of, walk

_BEANS = frozenset(
    [
        *(
            "Component",
            "Service",
            "Configuration",
            "Controller",
            "RestController",
            "ControllerAdvice",
            "RestControllerAdvice",
        ),
        *("WebFilter", "Named", "Provider", "Singleton", "ApplicationScoped", "PreMatching", "ServerRequestFilter"),
    ]
)
"""Annotations by which a framework takes a class into service by itself."""


@dataclass(frozen=True)
class Decision:
    """A branch that hangs on the comparison, in the method that lets requests pass: whether one of its ways refuses.

    `success` is the status with which it would, where that says that all went well.
    """

    type: Type
    location: Location
    refuses: bool
    success: str = ""


def decisions(comparison: Comparison) -> tuple[Decision, ...]:
    """Give the branches by which a comparison decides whether a request passes; none where they cannot be told."""
    try:
        return tuple(_decisions(comparison))
    except SourceError:
        return ()


def _decisions(comparison: Comparison) -> Iterator[Decision]:
    for scope, node, refuses in _decided(comparison):
        success = success_of(comparison.flow, scope) if refuses else ""
        yield Decision(scope.owner, scope.owner.locate(node), refuses and not success, success)


def decided_in(comparison: Comparison) -> Iterator[Scope]:
    """Yield the methods in which a comparison decides whether a request passes."""
    yield from (scope for scope, _, _ in _decided(comparison))


def _decided(comparison: Comparison) -> Iterator[tuple[Scope, Node, bool]]:
    flow = comparison.flow
    carrying = _Carrying(flow, comparison)
    for scope, node in flow.branches:
        condition = node.child_by_field_name("condition")
        if condition is None or not carrying.holds(condition, scope):
            continue
        refuses = _refuses(node, scope)
        if refuses is not None:
            yield scope, node, refuses


def is_in_service(comparison: Comparison, type: Type) -> bool:
    """Whether something takes a class into service: an annotation of its own, or somebody who makes it or names it."""
    if any(one.name in _BEANS for one in type.annotations):
        return True
    project, name = comparison.project, type.name.encode()
    return project.mentions(b"new " + name + b"(") or project.mentions(name + b".class", outside=type.file)


class _Carrying:
    """The variables and methods whose value hangs on the comparison."""

    def __init__(self, flow: Flow, comparison: Comparison) -> None:
        self.flow = flow
        self.comparison = (comparison.scope.owner.file, comparison.node.start_byte, comparison.node.end_byte)
        self.keys: set[Key] = set()
        while self._grow():
            pass

    def _grow(self) -> bool:
        before = len(self.keys)
        for scope, node in self.flow.steps:
            value = node.child_by_field_name("right" if node.type == "assignment_expression" else "value")
            if node.type == "return_statement" and scope.method is not None:
                if any(self.holds(one, scope) for one in node.named_children):
                    self.keys.add(result_key(scope.method))
            elif (
                value is not None
                and node.type in ("variable_declarator", "assignment_expression")
                and self.holds(value, scope)
            ):
                target = node.child_by_field_name("left" if node.type == "assignment_expression" else "name")
                key = self.flow.names.key_of(target, scope)
                self.keys.update((key,) if key is not None else ())
        for scope, node in self.flow.branches:
            condition = node.child_by_field_name("condition")
            decides = (
                scope.method is not None
                and scope.method.type in ("boolean", "Boolean")
                and scope.method.name != "preHandle"
            )
            if decides and scope.method is not None and condition is not None and self.holds(condition, scope):
                self.keys.add(result_key(scope.method))
        return len(self.keys) > before

    def holds(self, node: Node, scope: Scope) -> bool:
        """Whether an expression's value hangs on the comparison."""
        for part in walk(node):
            self.flow.names.spend()
            if (scope.owner.file, part.start_byte, part.end_byte) == self.comparison:
                return True
            if part.type == "identifier" and self.flow.names.key_of(part, scope) in self.keys:
                return True
            if part.type == "method_invocation" and any(
                result_key(one) in self.keys for one in self.flow.names.called(part, scope)
            ):
                return True
        return False


def _refuses(node: Node, scope: Scope) -> bool | None:
    """Whether a way of a branch does not let the request pass; None where its method lets none pass anyway."""
    body = scope.method.body if scope.method is not None else None
    ways = children(node, "consequence", "alternative")
    if any(ends(way, throws=True) for way in ways):
        return True
    every = list(passing(body, scope)) if body is not None else []
    if not every:
        return None
    later = [one for one in every if one.start_byte >= node.end_byte and node.type == "if_statement"]
    goes_on = bool(later)
    for way in ways:
        if not any(True for _ in passing(way, scope)) and (not goes_on or ends(way)):
            return True
    passes_within = any(True for way in ways for _ in passing(way, scope))
    # Who came without the header may have another way in; that there is one at all is no matter, that it is open to all is.
    return len(ways) == 1 and passes_within and all(_hangs_on_more(one, node, scope) for one in later)


def _hangs_on_more(call: Node, after: Node, scope: Scope) -> bool:
    """Whether what lets a request pass after a branch does so only for some: under a condition, or where nothing was thrown."""
    inner, outer = call, call.parent
    while outer is not None and not (outer.start_byte <= after.start_byte and after.end_byte <= outer.end_byte):
        if outer.type in ("if_statement", "ternary_expression", "lambda_expression", "switch_expression"):
            return inner != outer.child_by_field_name("condition")
        if outer.type == "try_statement" and inner == outer.child_by_field_name("body"):
            caught = [one for one in outer.named_children if one.type == "catch_clause"]
            if any(not any(True for _ in passing(one, scope)) for one in caught):
                return True
        inner, outer = outer, outer.parent
    return False


def passing(node: Node, scope: Scope) -> Iterator[Node]:
    """Yield what lets a request pass: the next filter is called, or an interceptor says yes."""
    interceptor = scope.method is not None and scope.method.name == "preHandle"
    for one in walk(node):
        if one.type == "method_invocation":
            name, receiver = text_of(one.child_by_field_name("name")), short_text(one.child_by_field_name("object"))
            if name == "doFilter" or (name in ("filter", "handle", "next", "proceed") and "chain" in receiver.lower()):
                yield one
        elif interceptor and one.type == "return_statement" and short_text(one).replace(" ", "") != "returnfalse;":
            yield one


def ends(node: Node, throws: bool = False) -> bool:
    """Whether a statement ends the method; with `throws`, by an exception."""
    while node.type == "block":
        statements = [one for one in node.named_children if "comment" not in one.type]
        if not statements:
            return False
        node = statements[-1]
    if node.type == "if_statement":
        ways = children(node, "consequence", "alternative")
        return len(ways) == 2 and all(ends(way, throws) for way in ways)
    is_statement = node.type.endswith("_statement") or node.type == "local_variable_declaration"
    return node.type == "throw_statement" or (not throws and (node.type == "return_statement" or not is_statement))
