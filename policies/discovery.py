"""What a platform consists of, by looking: kustomizations, plain manifests, charts; and what had to be assumed about them.

`platform.toml` outranks all of it. Whatever was guessed is an `Assumption`, shown in every report and written down by
`turnstile init` for its owner to correct.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.errors import SourceError
from policies.evidence import Stage
from policies.read.kustomization import NAMES, Kustomization, Use, entries_of, read_kustomization
from policies.read.tree import Tree

_DEVELOPMENT = frozenset(
    [
        *("dev", "devel", "develop", "development", "kind", "k3d", "minikube", "local", "laptop", "test", "testing"),
        *("e2e", "ci", "sandbox", "demo", "preview", "debug"),
    ]
)
_RELEASE = frozenset(
    ["prod", "production", "prd", "live", "release", "stage", "staging", "stg", "uat", "preprod", "canary"]
)


@dataclass(frozen=True)
class Assumption:
    """Something about the platform that nobody stated, and the key of `platform.toml` that would state it."""

    text: str
    key: str

    def __str__(self) -> str:
        return f"{self.text} (state it: {self.key})"


@dataclass(frozen=True)
class Found:
    """The kustomizations of a platform by folder; `overlays` are those that no other is made from, `bases` the other way round."""

    kustomizations: Mapping[str, Kustomization]
    overlays: tuple[str, ...]
    bases: tuple[str, ...]
    unreadable: tuple[SourceError, ...]


def find_kustomizations(tree: Tree) -> Found:
    """Find every kustomization and which of them are deployed. Files that cannot be read are listed, not raised."""
    kustomizations: dict[str, Kustomization] = {}
    unreadable: list[SourceError] = []
    for path in tree.files:
        if posixpath.basename(path) in NAMES:
            try:
                found = read_kustomization(tree, path)
            except SourceError as error:
                unreadable.append(error)
            else:
                kustomizations.setdefault(found.folder, found)
    used: dict[str, int] = {}
    for kustomization in kustomizations.values():
        for _, use, named, _ in entries_of(kustomization):
            target = posixpath.normpath(posixpath.join(kustomization.folder, named))
            if use in (Use.DIRECTORY, Use.DIRECTORY_OR_MANIFEST) and target in kustomizations:
                used[target] = used.get(target, 0) + 1
    overlays = tuple(
        folder for folder, item in sorted(kustomizations.items()) if folder not in used and not item.is_component
    )
    bases = tuple(
        sorted(
            (folder for folder in used if not kustomizations[folder].is_component),
            key=lambda folder: (-used[folder], folder),
        )
    )
    return Found(kustomizations, overlays, bases, tuple(unreadable))


def guess_stage(folder: str) -> tuple[Stage, str]:
    """Guess what a folder's objects are for by the words in its path, the last that says something; give the reason too."""
    for part in reversed(folder.split("/")):
        words = set(re.split(r"[^a-z0-9]+", part.lower()))
        if words & _DEVELOPMENT:
            return Stage.DEVELOPMENT, f"its folder is called {part}"
        if words & _RELEASE:
            return Stage.RELEASE, f"its folder is called {part}"
    return Stage.RELEASE, "nothing says that it is for development"


def unique_names(folders: Iterable[str], root_name: str) -> dict[str, str]:
    """Name each folder by its last part, or by as many parts as tell it from the others."""
    listed = list(folders)
    names: dict[str, str] = {}
    for folder in listed:
        parts = [part for part in folder.split("/") if part != "."]
        for count in range(1, len(parts) + 1):
            name = "/".join(parts[-count:])
            if sum(other in (folder, name) or other.endswith("/" + name) for other in listed) == 1:
                break
        names[folder] = name if parts else root_name
    return names


def group_folders(folders: Iterable[str], kustomized: Iterable[str]) -> dict[str, str]:
    """Say for each folder of plain manifests which folder it is deployed with: the highest that holds nothing but plain ones.

    A folder called after a stage (`dev`, `prod`) is never joined with its neighbours.
    """
    others = list(kustomized)
    groups = {}
    for folder in folders:
        parts = [part for part in folder.split("/") if part != "."]
        depth = 0
        while depth < len(parts) and _holds(others, "/".join(parts[:depth])):
            depth += 1
        for position in range(depth, len(parts)):
            if set(re.split(r"[^a-z0-9]+", parts[position].lower())) & (_DEVELOPMENT | _RELEASE):
                depth = position + 1
                break
        groups[folder] = "/".join(parts[:depth]) or "."
    return groups


def _holds(others: list[str], folder: str) -> bool:
    return any(not folder or other == folder or other.startswith(folder + "/") for other in others)
