"""Versions that folders of Terraform ask for: of Terraform itself, of providers, of modules that are fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.terraform.folders import Folder, Use, folders
from policies.platform import Platform
from policies.read.hcl import Declaration
from policies.read.terraform_scope import is_local, string

_VERSION = re.compile(r"\bversion\"?\s*[=:]\s*\"(?P<version>[^\"]+)\"")
_BRANCHES = frozenset({"main", "master", "develop", "development", "trunk", "head", "latest"})
_BUILT_IN = frozenset({"terraform"})


class VersionedFolder(Folder):
    """A root or a module; an example leaves it to the module that it shows."""

    noun: ClassVar[str] = "root or module"

    @property
    def required_version(self) -> str | None:
        """What it asks for of Terraform."""
        for block in self.of("terraform"):
            if "required_version" in block.attributes:
                return block.attributes["required_version"].text.strip().strip('"').strip() or None
        return None

    @property
    def required_providers(self) -> dict[str, str | None]:
        """The versions of providers that it asks for, by the providers' names; None where it names no version."""
        found: dict[str, str | None] = {}
        for block in self.of("terraform"):
            for inner in block.of("required_providers"):
                for name, expression in inner.attributes.items():
                    text = expression.text.strip()
                    version = (
                        text.strip('"')
                        if text.startswith('"')
                        else (match["version"] if (match := _VERSION.search(text)) else None)
                    )
                    found[name] = version
        for block in self.of("provider"):
            if "version" in block.attributes and block.labels:
                found[block.labels[0]] = found.get(block.labels[0]) or string(block.attributes["version"])
        return found

    @property
    def used_providers(self) -> dict[str, Declaration]:
        """The providers whose resources and data sources it has, by name, each with the first block of them."""
        found: dict[str, Declaration] = {}
        for block in self.blocks:
            if block.type in ("resource", "data", "ephemeral") and len(block.labels) == 2:
                chosen = block.attributes.get("provider")
                name = chosen.text.strip().partition(".")[0] if chosen else block.labels[0].partition("_")[0]
                found.setdefault(name, block)
        return {name: block for name, block in found.items() if name not in _BUILT_IN}

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[VersionedFolder | Gap]:
        """Yield every root and every module."""
        for folder in folders(platform):
            if folder.use is not Use.EXAMPLE:
                yield cls(folder.path, folder.use, folder.place, folder.sources)


@dataclass(frozen=True, eq=False)
class UsedProvider:
    """A provider whose resources a root or a module has, and the version of it that it asks for."""

    noun: ClassVar[str] = "provider that a root or a module uses"
    only_in_files: ClassVar[bool] = True

    folder: VersionedFolder
    name: str
    first: Declaration
    version: str | None

    @property
    def place(self) -> Place:
        """The folder's."""
        return self.folder.place

    @property
    def id(self) -> str:
        """The folder and the provider."""
        return f"{self.folder.path}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give what the folder asks for of it as the place, or its first block of it."""
        for block in self.folder.of("terraform"):
            for inner in block.of("required_providers"):
                if self.name in inner.attributes:
                    return Evidence(message.format(*values), (Location(inner.file, inner.attributes[self.name].line),))
        return Evidence(message.format(*values), (Location(self.first.file, self.first.line), self.folder.first))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[UsedProvider | Gap]:
        """Yield those of every root and every module."""
        for folder in VersionedFolder.collect(platform):
            if isinstance(folder, VersionedFolder):
                asked = folder.required_providers
                yield from (cls(folder, name, block, asked.get(name)) for name, block in folder.used_providers.items())


@dataclass(frozen=True, eq=False)
class ModuleCall:
    """A module call: its source, and which version of it is taken."""

    noun: ClassVar[str] = "module call"
    only_in_files: ClassVar[bool] = True

    folder: Folder
    call: Declaration

    @property
    def place(self) -> Place:
        """The folder's."""
        return self.folder.place

    @property
    def id(self) -> str:
        """The folder and the call's name."""
        return f"{self.folder.path}:module.{self.call.labels[0] if self.call.labels else ''}"

    @property
    def source(self) -> str:
        """Where it comes from, as it is written."""
        expression = self.call.attributes.get("source")
        return string(expression) or (expression.text.strip() if expression else "")

    @property
    def is_pinned(self) -> bool:
        """Whether always the same is taken: a folder of the platform, a version of a registry, a tag or a commit of git, an archive of one version."""
        if is_local(self.source):
            return True
        if re.fullmatch(r"(?:[\w.-]+/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?", self.source) and "github.com" not in self.source:
            version = self.call.attributes.get("version")
            return version is not None and bool(re.search(r"\d", version.text))
        reference = re.search(r"[?&]ref=([^&]+)", self.source)
        if reference is not None:
            return reference[1].lower() not in _BRANCHES
        is_archive = re.match(r"(?:s3::|gcs::|https?://)", self.source) is not None
        return (
            is_archive
            and re.search(r"\d+\.\d+|[?&]checksum=", self.source.partition("://")[2].partition("/")[2]) is not None
        )

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its source as the place."""
        expression = self.call.attributes.get("source")
        return Evidence(
            message.format(*values), (Location(self.call.file, expression.line if expression else self.call.line),)
        )

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ModuleCall | Gap]:
        """Yield those of every folder."""
        for folder in folders(platform):
            yield from (cls(folder, call) for call in folder.of("module"))
