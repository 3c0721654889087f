"""What stands where in a root: the module calls that it comes to, and what a name means in each of them, by the source alone.

One scope a module call, without the keys of its instances: what an expression depends on is the same for each of them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policies.errors import SourceError
from policies.read.hcl import Declaration, Expression, Source

MAXIMUM_SCOPES = 1000
"""How many module calls a root may come to; each module that calls two others doubles them."""


@dataclass(frozen=True, eq=False)
class Scope:
    """A module call: `path` is its address without keys, `""` for the root; `given` are names of root variables that have values."""

    path: str
    folder: str
    parent: Scope | None = None
    call: Declaration | None = None
    given: frozenset[str] = frozenset()
    children: dict[str, Scope] = field(default_factory=dict)
    variables: dict[str, Declaration] = field(default_factory=dict)
    outputs: dict[str, Declaration] = field(default_factory=dict)
    calls: dict[str, Declaration] = field(default_factory=dict)
    resources: dict[str, Declaration] = field(default_factory=dict)
    locals: dict[str, tuple[Expression, Declaration]] = field(default_factory=dict)
    others: list[Declaration] = field(default_factory=list)

    def below(self) -> Iterator[Scope]:
        """Yield it and every scope in it."""
        pending = [self]
        while pending:
            scope = pending.pop()
            yield scope
            pending += reversed(scope.children.values())

    def value_of(self, variable: str) -> tuple[Expression, Scope, Declaration] | None:
        """Give the expression of a variable's value, with the scope and the block that it is written in; None where there is none."""
        if self.call is not None and self.parent is not None and variable in self.call.attributes:
            return self.call.attributes[variable], self.parent, self.call
        declared = self.variables.get(variable)
        if declared is not None and "default" in declared.attributes and variable not in self.given:
            return declared.attributes["default"], self, declared
        return None


def string(expression: Expression | None) -> str | None:
    """Give a string without interpolations, as it is written."""
    if expression is None or not re.fullmatch(r"\s*« *»\s*", expression.code):
        return None
    return expression.text.strip()[1:-1]


def is_local(source: str | None) -> bool:
    """Whether a module's source is a folder of the same platform."""
    return source is not None and (source in (".", "..") or source.startswith(("./", "../")))


def target_of(call: Declaration, folder: str) -> str | None:
    """Give the folder that a module call names; None where its source is fetched from elsewhere."""
    source = string(call.attributes.get("source"))
    return posixpath.normpath(posixpath.join(folder, source)) if source is not None and is_local(source) else None


def find_scopes(
    folder: str, folders: Mapping[str, tuple[Source, ...]], given: frozenset[str]
) -> tuple[Scope, tuple[SourceError, ...]]:
    """Follow a root's module calls; give its scope and what is wrong with the calls."""
    root = Scope("", folder, given=given)
    errors: dict[tuple[str, int], SourceError] = {}
    pending, count = [root], 0
    while pending:
        scope = pending.pop()
        count += 1
        _fill(scope, folders.get(scope.folder, ()))
        for name, call in scope.calls.items():
            target = target_of(call, scope.folder)
            if target is None:
                continue
            problem = None
            if target in _above(scope):
                problem = f"the module {name} takes {target} in, which takes it in itself"
            elif target.startswith("../") or target == "..":
                problem = f"the source of the module {name} leads out of the platform and was not read"
            elif target not in folders:
                problem = f"the source of the module {name}, {target}, holds no file of Terraform"
            elif count + len(pending) >= MAXIMUM_SCOPES:
                problem = (
                    f"{folder} comes to more than {MAXIMUM_SCOPES} module calls; {name} and the others were not read"
                )
            if problem is None:
                path = f"{scope.path}.module.{name}" if scope.path else f"module.{name}"
                child = Scope(path, target, scope, call)
                scope.children[name] = child
                pending.append(child)
            else:
                errors.setdefault((call.file, call.line), SourceError(call.file, problem, call.line))
    return root, tuple(errors.values())


def _above(scope: Scope | None) -> Iterator[str]:
    while scope is not None:
        yield scope.folder
        scope = scope.parent


def _fill(scope: Scope, sources: tuple[Source, ...]) -> None:
    for source in sources:
        for block in source.body.blocks:
            if block.type == "resource" and len(block.labels) == 2:
                scope.resources[".".join(block.labels)] = block
            elif block.type == "data" and len(block.labels) == 2:
                scope.resources["data." + ".".join(block.labels)] = block
            elif block.type == "locals":
                scope.locals.update((name, (value, block)) for name, value in block.attributes.items())
            elif len(block.labels) == 1:
                kinds = {"variable": scope.variables, "output": scope.outputs, "module": scope.calls}
                if block.type in kinds:
                    kinds[block.type][block.labels[0]] = block
            if block.type not in ("resource", "data", "module", "variable", "output"):
                scope.others.append(block)
