"""What a platform consists of, by looking: kustomizations, plain manifests, charts; and what had to be assumed about them.

`platform.toml` outranks all of it. Whatever was guessed is an `Assumption`, shown in every report and written down by
`turnstile init` for its owner to correct.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from policies.errors import SourceError
from policies.evidence import Stage
from policies.read import yaml
from policies.read.documents import value_at
from policies.read.kustomization import NAMES, Kustomization, Use, entries_of, read_kustomization
from policies.read.tree import Tree

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
"""A key that TOML reads without quotes."""

_DEVELOPMENT = frozenset(
    [
        *("dev", "devel", "develop", "development", "kind", "k3d", "minikube", "local", "laptop", "test", "testing"),
        *("e2e", "ci", "sandbox", "demo", "preview", "debug"),
    ]
)
_RELEASE = frozenset(
    ["prod", "production", "prd", "live", "release", "stage", "staging", "stg", "uat", "preprod", "canary"]
)

_LAYERS = frozenset(["base", "bases", "common", "components", "layer", "layers", "shared"])
"""Folders of what overlays are made from."""


@dataclass(frozen=True)
class Assumption:
    """Something about the platform that nobody stated, and the key of `platform.toml` that would state it."""

    text: str
    key: str

    def __str__(self) -> str:
        return f"{self.text} (state it: {self.key})"


@dataclass(frozen=True)
class Found:
    """The kustomizations of a platform by folder; `overlays` are those that no other is made from, `bases` the other way round.

    `kept` are overlays although another is made from them, each with the reason; `unused` are the components that nothing takes in.
    """

    kustomizations: Mapping[str, Kustomization]
    overlays: tuple[str, ...]
    bases: tuple[str, ...]
    unreadable: tuple[SourceError, ...]
    kept: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


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
    used: dict[str, list[str]] = {}
    for kustomization in kustomizations.values():
        for _, use, named, _ in entries_of(kustomization):
            target = posixpath.normpath(posixpath.join(kustomization.folder, named))
            if use in (Use.DIRECTORY, Use.DIRECTORY_OR_MANIFEST) and target in kustomizations:
                used.setdefault(target, []).append(kustomization.folder)
    plain = sorted(folder for folder, item in kustomizations.items() if not item.is_component)
    by_tools = _named_by_tools(tree) if used else {}
    kept = {
        folder: why
        for folder in plain
        if folder in used and (why := _kept(folder, kustomizations, used[folder], by_tools))
    }
    overlays = tuple(folder for folder in plain if folder not in used or folder in kept)
    unused = tuple(sorted(kustomizations.keys() - used.keys() - set(plain)))
    bases = tuple(
        sorted(
            (folder for folder in used if not kustomizations[folder].is_component),
            key=lambda folder: (-len(used[folder]), folder),
        )
    )
    return Found(kustomizations, overlays, bases, tuple(unreadable), kept, unused)


def _kept(folder: str, known: Iterable[str], users: list[str], named: Mapping[str, str]) -> str | None:
    """Say why a kustomization is deployed itself although others are made from it, or give None."""
    for path, file in named.items():
        # The path is from the repository's root, which may stand above the platform's.
        if _matches(folder, path) or (
            not any(_matches(other, path) for other in known)
            and _matches(folder, "/".join(path.split("/")[-folder.count("/") - 1 :]))
        ):
            return f"{file} names it, although {users[0]} is made from it"
    last = posixpath.basename(folder)
    is_layer = not _LAYERS.isdisjoint(folder.split("/"))
    if not is_layer and set(re.split(r"[^a-z0-9]+", last.lower())) & _RELEASE:
        return f"its folder is called {last}, although {users[0]} is made from it"
    return None


def _matches(folder: str, pattern: str) -> bool:
    steps, wanted = folder.split("/"), pattern.split("/")
    return len(steps) == len(wanted) and all(map(fnmatchcase, steps, wanted))


_TOOL = re.compile(rb"argoproj\.io/|kustomize\.toolkit\.fluxcd\.io/")


def _named_by_tools(tree: Tree) -> dict[str, str]:
    """Give the folders (or patterns of such) that applications of Argo CD and kustomizations of Flux deploy, each with the file that says so."""
    named: dict[str, str] = {}
    for file in tree.files:
        if file.endswith((".yaml", ".yml")) and not tree.is_large(file):
            try:
                content = tree.read(file)
                documents = yaml.parse(content, file) if _TOOL.search(content) else ()
            except SourceError:
                continue  # It is told where the file itself is judged.
            for document in documents:
                if isinstance(document.data, dict) and document.data.get("kind") in _TOOL_KINDS:
                    for path, value in yaml.fields(document.data.get("spec")):
                        beside = value_at(document.data, ("spec", *path[:-1]))
                        if path[-1:] == ("path",) and isinstance(value, str) and not beside.get("exclude"):
                            pattern = _TEMPLATE.sub("*", posixpath.normpath(value).strip("/"))
                            if pattern != "*":
                                named.setdefault(pattern, file)
    return named


_TEMPLATE = re.compile(r"\{\{[^}]*\}\}")
_TOOL_KINDS = ("Application", "ApplicationSet", "Kustomization")


def spell_table(kind: str, name: str) -> str:
    """Spell a table of `platform.toml` as TOML reads it: `overlays.prod`, `overlays."main/booking"`."""
    return f"{kind}.{name if _BARE.match(name) else json.dumps(name)}"


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
