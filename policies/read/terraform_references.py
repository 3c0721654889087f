"""Where a value of Terraform is written, and which blocks it refers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from policies.evidence import Location
from policies.read.hcl import Expression
from policies.read.terraform import Block
from policies.read.terraform_names import Names
from policies.read.terraform_spans import Span, items
from policies.read.terraform_unknown import Analysis

if TYPE_CHECKING:
    from policies.read.terraform_blocks import Reader

Steps = tuple[str | int, ...]


def follow(block: Block, path: Steps) -> tuple[Block, Steps]:
    """Follow a path through nested blocks; give the innermost block and the steps that are left."""
    while path:
        held = block.attributes.get(path[0]) if isinstance(path[0], str) else None
        if not isinstance(held, tuple) or not held:
            break
        index = path[1] if len(path) > 1 and isinstance(path[1], int) else None
        if index is not None and not -1 < index < len(held):
            break
        block, path = held[index or 0], path[2:] if index is not None else path[1:]
    return block, path


def locate(analysis: Analysis, block: Block, path: Steps) -> Location:
    """Give the line of the value at a path, or of what is nearest to it."""
    inner, rest = follow(block, path)
    expression = _expression(inner, rest)
    if expression is None:
        return Location(inner.file, inner.line)
    spans = analysis.spans(expression, rest[1:])
    return Location(inner.file, spans[0][0].line if spans else expression.line)


def _expression(block: Block, path: Steps) -> Expression | None:
    if block.declaration is None or not path:
        return None
    return block.declaration.attributes.get(str(path[0]))


def refers_to(reader: Reader, block: Block, path: Steps) -> tuple[Block, ...]:
    """Give the blocks that a value refers to: by what is in it, or else, where all of it is known, by the names in its source."""
    inner, rest = follow(block, path)
    if inner not in reader.raw:
        return ()
    raw, place = reader.raw[inner]
    value: Any = raw
    for step in rest:
        if isinstance(value, dict):
            value = value.get(step)
        else:
            value = (
                value[step] if isinstance(value, list) and isinstance(step, int) and -1 < step < len(value) else None
            )
    own = {block.address, inner.address}
    found = [
        target for address in reader.names.targets(value) if (target := reader.by_address.get(address)) is not None
    ]
    if not found and (expression := _expression(inner, rest)) is not None:
        dependence = reader.analysis.of(expression, place.scope, place.chain, rest[1:])
        for scope_path, address, key in sorted(dependence.targets):
            found += _instances(reader, scope_path, address, key, block)
    return tuple({target.address: target for target in found if target.address not in own}.values())


def is_cut(reader: Reader, block: Block, path: Steps) -> bool:
    """Whether a function may have made another text of what the value at a path shows, here or wherever it comes from."""
    inner, rest = follow(block, path)
    expression = _expression(inner, rest)
    if expression is None or inner not in reader.raw:
        return True
    place = reader.raw[inner][1]
    return reader.analysis.of(expression, place.scope, place.chain, rest[1:]).cut


def _instances(reader: Reader, scope_path: str, address: str, key: str, block: Block) -> Iterator[Block]:
    """Yield the instances of a block that may be meant: those in the same instance of a module, and with the same key where there is one."""
    full = f"{scope_path}.{address}" if scope_path else address
    same = reader.by_source.get(full, ())
    steps = Names.steps(block.address)
    near = [one for one in same if all(mine == other for mine, other in zip(steps, Names.steps(one.address), strict=False)
                                       if Names.without_keys(mine) == Names.without_keys(other))]  # fmt: skip
    own = block.address.rpartition(block.name)[2] if block.address.endswith("]") else ""
    key = key or own
    keyed = [one for one in near if key and one.address.endswith(key)]
    yield from keyed if len(keyed) == 1 else near


def provider_of(reader: Reader, block: Block) -> Block | None:
    """Give the root's provider that a resource or a data source is made by, through the `providers` of module calls; None where it is not stated.

    developer.hashicorp.com/terraform/language/modules/develop/providers
    """
    if block not in reader.raw or block.kind not in ("resource", "data"):
        return None
    stated = block.attributes.get("provider")
    name = stated if isinstance(stated, str) else block.type.partition("_")[0]
    scope = reader.raw[block][1].scope
    while scope.parent is not None and scope.call is not None:
        passed = items(Span.of(scope.call.attributes["providers"])) if "providers" in scope.call.attributes else {}
        if passed and name in passed:
            name = passed[name].text.strip()
        elif "." in name:
            return None
        scope = scope.parent
    type, _, alias = name.partition(".")
    own = (one for one in reader.root.of_kind("provider", type) if not one.module)
    return next((one for one in own if (one.attributes.get("alias") or "") == alias), None)
