"""All requirements there are: the modules of a folder, read without a platform."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from policies.errors import UsageError
from policies.requirement import Requirement, requirement_of

OWN = Path(__file__).resolve().parent.parent / "tests_static"
"""Where the requirements of the specification stand."""


@dataclass(frozen=True)
class Chapter:
    """A module of requirements: the first sentence of its docstring, and its requirements in their order."""

    title: str
    requirements: tuple[Requirement, ...]


def chapters(*folders: Path) -> tuple[Chapter, ...]:
    """Read every `test_*.py` of the folders. Raises UsageError for one that holds no module, or for an id that stands twice."""
    found = []
    seen: dict[str, Requirement] = {}
    for folder in folders:
        files = sorted(folder.glob("test_*.py"))
        if not files:
            raise UsageError(f"{folder} holds no test_*.py; requirements stand in such files")
        for file in files:
            module = _load(file)
            requirements = tuple(_requirements(module))
            if requirements and "PYTEST_DONT_REWRITE" not in (module.__doc__ or ""):
                raise UsageError(
                    f"{file}:1: the module's docstring lacks PYTEST_DONT_REWRITE, without which pytest drops the evidence"
                )
            for item in requirements:
                other = seen.setdefault(item.id, item)
                if other is not item:
                    raise UsageError(
                        f"{item.id} stands twice: {':'.join(map(str, item.source))} and {':'.join(map(str, other.source))}"
                    )
            if requirements:
                found.append(Chapter(title_of(module), requirements))
    return tuple(sorted(found, key=lambda chapter: order(chapter.requirements[0].id)))


def catalogue(*folders: Path) -> tuple[Requirement, ...]:
    """Read every requirement of the folders, in the order of the specification's chapters."""
    return tuple(item for chapter in chapters(*folders) for item in chapter.requirements)


CHAPTERS = {
    "BUILD": "Every overlay builds",
    "BASE": "Base, images, workloads",
    "KIND": "Development",
    "PROD": "Operation",
    "NET": "Network policies",
    "CFG": "Configuration",
    "SECRET": "Secrets",
    "STATE": "Terraform's state",
    "TF": "Terraform",
    "CDN": "CloudFront",
    "SQS": "Queues",
    "WORKER": "The worker",
    "VPC": "Network of the cloud",
    "EKS": "Kubernetes of the cloud",
    "RDS": "Database",
    "CACHE": "Cache",
    "VAULT": "Secrets Manager",
    "EDGE": "The token validator",
    "HDR": "The header contract",
    "LIVE": "What runs",
    "WAIVER": "Waivers",
    "BASELINE": "The baseline",
}
"""The chapters of the specification, in their order, by the first part of a requirement's id."""

_ORDER = tuple(CHAPTERS)


def order(id: str) -> tuple[int, str, str]:
    """Where a requirement stands: by chapter as the specification has them, a team's own after them, then by number."""
    chapter, _, number = id.partition("-")
    return (_ORDER.index(chapter) if chapter in _ORDER else len(_ORDER), chapter, number)


def title_of(module: ModuleType) -> str:
    """Give the first sentence of a module's docstring without its clauses."""
    first = (module.__doc__ or module.__name__).strip().split("\n")[0]
    return first.partition(" (clause")[0].partition(". ")[0].rstrip(".")


def _load(file: Path) -> ModuleType:
    name = f"turnstile_catalogue.{file.parent.name}.{file.stem}"
    specification = importlib.util.spec_from_file_location(name, file)
    if specification is None or specification.loader is None:
        raise UsageError(f"{file} cannot be loaded as a module")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except (ImportError, SyntaxError, ValueError) as error:
        raise UsageError(f"{file} cannot be loaded: {error}") from error
    return module


def _requirements(module: ModuleType) -> Iterator[Requirement]:
    found = (requirement_of(value) for value in vars(module).values())
    yield from sorted(
        (item for item in found if item is not None and item.function.__module__ == module.__name__),
        key=lambda item: item.id,
    )
