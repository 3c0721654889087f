"""What is handed over in Terraform: arguments of module calls, values of a root's variables; and what nobody takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.terraform.folders import Folder, Use, folders
from policies.model.terraform.references import References, labels, names
from policies.platform import Platform
from policies.read import hcl
from policies.read.hcl import Declaration
from policies.read.terraform_scope import target_of

_META = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})


@dataclass(frozen=True, eq=False)
class Call:
    """A call of a module of the platform: the arguments that it gives, and the variables that the module has."""

    noun: ClassVar[str] = "call of a module of the platform"
    only_in_files: ClassVar[bool] = True

    folder: Folder
    declared: Declaration
    variables: dict[str, Declaration]

    @property
    def place(self) -> Place:
        """The folder's."""
        return self.folder.place

    @property
    def name(self) -> str:
        """Its name."""
        return self.declared.labels[0] if self.declared.labels else ""

    @property
    def id(self) -> str:
        """The folder and its name."""
        return f"{self.folder.path}:module.{self.name}"

    @property
    def unknown_arguments(self) -> tuple[str, ...]:
        """The arguments that the module declares no variable for."""
        return tuple(name for name in self.declared.attributes if name not in self.variables and name not in _META)

    @property
    def missing_arguments(self) -> tuple[str, ...]:
        """The variables without a default that it gives no value."""
        required = (name for name, block in self.variables.items() if "default" not in block.attributes)
        return tuple(name for name in required if name not in self.declared.attributes)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the call as the place."""
        return Evidence(message.format(*values), (Location(self.declared.file, self.declared.line),))

    def blame_arguments(self, found: tuple[str, ...], message: str, *values: object) -> Evidence:
        """Give arguments as the places."""
        lines = (Location(self.declared.file, self.declared.attributes[name].line) for name in found)
        return Evidence(message.format(*values), tuple(lines))

    def blame_variables(self, found: tuple[str, ...], message: str, *values: object) -> Evidence:
        """Give the call, and the variables, as the places."""
        lines = (Location(self.variables[name].file, self.variables[name].line) for name in found)
        return Evidence(message.format(*values), (*self.evidence("").locations, *lines))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Call | Gap]:
        """Yield the calls whose module is in the platform."""
        for folder in folders(platform):
            for block in folder.of("module"):
                target = target_of(block, folder.path)
                if target is not None and target in platform.configuration.folders:
                    declared = platform.configuration.declarations(target, "variable")
                    yield cls(folder, block, {one.labels[0]: one for one in declared if one.labels})


class GivenValues(References):
    """The values that the files of values of a root give."""

    noun: ClassVar[str] = "root of Terraform, by the values that it is given"

    @classmethod
    def is_of(cls, folder: Folder) -> bool:
        """Whether it is a root: a module is given its values by its callers."""
        return folder.use is not Use.MODULE

    @classmethod
    def of(cls, folder: Folder, platform: Platform) -> Iterator[tuple[str, bool, Location]]:
        """Yield what the root's files of values name."""
        declared = labels(folder, "variable")
        for file in platform.configuration.variable_files(folder.path):
            path = Folder.joined(folder.path, file)
            for name in platform.configuration.values.get(path, ()):
                yield name, name in declared, Location(path, _line(platform, path, name))


def _line(platform: Platform, path: str, name: str) -> int:
    content = platform.configuration.contents[path]
    if path.endswith(".json"):
        return 1
    return hcl.read(path, content).body.attributes[name].line


class Declared(References):
    """What a folder declares, by whether any expression takes it."""

    @classmethod
    def declared(cls, folder: Folder) -> Iterator[tuple[str, str, Location]]:
        """Yield the first word, the name and the line of each."""
        raise NotImplementedError

    @classmethod
    def of(cls, folder: Folder, platform: Platform) -> Iterator[tuple[str, bool, Location]]:  # noqa: ARG003
        """Yield each that is declared, and whether it is taken: its own validation does not count."""
        taken = Counter(
            (name.first, name.steps[0])
            for name in names(folder)
            if name.steps
            and not (name.first == "var" and name.holder.type == "variable" and name.steps[0] in name.holder.labels)
        )
        for first, name, location in cls.declared(folder):
            yield f"{first}.{name}", (first, name) in taken, location


class DeclaredVariables(Declared):
    """The variables that a folder declares."""

    noun: ClassVar[str] = "folder of Terraform, by the variables that it declares"

    @classmethod
    def declared(cls, folder: Folder) -> Iterator[tuple[str, str, Location]]:
        """Yield the variables."""
        for name, block in labels(folder, "variable").items():
            yield "var", name, Location(block.file, block.line)


class DeclaredLocals(Declared):
    """The local values that a folder declares."""

    noun: ClassVar[str] = "folder of Terraform, by the local values that it declares"

    @classmethod
    def declared(cls, folder: Folder) -> Iterator[tuple[str, str, Location]]:
        """Yield the local values."""
        for block in folder.of("locals"):
            for name, expression in block.attributes.items():
                yield "local", name, Location(block.file, expression.line)


@dataclass(frozen=True, eq=False)
class TerraformFile:
    """A file of Terraform; `repeated` says what it declares that is declared before it."""

    noun: ClassVar[str] = "file of Terraform"
    only_in_files: ClassVar[bool] = True

    place: Place
    path: str
    repeated: tuple[tuple[Location, Location, str], ...]

    @property
    def id(self) -> str:
        """Its path."""
        return self.path

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give what it declares again, and where that is declared first, as the places."""
        lines = tuple(line for again, first, _ in self.repeated for line in (again, first))
        return Evidence(message.format(*values), lines or (Location(self.path, 1),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TerraformFile | Gap]:
        """Yield every file; one that cannot be read is an error."""
        for folder in folders(platform):
            seen: dict[tuple[str, ...], Location] = {}
            for source in folder.sources:
                repeated = []
                for block in source.body.blocks:
                    key = (block.type, *block.labels)
                    first = seen.get(key)
                    if first is not None and block.labels and block.type not in ("provider", "moved", "import"):
                        again = Location(block.file, block.line)
                        repeated.append((again, first, f"{' '.join(key)} is declared again (first in {first})"))
                    seen.setdefault(key, Location(block.file, block.line))
                yield cls(folder.place, source.file, tuple(repeated))
        for error in platform.configuration.unreadable:
            yield Gap(error.file, str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
