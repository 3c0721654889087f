"""Java as it is written: types, fields, methods and annotations, and the constants in them, by tree-sitter.

Nothing is compiled or run. What is not Java to the parser is left out of the tree, as it does; what could exhaust it is refused before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import tree_sitter_java
from tree_sitter import Language, Node, Parser

from policies.errors import SourceError
from policies.evidence import Location
from policies.read.java_nodes import check_depth, line_of, simple, text_of, walk

MAXIMUM_BYTES = 1024 * 1024
MAXIMUM_SECONDS = 2.0
_CHUNK = 1024  # The text of a node is cut from such pieces, each copied every time.
TYPES = frozenset(f"{kind}_declaration" for kind in ("class", "record", "interface", "enum", "annotation_type"))
_METHODS = frozenset(["method_declaration", "constructor_declaration", "compact_constructor_declaration"])


@dataclass(frozen=True, eq=False)
class Annotation:
    """An annotation: its name without a package, and its values by name; a value without a name is `value`."""

    name: str
    values: dict[str, Node]
    line: int


@dataclass(frozen=True, eq=False)
class Variable:
    """A field, a parameter or a record's component: its type without a package and type arguments, and what it is initialised with."""

    name: str
    type: str
    annotations: tuple[Annotation, ...]
    value: Node | None
    line: int

    def annotation(self, *names: str) -> Annotation | None:
        """Give its annotation of one of these names."""
        return next((one for one in self.annotations if one.name in names), None)


@dataclass(frozen=True, eq=False)
class Method:
    """A method or a constructor (`<init>`), and the type that it stands in."""

    owner: Type = field(repr=False)
    name: str
    type: str
    parameters: tuple[Variable, ...]
    annotations: tuple[Annotation, ...]
    body: Node | None
    line: int


@dataclass(frozen=True, eq=False)
class Type:
    """A class, a record, an interface or an enumeration; a record's components are its fields. `above` are the types that it extends or implements."""

    file: str
    name: str
    kind: str
    node: Node = field(repr=False)
    annotations: tuple[Annotation, ...] = ()
    above: tuple[str, ...] = ()
    fields: list[Variable] = field(default_factory=list)
    methods: list[Method] = field(default_factory=list)

    def annotation(self, *names: str) -> Annotation | None:
        """Give its annotation of one of these names."""
        return next((one for one in self.annotations if one.name in names), None)

    @cached_property
    def by_name(self) -> dict[str, Variable]:
        """Its fields by name."""
        return {one.name: one for one in self.fields}

    def locate(self, node: Node) -> Location:
        """Give the line of a node in it."""
        return Location(self.file, line_of(node))


def read(file: str, content: bytes) -> tuple[Type, ...]:
    """Read the types of a file. Raises SourceError where it is too large, too deep or takes too long."""
    if len(content) > MAXIMUM_BYTES:
        raise SourceError(file, f"is larger than {MAXIMUM_BYTES:,} bytes ({len(content):,}) and was not read")
    check_depth(file, content)
    end = time.monotonic() + MAXIMUM_SECONDS
    parser = Parser(Language(tree_sitter_java.language()))
    try:
        tree = parser.parse(
            lambda at, _: content[at : at + _CHUNK], progress_callback=lambda *_: time.monotonic() > end
        )
    except ValueError:
        tree = None
    if tree is not None:
        return tuple(_types(file, tree.root_node))
    raise SourceError(file, f"takes longer than {MAXIMUM_SECONDS:g} s to parse and was not read")


def _types(file: str, root: Node) -> Iterator[Type]:
    for node in walk(root):
        if node.type not in TYPES:
            continue
        found = Type(
            file,
            text_of(node.child_by_field_name("name")),
            node.type.partition("_")[0],
            node,
            _annotations(node),
            tuple(_above(node)),
        )
        components = node.child_by_field_name("parameters")
        found.fields.extend(_variables(components) if components is not None else ())
        body = node.child_by_field_name("body")
        members = [one for part in (body.named_children if body is not None else ()) for one in _members(part)]
        for member in members:
            if member.type in ("field_declaration", "constant_declaration"):
                kind, annotations = simple(member.child_by_field_name("type")), _annotations(member)
                for declarator in member.children_by_field_name("declarator"):
                    name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
                    found.fields.append(Variable(text_of(name), kind, annotations, value, line_of(declarator)))
            elif member.type in _METHODS:
                found.methods.append(_method(found, member))
        yield found


def _members(node: Node) -> tuple[Node, ...]:
    return tuple(node.named_children) if node.type == "enum_body_declarations" else (node,)


def _method(owner: Type, node: Node) -> Method:
    named = node.type == "method_declaration"
    name = text_of(node.child_by_field_name("name")) if named else "<init>"
    parameters = node.child_by_field_name("parameters")
    components = owner.node.child_by_field_name("parameters") if parameters is None else parameters
    variables = tuple(_variables(components)) if components is not None else ()
    kind = simple(node.child_by_field_name("type")) if named else owner.name
    return Method(owner, name, kind, variables, _annotations(node), node.child_by_field_name("body"), line_of(node))


def _variables(parameters: Node) -> Iterator[Variable]:
    for node in parameters.named_children:
        if node.type in ("formal_parameter", "spread_parameter"):
            inner = next((one for one in node.named_children if one.type == "variable_declarator"), node)
            kind = node.child_by_field_name("type") or next(
                (one for one in node.named_children if "type" in one.type), None
            )
            yield Variable(
                text_of(inner.child_by_field_name("name")), simple(kind), _annotations(node), None, line_of(node)
            )


def _annotations(node: Node) -> tuple[Annotation, ...]:
    found = []
    for modifiers in (one for one in node.named_children if one.type == "modifiers"):
        for one in modifiers.named_children:
            if one.type not in ("annotation", "marker_annotation"):
                continue
            values: dict[str, Node] = {}
            arguments = one.child_by_field_name("arguments")
            for value in arguments.named_children if arguments is not None else ():
                if value.type == "element_value_pair":
                    key, inner = value.child_by_field_name("key"), value.child_by_field_name("value")
                    values.update({text_of(key): inner} if inner is not None else {})
                else:
                    values["value"] = value
            found.append(Annotation(text_of(one.child_by_field_name("name")).rpartition(".")[2], values, line_of(one)))
    return tuple(found)


def _above(node: Node) -> Iterator[str]:
    for part in node.named_children:
        if part.type in ("superclass", "super_interfaces", "extends_interfaces"):
            yield from (simple(one) for one in walk(part) if one.type in ("type_identifier",))
