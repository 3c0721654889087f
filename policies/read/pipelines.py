"""Pipelines of CI as files: GitHub's workflows step by step, any other service's line by line.

Hidden folders are searched for nothing else; these are looked at by name.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.errors import SourceError
from policies.read import yaml
from policies.read.tree import Tree
from policies.read.yaml import FieldPath, YamlDocument

WORKFLOWS = ".github/workflows"
OTHERS = (
    *(
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        "Jenkinsfile",
        "azure-pipelines.yml",
        "bitbucket-pipelines.yml",
        ".drone.yml",
    ),
    *(".buildkite/pipeline.yml", ".woodpecker.yml", ".travis.yml", "cloudbuild.yaml", "buildspec.yml", ".ci/run"),
)
MAXIMUM_BYTES = 256 * 1024
"""A pipeline or a script is smaller than this."""

_CHANGES = frozenset(
    {"push", "pull_request", "pull_request_target", "merge_group", "workflow_call", "release", "create"}
)
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")


@dataclass(frozen=True)
class Step:
    """Something that a pipeline does: its commands or the action that it uses, with what it gives to it, and the folder it is done in.

    `tolerant` says that its failure stops nothing.
    """

    line: int
    commands: str
    uses: str = ""
    given: str = ""
    folder: str = "."
    tolerant: bool = False


@dataclass(frozen=True)
class Pipeline:
    """A file of a CI service. `on_changes` says whether a change of the files starts it; `words` is all that it says, without comments."""

    file: str
    steps: tuple[Step, ...]
    words: str
    on_changes: bool = True


def find_pipelines(tree: Tree) -> tuple[Pipeline | SourceError, ...]:
    """Read every pipeline of a platform; one that cannot be read is given as its error."""
    found: list[Pipeline | SourceError] = []
    for path in (*_workflows(tree), *(name for name in OTHERS if tree.is_file(name))):
        try:
            found.append(parse(tree.read(path, MAXIMUM_BYTES), path))
        except SourceError as error:
            found.append(error)
    return tuple(found)


def _workflows(tree: Tree) -> Iterator[str]:
    try:
        folder = tree.resolve(WORKFLOWS)
        names = sorted(os.listdir(os.path.join(tree.root, folder)))
    except (OSError, SourceError):
        return
    yield from (posixpath.join(WORKFLOWS, name) for name in names if name.endswith((".yml", ".yaml")))


def parse(content: bytes, path: str) -> Pipeline:
    """Read one pipeline. Raises SourceError for a workflow of GitHub that is no YAML."""
    text = content.decode("utf-8", errors="replace")
    if not path.startswith(WORKFLOWS):
        lines = enumerate(text.splitlines(), start=1)
        steps = tuple(Step(number, line, tolerant="|| true" in line) for number, line in lines if _said(line).strip())
        return Pipeline(path, steps, _said(text))
    documents = yaml.parse(content, path)
    found = tuple(step for document in documents for step in _steps(document))
    changes = any(_runs_on_changes(document.data) for document in documents)
    return Pipeline(path, found, _said(text), changes)


def _said(text: str) -> str:
    return _COMMENT.sub("", text)


def _runs_on_changes(data: Any) -> bool:
    on = data.get("on", data.get("true", data.get(True))) if isinstance(data, dict) else None
    events = {on} if isinstance(on, str) else set(map(str, on)) if isinstance(on, (dict, list)) else set()
    return bool(events & _CHANGES)


def _steps(document: YamlDocument) -> Iterator[Step]:
    jobs = document.data.get("jobs") if isinstance(document.data, dict) else None
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        if not isinstance(job, dict):
            continue
        if isinstance(job.get("uses"), str):
            yield Step(document.line_of(("jobs", name, "uses")), "", job["uses"], _flat(job.get("with")))
        for index, step in enumerate(job["steps"] if isinstance(job.get("steps"), list) else ()):
            if isinstance(step, dict):
                yield _step(document, ("jobs", name, "steps", index), job, step)


def _step(document: YamlDocument, path: FieldPath, job: dict[str, Any], step: dict[str, Any]) -> Step:
    commands = step["run"] if isinstance(step.get("run"), str) else ""
    field = "run" if commands else "uses"
    off = str(step.get("if", "")).strip().lower() == "false" or str(job.get("if", "")).strip().lower() == "false"
    return Step(
        document.line_of((*path, field)),
        _said(commands),
        str(step.get("uses") or ""),
        _flat(step.get("with")),
        posixpath.normpath(str(step.get("working-directory") or ".")),
        off or step.get("continue-on-error") is True or job.get("continue-on-error") is True,
    )


def _flat(given: Any) -> str:
    return (
        "\n".join(f"{key}: {str(value).lower() if isinstance(value, bool) else value}" for key, value in given.items())
        if isinstance(given, dict)
        else ""
    )
