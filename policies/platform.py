"""The platform: a directory, what its owners state of it, and everything in it that is deployed somewhere."""

from __future__ import annotations

import datetime
import posixpath
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from policies.deployed import Deployed, Overlay, render
from policies.discovery import (
    Found,
    find_kustomizations,
    group_folders,
    guess_stage,
    spell_table,
    unique_names,
)
from policies.errors import MissingSourceError, SourceError, UsageError
from policies.evidence import PLATFORM, Gap, Location, Place, Stage
from policies.intent.intent import Intent, check_networks, check_paths, read_intent
from policies.intent.places import PlaceIntent
from policies.read.cluster import read_objects
from policies.read.collecting import collect
from policies.read.documents import Document, FileOrigin, expand
from policies.read.environment import EnvironmentFile
from policies.read.git import IgnoreRule, Repository, find_repository
from policies.read.kustomization import Sources, Use
from policies.read.kustomize import Build, build_all
from policies.read.manifests import Plain, find_environments, sweep
from policies.read.terraform_evaluate import Answer
from policies.read.terraform_prepare import Evaluation
from policies.read.terraform_tree import Configuration
from policies.read.tree import Tree, is_below


@dataclass(frozen=True)
class Platform:
    """A directory to judge. Everything below is read once, when it is first asked for.

    With `only_clusters` what runs is judged, and the files only say what is expected of it; `observations` are what was seen of its network.
    `builds` are kustomize's outputs by folder, and `answers` what Terraform's roots came to, where another process has them already; `progress`
    hears what was read. By `today` what has an end is judged; where it is None, by the day on which our own calendars were read.
    """

    root: Path
    intent: Intent = field(default_factory=Intent)
    stated: bool = False
    cluster_objects: tuple[tuple[str, Path], ...] = ()
    builds: Mapping[str, Build] | None = None
    progress: Callable[[str], None] | None = None
    only_clusters: bool = False
    observations: tuple[Any, ...] = ()
    answers: Mapping[str, Answer] | None = None
    today: datetime.date | None = None

    @classmethod
    def open(
        cls,
        root: Path,
        cluster_objects: tuple[tuple[str, Path], ...] = (),
        builds: Mapping[str, Build] | None = None,
        progress: Callable[[str], None] | None = None,
        answers: Mapping[str, Answer] | None = None,
        today: datetime.date | None = None,
    ) -> Platform:
        """Open a platform. Raises UsageError where it is no directory or `platform.toml` does not fit its schema."""
        if not root.is_dir():
            raise UsageError(f"{root} is not a directory; give the platform's as --platform DIR")
        intent = read_intent(root)
        check_paths(root, intent or Intent())
        check_networks(root, intent or Intent())
        return cls(
            root,
            intent or Intent(),
            intent is not None,
            cluster_objects,
            builds,
            progress,
            answers=answers,
            today=today,
        )

    @cached_property
    def tree(self) -> Tree:
        """Its files."""
        return Tree(self.root)

    @cached_property
    def found(self) -> Found:
        """Its kustomizations, by looking."""
        return find_kustomizations(self.tree)

    @cached_property
    def overlays(self) -> tuple[Overlay, ...]:
        """What kustomize is to render: what `platform.toml` states, or else what was found."""
        if self.intent.overlays:
            return tuple(self._stated_overlay(name, statement) for name, statement in self.intent.overlays.items())
        names = unique_names(self.found.overlays, self.root.resolve().name)
        return tuple(
            self._collected(
                Place(names[folder], guess_stage(folder)[0]), folder, spell_table("overlays", names[folder]), None
            )
            for folder in self.found.overlays
        )

    def _stated_overlay(self, name: str, statement: PlaceIntent) -> Overlay:
        folder = posixpath.normpath(statement.path)
        return self._collected(Place(name, Stage(statement.stage)), folder, spell_table("overlays", name), statement)

    def _collected(self, place: Place, folder: str, key: str, statement: PlaceIntent | None) -> Overlay:
        try:
            return Overlay(place, folder, key, statement, collect(self.tree, self.tree.resolve(folder)))
        except SourceError as error:
            return Overlay(place, folder, key, statement, None, error)

    @cached_property
    def plain(self) -> Plain:
        """What lies beside its kustomizations."""
        claimed = {path for sources in self._every_sources for path in (*sources.manifests, *sources.contents)}
        claimed.update(item.file for item in self.found.kustomizations.values())
        claimed.update(error.file for error in self.found.unreadable)
        return sweep(self.tree, claimed)

    @cached_property
    def _every_sources(self) -> tuple[Sources, ...]:
        known = {overlay.folder: overlay.sources for overlay in self.overlays if overlay.sources is not None}
        for folder in self.found.kustomizations:
            if not any(folder in sources.kustomizations for sources in known.values()):
                known[folder] = collect(self.tree, folder)
        return tuple(known.values())

    @cached_property
    def deployed(self) -> tuple[Deployed, ...]:
        """Every place with its objects: overlays first, then plain manifests, then what a cluster gave."""
        return (*self.written, *self.clusters)

    @cached_property
    def written(self) -> tuple[Deployed, ...]:
        """Every place of its files."""
        return () if self.only_clusters else (*self._rendered, *self._plain_places)

    @cached_property
    def base(self) -> str | None:
        """The folder of the base: stated, or the kustomization that most others are made from."""
        if self.intent.base is not None:
            return posixpath.normpath(self.intent.base.path)
        return self.found.bases[0] if self.found.bases else None

    @cached_property
    def _rendered(self) -> tuple[Deployed, ...]:
        ready = [overlay for overlay in self.overlays if overlay.sources is not None]
        builds = self.builds
        if builds is None:
            made = build_all([overlay.sources for overlay in ready if overlay.sources is not None], self.progress)
            builds = {build.overlay: build for build in made}
        return tuple(render(overlay, builds) for overlay in self.overlays)

    @cached_property
    def _plain_places(self) -> tuple[Deployed, ...]:
        stated = {posixpath.normpath(item.path): (name, item) for name, item in self.intent.manifests.items()}
        free = [folder for folder in self.plain.folders if not self.is_beside_kustomization(folder)]
        groups = group_folders(free, [*self.found.kustomizations, *self.plain.charts])
        for folder in free:
            for path in stated:
                if is_below(folder, path):
                    groups[folder] = path
        names = unique_names(dict.fromkeys(groups.values()), "manifests")
        places = []
        for path in dict.fromkeys((*stated, *groups.values())):
            name, statement = stated.get(path, (names.get(path, path), None))
            stage = Stage(statement.stage) if statement else guess_stage(path)[0]
            documents = tuple(
                document for folder, group in groups.items() if group == path for document in self.plain.folders[folder]
            )
            place = Place(name, stage)
            gap = None if documents else self._no_manifest(place, path)
            places.append(Deployed(place, path, documents, statement, spell_table("manifests", name), gap=gap))
        return tuple(places)

    def _no_manifest(self, place: Place, path: str) -> Gap:
        error = self.unreadable_below(path)
        if error is not None:
            reason = f"{error.file} cannot be read (BUILD-01c), and {path} holds no other manifest"
            return Gap(place.name, reason, place, (Location(error.file, error.line),))
        return Gap(place.name, f"platform.toml states {path}, which holds no manifest", place, promised=True)

    def unreadable_below(self, folder: str) -> SourceError | None:
        """Give the first plain manifest in or below a folder that cannot be read."""
        below = (error for error in self.plain.unreadable if is_below(error.file, folder))
        return next(below, None)

    def is_beside_kustomization(self, folder: str) -> bool:
        """Whether a manifest here looks as if a kustomization took it: one stands here, or takes what is in a neighbouring folder."""
        return folder in self.found.kustomizations or posixpath.dirname(folder) in self._parents_of_taken

    @cached_property
    def _parents_of_taken(self) -> frozenset[str]:
        """The folders above those that hold manifests, where a kustomization stands in or above them and not in the root alone."""
        taken = {posixpath.dirname(path) for path in self.manifests_of_kustomizations}
        own = [folder for folder in self.found.kustomizations if folder != "."]
        return frozenset(
            posixpath.dirname(path) for path in taken if any(path.startswith(folder + "/") for folder in own)
        )

    @cached_property
    def unstated_overlays(self) -> tuple[str, ...]:
        """The overlays that were found and that `platform.toml`, though it states overlays, does not name."""
        if not self.intent.overlays:
            return ()
        used = {folder for overlay in self.overlays if overlay.sources for folder in overlay.sources.kustomizations}
        stated = {overlay.folder for overlay in self.overlays}
        return tuple(folder for folder in self.found.overlays if folder not in used | stated)

    @cached_property
    def configuration(self) -> Configuration:
        """Its Terraform as it is written."""
        stated = {
            posixpath.normpath(item.path): tuple(posixpath.normpath(file) for file in item.tfvars)
            for item in self.intent.terraform.values()
        }
        return Configuration(self.tree, stated)

    @cached_property
    def terraform(self) -> Evaluation:
        """Its Terraform as it evaluates; whoever asks first starts it, who asks for its `roots` waits."""
        return Evaluation(self.configuration, self.progress, self.answers)

    @cached_property
    def loose_environments(self) -> tuple[EnvironmentFile | SourceError, ...]:
        """The environment files that no generator reads, or why one cannot be read."""
        used = {path for sources in self._every_sources for path in (*sources.environments, *sources.contents)}
        used |= {file.path for sources in self._every_sources for file in sources.environments.values()}
        return find_environments(self.tree, used)

    @cached_property
    def clusters(self) -> tuple[Deployed, ...]:
        """What a cluster's API gave. Raises UsageError where a file of objects cannot be read."""
        stages = {overlay.place.name: (overlay.place.stage, overlay.statement) for overlay in self.overlays}
        places = []
        for name, file in self.cluster_objects:
            if name and name not in stages:
                raise UsageError(
                    f"--cluster-objects {name}={file}: there is no overlay {name!r}, but {', '.join(stages) or 'none at all'}"
                )
            stage, statement = stages.get(name, (Stage.RELEASE, None))
            place = Place(f"cluster {name}" if name else "cluster", stage)
            places.append(
                Deployed(place, str(file), read_objects(file), statement, spell_table("overlays", name or "NAME"))
            )
        return tuple(places)

    def is_stated_as_plain(self, folder: str) -> bool:
        """Whether `platform.toml` states this folder, or one above it, as plain manifests."""
        paths = [posixpath.normpath(item.path) for item in self.intent.manifests.values()]
        return any(is_below(folder, path) for path in paths)

    @cached_property
    def manifests_of_kustomizations(self) -> frozenset[str]:
        """Every file that some kustomization takes as a manifest or a patch, deployed or not."""
        return frozenset(path for sources in self._every_sources for path in sources.manifests)

    @cached_property
    def base_sources(self) -> Sources | Gap:
        """What the base is made from, or why that is not known."""
        if self.base is None:
            reason = "no kustomization is made from another, so there is no base; state it: [base] path"
            return Gap("no base", reason, PLATFORM)
        try:
            return collect(self.tree, self.tree.resolve(self.base))
        except SourceError as error:
            return Gap("base", str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)

    @cached_property
    def base_documents(self) -> tuple[Document, ...]:
        """The objects in the manifests that the base registers, as they are written."""
        sources = self.base_sources
        if isinstance(sources, Gap):
            return ()
        files = dict.fromkeys(entry.target for entry in sources.entries if entry.use is Use.DIRECTORY_OR_MANIFEST)
        return tuple(
            Document(body, FileOrigin(file, document, base))
            for file in files
            for document in sources.manifests.get(file, ())
            for base, body in expand(document.data)
        )

    def place_of_source(self, file: str) -> Place:
        """The one place that a source file goes to; the platform where it goes to several."""
        places = {item.place for item in self.deployed if item.sources is not None and item.sources.uses(file)}
        return next(iter(places)) if len(places) == 1 else PLATFORM

    @cached_property
    def repository(self) -> Repository | str:
        """The git work tree around it, or why there is none to ask."""
        return find_repository(self.root)

    @cached_property
    def tracked(self) -> tuple[str, ...] | Gap:
        """Its files that git tracks, or why that is not known."""
        if isinstance(self.repository, str):
            return Gap("git", f"{self.repository}, so what it tracks is not known", PLATFORM)
        try:
            return self.repository.tracked()
        except subprocess.SubprocessError as error:
            return Gap("git", f"git does not list the tracked files: {error}", PLATFORM, unreadable=True)

    def read_tracked(self, path: str) -> bytes | None:
        """Give a tracked file's content; None where it is no longer there. Raises SourceError where it must not be read."""
        try:
            return self.tree.read(path)
        except MissingSourceError:
            return None

    def ignore_rules(self, paths: tuple[str, ...]) -> dict[str, IgnoreRule] | Gap:
        """The rules by which git ignores these files, or why that is not known."""
        if isinstance(self.repository, str):
            return Gap("git", f"{self.repository}, so what it ignores is not known", PLATFORM)
        try:
            return self.repository.ignore_rules(paths)
        except subprocess.SubprocessError as error:
            return Gap("git", f"git does not say what it ignores: {error}", PLATFORM, unreadable=True)
