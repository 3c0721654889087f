"""Where a text in Terraform is written: followed from an attribute through locals, variables, outputs, loops and files to its literal.

What the text is, evaluating it has told already; here it is asked only which place states it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.evidence import Location
from policies.model.header.leaves import Leaf, leaf_in_file, merged
from policies.platform import Platform
from policies.read.hcl import Declaration, Expression, read
from policies.read.terraform import Block
from policies.read.terraform_scope import Scope

_KEYS = r"((?:\.[A-Za-z_][\w-]*|\[\s*\"[^\"]*\"\s*\])*)"
_FILE = re.compile(r'\b(?:file|templatefile)\(\s*"((?:[^"$\\]|\$\{[^}]*\})*)"[^)]*\)[)\s]*' + _KEYS)
_REFERENCE = re.compile(r"\b(?:(var|local)\.([A-Za-z_][\w-]*)|(module)\.([\w-]+)(?:\[[^\]]*\])?\.([\w-]+))" + _KEYS)
_LOOP = re.compile(r"\b[a-z_][\w-]*\.(?:value|key)\b")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_DEEPEST = 40


@dataclass(frozen=True, eq=False)
class _Found:
    expression: Expression
    file: str
    scope: Scope
    keys: tuple[str, ...] = ()
    around: tuple[Declaration, ...] = ()


def written_at(platform: Platform, owner: Block, holder: Block, name: str, text: str) -> tuple[Leaf, ...]:
    """Give the places that state a text which is the value of an attribute of `holder`, a block in the resource `owner`."""
    declaration = holder.declaration
    scope = _scope_of(platform, owner)
    if declaration is None or scope is None or name not in declaration.attributes:
        return (Leaf(holder.locate(name), text),)
    around = (owner.declaration,) if owner.declaration is not None else ()
    start = _Found(declaration.attributes[name], declaration.file, scope, (), around)
    return merged(_follow(platform, start, text)) or (Leaf(holder.locate(name), text),)


def _scope_of(platform: Platform, block: Block) -> Scope | None:
    top = platform.configuration.scopes.get(block.root.folder)
    path = re.sub(r"\[[^\]]*\]", "", block.module)
    return next((scope for scope in top[0].below() if scope.path == path), None) if top is not None else None


def _follow(platform: Platform, start: _Found, text: str) -> Iterator[Leaf]:
    pending, seen = [start], set[tuple[str, int, str, tuple[str, ...]]]()
    while pending and len(seen) < _DEEPEST:
        found = pending.pop(0)
        mark = (found.file, found.expression.start, found.scope.path, found.keys)
        if mark in seen:
            continue
        seen.add(mark)
        source = found.expression.text
        for match in _FILE.finditer(source):
            path = _path(match[1], found)
            leaf = leaf_in_file(platform.tree, path, (*_split(match[2]), *found.keys), text)
            yield from (leaf,) if leaf is not None else ()
        for match in _TEXT.finditer(source):
            if match[1].lower() == text.lower():
                line = found.expression.line + source.count("\n", 0, match.start())
                yield Leaf(Location(found.file, line), text)
        pending += _referenced(platform, found)


def _path(written: str, found: _Found) -> str:
    top = found.scope
    while top.parent is not None:
        top = top.parent
    folders = {"path.module": posixpath.dirname(found.file) or ".", "path.root": top.folder, "path.cwd": top.folder}
    path = re.sub(r"\$\{\s*([\w.]+)\s*\}", lambda match: folders.get(match[1], "?"), written)
    return posixpath.normpath(path if path != written else posixpath.join(top.folder, written))


def _split(keys: str) -> tuple[str, ...]:
    return tuple(first or second for first, second in re.findall(r'\.([\w-]+)|\[\s*"([^"]*)"\s*\]', keys))


def _referenced(platform: Platform, found: _Found) -> Iterator[_Found]:
    source, scope = found.expression.text, found.scope
    for match in _REFERENCE.finditer(source):
        kind, name, keys = match[1] or match[3], match[2] or match[4], _split(match[6])
        keys = (*keys, *found.keys)
        if kind == "local" and name in scope.locals:
            expression, block = scope.locals[name]
            yield _Found(expression, block.file, scope, keys)
        elif kind == "var":
            yield from _given(platform, scope, name, keys)
        elif kind == "module" and name in scope.children:
            inner = scope.children[name]
            output = inner.outputs.get(match[5])
            if output is not None and "value" in output.attributes:
                yield _Found(output.attributes["value"], output.file, inner, keys)
    if _LOOP.search(source):
        for block in found.around:
            yield from (_Found(one, block.file, scope, (), ()) for one in _loops(block))


def _given(platform: Platform, scope: Scope, name: str, keys: tuple[str, ...]) -> Iterator[_Found]:
    """Give the expression of a variable's value: of the module call, of a tfvars file, or its default."""
    value = scope.value_of(name)
    if value is not None:
        expression, outer, block = value
        yield _Found(expression, block.file, outer, keys, (block,))
        return
    for file in reversed(platform.configuration.variable_files(scope.folder) if scope.parent is None else ()):
        path = posixpath.normpath(posixpath.join(scope.folder, file))
        if path.endswith(".tfvars") and name in platform.configuration.values[path]:
            values = read(path, platform.configuration.contents[path]).body.attributes
            yield from (_Found(values[one], path, scope, keys) for one in (name,) if one in values)
            return


def _loops(block: Declaration) -> Iterator[Expression]:
    pending = [block]
    while pending:
        one = pending.pop()
        if "for_each" in one.attributes:
            yield one.attributes["for_each"]
        pending += one.blocks
