"""What the controller of a run under xdist hands to its workers: kustomize's builds, and what Terraform's roots come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.platform import Platform
from policies.read import kustomize, terraform_evaluate
from policies.read.kustomize import Build
from policies.read.terraform_evaluate import Answer

_BUILDS, _ANSWERS = "turnstile_builds", "turnstile_answers"


@dataclass(frozen=True)
class Handed:
    """Builds and answers by their folders."""

    builds: Mapping[str, Build]
    answers: Mapping[str, Answer]


def hand_over(platform: Platform, folder: Path) -> dict[str, str]:
    """Write what a platform's files come to into a folder, and give what a worker must be told of it."""
    builds = [item.build for item in platform.deployed if item.build is not None]
    texts = {
        _BUILDS: kustomize.to_json(builds),
        _ANSWERS: terraform_evaluate.to_json(platform.terraform.answers),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: str(folder / name) for name in texts}


def taken(told: Mapping[str, Any]) -> Handed:
    """Take it, as a worker that was told of it."""
    builds, answers = (Path(told[name]).read_text(encoding="utf-8") for name in (_BUILDS, _ANSWERS))
    return Handed(kustomize.from_json(builds), terraform_evaluate.from_json(answers))
