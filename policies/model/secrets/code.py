"""Files of code and of settings, by the credentials that are written in them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import ClassVar

from policies.errors import SourceError
from policies.evidence import PLATFORM, Gap, Location
from policies.model.kept import kept
from policies.model.secrets.credential_values import literals_in
from policies.model.secrets.credentials_in_code import credential_in, may_hold_credential
from policies.model.secrets.holding import HoldingFile
from policies.model.secrets.pipeline_secrets import held_in_pipeline, hidden_pipelines
from policies.model.secrets.placeholders import is_placeholder
from policies.platform import Platform

CODE = (
    *(".java", ".kt", ".kts", ".groovy", ".gradle", ".scala", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx"),
    *(".py", ".go", ".rb", ".php", ".cs", ".rs", ".sh", ".bash", ".ps1", ".sql"),
)
"""Endings of files of code."""

SETTINGS = (".yaml", ".yml", ".toml", ".ini", ".conf", ".cfg", ".cnf", ".json", ".xml")
"""Endings of files that code is set by, where they are no manifests."""

_BUILD = re.compile(r"(?:^|/)(?:Dockerfile(?:\..+)?|.+\.Dockerfile|Makefile|Jenkinsfile)\Z")
_OF_OTHERS = re.compile(
    r"(?:^|/)(?:dist|build|target|out|vendor|third_party|coverage)/|\.min\.js\Z|(?:^|/)(?:package-lock\.json|.+\.lock|yarn\.lock|pnpm-lock\.yaml)\Z"
)
"""What is made, or fetched: not what somebody wrote."""

_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|testdata|fixtures|src/test|src/[a-z]+Test)/|[._-](?:test|spec)\.\w+\Z|Tests?\.(?:java|kt)\Z|(?:^|/)(?:test_[^/]*|conftest)\.py\Z|_test\.go\Z"
)
"""Tests have keys of their own, which open nothing."""


class CodeFile(HoldingFile):
    """A file of code, or one that code is set by."""

    noun: ClassVar[str] = "file of code"

    @classmethod
    def counts(cls, path: str, platform: Platform) -> bool:  # noqa: ARG003 (a kind below asks it)
        """Whether a file is of this kind."""
        return path.endswith(CODE) or _BUILD.search(path) is not None

    @classmethod
    def holds(cls, path: str, text: str) -> Iterator[tuple[int, str]]:
        """Yield the lines of a file that hold a credential, each with what it is."""
        is_test = _TEST.search(path) is not None
        is_shell = path.endswith((".sh", ".bash")) or _BUILD.search(path) is not None
        lines = text.splitlines()
        for number, line in enumerate(lines, start=1):
            if may_hold_credential(line):
                told = credential_in(line, lines[number] if number < len(lines) else "", is_test, is_shell)
                if told is not None:
                    yield number, told

    @classmethod
    def paths(cls, platform: Platform) -> Iterator[str]:
        """Yield every such file that somebody wrote."""
        for path in platform.tree.files:
            if not _OF_OTHERS.search(path) and cls.counts(path, platform):
                yield path

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CodeFile | Gap]:
        """Yield every such file, with what it holds."""
        for path in cls.paths(platform):
            try:
                content = platform.tree.read(path)
            except SourceError as error:
                yield Gap(path, str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
                continue
            yield cls(path, tuple(cls.holds(path, content.decode(errors="replace"))))


class SettingsFile(CodeFile):
    """A file that code or its tools are set by: YAML, TOML, JSON and the like that is no manifest; a pipeline, too."""

    noun: ClassVar[str] = "file of settings"

    @classmethod
    def counts(cls, path: str, platform: Platform) -> bool:
        """Whether a file is of this kind: manifests are judged by their fields (KIND-05), and an example by its values (SECRET-01c)."""
        return (
            path.endswith(SETTINGS)
            and path not in _judged_elsewhere(platform)
            and not path.endswith((".tf.json", "kustomization.yaml", "kustomization.yml"))
            and posixpath.basename(path) not in ("platform.toml", "waivers.toml", "baseline.json")
        )

    @classmethod
    def paths(cls, platform: Platform) -> Iterator[str]:
        """Yield every such file that somebody wrote, and the pipelines, whose folders are hidden."""
        yield from super().paths(platform)
        yield from hidden_pipelines(platform.tree)

    @classmethod
    def holds(cls, path: str, text: str) -> Iterator[tuple[int, str]]:
        """Yield the lines of a file that hold a credential, each with what it is."""
        if path.startswith("."):
            yield from held_in_pipeline(path, text)
            return
        if _TEST.search(path):
            return
        for number, name, literal in literals_in(text):
            line = text.splitlines()[number]
            if not is_placeholder(line.partition(":")[2] or line.partition("=")[2]):
                yield number + 1, f"{name} is {literal}" if name else literal


@kept
def _judged_elsewhere(platform: Platform) -> frozenset[str]:
    """The files that become objects of Kubernetes: their fields are judged one by one."""
    generated = (
        path
        for item in platform.deployed
        if item.sources
        for path in (*item.sources.contents, *item.sources.environments)
    )
    return frozenset((*platform.manifests_of_kustomizations, *platform.plain.files, *generated))
