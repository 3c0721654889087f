"""Files that Secrets are made from, and the keys of them: which an example brings, which workloads take."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from policies.deployed import Deployed
from policies.evidence import Location
from policies.model.workloads.workload import containers_of, pod_spec_path
from policies.read.kustomization import Entry, Sources, Use


def generated(sources: Sources) -> list[Entry]:
    """Give the files that an overlay makes Secrets from."""
    return [entry for entry in sources.entries if entry.generates_secret]


def example_keys(sources: Sources, entry: Entry) -> dict[str, int]:
    """Give the keys that a file brings by its example; a file whose content is the value brings one."""
    if entry.use is Use.CONTENT:
        return {entry.named.rpartition("=")[0] or posixpath.basename(entry.named): 1}
    environment = sources.environments.get(entry.target) if entry.example else None
    return {declaration.key: declaration.line for declaration in environment.declarations} if environment else {}


def read_keys(item: Deployed, sources: Sources, entry: Entry) -> dict[str, tuple[Location, ...]]:
    """Give the keys that workloads take by name from the Secret that this file makes, but for those that its other files and literals bring."""
    name = _generator(sources, entry).get("name")
    rendered = {
        document.name
        for document in item.documents
        if document.kind == "Secret" and document.origin.source_name == name
    }
    elsewhere: set[str] = set()
    for other in generated(sources):
        if other is not entry and _generator(sources, other).get("name") == name:
            elsewhere.update(example_keys(sources, other))
    for kustomization in sources.by_depth:
        listed = kustomization.data.get("secretGenerator")
        for generator in listed if isinstance(listed, list) else ():
            if (
                isinstance(generator, dict)
                and generator.get("name") == name
                and isinstance(generator.get("literals"), list)
            ):
                elsewhere.update(str(literal).partition("=")[0] for literal in generator["literals"])
    found: dict[str, dict[Location, None]] = {}
    for key, location in _taken(item, rendered):
        if key not in elsewhere:
            found.setdefault(key, {})[location] = None
    return {key: tuple(locations) for key, locations in found.items()}


def _generator(sources: Sources, entry: Entry) -> Mapping[str, Any]:
    kustomization = next(one for one in sources.by_depth if one.file == entry.kustomization)
    found = kustomization.data[str(entry.position[0])][entry.position[1]]
    return found if isinstance(found, dict) else {}


def _taken(item: Deployed, secrets: set[str]) -> Iterator[tuple[str, Location]]:
    """Yield each key that a workload takes by name from one of these Secrets, as a variable or as a file, and must have."""
    for container in containers_of(item):
        variables = container.body.get("env")
        for index in range(len(variables) if isinstance(variables, list) else 0):
            reference = container.document.get(*container.path, "env", index, "valueFrom", "secretKeyRef")
            if isinstance(reference, dict) and str(reference.get("name")) in secrets and not reference.get("optional"):
                yield str(reference.get("key")), container.locate("env", index, "valueFrom", "secretKeyRef", "key")
    for document in item.documents:
        spec = pod_spec_path(document)
        volumes = document.get(*spec, "volumes") if spec is not None else None
        for index, _ in enumerate(volumes if isinstance(volumes, list) else ()):
            path = (*(spec or ()), "volumes", index, "secret")
            items = document.get(*path, "items")
            if (
                str(document.get(*path, "secretName")) in secrets
                and isinstance(items, list)
                and not document.get(*path, "optional")
            ):
                for position, one in enumerate(items):
                    if isinstance(one, dict):
                        yield str(one.get("key")), document.origin.locate((*path, "items", position, "key"))
