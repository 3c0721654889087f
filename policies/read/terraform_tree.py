"""A platform's Terraform as it is written: its files of HCL by folder, which folders are roots, and what gives their variables values."""

from __future__ import annotations

import json
import posixpath
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from policies.errors import SourceError
from policies.read import hcl
from policies.read.hcl import Declaration, Source
from policies.read.terraform_files import Reads, find_reads
from policies.read.terraform_scope import Scope, find_scopes, target_of
from policies.read.terraform_unknown import Analysis
from policies.read.tree import Tree

_MODULES = frozenset(["module", "modules"])
"""Folders of modules, by their names."""

_VALUES = (".tfvars", ".tfvars.json")


@dataclass(frozen=True)
class Configuration:
    """The Terraform of a platform, read but not yet evaluated. `stated` are the files of values that its owners state, by a root's folder."""

    tree: Tree
    stated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _read(self) -> tuple[dict[str, Source], dict[str, tuple[str, ...]], dict[str, bytes], list[SourceError]]:
        sources: dict[str, Source] = {}
        values: dict[str, tuple[str, ...]] = {}
        contents: dict[str, bytes] = {}
        errors: list[SourceError] = []
        stated = {
            posixpath.normpath(posixpath.join(folder, file)) for folder, files in self.stated.items() for file in files
        }
        for path in dict.fromkeys((*self.tree.files, *sorted(stated))):
            try:
                if path.endswith((".tf.json", ".tofu", ".tofu.json")):
                    errors.append(
                        SourceError(
                            path, "is Terraform in a form that is not read (JSON, or OpenTofu's own); write it as .tf"
                        )
                    )
                elif path.endswith(_VALUES) or path in stated:
                    content = self.tree.read(path)
                    values[path] = _names(path, content)
                    contents[path] = content.removeprefix(b"\xef\xbb\xbf")
                elif path.endswith(".tf"):
                    sources[path] = hcl.read(path, self.tree.read(path))
                    if posixpath.basename(path) == "override.tf" or path.endswith("_override.tf"):
                        del sources[path]
                        errors.append(
                            SourceError(
                                path, "overrides other files, which is not read; write what it says where it belongs"
                            )
                        )
            except SourceError as error:
                errors.append(error)
        return sources, values, contents, errors

    @property
    def sources(self) -> Mapping[str, Source]:
        """Its files of HCL by path, without those of values."""
        return self._read[0]

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """Its files of values by path, each with the names that it gives values to."""
        return self._read[1]

    @property
    def contents(self) -> Mapping[str, bytes]:
        """What its files of values hold."""
        return self._read[2]

    @property
    def unreadable(self) -> tuple[SourceError, ...]:
        """Its files that cannot be read."""
        return tuple(self._read[3])

    @cached_property
    def folders(self) -> Mapping[str, tuple[Source, ...]]:
        """The files of configuration by folder; one in which no file can be read is there too."""
        folders: dict[str, list[Source]] = {}
        for error in self.unreadable:
            if error.file.endswith(".tf"):
                folders.setdefault(posixpath.dirname(error.file) or ".", [])
        for path, source in self.sources.items():
            folders.setdefault(posixpath.dirname(path) or ".", []).append(source)
        return {folder: tuple(found) for folder, found in sorted(folders.items())}

    def declarations(self, folder: str, type: str) -> tuple[Declaration, ...]:
        """Give the blocks of a type in a folder's files."""
        return tuple(block for source in self.folders.get(folder, ()) for block in source.body.of(type))

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The folders that Terraform is run in: with a backend or a provider, stated, or used by no module call."""
        uses = self._uses
        found = {folder for folder in self.folders if folder not in self._used or self._says_it_is_run(folder)}
        found |= self._stated_folders & self.folders.keys()
        # Modules that take each other in are used by no root: one of them is taken as one, so that it is told.
        for folder in self.folders:
            reached, pending = set(found), list(found)
            while pending:
                new = {str(target) for target in uses.get(pending.pop(), ())} - reached
                reached |= new
                pending += new
            if folder not in reached:
                found.add(folder)
        return tuple(sorted(found))

    @cached_property
    def _uses(self) -> Mapping[str, set[str | None]]:
        """The folders that each takes as modules."""
        return {
            folder: {target_of(call, folder) for call in self.declarations(folder, "module")} - {folder}
            for folder in self.folders
        }

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset(target for targets in self._uses.values() for target in targets if target is not None)

    @property
    def _stated_folders(self) -> set[str]:
        return {posixpath.normpath(folder) for folder in self.stated}

    def _says_it_is_run(self, folder: str) -> bool:
        settings = self.declarations(folder, "terraform")
        is_kept = any(block.of("backend") or block.of("cloud") for block in settings)
        return bool(self.declarations(folder, "provider")) or is_kept

    @cached_property
    def ready_modules(self) -> frozenset[str]:
        """Those of the roots that are modules which nobody takes yet: nothing says that one is run, and it stands where modules stand."""
        beside = {posixpath.dirname(folder) for folder in self._used if posixpath.dirname(folder)}
        valued = {posixpath.dirname(path) or "." for path in self.values}
        return frozenset(
            folder
            for folder in self.roots
            if folder not in self._used | self._stated_folders | valued
            and not self._says_it_is_run(folder)
            and (posixpath.dirname(folder) in beside or not _MODULES.isdisjoint(posixpath.dirname(folder).split("/")))
        )

    def variable_files(self, folder: str) -> tuple[str, ...]:
        """The files that give a root's variables values, relative to it, in the order in which Terraform takes them."""
        names = sorted(posixpath.basename(path) for path in self.values if (posixpath.dirname(path) or ".") == folder)
        own = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
        automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
        stated = [
            file
            for file in self.stated.get(folder, ())
            if posixpath.normpath(posixpath.join(folder, file)) in self.values and file not in (*own, *automatic)
        ]
        return (*own, *automatic, *stated)

    def given(self, folder: str) -> frozenset[str]:
        """The variables of a root that its files of values give a value."""
        files = (posixpath.normpath(posixpath.join(folder, file)) for file in self.variable_files(folder))
        return frozenset(name for file in files for name in self.values[file])

    @cached_property
    def scopes(self) -> Mapping[str, tuple[Scope, tuple[SourceError, ...]]]:
        """What stands where in each root, and what is wrong with its module calls."""
        return {folder: find_scopes(folder, self.folders, self.given(folder)) for folder in self.roots}

    @cached_property
    def analyses(self) -> Mapping[str, Analysis]:
        """What values depend on, by root."""
        return {folder: Analysis() for folder in self.roots}

    @cached_property
    def reads(self) -> Reads:
        """The files that its functions read."""
        sources = [source for found in self.folders.values() for source in found]
        return find_reads(self.tree, sources, self.roots, only_plain=sys.platform != "linux")


def _names(path: str, content: bytes) -> tuple[str, ...]:
    if not path.endswith(".json"):
        return tuple(hcl.read(path, content).body.attributes)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise SourceError(path, f"is not JSON: {error}", getattr(error, "lineno", None)) from None
    if not isinstance(data, dict):
        raise SourceError(path, "is no object of values")
    return tuple(data)
