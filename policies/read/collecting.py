"""Everything that a kustomization is made of, found without running anything.

Its entries are followed; each is looked at before kustomize is, so that what would be fetched, leads out of the platform or cannot be read is
known with its line, and is left out of the copy that kustomize gets.
"""

from __future__ import annotations

import posixpath
import re

from policies.errors import MissingSourceError, OutsidePlatformError, RemoteSourceError, SourceError
from policies.read import environment, yaml
from policies.read.kustomization import (
    NAMES,
    PLUGINS,
    Defect,
    DefectKind,
    Entry,
    Kustomization,
    Sources,
    Use,
    entries_of,
    inline_yaml,
    kustomization_file,
    read_kustomization,
)
from policies.read.tree import Tree
from policies.read.yaml import FieldPath, YamlDocument

EXAMPLE_ENDINGS = (".example", ".sample", ".template", ".dist")
"""How the example of a file that git does not hold is called; it may stand before the last ending too."""

_REMOTE = re.compile(
    r"(?i)^([a-z][a-z0-9+.-]*://|git@|git::|[\w.-]+@[\w.-]+:|(github|gitlab|bitbucket)\.(com|org)[/:])|[?&]ref=|\.git(/|$)"
)
"""What kustomize takes as a repository or an address to fetch (kustomize `api/internal/git/repospec.go`)."""

_NAMES_FILES = frozenset({"path", "paths", "file", "files", "env", "envs"})
"""Fields by which a built-in generator or transformer names files."""

_HOLDS_PATCHES = frozenset({"patch", "patches", "jsonOp"})
"""Fields of a built-in transformer that hold YAML as text."""

_HELM = ("helmCharts", "helmChartInflationGenerator")


def collect(tree: Tree, overlay: str) -> Sources:
    """Follow an overlay's entries. Raises SourceError where the overlay's own kustomization cannot be read."""
    sources = Sources(overlay)
    file = kustomization_file(tree, overlay)
    if file is None:
        raise MissingSourceError(overlay, f"has no {NAMES[0]}; state the overlay's path in platform.toml")
    _Collector(tree, sources).add(read_kustomization(tree, file), ())
    return sources


class _Collector:
    def __init__(self, tree: Tree, sources: Sources) -> None:
        self.tree, self.sources = tree, sources
        self.seen: set[tuple[str, bool]] = set()

    def add(self, kustomization: Kustomization, above: tuple[str, ...], plugins: bool = False) -> None:
        """Follow a kustomization; where it is one of `plugins`, its resources are generators or transformers."""
        if (kustomization.folder, plugins) in self.seen:
            return
        if kustomization.folder not in self.sources.kustomizations:
            self.sources.kustomizations[kustomization.folder] = kustomization
            self._note_others(kustomization)
            for name in _HELM:
                if name in kustomization.data:
                    text = f"{name} makes Helm charts part of the overlay; render them with 'helm template' into plain files to have them judged"
                    self._leave_out(kustomization, (name,), DefectKind.HELM, text)
        self.seen.add((kustomization.folder, plugins))
        above = (*above, kustomization.folder)
        for position, text in inline_yaml(kustomization.data):
            try:
                self._add_inline(kustomization, position, text, above)
            except SourceError as error:
                self._refuse(kustomization, position, error)
        for position, use, named, secret in entries_of(kustomization):
            followed = Use.SETTINGS if plugins and use is Use.DIRECTORY_OR_MANIFEST else use
            try:
                self._follow(kustomization, position, followed, named, secret, above, plugins or position[0] in PLUGINS)
            except SourceError as error:
                self._refuse(kustomization, position, error)

    def _refuse(self, kustomization: Kustomization, position: FieldPath, error: SourceError) -> None:
        kind = DefectKind.REMOTE if isinstance(error, RemoteSourceError) else DefectKind.UNREADABLE
        if isinstance(error, OutsidePlatformError):
            self._leave_out(kustomization, position, kind, f"{error.file!r} {error.problem}")
        else:
            self._leave_out(kustomization, position, kind, error.problem, error.file, error.line)

    def _add_inline(self, kustomization: Kustomization, position: FieldPath, text: str, above: tuple[str, ...]) -> None:
        # kustomize follows aliases without counting: what would never end, or fill the memory, must not reach it.
        offset = kustomization.document.lines_above_text(position)
        try:
            documents = yaml.parse(text.encode(), kustomization.file)
        except SourceError as error:
            raise SourceError(error.file, error.problem, (error.line or 1) + offset) from None
        self.sources.inline[kustomization.file, position] = documents
        if position[0] in PLUGINS:
            self._follow_settings(kustomization, position, documents, offset, above)

    def _follow(
        self,
        kustomization: Kustomization,
        position: FieldPath,
        use: Use,
        named: str,
        secret: bool,
        above: tuple[str, ...],
        loaded: bool = False,
    ) -> None:
        line = kustomization.line_of(*position)
        _refuse_remote(named, kustomization.file, line)
        path = posixpath.normpath(posixpath.join(kustomization.folder, named))
        target = self.tree.resolve(named, kustomization.folder)
        if secret:
            # The file itself may be a link, or not be there: it stands where its folder is.
            target = posixpath.normpath(
                posixpath.join(self.tree.resolve(posixpath.dirname(path) or "."), posixpath.basename(path))
            )
        example = _example(self.tree, target) if secret else None
        entry = Entry(kustomization.file, position, line, use, named, target, secret, example)
        if secret:
            self._add_secret_file(kustomization, entry)
        elif not self.tree.is_there(target):
            self._leave_out(
                kustomization, position, DefectKind.REFUSED, f"{named!r} is not there ({use.value} is expected)"
            )
        elif self.tree.is_directory(target) and (use in (Use.DIRECTORY_OR_MANIFEST, Use.DIRECTORY) or loaded):
            self._descend(kustomization, entry, above, loaded)
        else:
            self._read(kustomization, entry, above, loaded)
        if path != target:
            self.sources.links[path] = target

    def _descend(self, kustomization: Kustomization, entry: Entry, above: tuple[str, ...], plugins: bool) -> None:
        beside = posixpath.dirname(entry.target) == posixpath.dirname(self.sources.overlay) and entry.target != "."
        if entry.target in above or (beside and self._leads_back(entry.target, above)):
            text = f"{entry.named!r} leads back to {entry.target}, which is made from this folder: it would never end"
            self._leave_out(kustomization, entry.position, DefectKind.REFUSED, text)
            return
        file = kustomization_file(self.tree, entry.target)
        if file is None:
            text = f"{entry.named!r} is a directory without a {NAMES[0]}"
            self._leave_out(kustomization, entry.position, DefectKind.REFUSED, text)
            return
        known = self.sources.kustomizations.get(entry.target)
        self.sources.entries.append(entry)
        self.add(known or read_kustomization(self.tree, file), above, plugins)

    def _leads_back(self, folder: str, above: tuple[str, ...]) -> bool:
        """Whether a folder is made from one of those above it, the overlay itself aside.

        Asked of folders beside the overlay: of the entries that make a circle, the one that takes in another overlay is the wrong one.
        """
        pending, seen = [folder], {folder}
        while pending:
            here = pending.pop()
            try:
                file = kustomization_file(self.tree, here)
                entries = [*entries_of(read_kustomization(self.tree, file))] if file else []
                targets = {
                    self.tree.resolve(named, here)
                    for _, use, named, _ in entries
                    if use in (Use.DIRECTORY_OR_MANIFEST, Use.DIRECTORY)
                }
            except SourceError:
                continue
            if targets.intersection(above[1:]):
                return True
            pending += targets - seen
            seen |= targets
        return False

    def _read(self, kustomization: Kustomization, entry: Entry, above: tuple[str, ...], loaded: bool) -> None:
        sources, target = self.sources, entry.target
        content = self.tree.read(target)
        if entry.use is Use.ENVIRONMENT:
            sources.environments[target] = environment.parse(content, target)
        elif entry.use is not Use.CONTENT:
            documents = yaml.parse(content, target)
            if target not in sources.manifests:
                for document in documents:
                    self._note_problems(target, document)
            sources.manifests[target] = documents
            if loaded and entry.use is Use.SETTINGS:
                self._follow_settings(kustomization, entry.position, documents, 0, above)
        sources.contents[target] = content
        sources.entries.append(entry)

    def _follow_settings(
        self,
        kustomization: Kustomization,
        position: FieldPath,
        documents: tuple[YamlDocument, ...],
        above_line: int,
        above: tuple[str, ...],
    ) -> None:
        # A generator or a transformer may name further files, relative to the kustomization, and addresses.
        for document in documents:
            secret = isinstance(document.data, dict) and document.data.get("kind") == "SecretGenerator"
            for path, value in yaml.fields(document.data):
                name = next((step for step in reversed(path) if isinstance(step, str)), "")
                if not isinstance(value, str):
                    continue
                if name in _HOLDS_PATCHES:
                    yaml.parse(value.encode(), kustomization.file)
                elif name in _NAMES_FILES:
                    named = value.partition("=")[2] or value
                    _refuse_remote(named, kustomization.file, above_line + document.line_of(path))
                    # An absolute path is a field's here (`path: /spec/replicas`); kustomize loads no file by one.
                    if not named.startswith("/") and (
                        secret or self.tree.is_file(self.tree.resolve(named, kustomization.folder))
                    ):
                        use = (
                            Use.PATCH
                            if name in ("path", "paths")
                            else Use.ENVIRONMENT
                            if name in ("env", "envs")
                            else Use.CONTENT
                        )
                        self._follow(kustomization, position, use, named, secret, above)

    def _add_secret_file(self, kustomization: Kustomization, entry: Entry) -> None:
        sources, target = self.sources, entry.target
        real = self.tree.is_file(target)
        if entry.use is Use.CONTENT:
            sources.contents[target] = b"not the real content"
        elif entry.example is not None:
            content = self.tree.read(entry.example)
            sources.environments[target] = environment.parse(content, entry.example)
            sources.contents[target] = content
            if real:
                read = environment.parse(self.tree.read(target), target)
                sources.real_keys[target] = environment.without_values(read).keys
        elif real:
            # Values of a real secret go no further: the copy that kustomize gets has its keys alone.
            sources.environments[target] = environment.without_values(environment.parse(self.tree.read(target), target))
            sources.contents[target] = "".join(
                f"{item.key}=\n" for item in sources.environments[target].declarations
            ).encode()
        sources.entries.append(entry)
        if entry.example is None and not real:
            sources.contents.setdefault(target, b"")
            text = f"{entry.named!r} is not there, nor an example of it to build from ({posixpath.basename(target)}{EXAMPLE_ENDINGS[0]})"
            self._note(DefectKind.REFUSED, kustomization.file, entry.line, text, "an empty file stood in for it")

    def _note_others(self, kustomization: Kustomization) -> None:
        others = [
            name
            for name in NAMES
            if self.tree.is_file(path := posixpath.join(kustomization.folder, name))
            and posixpath.normpath(path) != kustomization.file
        ]
        if others:
            text = f"{', '.join(others)} stands beside it; kustomize refuses a folder with several kustomizations"
            self._note(
                DefectKind.REFUSED, kustomization.file, 1, text, f"{posixpath.basename(kustomization.file)} was taken"
            )

    def _note_problems(self, file: str, document: YamlDocument) -> None:
        for problem in document.problems:
            if problem.repair:
                self._note(DefectKind.DUPLICATE, file, problem.line, problem.text, problem.repair)

    def _leave_out(
        self,
        kustomization: Kustomization,
        position: FieldPath,
        kind: DefectKind,
        text: str,
        file: str | None = None,
        line: int | None = None,
    ) -> None:
        self.sources.left_out.setdefault(kustomization.file, []).append(position)
        if file is None:
            file, line = kustomization.file, kustomization.line_of(*position)
        self._note(kind, file, line, text, "the entry that names it was left out")

    def _note(self, kind: DefectKind, file: str, line: int | None, text: str, repair: str) -> None:
        self.sources.defects.append(Defect(kind, file, line, text, repair))


def _refuse_remote(named: str, file: str, line: int) -> None:
    if _REMOTE.search(named):
        raise RemoteSourceError(file, f"{named!r} would be fetched from elsewhere; keep a copy in the platform", line)


def _example(tree: Tree, path: str) -> str | None:
    stem, ending = posixpath.splitext(path)
    for name in EXAMPLE_ENDINGS:
        for candidate in (path + name, f"{stem}{name}{ending}"):
            if tree.is_file(candidate):
                return tree.resolve(candidate)
    return None
