"""Plain manifests, Helm charts and kind's cluster files: what lies in the platform beside its kustomizations."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from policies.errors import SourceError
from policies.read import environment, yaml
from policies.read.documents import Document, FileOrigin, expand
from policies.read.environment import EnvironmentFile
from policies.read.problem import Problem
from policies.read.tree import Tree, is_below
from policies.read.yaml import YamlDocument

MAXIMUM_HEAD = 64 * 1024
"""How much of a file that is too large is looked at, to tell a manifest from a lock file."""

_LOOKS_LIKE_MANIFEST = re.compile(rb"^\s*(- )?[\"']?kind[\"']?\s*:", re.MULTILINE)

_NOT_FOR_A_CLUSTER = re.compile(
    r"(kind\.x-k8s\.io|kustomize\.config\.k8s\.io|kubeadm\.k8s\.io|kubelet\.config\.k8s\.io|audit\.k8s\.io|skaffold|k3d\.io|ctlptl\.dev|tilt\.dev|helmfile)"
)
"""API groups of files that tools read and no API server takes."""

_GROUPED = re.compile(r"^[a-z0-9.-]+(/v[0-9][a-z0-9]*)?$")


@dataclass
class Plain:
    """What the sweep over the platform's YAML found: `folders` maps a folder to its objects, `problems` a file to its lines at fault."""

    folders: dict[str, list[Document]] = field(default_factory=dict)
    charts: list[str] = field(default_factory=list)
    templates: list[SourceError] = field(default_factory=list)
    unreadable: list[SourceError] = field(default_factory=list)
    kind_clusters: dict[str, YamlDocument] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    problems: dict[str, list[Problem]] = field(default_factory=dict)


def find_charts(tree: Tree) -> tuple[str, ...]:
    """Give the folders of Helm charts, none inside another."""
    found: list[str] = []
    for path in tree.files:
        if posixpath.basename(path) == "Chart.yaml":
            folder = posixpath.dirname(path) or "."
            if not any(is_below(folder, chart) for chart in found):
                found.append(folder)
    return tuple(found)


def sweep(tree: Tree, claimed: Iterable[str]) -> Plain:
    """Read every YAML file that looks like a manifest and that no kustomization is made from (`claimed`)."""
    plain = Plain(charts=list(find_charts(tree)), unreadable=list(tree.unlisted))
    taken = set(claimed)
    for path in tree.files:
        ending = posixpath.splitext(path)[1].lower()
        if ending not in (".yaml", ".yml") or path in taken or any(is_below(path, chart) for chart in plain.charts):
            continue
        content = b""
        try:
            if tree.resolve(path) != path:
                continue  # A link to a file that is read by its own name.
            if tree.is_large(path) and not _LOOKS_LIKE_MANIFEST.search(tree.beginning(path, MAXIMUM_HEAD)):
                continue  # Somebody's data.
            content = tree.read(path)
            documents = yaml.parse(content, path) if _LOOKS_LIKE_MANIFEST.search(content) else ()
        except SourceError as error:
            (plain.templates if b"{{" in content else plain.unreadable).append(error)
            continue
        _sort(plain, path, documents)
    return plain


def _sort(plain: Plain, path: str, documents: tuple[YamlDocument, ...]) -> None:
    folder = posixpath.dirname(path) or "."
    for document in documents:
        for base, body in expand(document.data):
            if body["kind"] == "Cluster" and "kind.x-k8s.io" in body["apiVersion"]:
                plain.kind_clusters[path] = document
            elif _is_for_a_cluster(body):
                plain.folders.setdefault(folder, []).append(Document(body, FileOrigin(path, document, base)))
                if path not in plain.files:
                    plain.files.append(path)
                    plain.problems[path] = [problem for item in documents for problem in item.problems]


def _is_for_a_cluster(body: Any) -> bool:
    named = isinstance(body.get("metadata"), dict) and (
        "name" in body["metadata"] or "generateName" in body["metadata"]
    )
    return named and bool(_GROUPED.match(body["apiVersion"])) and not _NOT_FOR_A_CLUSTER.search(body["apiVersion"])


_ENVIRONMENT = re.compile(r"(?:^|/)(?:[^/]*\.)?env(?:\.[\w-]+)?$")
"""`.env`, `config.env`, `.env.example`, `app.env.sample`."""


def find_environments(tree: Tree, used: set[str]) -> tuple[EnvironmentFile | SourceError, ...]:
    """Read every environment file that is not among `used`; one that cannot be read is given as its error."""
    found: list[EnvironmentFile | SourceError] = []
    for path in tree.files:
        if _ENVIRONMENT.search(path) and path not in used:
            try:
                found.append(environment.without_values(environment.parse(tree.read(path), path)))
            except SourceError as error:
                found.append(error)
    return tuple(found)
