"""Make the copy of a platform's Terraform ready to be evaluated: decide what must be rewritten in it, and evaluate its roots."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from policies.errors import SourceError
from policies.read.hcl import Declaration
from policies.read.terraform import Root
from policies.read.terraform_blocks import Reader
from policies.read.terraform_copy import Folder, rewrite
from policies.read.terraform_evaluate import Answer, Job, Pending
from policies.read.terraform_scope import Scope, is_local, string, target_of
from policies.read.terraform_tree import Configuration
from policies.read.terraform_wanted import find_wanted


@dataclass(frozen=True)
class Copy:
    """The copy: its files, and by folder what was rewritten in them."""

    files: Mapping[str, bytes]
    folders: Mapping[str, Folder]


def make_copy(configuration: Configuration) -> Copy:
    """Rewrite a platform's Terraform so that what is not known shows."""
    folders = configuration.folders
    relaxed: dict[str, set[str]] = defaultdict(set)
    unset: dict[str, set[str]] = defaultdict(set)
    cut: set[tuple[str, int]] = set()
    for folder, (root, errors) in configuration.scopes.items():
        cut |= {(error.file, error.line or 0) for error in errors}
        unset[folder] |= set(unset_variables(root))
        analysis = configuration.analyses[folder]
        for scope in root.below():
            for name, declared in scope.variables.items():
                value = scope.value_of(name) if scope.parent is not None else None
                narrow = "type" in declared.attributes
                if value is not None and narrow and analysis.of(value[0], value[1], (value[2],)).causes:
                    relaxed[scope.folder].add(name)
    outputs = _renamed(configuration)
    loose: set[str] = set()
    for sources in folders.values():
        loose |= find_wanted([block for source in sources for block in source.body.blocks], {}).loose
    reads = configuration.reads
    made: dict[str, Folder] = {}
    files: dict[str, bytes] = {**configuration.contents, **reads.contents}
    for folder, sources in folders.items():
        renamed = {
            call.labels[0]: outputs.get(target_of(call, folder) or "", frozenset()) or _inputs(call)
            for call in configuration.declarations(folder, "module")
            if call.labels
        }
        made[folder] = rewrite(
            folder, sources, frozenset(loose), frozenset(relaxed[folder]), frozenset(unset[folder]), renamed,
            outputs.get(folder, frozenset()), reads.forbidden, frozenset(cut),
        )  # fmt: skip
        files.update((path, text.encode()) for path, text in made[folder].files.items())
    return Copy(files, made)


def unset_variables(root: Scope) -> list[str]:
    """Give the variables of a root without a value."""
    return [name for name in root.variables if name not in root.given and root.value_of(name) is None]


def _renamed(configuration: Configuration) -> dict[str, frozenset[str]]:
    """Give, by a module's folder, its outputs that some call gives an input of the same name."""
    given: dict[str, set[str]] = defaultdict(set)
    for folder in configuration.folders:
        for call in configuration.declarations(folder, "module"):
            if (target := target_of(call, folder)) is not None:
                given[target] |= call.attributes.keys()
    return {
        folder: frozenset(
            output.labels[0]
            for output in configuration.declarations(folder, "output")
            if output.labels and output.labels[0] in names
        )
        for folder, names in given.items()
    }


def _inputs(call: Declaration) -> frozenset[str]:
    """Give the names that a remote module is given: what is asked of it by one of these is an output all the same."""
    return frozenset() if is_local(string(call.attributes.get("source"))) else frozenset(call.attributes)


class Evaluation:
    """The roots of a platform, evaluated in processes of their own from now on; who asks for `roots` waits.

    `answers` are what they came to, by folder, where another process has that already.
    """

    def __init__(
        self,
        configuration: Configuration,
        progress: Callable[[str], None] | None = None,
        answers: Mapping[str, Answer] | None = None,
    ) -> None:
        self.configuration = configuration
        self.copy = make_copy(configuration)
        jobs = [
            Job(
                folder,
                configuration.variable_files(folder),
                tuple(dict.fromkeys(inner.folder for inner in scope.below())),
            )
            for folder, (scope, _) in configuration.scopes.items()
        ]
        self.pending = Pending(self.copy.files, jobs if answers is None else (), progress)
        self.given = answers

    @property
    def answers(self) -> Mapping[str, Answer]:
        """What every root came to, by folder. Raises ToolError where tfparse cannot be run safely."""
        return self.pending.result if self.given is None else self.given

    @cached_property
    def roots(self) -> tuple[Root, ...]:
        """Every root, in the order of their folders. Raises ToolError where tfparse cannot be run safely."""
        return tuple(self._root(folder) for folder in self.configuration.roots)

    def _root(self, folder: str) -> Root:
        configuration = self.configuration
        scope, errors = configuration.scopes[folder]
        answer = self.answers[folder]
        within = {inner.folder for inner in scope.below()}
        found = [*errors]
        found += [
            error for error in (*configuration.unreadable, *configuration.reads.errors) if _folder(error.file) in within
        ]
        stated = {posixpath.normpath(posixpath.join(folder, file)) for file in configuration.stated.get(folder, ())}
        found += [
            error for error in configuration.unreadable if error.file in stated and _folder(error.file) not in within
        ]
        return make_root(configuration, self.copy.folders, folder, answer, found, tuple(unset_variables(scope)))


def _folder(file: str) -> str:
    return posixpath.dirname(file) or "."


def make_root(
    configuration: Configuration,
    folders: Mapping[str, Folder],
    folder: str,
    answer: Answer,
    errors: list[SourceError],
    unset: tuple[str, ...],
) -> Root:
    """Make a root of what its folder evaluated to."""
    scope = configuration.scopes[folder][0]
    root = Root(folder, (), unset, "examples" in folder.split("/"), folder in configuration.ready_modules)
    culprits = [(file, _own_line(folders, file, line)) for file, line in answer.left_out]
    reader = Reader(root, scope, folders, configuration.analyses[folder], answer, frozenset(culprits))
    problem = "the evaluator dies of this block, and it was left out; a null among strings is one reason: toset([null])"
    errors += [SourceError(file, problem, line) for file, line in culprits]
    first = next((source.file for source in configuration.folders[folder]), folder)
    errors += [SourceError(first, problem, 1) for problem in answer.problems]
    if answer.blocks:
        errors += _dropped(configuration, folders, reader)
    object.__setattr__(root, "reader", reader)
    object.__setattr__(root, "blocks", tuple(reader.blocks()))
    object.__setattr__(root, "errors", tuple(errors))
    return root


def _own_line(folders: Mapping[str, Folder], file: str, line: int) -> int:
    lines = folders[_folder(file)].lines[file]
    return lines[min(line, len(lines) - 1)]


def _dropped(configuration: Configuration, folders: Mapping[str, Folder], reader: Reader) -> Iterator[SourceError]:
    """Yield the files that tfparse left out because it cannot read them."""
    evaluated = {reader.names.without_keys(module) for module in reader.names.modules}
    for path in evaluated & reader.scopes.keys():
        folder = reader.scopes[path].folder
        for file, probe in folders[folder].file_probes.items() if folder in folders else ():
            if not any(
                probe in reader.names.probes[module]
                for module in reader.names.modules
                if reader.names.without_keys(module) == path
            ):
                try:
                    _ = configuration.sources[file].raw
                except SourceError as error:
                    yield error
                else:
                    yield SourceError(file, "is not HCL that can be evaluated; 'terraform validate' says where", 1)
