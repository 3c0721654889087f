"""What expressions refer to of modules: calls, and outputs of the platform's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from policies.evidence import Location
from policies.model.terraform.folders import Folder
from policies.model.terraform.references import References, labels, names
from policies.platform import Platform
from policies.read.terraform_scope import target_of


class ModuleReferences(References):
    """The module calls that a folder's expressions refer to."""

    noun: ClassVar[str] = "folder of Terraform, by the modules that it refers to"

    @classmethod
    def of(cls, folder: Folder, platform: Platform) -> Iterator[tuple[str, bool, Location]]:  # noqa: ARG003
        """Yield the module calls."""
        declared = labels(folder, "module")
        for name in names(folder):
            if name.first == "module" and isinstance(name.steps[0], str):
                yield f"module.{name.steps[0]}", name.steps[0] in declared, name.location


class OutputReferences(References):
    """The outputs of the platform's modules that a folder's expressions take."""

    noun: ClassVar[str] = "folder of Terraform, by the outputs that it takes"

    @classmethod
    def of(cls, folder: Folder, platform: Platform) -> Iterator[tuple[str, bool, Location]]:
        """Yield the outputs; those of a module that is not in the platform are not known."""
        declared = labels(folder, "module")
        for name in names(folder):
            call = declared.get(str(name.steps[0])) if name.first == "module" else None
            target = target_of(call, folder.path) if call is not None else None
            if call is None or target is None or target not in platform.configuration.folders:
                continue
            steps = name.steps[1:]
            if steps and ({"for_each", "count"} & call.attributes.keys() or not isinstance(steps[0], str)):
                steps = steps[1:]
            if steps and isinstance(steps[0], str):
                outputs = {
                    block.labels[0] for block in platform.configuration.declarations(target, "output") if block.labels
                }
                yield f"module.{name.steps[0]}.{steps[0]}", steps[0] in outputs, name.location
