"""What a value in Terraform depends on that is not known before it is applied, and whether the value shows it.

tfparse evaluates with stand-ins for what is not known. Where a stand-in is in the value, the value shows that it is not known; where it was
compared, counted or fell back on something else, the value looks known and is not. That is found here, in the source: unknown is never a pass.
"""

from __future__ import annotations

import re
from dataclasses import replace

from policies.read.hcl import Declaration, Expression
from policies.read.terraform_dependence import NONE, Cause, Dependence, Reason, caused, hiding
from policies.read.terraform_functions import (
    FALLING_BACK,
    FLEETING,
    KEEPING,
    TAKING,
    UNSUPPORTED,
    calls,
    is_simple,
    may_fail,
)
from policies.read.terraform_regions import regions
from policies.read.terraform_scope import Scope
from policies.read.terraform_spans import Span, Traversal, descend, items, traversals, trim

MAXIMUM_STEPS = 60
"""How many names may stand between a value and what it comes from."""

LONGEST = 200_000
"""Characters of an expression that is looked into; a longer one is a file of data."""

Path = tuple[str | int | None, ...]
Chain = tuple[Declaration, ...]


class Analysis:
    """What the values of one root depend on."""

    def __init__(self) -> None:
        self.known: dict[tuple[Span, Path, str], Dependence] = {}
        self.found: dict[tuple[Expression, Path], list[tuple[Span, Path]]] = {}
        self.active: list[tuple[Span, Path, str]] = []

    def of(self, expression: Expression, scope: Scope, chain: Chain, path: Path = ()) -> Dependence:
        """Say what the value at a path in an expression depends on. `chain` are the blocks around it, the outermost first."""
        result = NONE
        for span, left in self.spans(expression, path):
            result |= self._span(span, scope, chain, left)
        return result

    def spans(self, expression: Expression, path: Path) -> list[tuple[Span, Path]]:
        """Give the parts of an expression that may hold what is at a path, each with the steps that are left."""
        parts: list[tuple[Span, Path]] = [(trim(Span.of(expression)), ())]
        if len(expression.code) > LONGEST:
            return parts
        known = next((length for length in range(len(path), 0, -1) if (expression, path[:length]) in self.found), 0)
        if known:
            parts = self.found[expression, path[:known]]
        for length in range(known + 1, len(path) + 1):
            step = path[length - 1 : length]
            parts = [
                found for span, left in parts for found in ([(span, (*left, *step))] if left else descend(span, step))
            ]
            self.found[expression, path[:length]] = parts
        return parts

    def _span(self, span: Span, scope: Scope, chain: Chain, path: Path) -> Dependence:
        key = (span, path, scope.path)
        if key in self.known:
            return self.known[key]
        if key in self.active or len(self.active) >= MAXIMUM_STEPS:
            return hiding(span.text[:60], Reason.DEEP)
        self.active.append(key)
        result = self._depend(span, scope, chain, path)
        self.active.pop()
        self.known[key] = result
        return result

    def _depend(self, span: Span, scope: Scope, chain: Chain, path: Path) -> Dependence:
        code = span.code
        result = Dependence(null=True) if re.search(r"(?<![\w.-])(?:null|one|optional)\b", code) else NONE
        names = list(traversals(span))
        loops = set(re.findall(r"\bfor\s+([\w-]+)", code)) | set(re.findall(r"\bfor\s+[\w-]+\s*,\s*([\w-]+)", code))
        # Steps that are left belong to the name where the part is nothing but that name.
        alone = len(names) == 1 and code.strip() == span.expression.code[names[0].start : names[0].end]
        found: list[tuple[Traversal, Dependence]] = []
        for name in names:
            if name.name not in loops:
                dependence = self._name(name, (*name.steps, *(path if alone else ())), scope, chain)
                found.append((name, dependence))
                result |= dependence
        called = calls(code)
        if called - KEEPING:
            result |= Dependence(cut=True)
        for function in called & FLEETING:
            result |= hiding(f"{function}()", Reason.APPLIED)
        if called & FALLING_BACK:
            for function in called:
                if function in UNSUPPORTED or "::" in function:
                    result |= hiding(f"{function}()", Reason.FUNCTION)
        if result.causes:
            result |= Dependence(
                hidden=self._hidden(span, found) if len(code) <= LONGEST else result.causes, fails=may_fail(code)
            )
        return result

    def _hidden(self, span: Span, found: list[tuple[Traversal, Dependence]]) -> frozenset[Cause]:
        hidden: set[Cause] = set()
        code = span.expression.code
        for region in regions(span.code):
            start, end = span.start + region.start, span.start + region.end
            simple = is_simple(code[start:end])
            if region.function in TAKING and simple:
                continue
            for name, dependence in found:
                if not start <= name.start < end or not dependence.causes:
                    continue
                only_null = re.match(r"\s*(?:==|!=)\s*null\b", code[name.end : end]) or re.search(
                    r"\bnull\s*(?:==|!=)\s*\Z", code[start : name.start]
                )
                counted = region.function == "length" and None in name.steps
                if only_null or counted or (region.function in FALLING_BACK and simple):
                    hidden |= {cause for cause in dependence.causes if not cause.is_there}
                else:
                    hidden |= dependence.causes
        return frozenset(hidden)

    def _name(self, name: Traversal, steps: Path, scope: Scope, chain: Chain) -> Dependence:
        first, head = name.name, steps[0] if steps else None
        if first == "path" and head == "cwd":
            return hiding("path.cwd", Reason.APPLIED)
        if first == "terraform" and head == "workspace":
            return caused("terraform.workspace", Reason.APPLIED)
        if first in ("path", "terraform", "self"):
            return NONE if first != "self" else self._own(steps, scope, chain)
        if first in ("each", "count"):
            return self._instance(first, str(head), steps[1:], scope, chain)
        if first == "var" and isinstance(head, str):
            return self._variable(head, steps[1:], scope)
        if first == "local" and isinstance(head, str):
            if head not in scope.locals:
                return caused(f"local.{head}", Reason.NOTHING)
            value, within = scope.locals[head]
            return self.of(value, scope, (within,), steps[1:])
        if first == "module" and isinstance(head, str):
            return self._output(head, steps[1:], scope)
        for block in reversed(chain):
            if block.type == "dynamic" and first == _iterator(block) and "for_each" in block.attributes:
                around = chain[: chain.index(block)]
                return self._value_of_loop(block.attributes["for_each"], str(head), steps[1:], scope, around)
        if first == "data" and len(steps) > 1:
            return self._resource(f"data.{steps[0]}.{steps[1]}", steps[2:], scope)
        if f"{first}.{head}" in scope.resources or ("_" in first and isinstance(head, str) and len(steps) > 1):
            return self._resource(f"{first}.{head}", steps[1:], scope)
        return NONE

    def _variable(self, name: str, path: Path, scope: Scope) -> Dependence:
        if name in scope.given:
            return Dependence(null=True)
        label = f"{scope.path}.var.{name}" if scope.path else f"var.{name}"
        if name not in scope.variables:
            return caused(label, Reason.NOTHING)
        value = scope.value_of(name)
        if value is None:
            return caused(label, Reason.UNSET)
        expression, where, within = value
        result = self.of(expression, where, (within,), path)
        declared = scope.variables[name].attributes.get("type")
        return result | Dependence(null=True) if declared and "optional" in declared.code else result

    def _output(self, name: str, path: Path, scope: Scope) -> Dependence:
        call = scope.calls.get(name)
        if call is None:
            return caused(f"module.{name}", Reason.NOTHING)
        child = scope.children.get(name)
        if "count" in call.attributes or "for_each" in call.attributes:
            result = self.instances(call, scope)
            path = path[1:]
        else:
            result = NONE
        if child is None:
            there = Dependence(targets=frozenset([(scope.path, f"module.{name}", "")]))
            return result | there | caused(f"module.{name}" + (f".{path[0]}" if path else ""), Reason.ELSEWHERE)
        if not path or not isinstance(path[0], str):
            return result
        output = child.outputs.get(path[0])
        if output is None or "value" not in output.attributes:
            return result | caused(f"module.{name}.{path[0]}", Reason.NOTHING)
        return result | self.of(output.attributes["value"], child, (output,), path[1:])

    def _resource(self, address: str, path: Path, scope: Scope) -> Dependence:
        label = f"{scope.path}.{address}" if scope.path else address
        block = scope.resources.get(address)
        if block is None:
            return caused(label, Reason.NOTHING)
        result = self._attribute(block, label, path, scope)
        repeated = "count" in block.attributes or "for_each" in block.attributes
        key = path[0] if repeated and path else None
        spelt = "" if key is None else f"[{key}]" if isinstance(key, int) else f'["{key}"]'
        return replace(result, targets=frozenset([(scope.path, address, spelt)]))

    def _attribute(self, block: Declaration, label: str, path: Path, scope: Scope) -> Dependence:
        result = NONE
        if "count" in block.attributes or "for_each" in block.attributes:
            result = self.instances(block, scope)
            path = (
                path[1:]
                if path and (path[0] is None or isinstance(path[0], int) or path[0] not in block.attributes)
                else path
            )
        if not path or not isinstance(path[0], str):
            return result
        if path[0] in block.attributes:
            return result | self.of(block.attributes[path[0]], scope, (block,), path[1:])
        return result | caused(f"{label}.{path[0]}", Reason.APPLIED)

    def _own(self, steps: Path, scope: Scope, chain: Chain) -> Dependence:
        attributes = chain[0].attributes if chain else {}
        name = str(steps[0]) if steps else ""
        if name in attributes:
            return self.of(attributes[name], scope, chain[:1], steps[1:])
        return caused(f"self.{name}", Reason.APPLIED)

    def instances(self, block: Declaration, scope: Scope) -> Dependence:
        """Say what it depends on how many instances of a block there are, and which; nothing hides in that."""
        if "count" in block.attributes:
            found = self.of(block.attributes["count"], scope, (block,))
            return Dependence(found.causes, found.causes)
        if "for_each" not in block.attributes:
            return NONE
        return self.keys(block.attributes["for_each"], scope, (block,))

    def keys(self, loop: Expression, scope: Scope, chain: Chain) -> Dependence:
        """Say what the keys of a loop depend on; those of an object that is written out are known."""
        if items(Span.of(loop)) is not None:
            return NONE
        found = self.of(loop, scope, chain)
        return Dependence(found.hidden, found.hidden)

    def _instance(self, kind: str, what: str, path: Path, scope: Scope, chain: Chain) -> Dependence:
        block = next((block for block in chain if kind == "count" or "for_each" in block.attributes), None)
        if block is None or kind == "count":
            return NONE
        if block.type == "dynamic":
            block = chain[0]
        if "for_each" not in block.attributes:
            return NONE
        return self._value_of_loop(block.attributes["for_each"], what, path, scope, ())

    def _value_of_loop(self, loop: Expression, what: str, path: Path, scope: Scope, chain: Chain) -> Dependence:
        keys = self.keys(loop, scope, chain)
        if what == "key" and items(Span.of(loop)) is not None:
            return keys
        return keys | self.of(loop, scope, chain, (None, *path))


def _iterator(block: Declaration) -> str:
    named = block.attributes.get("iterator")
    return named.text.strip() if named else block.labels[0] if block.labels else ""
