"""Pipelines of a platform, and whether they validate its configuration before it is deployed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.errors import SourceError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.configuration.config_keys import is_config_file
from policies.model.kept import kept
from policies.platform import Platform
from policies.read.pipelines import Pipeline, find_pipelines
from policies.read.scripts import Script, scripts_of, shipped_scripts

_VALIDATORS = re.compile(
    r"\bdotenv-linter\b|\bturnstile\b|\btests_static\b|\bpolicies\.plugin\b|\btox\b[^\n]*\bstatic\b"
)
"""Programs that check environment files."""

_REFUSES = re.compile(
    r"\bexit\s+[\"']?[1-9$]|sys\.exit|process\.exit|\braise\b|\bassert\b|\bthrow\b|\bexit\(1|\bfail\b|\bdie\b"
)
"""What a script does when it has found something."""


@dataclass(frozen=True)
class Delivery:
    """The pipelines of a platform with the scripts that they run, and why another could stand elsewhere, or None."""

    platform: Platform

    @cached_property
    def pipelines(self) -> tuple[Pipeline, ...]:
        """Those that could be read."""
        return tuple(one for one in find_pipelines(self.platform.tree) if isinstance(one, Pipeline))

    @cached_property
    def unreadable(self) -> tuple[SourceError, ...]:
        """Why others could not be."""
        return tuple(one for one in find_pipelines(self.platform.tree) if isinstance(one, SourceError))

    @cached_property
    def elsewhere(self) -> str | None:
        """Why a pipeline could stand outside of the platform."""
        repository = self.platform.repository
        if isinstance(repository, str):
            return f"{repository}: its pipeline may be kept elsewhere"
        above = repository.prefix()
        return (
            f"the platform is {above.rstrip('/')} of a larger repository, whose pipeline may stand above it"
            if above
            else None
        )

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """Every script of the platform."""
        return shipped_scripts(self.platform.tree)

    def run_by(self, text: str, folder: str = ".") -> tuple[Script, ...]:
        """Give the scripts that commands run."""
        return scripts_of(self.platform.tree, text, folder)

    @cached_property
    def said(self) -> dict[str, str]:
        """The words of each pipeline, of what it gives to actions and of every script that it runs, by its file."""
        return {one.file: "\n".join((one.words, *self._scripts_of(one))) for one in self.pipelines}

    def _scripts_of(self, pipeline: Pipeline) -> Iterator[str]:
        for step in pipeline.steps:
            yield f"{step.uses}\n{step.given}"
            yield from (script.text for script in self.run_by(f"{step.commands}\n{step.uses}", step.folder))


@kept
def delivery(platform: Platform) -> Delivery:
    """Give a platform's pipelines."""
    return Delivery(platform)


@dataclass(frozen=True)
class Validation:
    """The validation of the environment files that ConfigMaps are made from: the scripts that do it, and the steps that run one."""

    noun: ClassVar[str] = "validation of configuration files"
    only_in_files: ClassVar[bool] = True

    files: tuple[str, ...]
    scripts: tuple[str, ...]
    run_in: tuple[Location, ...]
    pipelines: tuple[str, ...]
    elsewhere: str | None
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """What is validated."""
        return "configuration files"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the pipelines as the place; where there is none, the files that are not validated."""
        return Evidence(message.format(*values), tuple(Location(file, 1) for file in self.pipelines or self.files))

    def blame_files(self, message: str, *values: object) -> Evidence:
        """Give the files that are not validated as the place."""
        return Evidence(message.format(*values), tuple(Location(file, 1) for file in self.files))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Validation | Gap]:
        """Yield the one validation of a platform that makes ConfigMaps from environment files."""
        known = delivery(platform)
        files = sorted(
            {
                entry.target
                for item in platform.deployed
                if item.sources
                for entry in item.sources.entries
                if is_config_file(entry)
            }
        )
        for error in known.unreadable:
            yield Gap(error.file, str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
        if not files:
            return
        names = "|".join(re.escape(posixpath.basename(file)) for file in files)
        mentions = re.compile(rf"(?<![\w.-])(?:{names})(?![\w.-])|[*/]\.env\b|[\"']\.env[\"']")
        ours = {
            one.path
            for one in known.scripts
            if _VALIDATORS.search(one.text) or (mentions.search(one.text) and _REFUSES.search(one.text))
        }
        steps = tuple(
            Location(pipeline.file, step.line)
            for pipeline in known.pipelines
            for step in pipeline.steps
            if pipeline.on_changes
            and not step.tolerant
            and cls._validates(known, step.commands, step.folder, ours, mentions)
        )
        yield cls(tuple(files), tuple(sorted(ours)), steps, tuple(one.file for one in known.pipelines), known.elsewhere)

    @classmethod
    def _validates(cls, known: Delivery, commands: str, folder: str, ours: set[str], mentions: re.Pattern[str]) -> bool:
        """Whether commands run such a script, or a program that validates; what `|| true` follows does not count."""
        counted = "\n".join(line for line in commands.splitlines() if not re.search(r"\|\|\s*(?:true|:)\s*$", line))
        scripts = known.run_by(counted, folder)
        given = (
            bool(scripts) and bool(mentions.search(counted)) and any(_REFUSES.search(script.text) for script in scripts)
        )
        return bool(_VALIDATORS.search(counted)) or given or any(script.path in ours for script in scripts)
