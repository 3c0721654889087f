"""Pipelines: which of their steps validate configuration, build images and set digests."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import subjects

from policies.errors import SourceError
from policies.model.overlays.pipelines import Validation
from policies.model.overlays.releases import OwnImage
from policies.platform import Platform
from policies.read.pipelines import find_pipelines, parse
from policies.read.scripts import scripts_of
from policies.read.tree import Tree

WORKFLOW = ".github/workflows/check.yml"
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: main, image: "IMAGE"}]}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A platform with a base of two services, a release that pins one and a mirrored image, and a script that checks."""
    files = {
        "base/kustomization.yaml": "resources: [web.yaml, cache.yaml]\n",
        "base/web.yaml": DEPLOYMENT.replace("NAME", "web").replace("IMAGE", "shop/web:1"),
        "base/cache.yaml": DEPLOYMENT.replace("NAME", "cache").replace("IMAGE", "redis:7"),
        "prod/kustomization.yaml": "resources: [../base]\nconfigMapGenerator: [{name: app, envs: [app.env]}]\n"
        "images: [{name: shop/web, digest: sha256:x}, {name: redis, digest: sha256:y}]\n",
        "prod/app.env": "A=1\n",
        "scripts/check.sh": "#!/bin/sh\n# checks\ngrep -c = prod/app.env || exit 1\n",
        "platform.toml": '[services]\nbackend = ["web"]\n[base]\npath = "base"\n[overlays.prod]\npath = "prod"\nstage = "release"\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def workflow(shop: Path, steps: str, on: str = "pull_request", name: str = WORKFLOW) -> Platform:
    """Write a workflow of GitHub with these steps."""
    (shop / name).parent.mkdir(parents=True, exist_ok=True)
    (shop / name).write_text(f"on: {on}\njobs:\n  one:\n    steps:\n{steps}", encoding="utf-8")
    return Platform.open(shop)


@pytest.mark.parametrize(
    ("steps", "run"),
    [
        ("    - run: scripts/check.sh\n", True),
        ("    - run: |\n        cd .\n        sh ./scripts/check.sh\n", True),
        ("    - run: ./check.sh\n      working-directory: scripts\n", True),
        ("    - run: make check\n", True),
        ("    - run: tox -e static -- --platform .\n", True),
        ("    - run: dotenv-linter prod\n", True),
        ("    - run: kustomize build prod\n", False),
        ("    - run: cp prod/app.env /tmp\n", False),
        ("    - run: '# scripts/check.sh'\n", False),
        ("    - run: scripts/check.sh || true\n", False),
        ("    - run: scripts/check.sh\n      continue-on-error: true\n", False),
        ("    - run: scripts/check.sh\n      if: false\n", False),
        ("    - run: scripts/other.sh\n", False),
        ("    - run: [scripts/check.sh]\n", False),
        ("    - 7\n", False),
    ],
)
def test_step_validates(shop: Path, steps: str, run: bool) -> None:
    """It runs a script of the platform that looks at the files and can refuse them, and its failure counts."""
    (shop / "Makefile").write_text("check:\n\tscripts/check.sh\n", encoding="utf-8")
    [found] = subjects(Validation, workflow(shop, steps))
    assert bool(found.run_in) is run
    assert "scripts/check.sh" in found.scripts


@pytest.mark.parametrize(
    ("on", "run"),
    [
        ("push", True),
        ("[push]", True),
        ("{pull_request: }", True),
        ("workflow_dispatch", False),
        ("{schedule: []}", False),
    ],
)
def test_pipeline_is_started_by_changes(shop: Path, on: str, run: bool) -> None:
    """What is started by hand or by the clock comes after the change."""
    [found] = subjects(Validation, workflow(shop, "    - run: scripts/check.sh\n", on))
    assert bool(found.run_in) is run


def test_pipelines_of_others(shop: Path) -> None:
    """Other services are read line by line."""
    (shop / ".gitlab-ci.yml").write_text("check:\n  script:\n    # first\n    - scripts/check.sh\n", encoding="utf-8")
    [found] = subjects(Validation, Platform.open(shop))
    assert [(one.source, one.line) for one in found.run_in] == [(".gitlab-ci.yml", 4)]


def test_workflow_that_is_no_yaml(shop: Path) -> None:
    """It is told as an error, and the others are read."""
    workflow(shop, "    - run: scripts/check.sh\n")
    (shop / ".github/workflows/broken.yml").write_text("a: [", encoding="utf-8")
    found = find_pipelines(Tree(shop))
    assert [isinstance(one, SourceError) for one in found] == [True, False]
    assert len(subjects(Validation, Platform.open(shop))) == 1


def test_links_out_of_the_platform_are_not_followed(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither the folder of workflows nor a script may lead out."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "w.yml").write_text("on: push\njobs: {}\n", encoding="utf-8")
    (shop / ".github").mkdir()
    (shop / ".github" / "workflows").symlink_to(outside)
    (shop / "out.sh").symlink_to(outside / "w.yml")
    assert find_pipelines(Tree(shop)) == ()
    assert [script.text for script in scripts_of(Tree(shop), "./out.sh ../../etc/passwd.sh /etc/x.sh")] == [""]


def test_scripts_that_run_each_other_end(shop: Path) -> None:
    """A script that runs itself is read once."""
    (shop / "a.sh").write_text("./b.sh\n", encoding="utf-8")
    (shop / "b.sh").write_text("./a.sh\n./scripts/check.sh\n", encoding="utf-8")
    assert [script.path for script in scripts_of(Tree(shop), "./a.sh")] == ["a.sh", "b.sh", "scripts/check.sh"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"7",
        b"jobs: 7",
        b"jobs: {a: 7}",
        b"jobs: {a: {steps: 7}}",
        b"on: 7\njobs: {a: {uses: [], steps: [{run: 7, with: 7}]}}",
    ],
)
def test_workflow_of_wrong_types(content: bytes) -> None:
    """It has no step that does anything, and nothing is thrown."""
    assert not [step for step in parse(content, WORKFLOW).steps if step.commands or step.uses]


BUILD = "    - uses: docker/build-push-action@v6\n      with: {push: true, tags: 'registry/shop/web:1'}\n"
SET = "    - run: kustomize edit set image shop/web=registry/shop/web@$DIGEST\n"


@pytest.mark.parametrize(
    ("steps", "built", "pinned"),
    [
        (BUILD + SET, True, True),
        (BUILD.replace("push: true", "push: false") + SET, False, True),
        (BUILD.replace("push: true", 'push: "${{ github.ref_name }}"') + SET, True, True),
        ("    - run: docker build -t registry/shop/web . && docker push registry/shop/web\n", True, False),
        ("    - run: docker buildx build --push -t registry/shop/website .\n", False, False),
        (BUILD + SET.replace("@$DIGEST", ":$TAG"), True, False),
        (BUILD + SET.replace("shop/web=registry/shop/web", '"shop/$image=registry/$image"'.strip('"')), True, True),
        (BUILD + SET.replace("shop/web=registry/shop/web", "shop/api=registry/api"), True, False),
        (
            BUILD
            + '    - run: kustomize edit set image "shop/${{ matrix.of }}=registry/${{ matrix.of }}@${{ steps.b.outputs.d }}"\n',
            True,
            True,
        ),
        (BUILD + "    - run: yq -i '.images[0].digest = strenv(D)' prod/kustomization.yaml\n", True, True),
        ("    - run: echo web\n", False, False),
    ],
)
def test_release_of_an_image(shop: Path, steps: str, built: bool, pinned: bool) -> None:
    """Only the platform's own image is asked for, not the one that is mirrored."""
    [found] = subjects(OwnImage, workflow(shop, steps, "push"))
    assert (found.name, bool(found.built_by), bool(found.set_by)) == ("shop/web", built, pinned)


def test_status_in_quotation_marks_refuses_too(shop: Path) -> None:
    """As shellcheck wants it."""
    (shop / "scripts" / "check.sh").write_text('grep -c = prod/app.env; status=$?\nexit "$status"\n', encoding="utf-8")
    [found] = subjects(Validation, workflow(shop, "    - run: scripts/check.sh\n"))
    assert found.run_in
