"""Values of the wrong type, anywhere: each ends in a verdict, none in an exception of ours."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import AS_CLONED, BOOKSHOP, REFERENCE

from policies.catalogue import OWN, catalogue
from policies.intent.intent import read_intent
from policies.platform import Platform
from policies.read import yaml
from policies.read.kustomize import Build, build
from policies.verdict import Outcome, Verdict, cases, judge

REQUIREMENTS = catalogue(OWN)
PLATFORMS = {"reference": REFERENCE, "bookshop": BOOKSHOP}
WRONG: tuple[Any, ...] = (
    None,
    "",
    "text",
    "a\0b",
    0,
    -1,
    1.5,
    True,
    [],
    [None],
    ["text"],
    [[]],
    [{}],
    {},
    {"a": None},
    {"": []},
    {"name": 7},
    [{"name": ["x"]}],
)


def verdicts(platform: Platform) -> list[Verdict]:
    """Judge everything there is."""
    return [judge(case) for requirement in REQUIREMENTS for case in cases(requirement, platform)]


def internal(found: list[Verdict]) -> list[str]:
    """Where exceptions of ours were raised: the requirement, the deepest line of ours, the error."""
    told = []
    for item in found:
        if item.detail:
            places = re.findall(r'File "[^"]*/(policies/[^"]*|tests_static/[^"]*)", line (\d+)', item.detail)
            told.append(f"{':'.join(places[-1])} {item.detail.splitlines()[-1]} ({item.requirement}[{item.subject}])")
    return sorted(told)


def paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in JSON data but the top."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*path, key)
        yield from paths(value, (*path, key))


def put(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy with another value at a place."""
    changed = copy.deepcopy(data)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed


def opened(root: Path, builds: dict[str, Build] | None = None) -> Platform:
    """Open a platform with what it states."""
    intent = read_intent(root)
    assert intent is not None
    return Platform(root, intent, True, (), builds)


def documents_of(output: str) -> list[Any]:
    """The objects of a rendered overlay."""
    return [document.data for document in yaml.parse(output.encode(), "output")]


def built(root: Path) -> tuple[Path, dict[str, Build]]:
    """A platform as it is, with what kustomize makes of each of its overlays."""
    builds = [build(overlay.sources) for overlay in opened(root).overlays if overlay.sources is not None]
    assert all(item.output for item in builds)
    return root, {item.overlay: item for item in builds}


@pytest.fixture(scope="module", params=PLATFORMS)
def rendered(request: pytest.FixtureRequest) -> tuple[Path, dict[str, Build]]:
    """Each platform."""
    return built(PLATFORMS[request.param])


@pytest.fixture(scope="module")
def bookshop() -> tuple[Path, dict[str, Build]]:
    """The smaller platform."""
    return built(BOOKSHOP)


def test_unchanged_platform_is_judged_by_many(rendered: tuple[Path, dict[str, Build]]) -> None:
    """What is changed below is judged by enough requirements for a change to be seen."""
    found = verdicts(opened(*rendered))
    assert not internal(found)
    assert sum(item.outcome is Outcome.PASSED for item in found) > 50


@pytest.mark.parametrize("seed", range(15))
def test_wrong_types_in_what_was_rendered_are_judged(rendered: tuple[Path, dict[str, Build]], seed: int) -> None:
    """An API or a patch can put anything anywhere in an object."""
    root, builds = rendered
    chance = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    changed = {}
    for overlay, item in builds.items():
        objects = documents_of(item.output or "")
        for _ in range(len(objects)):
            index = chance.randrange(len(objects))
            places = list(paths(objects[index]))
            if places:
                objects[index] = put(objects[index], chance.choice(places), chance.choice(WRONG))
        changed[overlay] = Build(overlay, "\n---\n".join(json.dumps(data) for data in objects))
    assert not internal(verdicts(opened(root, changed)))


@pytest.mark.parametrize(
    "where",
    [
        "metadata",
        "spec",
        "data",
        "metadata.annotations",
        "metadata.labels",
        "spec.template",
        "spec.template.spec",
        "spec.ports",
    ],
)
@pytest.mark.parametrize("wrong", [None, "text", 7, True, [], ["text"], {"name": 7}], ids=repr)
def test_wrong_type_of_a_whole_part_is_judged(bookshop: tuple[Path, dict[str, Build]], where: str, wrong: Any) -> None:
    """A part that every model looks into is of another type in every object at once."""
    root, builds = bookshop
    path = tuple(where.split("."))
    changed = {}
    for overlay, item in builds.items():
        objects = [
            put(data, path, wrong) if path in set(paths(data)) else data for data in documents_of(item.output or "")
        ]
        changed[overlay] = Build(overlay, "\n---\n".join(json.dumps(data) for data in objects))
    assert not internal(verdicts(opened(root, changed)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", PLATFORMS)
def test_wrong_types_in_source_files_are_judged(tmp_path: Path, name: str, seed: int) -> None:
    """A kustomization, a manifest or a patch of the wrong shape is refused or judged; the rest of the platform is judged in any case."""
    root = tmp_path / name
    shutil.copytree(PLATFORMS[name], root, ignore=AS_CLONED)
    chance = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    files = sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".yml") or path.name == "Kustomization")
    kustomizations = [path for path in files if path.name.lower().startswith("kustomization")]
    for file in {chance.choice(kustomizations), chance.choice(files)}:
        if b"{{" in file.read_bytes():
            continue
        documents = [document.data for document in yaml.parse(file.read_bytes(), file.name)]
        index = chance.randrange(len(documents))
        documents[index] = put(documents[index], chance.choice(list(paths(documents[index]))), chance.choice(WRONG))
        file.write_text("\n---\n".join(json.dumps(data) for data in documents), encoding="utf-8")
    found = verdicts(opened(root))
    assert not internal(found)
    assert any(item.outcome is Outcome.PASSED for item in found)


FIELDS = (
    "resources",
    "bases",
    "components",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "images",
    "replicas",
    "configMapGenerator",
    "secretGenerator",
    "generators",
    "transformers",
    "validators",
    "configurations",
    "crds",
    "openapi",
    "labels",
    "commonLabels",
    "replacements",
    "namePrefix",
    "namespace",
    "helmCharts",
    "vars",
    "unknown",
)
ENTRIES: tuple[Any, ...] = (
    {"path": 7},
    {"path": "a\0b"},
    {"path": ""},
    {"patch": 7},
    {"patch": "["},
    {"patch": "text", "target": "text"},
    {"patch": "[1, {}]", "target": {"kind": 7, "name": "("}},
    {"name": "x", "literals": "a=b"},
    {"name": "x", "literals": [7, None, "a", "a=1", "a=2"]},
    {"name": "x", "envs": {"a": "b"}},
    {"name": "x", "envs": [7, "\0", ""]},
    {"name": "x", "env": "."},
    {"name": "x", "files": "text"},
    {"name": "x", "files": ["=", "a=", "=b", "."]},
    {"name": None, "newTag": 7},
    {"name": "x", "pairs": "text"},
)


MANIFEST = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 30001}]}\n"


def overlays_with(root: Path, field: str, values: list[Any]) -> list[str]:
    """Write a platform with an overlay for each value of a field; give their folders."""
    for number, value in enumerate(values):
        overlay = root / f"dev{number}"
        overlay.mkdir()
        (overlay / "web.yaml").write_text(MANIFEST, encoding="utf-8")
        (overlay / "kustomization.yaml").write_text(
            json.dumps({"resources": ["web.yaml"], field: value}), encoding="utf-8"
        )
    return [f"dev{number}" for number in range(len(values))]


@pytest.mark.parametrize("field", FIELDS)
def test_wrong_types_in_a_field_of_a_kustomization_are_judged(tmp_path: Path, field: str) -> None:
    """Whatever stands in a field, a kustomization is followed and its overlay judged, here without asking kustomize."""
    values = [*WRONG, *([entry] for entry in ENTRIES), list(ENTRIES)]
    folders = overlays_with(tmp_path, field, values)
    platform = Platform.open(tmp_path, builds={folder: Build(folder, MANIFEST) for folder in folders})
    assert not internal(verdicts(platform))
    assert len(platform.overlays) == len(values)


def test_wrong_types_in_any_field_are_repaired(tmp_path: Path) -> None:
    """What kustomize refuses for its type is left out, and the overlay's Service is judged: one overlay for each field."""
    for field in FIELDS:
        (folder,) = overlays_with(tmp_path, field, [["text", {"a": None}] if field != "resources" else "text"])
        (tmp_path / folder).rename(tmp_path / f"dev-{field}")
    platform = Platform.open(tmp_path)
    assert not internal(verdicts(platform))
    assert [
        item.place.name
        for item in platform.deployed
        if not any(document.kind == "Service" for document in item.documents)
    ] == ["dev-resources"]
