"""Drift, as subjects: each declared object and whether it runs, its fields, and what runs in its namespaces undeclared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Place, first_of
from policies.model.drift.comparison import Compared, Comparison, comparisons
from policies.model.drift.differences import Difference, differences
from policies.model.workloads.pods import mapping
from policies.model.workloads.workload import CONTAINERS, identify, pod_spec_path, without_owned
from policies.platform import Platform
from policies.read.documents import Document

MOST = 5
"""So many differences are told of one object."""

SECRET = "Secret"  # noqa: S105 (a kind)

_OF_THE_SERVER = frozenset(
    ["name", "namespace", "generateName", "creationTimestamp", "uid", "resourceVersion", "generation", "managedFields"]
)
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_JUDGED_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "ConfigMap": ("data", "binaryData"),
    SECRET: ("data", "stringData"),
    "NetworkPolicy": ("spec",),
}


@dataclass(frozen=True, eq=False)
class DeclaredObject:
    """An object that is declared; `running` is None where none of its name runs."""

    noun: ClassVar[str] = "declared object of an environment"
    only_in_files: ClassVar[bool] = False

    comparison: Comparison
    document: Document
    running: Document | None

    @property
    def place(self) -> Place:
        """Where it should run."""
        return self.comparison.place

    @property
    def id(self) -> str:
        """Place and object."""
        return identify(self.place, self.document)

    @property
    def is_served(self) -> bool:
        """Whether the API knows its kind."""
        return (self.document.api_version, self.document.kind) not in self.comparison.unserved

    @property
    def removes_itself(self) -> bool:
        """Whether it goes by itself when it is done: a Job with a time to live."""
        return self.document.kind == "Job" and self.document.get("spec", "ttlSecondsAfterFinished") is not None

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where it is declared."""
        return Evidence(message.format(*values), (self.document.origin.locate(),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeclaredObject | Gap]:
        """Yield every declared object of every environment that was looked at."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            for key, document in one.declared.items():
                if document.kind == SECRET and not one.secrets_read:
                    yield Gap(identify(one.place, document), "Secrets are read with --read-secrets alone", one.place)
                else:
                    yield cls(one, document, one.by_key.get(key))


class DeclaredFields(Compared):
    """The fields of an object that runs and that no other requirement on what runs is about."""

    noun: ClassVar[str] = "declared object that runs"
    only_in_files: ClassVar[bool] = False

    @cached_property
    def drift(self) -> tuple[Difference, ...]:
        """The fields that are not as declared."""
        return tuple(differences(_without(self.declared), _without(self.running)))

    def told(self) -> Evidence:
        """Tell each difference, the first with its places."""
        return self.blame(self.drift[0].path, "{}", first_of(self.drift, MOST))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the object as the place."""
        return self.blame((), message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DeclaredFields | Gap]:
        """Yield every declared object that runs."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
            else:
                yield from (cls(one, pair.declared, pair.running) for pair in one.pairs)


def _without(document: Document) -> dict[str, Any]:
    """Give an object without what the server writes and what other requirements are about."""
    left = ("apiVersion", "kind", "status", *_JUDGED_ELSEWHERE.get(document.kind, ()))
    body = {key: value for key, value in document.body.items() if key not in left}
    metadata = {key: value for key, value in document.metadata.items() if key not in _OF_THE_SERVER}
    annotations = {key: value for key, value in mapping(metadata.get("annotations")).items() if key != _APPLIED}
    body["metadata"] = {**metadata, "annotations": annotations}
    if document.kind == "Service":
        return {**body, "spec": _without_exposure(mapping(body.get("spec")))}
    path = pod_spec_path(document)
    return body if path is None else _without_images({**body, "spec": _but(body.get("spec"), "replicas")}, path)


def _without_exposure(spec: dict[str, Any]) -> dict[str, Any]:
    ports = [_but(port, "nodePort") for port in spec.get("ports") or ()]
    return {**_but(spec, "type", "externalIPs"), **({"ports": ports} if ports else {})}


def _without_images(body: Any, path: tuple[Any, ...]) -> Any:
    """Give a workload without the images of its containers."""
    if not path:
        found = mapping(body)
        return {
            **found,
            **{
                field: [_but(one, "image") for one in found[field]]
                for field in CONTAINERS
                if isinstance(found.get(field), list)
            },
        }
    return {**mapping(body), path[0]: _without_images(mapping(body).get(path[0]), path[1:])}


def _but(value: Any, *keys: str) -> Any:
    return {key: one for key, one in value.items() if key not in keys} if isinstance(value, dict) else value


_IDENTITY = ("app.kubernetes.io/part-of", "app.kubernetes.io/instance", "app.kubernetes.io/name", "app", "k8s-app")
"""Labels that say what something belongs to (the common labels of Kubernetes' documentation, and the usual ones before them)."""

_GENERATED = re.compile(r"-[bcdfghkmt2-9]{10}\Z")
"""What kustomize's generators put behind a name (`api/hasher`)."""


@dataclass(frozen=True, eq=False)
class PlatformObject:
    """An object that runs in a namespace of the platform and is labelled as the platform's; or a NetworkPolicy there, which is in force whatever its labels."""

    noun: ClassVar[str] = "object that runs, labelled as the platform's"
    only_in_files: ClassVar[bool] = False

    comparison: Comparison
    document: Document
    is_declared: bool

    @property
    def place(self) -> Place:
        """Where it runs."""
        return self.comparison.place

    @property
    def id(self) -> str:
        """Place and object."""
        return identify(self.place, self.document)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the object as the place."""
        return Evidence(message.format(*values), (self.document.origin.locate(),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[PlatformObject | Gap]:
        """Yield every such object that no controller made."""
        for one in comparisons(platform, cls.noun):
            if isinstance(one, Gap):
                yield one
                continue
            labels = frozenset(pair for document in one.declared.values() for pair in _identity(document))
            generated = {(*key[:3], _GENERATED.sub("", key[3])) for key in one.declared if _GENERATED.search(key[3])}
            namespaces = {key[2] for key in one.declared if key[2]}
            for document in without_owned(one.running):
                key = one.key(document)
                ours = document.kind == "NetworkPolicy" or not labels.isdisjoint(_identity(document))
                # What a generator made before stays, for a rollback needs it.
                earlier = key not in one.declared and (*key[:3], _GENERATED.sub("", key[3])) in generated
                if ours and key[2] in namespaces and not earlier and not _has_owner(document):
                    yield cls(one, document, key in one.declared)


def _has_owner(document: Document) -> bool:
    return bool(document.metadata.get("ownerReferences"))


def _identity(document: Document) -> Iterator[tuple[str, str]]:
    path = pod_spec_path(document)
    inner = mapping(document.get(*path[:-1], "metadata", "labels")) if path and path[:-1] else {}
    for labels in (mapping(document.metadata.get("labels")), inner):
        yield from ((key, str(labels[key])) for key in _IDENTITY if key in labels)
