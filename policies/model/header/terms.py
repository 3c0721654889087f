"""What an expression in Java is made of: headers that it reads, settings, and the variables and results whose values it may have."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tree_sitter import Node

from policies.evidence import Location
from policies.model.header.names import Key, Names, Scope, arguments_of, result_key
from policies.model.header.sources import Origin, header_read, setting_read
from policies.read.java_nodes import text_of
from policies.read.java_projects import Project

TRANSPARENT = frozenset(
    [
        *(
            "getBytes",
            "toString",
            "trim",
            "strip",
            "stripLeading",
            "stripTrailing",
            "split",
            "toCharArray",
            "valueOf",
            "of",
        ),
        *(
            "ofNullable",
            "asList",
            "list",
            "copyOf",
            "toList",
            "toArray",
            "stream",
            "map",
            "filter",
            "collect",
            "findFirst",
        ),
        *(
            "findAny",
            "iterator",
            "next",
            "nextElement",
            "get",
            "getFirst",
            "getLast",
            "orElse",
            "orElseGet",
            "orElseThrow",
        ),
        *(
            "requireNonNull",
            "requireNonNullElse",
            "anyMatch",
            "noneMatch",
            "allMatch",
            "flatMap",
            "just",
            "justOrEmpty",
        ),
        *("defaultIfEmpty", "encode", "wrap", "array", "singletonList"),
    ]
)
"""Methods of the JDK that hand a text on as it is, or as its bytes, or one of several: what comes out is still what went in."""

_NO_VALUE = frozenset(
    [
        *("equals", "equalsIgnoreCase", "isEqual", "isEmpty", "isBlank", "isPresent", "length", "size", "hashCode"),
        *("hasText", "contains", "containsKey"),
    ]
)
"""Methods that give something about a value, not the value."""

Terms = frozenset["Origin | tuple[Key, bool]"]
"""What an expression's value may be: what it reads itself, and the keys whose values it may have, as they are or not."""


Part = tuple["tuple[Origin | Key, ...]", tuple[Node, ...], bool]
"""What a part of an expression brings itself, the parts of it that bring more, and whether they come out of it as they are."""


@dataclass(eq=False)
class Expressions:
    """The expressions of a project; `reads` are the names of the headers that are read, by the line of reading."""

    project: Project
    names: Names
    reads: dict[Location, tuple[Node, Scope]] = field(default_factory=dict)
    parts: dict[tuple[int, str], Part] = field(default_factory=dict, repr=False)

    def terms(self, node: Node | None, scope: Scope) -> Terms:
        """Give what an expression's value is made of."""
        found: set[Origin | tuple[Key, bool]] = set()
        pending: list[tuple[Node, bool]] = [(node, True)] if node is not None else []
        while pending:
            part, direct = pending.pop()
            self.names.spend()
            mark = (part.id, scope.name)
            if mark not in self.parts:
                self.parts[mark] = self._part(part, scope)
            more, below, transparent = self.parts[mark]
            for one in more:
                if isinstance(one, Origin):
                    found.add(replace(one, direct=direct and one.direct))
                else:
                    found.add((one, direct))
            pending += [(child, direct and transparent) for child in below]
        return frozenset(found)

    def _part(self, node: Node, scope: Scope) -> Part:
        """Give what a part of an expression brings itself, the parts of it that bring more, and whether they come out as they are."""
        if node.type in ("identifier", "field_access", "array_access"):
            key = self.names.key_of(node, scope)
            return (key,) if key is not None else (), (), True
        if node.type in ("ternary_expression", "lambda_expression"):
            return (), children(node, "consequence", "alternative", "body"), True
        if node.type in ("instanceof_expression", "unary_expression") or _is_test(node):
            return (), (), True
        if node.type != "method_invocation":
            return (), tuple(one for one in node.named_children if "type" not in one.type), node.type != "block"
        return self._result(node, scope)

    def _result(self, node: Node, scope: Scope) -> Part:
        name = text_of(node.child_by_field_name("name"))
        if name in _NO_VALUE:
            return (), (), True
        read = header_read(node, self.names.type_of(node.child_by_field_name("object"), scope))
        if read is not None:
            self.reads[scope.owner.locate(node)] = (read, scope)
            return (Origin("header", "", scope.owner.locate(node)),), (), True
        setting = setting_read(node, scope.owner, self.project)
        if setting is not None:
            return (setting,), (), True
        methods = self.names.called(node, scope)
        if methods:
            return tuple(map(result_key, methods)), (), True
        key, _ = self.names.accessed(node, scope)
        if key is not None:
            return (key,), (), True
        return (), (*children(node, "object"), *arguments_of(node)), name in TRANSPARENT


def children(node: Node, *names: str) -> tuple[Node, ...]:
    """Give the children of a node in these fields, those that there are."""
    return tuple(one for name in names if (one := node.child_by_field_name(name)) is not None)


def _is_test(node: Node) -> bool:
    operator = text_of(node.child_by_field_name("operator")) if node.type == "binary_expression" else ""
    return operator in ("==", "!=", "<", ">", "<=", ">=", "&&", "||")
