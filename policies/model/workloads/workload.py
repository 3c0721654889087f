"""Workloads and their containers, whichever kind makes the pods and whichever source they were read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from policies.deployed import Deployed
from policies.evidence import Location, Place
from policies.model.kept import kept
from policies.read.documents import ApiOrigin, Document
from policies.read.provenance import RenderedOrigin
from policies.read.yaml import FieldPath

_POD_SPECS: dict[str, FieldPath] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "PodTemplate": ("template", "spec"),
}
_TEMPLATE: FieldPath = ("spec", "template", "spec")

CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
"""The fields of a pod's spec that list containers."""


@kept
def pod_spec_path(document: Document) -> FieldPath | None:
    """Give the path of the pod's spec in an object that makes pods, or None.

    Deployment, StatefulSet, DaemonSet, ReplicaSet, Job and most custom kinds (Rollout, Knative's Service) hold it in `spec.template.spec`.
    """
    path = _POD_SPECS.get(document.kind, _TEMPLATE)
    return path if isinstance(document.get(*path, "containers"), list) else None


def is_workload(document: Document) -> bool:
    """Whether the object makes pods."""
    return pod_spec_path(document) is not None


@dataclass(frozen=True)
class Container:
    """A container of a workload: where it stands, and its body."""

    place: Place
    document: Document
    path: FieldPath
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name; its position where it has none."""
        return str(self.body.get("name") or self.path[-1])

    @property
    def id(self) -> str:
        """Place, object and container: `prod:shop/Deployment/checkout/web`."""
        return f"{identify(self.place, self.document)}/{self.name}"

    def locate(self, *path: str | int) -> Location:
        """Give the place that decided a field of it."""
        return self.document.origin.locate((*self.path, *path))


def identify(place: Place, document: Document) -> str:
    """Name an object in a place: `prod:shop/Deployment/checkout`; without the hash that a generator puts behind its name."""
    namespace = f"{document.namespace}/" if document.namespace else ""
    origin = document.origin
    generated = isinstance(origin, RenderedOrigin) and origin.path is None
    return f"{place.name}:{namespace}{f'{document.kind}/{origin.source_name}' if generated else document}"


def containers(place: Place, documents: Iterable[Document]) -> Iterator[Container]:
    """Yield every container, init container and ephemeral container of the workloads among the documents."""
    for document in documents:
        spec = pod_spec_path(document)
        for field in CONTAINERS if spec is not None else ():
            path = (*(spec or ()), field)
            listed = document.get(*path)
            for index, body in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(body, dict):
                    yield Container(place, document, (*path, index), body)


@kept
def is_from_api(deployed: Deployed) -> bool:
    """Whether the objects of a place were read from an API: what exists only in files is not judged on them."""
    return any(isinstance(document.origin, ApiOrigin) for document in deployed.documents)


def containers_of(deployed: Deployed) -> Iterator[Container]:
    """Yield the containers of a place; what a controller among its objects made (a Deployment's pods) is not counted again."""
    yield from containers(deployed.place, own_documents(deployed))


@kept
def own_documents(deployed: Deployed) -> tuple[Document, ...]:
    """Give the objects of a place without those whose controller is among them too."""
    return tuple(without_owned(deployed.documents))


def without_owned(documents: tuple[Document, ...]) -> Iterator[Document]:
    """Leave out the objects whose controller is among them too: an API lists both."""
    known = {(document.kind, document.namespace, document.name) for document in documents}
    for document in documents:
        owners = document.metadata.get("ownerReferences")
        owned = (
            (owner for owner in owners if isinstance(owner, dict) and owner.get("controller") is True)
            if isinstance(owners, list)
            else ()
        )
        if not any((str(owner.get("kind")), document.namespace, str(owner.get("name"))) in known for owner in owned):
            yield document
