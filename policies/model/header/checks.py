"""Where Java compares a header of the request with a secret: how, with what, and whether a request that fails is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from policies.errors import SourceError
from policies.evidence import Location
from policies.model.header.flow import Flow
from policies.model.header.names import Scope, arguments_of
from policies.model.header.sources import Origin
from policies.model.header.terms import TRANSPARENT, children
from policies.model.kept import kept
from policies.read.java_nodes import text_of
from policies.read.java_projects import Constant, Project

CONSTANT_TIME = frozenset(
    [
        "isEqual",
        "constantTimeAreEqual",
        "constantTimeEquals",
        "fixedTimeEquals",
        "timingSafeEqual",
        "safeEquals",
        "slowEquals",
    ]
)
"""Comparisons whose time does not tell how much is equal: the JDK's MessageDigest.isEqual, and those of well-known libraries."""

_EARLY = frozenset(
    [
        *(
            "equals",
            "equalsIgnoreCase",
            "contentEquals",
            "compareTo",
            "compareToIgnoreCase",
            "deepEquals",
            "compare",
            "matches",
        ),
        *("contains", "containsKey", "startsWith", "endsWith", "indexOf", "mismatch", "regionMatches", "remove"),
    ]
)
_COMPARES = CONSTANT_TIME | _EARLY

SHORTEST = 1
"""A text shorter than this is no secret: a header compared with an empty text is asked whether it is there."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A comparison of a header with a setting or with a constant: by what, and where. `headers` are the lines that read the header."""

    project: Project
    flow: Flow
    scope: Scope
    node: Node
    by: str
    headers: tuple[Location, ...]
    settings: tuple[Origin, ...]
    constants: tuple[Constant, ...]
    direct: bool

    @property
    def location(self) -> Location:
        """The line of the comparison."""
        return self.scope.owner.locate(self.node)

    @property
    def is_constant_time(self) -> bool:
        """Whether its time does not tell how much of the value is right."""
        return self.by in CONSTANT_TIME or self.by == "^"

    @property
    def names(self) -> tuple[Constant | Origin, ...]:
        """What states the names of the headers that are read: constants, or settings."""
        found: list[Constant | Origin] = []
        for location in self.headers:
            node, scope = self.flow.reads.get(location, (None, self.scope))
            constant = self.project.constant(node, scope.owner)
            found += (
                [constant]
                if constant is not None
                else [one for one in self.flow.origins(node, scope) if one.kind == "setting"]
            )
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Examined:
    """The comparisons of a project, and why it could not be followed to them, where that is so."""

    comparisons: tuple[Comparison, ...] = ()
    error: SourceError | None = None


@kept
def examined(project: Project) -> Examined:
    """Look for every comparison of a header with a setting or a constant in a project."""
    if not project.mentions(b"eader"):
        return Examined()
    try:
        flow = Flow(project)
        every = (one for scope, node, by, sides in _compared(flow) for one in _of_sides(flow, scope, node, by, sides))
        return Examined(tuple(every))
    except SourceError as error:
        return Examined(error=error)


def comparisons(project: Project) -> tuple[Comparison, ...]:
    """Give every comparison of a header with a setting or a constant in a project."""
    return examined(project).comparisons


def _compared(flow: Flow) -> Iterator[tuple[Scope, Node, str, tuple[Node, ...]]]:
    """Yield whatever compares, with its sides."""
    for scope, node in flow.compared:
        if node.type == "binary_expression":
            yield scope, node, text_of(node.child_by_field_name("operator")), children(node, "left", "right")
        elif node.type == "method_reference":
            parts = node.named_children
            call = node.parent.parent if node.parent is not None else None
            receiver = (
                call.child_by_field_name("object") if call is not None and call.type == "method_invocation" else None
            )
            if len(parts) == 2 and receiver is not None:
                yield scope, node, text_of(parts[1]), (parts[0], receiver)
        else:
            name = text_of(node.child_by_field_name("name"))
            if name in _COMPARES:
                yield scope, node, name, (*children(node, "object"), *arguments_of(node))


def _of_sides(flow: Flow, scope: Scope, node: Node, by: str, sides: tuple[Node, ...]) -> Iterator[Comparison]:
    origins = [flow.origins(side, scope) for side in sides]
    for index, found in enumerate(origins):
        headers = [one for one in found if one.kind == "header"]
        others = [one for other, held in enumerate(origins) if other != index for one in held if one.kind == "setting"]
        stated = [_stated(flow, side, scope) for other, side in enumerate(sides) if other != index]
        constants = tuple(one for one in stated if one is not None and len(one.text) >= SHORTEST)
        own_settings = [one for one in found if one.kind == "setting"]
        if headers and (others or constants) and not own_settings:
            direct = any(one.direct for one in headers) and (not others or any(one.direct for one in others))
            locations = tuple(sorted({one.location for one in headers}))
            settings = tuple(sorted(set(others), key=lambda one: (one.location, one.text)))
            yield Comparison(flow.project, flow, scope, node, by, locations, settings, constants, direct)
            return


def _stated(flow: Flow, node: Node, scope: Scope) -> Constant | None:
    """Give the text that an expression states, also as bytes, or by a variable that holds it."""
    for _ in range(10):
        constant = flow.project.constant(node, scope.owner)
        if constant is not None:
            return constant
        inner: Node | None = None
        if node.type == "method_invocation" and text_of(node.child_by_field_name("name")) in TRANSPARENT:
            inner = next(iter((*children(node, "object"), *arguments_of(node))), None)
        elif node.type == "identifier":
            inner = _held(flow, text_of(node), scope)
        if inner is None:
            return None
        node = inner
    return None


def _held(flow: Flow, name: str, scope: Scope) -> Node | None:
    """Give what a variable is initialised with."""
    for other, step in flow.steps:
        if (
            other.name == scope.name
            and step.type == "variable_declarator"
            and text_of(step.child_by_field_name("name")) == name
        ):
            return step.child_by_field_name("value")
    field = flow.project.field(scope.owner, name)
    return field[1].value if field is not None else None
