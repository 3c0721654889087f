"""A kustomization and everything that it is made of, found without running anything.

The entries of a kustomization that name files or directories are followed; each is looked at before kustomize is, so
that what would be fetched, leads out of the platform or cannot be read is known with its line, and is left out of the copy
that kustomize gets.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from policies.errors import MissingSourceError, OutsidePlatformError, RemoteSourceError, SourceError
from policies.read import environment, yaml
from policies.read.documents import expand, value_at
from policies.read.environment import EnvironmentFile
from policies.read.tree import Tree
from policies.read.yaml import FieldPath, YamlDocument

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""The names that kustomize looks for, in its order (`konfig.RecognizedKustomizationFileNames`)."""

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

_PLUGINS = ("generators", "transformers", "validators")

_HELM = ("helmCharts", "helmChartInflationGenerator")


class Use(Enum):
    """What an entry of a kustomization names."""

    DIRECTORY_OR_MANIFEST = "a manifest or a kustomization"
    DIRECTORY = "a component"
    PATCH = "a patch"
    SETTINGS = "a file of settings"
    ENVIRONMENT = "an environment file"
    CONTENT = "a file whose content becomes a value"


class DefectKind(Enum):
    """Why an entry was left out, or an overlay refused."""

    REMOTE = "remote"
    HELM = "helm"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"  # A key that stands twice, or another thing in a YAML file that can be read past.
    REFUSED = "refused"


@dataclass(frozen=True)
class Defect:
    """Something in an overlay's sources that keeps kustomize from building it as it stands; `repair` says what was done in the copy."""

    kind: DefectKind
    file: str
    line: int | None
    text: str
    repair: str


@dataclass(frozen=True)
class Entry:
    """One entry of a kustomization that names a file or a directory.

    `position` is its path in the kustomization's document, `named` what it says, `target` the path relative to the platform
    that this means. A file that a Secret is made from may be absent and have an `example` instead.
    """

    kustomization: str
    position: FieldPath
    line: int
    use: Use
    named: str
    target: str
    generates_secret: bool = False
    example: str | None = None


@dataclass(frozen=True)
class SourceObject:
    """An object as a manifest holds it: the file, the document, its place in the document, its body and its name."""

    file: str
    document: YamlDocument
    base: FieldPath
    body: Mapping[str, Any]
    name: str


@dataclass
class Sources:
    """All that one overlay is built from: its kustomizations by folder, the files they name, and what is wrong with them.

    `environments` and `contents` are by path; where a Secret's file has an example they hold the example's. `inline` holds the
    patches that stand in a kustomization, by file and position. `links` says which path is a link to which. `left_out` lists,
    by kustomization file, the positions that kustomize must not see. `real_keys` are the keys (never the values) of a Secret's
    real files, where they are there beside their examples.
    """

    overlay: str
    kustomizations: dict[str, Kustomization] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    manifests: dict[str, tuple[YamlDocument, ...]] = field(default_factory=dict)
    environments: dict[str, EnvironmentFile] = field(default_factory=dict)
    real_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    inline: dict[tuple[str, FieldPath], tuple[YamlDocument, ...]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, list[FieldPath]] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)

    @cached_property
    def objects(self) -> Mapping[str, tuple[SourceObject, ...]]:
        """The objects that its manifests (not its patches) hold, by kind; ask when all of them have been read."""
        found: dict[str, list[SourceObject]] = {}
        files = dict.fromkeys(entry.target for entry in self.entries if entry.use is Use.DIRECTORY_OR_MANIFEST)
        for file in files:
            for document in self.manifests.get(file, ()):
                for base, body in expand(document.data):
                    name = str(value_at(body, ("metadata", "name")) or "")
                    found.setdefault(str(body["kind"]), []).append(SourceObject(file, document, base, body, name))
        return {kind: tuple(listed) for kind, listed in found.items()}

    @cached_property
    def objects_by_name(self) -> Mapping[tuple[str, str], tuple[SourceObject, ...]]:
        """The same by kind and name."""
        found: dict[tuple[str, str], list[SourceObject]] = {}
        for kind, listed in self.objects.items():
            for one in listed:
                found.setdefault((kind, one.name), []).append(one)
        return {key: tuple(listed) for key, listed in found.items()}

    @cached_property
    def entries_by_file(self) -> Mapping[str, dict[FieldPath, Entry]]:
        """The entries by the file of their kustomization and their position in it; ask when all of them have been read."""
        found: dict[str, dict[FieldPath, Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.kustomization, {})[entry.position] = entry
        return found

    def uses(self, file: str) -> bool:
        """Whether the overlay is made from this manifest, patch or kustomization."""
        return file in self.manifests or any(item.file == file for item in self.kustomizations.values())

    @property
    def by_depth(self) -> tuple[Kustomization, ...]:
        """The kustomizations, the overlay's own first: a later transformation is nearer to the overlay."""
        return tuple(self.kustomizations.values())


@dataclass(frozen=True)
class Kustomization:
    """One kustomization file: the folder it stands in, its path, its document."""

    folder: str
    file: str
    document: YamlDocument
    raw: bytes

    @property
    def data(self) -> dict[str, Any]:
        """Its fields."""
        return self.document.data if isinstance(self.document.data, dict) else {}

    def line_of(self, *position: str | int) -> int:
        """The line of a field of it."""
        return self.document.line_of(position)

    @property
    def is_component(self) -> bool:
        """Whether it can only be built as a part of another."""
        return self.data.get("kind") == "Component"


def kustomization_file(tree: Tree, folder: str) -> str | None:
    """Give the path of the kustomization in a folder, or None."""
    for name in NAMES:
        path = posixpath.join(folder, name) if folder not in ("", ".") else name
        if tree.is_file(path):
            return path
    return None


def read_kustomization(tree: Tree, file: str) -> Kustomization:
    """Read one kustomization file. Raises SourceError where it is not one mapping."""
    raw = tree.read(file)
    documents = yaml.parse(raw, file)
    if len(documents) != 1 or not isinstance(documents[0].data, dict):
        raise SourceError(file, f"is not one mapping, as a kustomization is, but {len(documents)} documents", 1)
    return Kustomization(posixpath.dirname(file) or ".", file, documents[0], raw)


def entries_of(kustomization: Kustomization) -> Iterator[tuple[FieldPath, Use, str, bool]]:
    """Yield each entry that names a file or directory: position, use, what it names, whether it makes a Secret."""
    data = kustomization.data
    for name in ("resources", "bases"):
        yield from ((position, Use.DIRECTORY_OR_MANIFEST, named, False) for position, named in _strings(data, name))
    yield from ((position, Use.DIRECTORY, named, False) for position, named in _strings(data, "components"))
    for name in ("patchesStrategicMerge", *_PLUGINS, "crds", "configurations"):
        use = Use.PATCH if name == "patchesStrategicMerge" else Use.SETTINGS
        inline = name == "patchesStrategicMerge" or name in _PLUGINS
        yield from (
            (position, use, named, False)
            for position, named in _strings(data, name)
            if not (inline and _is_yaml(named))
        )
    for name, use in (("patches", Use.PATCH), ("patchesJson6902", Use.PATCH), ("replacements", Use.SETTINGS)):
        for index, item in _mappings(data, name):
            if isinstance(item.get("path"), str):
                yield (name, index, "path"), use, item["path"], False
    if isinstance(data.get("openapi"), dict) and isinstance(data["openapi"].get("path"), str):
        yield ("openapi", "path"), Use.SETTINGS, data["openapi"]["path"], False
    for name in ("configMapGenerator", "secretGenerator"):
        secret = name == "secretGenerator"
        for index, item in _mappings(data, name):
            if isinstance(item.get("env"), str):
                yield (name, index, "env"), Use.ENVIRONMENT, item["env"], secret
            for position, named in _strings(item, "envs"):
                yield (name, index, *position), Use.ENVIRONMENT, named, secret
            for position, named in _strings(item, "files"):
                yield (name, index, *position), Use.CONTENT, named.partition("=")[2] or named, secret


def inline_yaml(data: dict[str, Any]) -> Iterator[tuple[FieldPath, str]]:
    """Yield what stands as YAML in a kustomization's own text: patches, generators, transformers."""
    for name in ("patches", "patchesJson6902"):
        for index, item in _mappings(data, name):
            if isinstance(item.get("patch"), str):
                yield (name, index, "patch"), item["patch"]
    for name in ("patchesStrategicMerge", *_PLUGINS):
        yield from ((position, text) for position, text in _strings(data, name) if _is_yaml(text))


def _is_yaml(text: str) -> bool:
    return "\n" in text or text.lstrip().startswith("{")


def _strings(data: dict[str, Any], name: str) -> Iterator[tuple[FieldPath, str]]:
    values = data.get(name)
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, str):
            yield (name, index), value


def _mappings(data: dict[str, Any], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    values = data.get(name)
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, dict):
            yield index, value


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
                self._follow(
                    kustomization, position, followed, named, secret, above, plugins or position[0] in _PLUGINS
                )
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
        if position[0] in _PLUGINS:
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
