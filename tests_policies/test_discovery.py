"""What is found by looking, and what is assumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.discovery import find_kustomizations, group_folders, guess_stage, unique_names
from policies.evidence import Stage
from policies.model.assumed_places import found_places
from policies.platform import Platform
from policies.read.tree import Tree


def write(root: Path, files: dict[str, str]) -> Platform:
    """Write a platform's files and open it."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Platform.open(root)


CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


@pytest.mark.parametrize(
    ("folder", "stage"),
    [
        ("k8s/overlays/kind", Stage.DEVELOPMENT),
        ("envs/eu-prod-1", Stage.RELEASE),
        ("dev/apps/production", Stage.RELEASE),
        ("production/apps/dev", Stage.DEVELOPMENT),
        ("deploy/devices", Stage.RELEASE),
        (".", Stage.RELEASE),
    ],
)
def test_stage_is_guessed_by_whole_words(folder: str, stage: Stage) -> None:
    """The nearest folder whose name has a stage's word in it decides; what says nothing is taken for a release."""
    assert guess_stage(folder)[0] is stage


def test_names_are_as_short_as_they_can_be() -> None:
    """A folder is called by its last part, and by more where others end alike; the root by the platform's name."""
    names = unique_names(["a/shop/prod", "a/bank/prod", "a/kind", "."], "root")
    assert names == {"a/shop/prod": "shop/prod", "a/bank/prod": "bank/prod", "a/kind": "kind", ".": "root"}


def test_plain_folders_are_grouped_where_they_stand_alone() -> None:
    """Folders of plain manifests are one deployment, up to where kustomizations are, and never across stages."""
    folders = ["deploy/plain/a", "deploy/plain/b", "plain/dev/a", "plain/dev/b", "plain/prod"]
    groups = group_folders(folders, ["deploy/envs/live"])
    assert groups == {
        "deploy/plain/a": "deploy/plain",
        "deploy/plain/b": "deploy/plain",
        "plain/dev/a": "plain/dev",
        "plain/dev/b": "plain/dev",
        "plain/prod": "plain/prod",
    }


def test_overlays_are_what_no_other_is_made_from(tmp_path: Path) -> None:
    """A base, a component and what hidden or foreign folders hold are no overlays; the base is what most are made from."""
    write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: []\n",
            "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
            "envs/a/kustomization.yml": "resources: [../../base]\ncomponents: [../../part]\n",
            "envs/b/Kustomization": "resources: [../../base/]\n",
            ".hidden/kustomization.yaml": "resources: []\n",
            "node_modules/x/kustomization.yaml": "resources: []\n",
            "bad/kustomization.yaml": "- a\n",
        },
    )
    found = find_kustomizations(Tree(tmp_path))
    assert found.overlays == ("envs/a", "envs/b")
    assert found.bases == ("base",)
    assert [error.file for error in found.unreadable] == ["bad/kustomization.yaml"]


def test_files_of_tools_are_no_manifests(tmp_path: Path) -> None:
    """What skaffold, kind or compose read, and what only has a kind, is not taken for an object of a cluster."""
    platform = write(
        tmp_path,
        {
            "plain/a.yaml": CONFIG_MAP,
            "skaffold.yaml": "apiVersion: skaffold/v4beta1\nkind: Config\nmetadata: {name: x}\n",
            "kind.yaml": "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: []\n",
            "compose.yaml": "services: {a: {image: a}}\n",
            "note.yaml": "kind: of magic\n",
        },
    )
    assert [(item.place.name, len(item.documents)) for item in platform.deployed] == [("manifests", 1)]
    assert list(platform.plain.kind_clusters) == ["kind.yaml"]


def test_every_guess_is_an_assumption(tmp_path: Path) -> None:
    """Without a platform.toml each stage and the base are said to be assumed, with the key that would state them."""
    platform = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": CONFIG_MAP,
            "envs/dev/kustomization.yaml": "resources: [../../base]\n",
            "plain/a.yaml": CONFIG_MAP,
        },
    )
    keys = [assumption.key for assumption in found_places(platform)]
    assert keys == [f"turnstile init {tmp_path.name}", "[overlays.dev] stage", "[manifests.plain] stage", "[base] path"]


def test_stated_overlays_leave_no_other_unsaid(tmp_path: Path) -> None:
    """An overlay that platform.toml does not state, though it states others, is listed and not judged."""
    platform = write(
        tmp_path,
        {
            "platform.toml": '[overlays.a]\npath = "a"\nstage = "release"\n',
            "a/kustomization.yaml": "configMapGenerator: [{name: a, literals: [b=c]}]\n",
            "b/kustomization.yaml": "configMapGenerator: [{name: a, literals: [b=c]}]\n",
        },
    )
    assert [item.place.name for item in platform.deployed] == ["a"]
    assert platform.unstated_overlays == ("b",)


def test_manifest_is_missed_beside_those_that_are_taken(tmp_path: Path) -> None:
    """A folder beside those that a base takes is looked at; a folder of another kind of thing is not held against it."""
    platform = write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [one/a.yaml]\n",
            "base/one/a.yaml": CONFIG_MAP,
            "base/two/a.yaml": CONFIG_MAP,
            "base/c.yaml": CONFIG_MAP,
            "elsewhere/a.yaml": CONFIG_MAP,
        },
    )
    beside = {folder for folder in platform.plain.folders if platform.is_beside_kustomization(folder)}
    assert beside == {"base", "base/two"}
    assert [item.folder for item in platform.deployed] == ["base", "elsewhere"]


MADE = "resources: [../prod]\n"
ARGO = """
apiVersion: argoproj.io/v1alpha1
kind: {kind}
metadata: {{name: a}}
spec:
  {spec}
"""


@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("k8s/envs/prod", {}),
        ("k8s/main", {"argo/a.yaml": ARGO.format(kind="Application", spec="source: {path: ./k8s/main}")}),
        ("k8s/main", {"argo/a.yaml": ARGO.format(kind="Application", spec="source: {path: repository/k8s/main}")}),
        (
            "k8s/main",
            {
                "argo/a.yaml": ARGO.format(
                    kind="ApplicationSet", spec="generators: [{git: {directories: [{path: k8s/*}]}}]"
                )
            },
        ),
        (
            "k8s/main",
            {"argo/a.yaml": ARGO.format(kind="ApplicationSet", spec="template: {spec: {source: {path: 'k8s/{{x}}'}}}")},
        ),
        (
            "k8s/main",
            {"flux/a.yaml": ARGO.format(kind="Kustomization", spec="path: ./k8s/main").replace("argoproj.io/v1alpha1", "kustomize.toolkit.fluxcd.io/v1")},
        ),
    ],
)  # fmt: skip
def test_what_is_deployed_itself_stays_an_overlay(tmp_path: Path, folder: str, file: dict[str, str]) -> None:
    """An overlay that a tool deploys, or that is called after a release, stays one where another is made from it; that is said."""
    name = folder.rpartition("/")[2]
    platform = write(
        tmp_path,
        {
            f"{folder}/kustomization.yaml": "resources: [a.yaml]\n",
            f"{folder}/a.yaml": CONFIG_MAP,
            "envs/dev/kustomization.yaml": f"resources: [../../{folder}]\n",
            **file,
        },
    )
    assert set(platform.found.overlays) == {"envs/dev", folder}
    assert any(f"[overlays.{name}] path" in str(assumption) for assumption in found_places(platform))


def test_shared_layer_is_no_overlay_whatever_it_is_called(tmp_path: Path) -> None:
    """What stands in a folder of layers is there to be made from."""
    files = {
        "layers/staging/kustomization.yaml": "resources: [a.yaml]\n",
        "layers/staging/a.yaml": CONFIG_MAP,
        "overlays/live/kustomization.yaml": "resources: [../../layers/staging]\n",
        "overlays/local/kustomization.yaml": "resources: [../../layers/staging]\n",
    }
    assert set(write(tmp_path, files).found.overlays) == {"overlays/live", "overlays/local"}


@pytest.mark.parametrize(
    "spec", ["source: {path: k8s/other}", "generators: [{git: {directories: [{path: k8s/*, exclude: true}]}}]"]
)
def test_what_no_tool_names_is_a_base(tmp_path: Path, spec: str) -> None:
    """A base that a tool does not deploy, or leaves out, is none of the overlays."""
    files = {
        "k8s/main/kustomization.yaml": "resources: []\n",
        "envs/dev/kustomization.yaml": "resources: [../../k8s/main]\n",
        "argo/a.yaml": ARGO.format(kind="ApplicationSet", spec=spec),
    }
    assert write(tmp_path, files).found.overlays == ("envs/dev",)


def test_key_with_a_slash_is_quoted(tmp_path: Path) -> None:
    """What a report says to state can be written as it says."""
    files = {f"{folder}/kustomization.yaml": "resources: []\n" for folder in ("main/booking", "test/booking")}
    keys = [assumption.key for assumption in found_places(write(tmp_path, files))]
    assert keys[1:] == ['[overlays."main/booking"] stage', '[overlays."test/booking"] stage']


def test_unused_component_is_known(tmp_path: Path) -> None:
    """A component that no kustomization takes in is found."""
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    files = {
        "parts/a/kustomization.yaml": component,
        "parts/b/kustomization.yaml": component,
        "prod/kustomization.yaml": "components: [../parts/a]\n",
    }
    assert write(tmp_path, files).found.unused == ("parts/b",)
