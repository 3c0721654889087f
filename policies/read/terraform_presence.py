"""Whether, and how often, a block of Terraform is there at all: what its `count` or `for_each`, and those of the modules around it, come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.read.hcl import Declaration
from policies.read.terraform import Unknown
from policies.read.terraform_copy import Folder
from policies.read.terraform_dependence import spell
from policies.read.terraform_names import Names
from policies.read.terraform_scope import Scope
from policies.read.terraform_unknown import Analysis, Chain

NOT_FOLLOWED = "what it comes to could not be followed (tfparse repeats nothing by what a module puts out, nor by a value that holds null)"


@dataclass(frozen=True)
class Presence:
    """What is known of a root to say what is there."""

    scopes: Mapping[str, Scope]
    folders: Mapping[str, Folder]
    names: Names
    analysis: Analysis
    culprits: frozenset[tuple[str, int]] = frozenset()

    def of(
        self,
        scope: Scope,
        kind: str,
        declaration: Declaration | None,
        raw: Mapping[str, Any],
        address: str,
        module: str,
    ) -> Unknown | None:
        """Say why it is not known whether, or how often, a block is there; None where it is."""
        around = self._module_presence(scope, module)
        if around is not None or declaration is None or kind not in ("resource", "data", "module"):
            return around
        causes = self.analysis.instances(declaration, scope).hidden
        how_often = "for_each" if "for_each" in declaration.attributes else "count"
        if causes:
            return Unknown(f"how often {address} is there is not known: {spell(causes)}")
        loop = (
            self.names.probes.get(module, {}).get(self._probe(scope, declaration)) if how_often == "for_each" else None
        )
        if "⟦" in address or (how_often == "for_each" and (loop is None or self.names.made_up(loop))):
            found = self.analysis.of(declaration.attributes["for_each"], scope, (declaration,)).causes
            return Unknown(f"how often {self.names.show(address)[0]} is there is not known: {spell(found)}")
        if "count" in declaration.attributes:
            told = raw.get("count")
            there = self.names.instances[self.names.without_last_key(address)]
            if not isinstance(told, (int, float, str)) or str(told).strip() != str(there):
                return Unknown(f"how often {address} is there is not known: {NOT_FOLLOWED}")
        if isinstance(loop, (list, dict)) and len(loop) != self.names.instances[self.names.without_last_key(address)]:
            return Unknown(f"how often {self.names.show(address)[0]} is there is not known: {NOT_FOLLOWED}")
        return None

    def _module_presence(self, scope: Scope, module: str) -> Unknown | None:
        if scope.parent is None or scope.call is None:
            return None
        steps = self.names.steps(module)
        above = ".".join(steps[:-1])
        return self.of(scope.parent, "module", scope.call, self.names.calls.get(module, {}), module, above)

    def _probe(self, scope: Scope, declaration: Declaration) -> str:
        folder = self.folders.get(scope.folder)
        return folder.probes.get(declaration, "") if folder else ""

    def left_out(self, seen: set[tuple[str, Declaration | None]]) -> Iterator[tuple[str, str, Declaration, Unknown]]:
        """Yield what may be there and of which tfparse tells nothing: the module, the address there, the block, and why it is not known.

        `seen` are the blocks that it told of, by module.
        """
        for module in sorted(self.names.modules):
            scope = self.scopes.get(self.names.without_keys(module))
            calls = scope.calls if scope else {}
            declared = {
                **(scope.resources if scope else {}),
                **{f"module.{name}": call for name, call in calls.items()},
            }
            for address, declaration in declared.items():
                if scope is None or (module, declaration) in seen:
                    continue
                full = f"{module}.{address}" if module else address
                if (declaration.file, declaration.line) in self.culprits:
                    yield module, full, declaration, Unknown(f"{full} cannot be evaluated")
                    continue
                if "for_each" not in declaration.attributes:
                    continue
                loop = self.names.probes.get(module, {}).get(self._probe(scope, declaration))
                causes = self.analysis.instances(declaration, scope).hidden
                if loop is not None and not loop and not causes:
                    continue  # it goes over nothing
                causes = causes or self.analysis.of(declaration.attributes["for_each"], scope, (declaration,)).causes
                why = spell(causes) if causes else NOT_FOLLOWED
                yield module, full, declaration, Unknown(f"how often {full} is there is not known: {why}")

    def blocks_of(
        self, name: str, within: Declaration, raw: Mapping[str, Any], scope: Scope, chain: Chain
    ) -> Unknown | None:
        """Say why it is not known which blocks of a name `dynamic` ones make in a block; None where it is."""
        expected = len(within.of(name))
        for dynamic in within.of("dynamic"):
            if dynamic.labels[:1] == (name,) and "for_each" in dynamic.attributes:
                loop = raw.get(self._probe(scope, dynamic))
                found = self.analysis.of(dynamic.attributes["for_each"], scope, chain)
                if (
                    found.hidden
                    or not isinstance(loop, (list, dict))
                    or "__attribute__" in loop
                    or self.names.made_up(loop)
                ):
                    why = spell(found.hidden or found.causes)
                    return Unknown(f"which blocks {name} there are is not known: {why}")
                expected += len(loop)
        made = raw.get(name)
        count = len(made) if isinstance(made, list) else 0 if made is None else 1
        return None if count == expected else Unknown(f"which blocks {name} there are is not known: {NOT_FOLLOWED}")
