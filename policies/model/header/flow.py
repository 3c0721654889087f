"""What a project's Java does with request headers and settings: which of the two reaches which variable, argument and result.

Flow-insensitive and within the project alone: what a variable may hold is all that is ever put into it. A method of a library gives what
goes in, which errs on the side of finding a comparison.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from policies.model.header.names import Key, Names, Scope, arguments_of, field_key, parameters_of, result_key
from policies.model.header.sources import Origin, annotated_origins, property_origins
from policies.model.header.terms import Expressions, Terms
from policies.read.java_nodes import text_of, walk
from policies.read.java_projects import Project

_STEPS = frozenset(
    [
        *(
            "variable_declarator",
            "resource",
            "enhanced_for_statement",
            "assignment_expression",
            "instanceof_expression",
        ),
        *("return_statement", "method_invocation", "object_creation_expression", "explicit_constructor_invocation"),
    ]
)


@dataclass(eq=False)
class Flow:
    """The flow of a project: what each key may hold. `steps` hand values on, `compared` may compare them, `branches` may decide by them."""

    project: Project
    held: dict[Key, set[Origin]] = field(default_factory=dict)
    steps: list[tuple[Scope, Node]] = field(default_factory=list)
    compared: list[tuple[Scope, Node]] = field(default_factory=list)
    branches: list[tuple[Scope, Node]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Work it out: which key takes from which, then what reaches each."""
        self.names = Names(self.project)
        self.expressions = Expressions(self.project, self.names)
        self.reads, self.terms = self.expressions.reads, self.expressions.terms
        self._into: dict[Key, set[tuple[Key, bool]]] = {}
        for type in self.project.types:
            for one in type.fields:
                self._hold(field_key(type, one.name), property_origins(self.project, type, one))
                self._take(field_key(type, one.name), self.terms(one.value, Scope(type)))
            for method in type.methods:
                scope = Scope(type, method)
                for one in method.parameters:
                    found, name = annotated_origins(type, one)
                    self._hold((scope.name, one.name), found)
                    self.reads.update({origin.location: (name, scope) for origin in found if name is not None})
                for node in walk(method.body) if method.body is not None else ():
                    self.steps += [(scope, node)] if node.type in _STEPS else []
                    self.compared += [(scope, node)] if _compares(node) else []
                    self.branches += [(scope, node)] if node.type in ("if_statement", "ternary_expression") else []
        for scope, node in self.steps:
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if node.type in ("variable_declarator", "resource", "enhanced_for_statement") and name and value:
                self.names.declare(node, value, scope)
        self.names.known.clear()  # What a variable is declared as was not known yet.
        for scope, node in self.steps:
            self._step(node, scope)
        self._settle()

    def _settle(self) -> None:
        pending = list(self.held)
        while pending:
            key = pending.pop()
            for target, direct in self._into.get(key, ()):
                held = self.held[key] if direct else {replace(one, direct=False) for one in self.held[key]}
                if not self.held.setdefault(target, set()).issuperset(held):
                    self.held[target] |= held
                    pending.append(target)

    def _hold(self, key: Key, origins: Iterable[Origin]) -> None:
        self.held.setdefault(key, set()).update(origins)

    def _take(self, target: Key | None, terms: Terms) -> None:
        if target is None:
            return
        for one in terms:
            if isinstance(one, Origin):
                self._hold(target, (one,))
            else:
                self._into.setdefault(one[0], set()).add((target, one[1]))

    def _step(self, node: Node, scope: Scope) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if node.type in ("variable_declarator", "resource", "enhanced_for_statement"):
            if name is not None and value is not None:
                self._take((scope.name, text_of(name)), self.terms(value, scope))
        elif node.type == "assignment_expression":
            target = self.names.key_of(node.child_by_field_name("left"), scope)
            self._take(target, self.terms(node.child_by_field_name("right"), scope))
        elif node.type == "instanceof_expression":
            if name is not None:
                self._take((scope.name, text_of(name)), self.terms(node.child_by_field_name("left"), scope))
        elif node.type == "return_statement":
            if scope.method is not None and node.named_children:
                self._take(result_key(scope.method), self.terms(node.named_children[0], scope))
        else:
            self._hand_over(node, scope)

    def _hand_over(self, node: Node, scope: Scope) -> None:
        given = arguments_of(node)
        for method in self.names.called(node, scope):
            inner = Scope(method.owner, method).name
            for parameter, argument in zip(method.parameters, given, strict=False):
                self._take((inner, parameter.name), self.terms(argument, scope))
        created = self.project.by_name.get(self.names.type_of(node, scope)) if "creation" in node.type else None
        if created is not None and created.kind == "record":
            for component, argument in zip(created.fields, given, strict=False):
                self._take(field_key(created, component.name), self.terms(argument, scope))
        for one in given:
            if one.type == "lambda_expression":
                others = (node.child_by_field_name("object"), *(other for other in given if other is not one))
                for name in parameters_of(one):
                    for other in others:
                        self._take((scope.name, name), self.terms(other, scope))

    def origins(self, node: Node | None, scope: Scope) -> frozenset[Origin]:
        """Give the headers and settings that an expression's value may come from."""
        found: set[Origin] = set()
        for one in self.terms(node, scope):
            if isinstance(one, Origin):
                found.add(one)
            else:
                found.update(held if one[1] else replace(held, direct=False) for held in self.held.get(one[0], ()))
        return frozenset(found)


def _compares(node: Node) -> bool:
    operator = text_of(node.child_by_field_name("operator")) if node.type == "binary_expression" else ""
    return operator in ("==", "!=", "^") or node.type in ("method_invocation", "method_reference")
