"""What names, types and calls in a project's Java mean, as far as the project itself says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from policies.errors import SourceError
from policies.read.java import Method, Type
from policies.read.java_nodes import short_text, text_of, walk
from policies.read.java_projects import Project

MAXIMUM_WORK = 1_000_000
"""How many expressions of a project are looked at before it is given up; a gateway has some thousands."""

_LONGEST_CHAIN = 60
"""How many calls may hang on one another for the type of the last to be told."""

Key = tuple[str, ...]
"""A variable of a method (its scope and its name), a method's result (`return`), or a field (file, type and name)."""


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: in a method, or, where there is none, in a field of a type."""

    owner: Type
    method: Method | None = None

    @property
    def name(self) -> str:
        """Tells the scopes of a project apart."""
        method = f"{self.method.name}:{self.method.line}" if self.method is not None else ""
        return f"{self.owner.file}:{self.owner.name}:{method}"


def field_key(type: Type, name: str) -> Key:
    """Give the key of a field."""
    return (type.file, type.name, name)


def result_key(method: Method) -> Key:
    """Give the key of a method's result."""
    return (Scope(method.owner, method).name, "return")


def arguments_of(node: Node) -> tuple[Node, ...]:
    """Give the arguments of a call."""
    arguments = node.child_by_field_name("arguments")
    return tuple(one for one in arguments.named_children if "comment" not in one.type) if arguments is not None else ()


def parameters_of(function: Node) -> Iterator[str]:
    """Yield the parameters of a lambda."""
    parameters = function.child_by_field_name("parameters")
    yield from (
        text_of(one) for one in (walk(parameters) if parameters is not None else ()) if one.type == "identifier"
    )


def written_type(node: Node | None) -> str:
    """Give a type's name as it is declared, without a package and type arguments."""
    return text_of(node).partition("<")[0].partition("[")[0].rpartition(".")[2].strip()


@dataclass(eq=False)
class Names:
    """The names of a project. `types` are the declared types of variables by key."""

    project: Project
    types: dict[Key, str] = field(default_factory=dict)
    left: int = MAXIMUM_WORK
    known: dict[tuple[int, str], str] = field(default_factory=dict, repr=False)

    def spend(self, work: int = 1) -> None:
        """Count what was looked at. Raises SourceError where it becomes too much: Java can be written to be followed for ever."""
        self.left -= work
        if self.left < 0:
            raise SourceError(
                self.project.folder, "is too entangled to be followed: what its Java compares is not known"
            )

    def __post_init__(self) -> None:
        """Note what fields and parameters are declared as."""
        for type in self.project.types:
            self.types.update((field_key(type, one.name), one.type) for one in type.fields)
            for method in type.methods:
                scope = Scope(type, method)
                self.types.update(((scope.name, one.name), one.type) for one in method.parameters)

    def declare(self, node: Node, value: Node, scope: Scope) -> Key:
        """Note the declaration of a local variable, and give its key."""
        key = (scope.name, text_of(node.child_by_field_name("name")))
        declared = node.child_by_field_name("type")
        if declared is None and node.parent is not None:
            declared = node.parent.child_by_field_name("type")
        if key not in self.types:
            written = written_type(declared)
            self.types[key] = self.type_of(value, scope) if written in ("var", "") else written
        return key

    def key_of(self, node: Node | None, scope: Scope) -> Key | None:
        """Give the key of what a name means in a scope: a variable of the method, else a field."""
        if node is None:
            return None
        if node.type == "identifier":
            local = (scope.name, text_of(node))
            if local in self.types:
                return local
            found = self.project.field(scope.owner, text_of(node))
            return field_key(found[0], found[1].name) if found is not None else local
        if node.type == "field_access":
            holder, name = node.child_by_field_name("object"), text_of(node.child_by_field_name("field"))
            type = (
                scope.owner if short_text(holder) == "this" else self.project.by_name.get(self.type_of(holder, scope))
            )
            found = self.project.field(type, name) if type is not None else None
            return field_key(found[0], found[1].name) if found is not None else None
        return self.key_of(node.child_by_field_name("array"), scope) if node.type == "array_access" else None

    def type_of(self, node: Node | None, scope: Scope) -> str:
        """Give the name of an expression's type, without a package; nothing where it cannot be told."""
        if node is None or node.type == "this":
            return scope.owner.name
        if node.type == "object_creation_expression":
            return written_type(node.child_by_field_name("type"))
        mark = (node.id, scope.name)
        if mark not in self.known:
            self.known[mark] = self._type_of(node, scope) if _is_short(node) else ""
        return self.known[mark]

    def _type_of(self, node: Node, scope: Scope) -> str:
        self.spend()
        if node.type == "method_invocation":
            return next((one.type for one in self.called(node, scope)), self.accessed(node, scope)[1])
        key = self.key_of(node, scope)
        name = short_text(node).rpartition(".")[2]
        known = self.types.get(key, "") if key is not None else ""
        return known or (name if name in self.project.by_name else "")

    def accessed(self, node: Node, scope: Scope) -> tuple[Key | None, str]:
        """Give the field that an accessor which nobody wrote gives: a record's, or a getter that a processor makes."""
        name = text_of(node.child_by_field_name("name"))
        type = self.project.by_name.get(self.type_of(node.child_by_field_name("object"), scope))
        if type is None or arguments_of(node):
            return None, ""
        bare = name[3:4].lower() + name[4:] if name.startswith("get") and len(name) > 3 else name
        variable = type.by_name.get(name) or type.by_name.get(bare)
        return (field_key(type, variable.name), variable.type) if variable is not None else (None, "")

    def called(self, node: Node, scope: Scope) -> tuple[Method, ...]:
        """Give the project's own methods that a call may mean."""
        count = len(arguments_of(node))
        if node.type != "method_invocation":
            created = self.type_of(node, scope) if node.type == "object_creation_expression" else scope.owner.name
            return tuple(one for one in self.project.methods.get(("<init>", count), ()) if one.owner.name == created)
        receiver = node.child_by_field_name("object")
        found = self.project.methods.get((text_of(node.child_by_field_name("name")), count), ())
        type = self.type_of(receiver, scope) if found else ""
        if type in self.project.by_name:
            related = {type, *self.project.by_name[type].above}
            exact = tuple(one for one in found if one.owner.name in related or type in one.owner.above)
            return exact or (found if receiver is None else ())
        return () if type else found


def _is_short(node: Node) -> bool:
    inner: Node | None = node
    for _ in range(_LONGEST_CHAIN):
        inner = inner.child_by_field_name("object") if inner is not None else None
    return inner is None
