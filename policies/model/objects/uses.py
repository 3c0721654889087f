"""The fields by which objects name other objects (`core/v1`, `rbac/v1`, `networking/v1`), read out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.workload import CONTAINERS, pod_spec_path
from policies.read.documents import Document
from policies.read.yaml import FieldPath

RBAC = "rbac.authorization.k8s.io"

_OF_KUBERNETES = re.compile(r"(system:.*|cluster-admin|admin|edit|view)\Z")
"""ClusterRoles that the API server makes (https://kubernetes.io/docs/reference/access-authn-authz/rbac/)."""


@dataclass(frozen=True)
class Use:
    """A field of `user` that names an object, or with `key` a key in one.

    `holder` is the container that it is in; `pulls` is true of a Secret that only the node uses, to pull images.
    """

    user: Document
    path: FieldPath
    kind: str
    name: str
    namespace: str
    key: str | None = None
    optional: bool = False
    holder: str = ""
    pulls: bool = False
    group: str = ""


def uses(document: Document) -> Iterator[Use]:
    """Yield every field of an object that names another; one that is no text is left to its schema (BUILD-02a)."""
    spec = pod_spec_path(document)
    found = list(_of_pod(document, spec) if spec is not None else ())
    if document.kind in ("RoleBinding", "ClusterRoleBinding"):
        found += _of_binding(document)
    elif document.kind == "Ingress":
        for index, tls in listed(document.get("spec", "tls")):
            found += _use(document, ("spec", "tls", index, "secretName"), "Secret", tls.get("secretName"))
    elif document.kind == "ServiceAccount":
        found += _pulls(document, ("imagePullSecrets",))
    yield from found


def _use(document: Document, path: FieldPath, kind: str, name: Any, **more: Any) -> Iterator[Use]:
    if isinstance(name, str) and name:
        yield Use(document, path, kind, name, more.pop("namespace", document.namespace), **more)


def _pulls(document: Document, path: FieldPath) -> Iterator[Use]:
    for index, reference in listed(document.get(*path)):
        yield from _use(document, (*path, index, "name"), "Secret", reference.get("name"), pulls=True)


def _of_pod(document: Document, spec: FieldPath) -> Iterator[Use]:
    body = mapping(document.get(*spec))
    for field in CONTAINERS:
        for index, container in listed(body.get(field)):
            yield from _of_container(document, (*spec, field, index), container)
    for index, volume in listed(body.get("volumes")):
        yield from _of_volume(document, (*spec, "volumes", index), volume)
    yield from _pulls(document, (*spec, "imagePullSecrets"))
    field = "serviceAccountName" if body.get("serviceAccountName") else "serviceAccount"
    if body.get(field) != "default":  # Each namespace has that one.
        yield from _use(document, (*spec, field), "ServiceAccount", body.get(field))


def _of_container(document: Document, path: FieldPath, container: dict[str, Any]) -> Iterator[Use]:
    holder = str(container.get("name") or path[-1])
    for index, source in listed(container.get("envFrom")):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            where = (*path, "envFrom", index, field)
            yield from _named(document, where, kind, mapping(source.get(field)), "name", holder)
    for index, variable in listed(container.get("env")):
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            where = (*path, "env", index, "valueFrom", field)
            reference = mapping(mapping(variable.get("valueFrom")).get(field))
            yield from _named(document, where, kind, reference, "name", holder)
            yield from _keyed(
                document, where, kind, reference, reference.get("name"), reference.get("optional"), holder
            )


def _of_volume(document: Document, path: FieldPath, volume: dict[str, Any]) -> Iterator[Use]:
    yield from _of_source(document, (*path, "configMap"), "ConfigMap", mapping(volume.get("configMap")), "name")
    yield from _of_source(document, (*path, "secret"), "Secret", mapping(volume.get("secret")), "secretName")
    for index, source in listed(mapping(volume.get("projected")).get("sources")):
        for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            where = (*path, "projected", "sources", index, field)
            yield from _of_source(document, where, kind, mapping(source.get(field)), "name")
    claim = mapping(volume.get("persistentVolumeClaim")).get("claimName")
    yield from _use(document, (*path, "persistentVolumeClaim", "claimName"), "PersistentVolumeClaim", claim)


def _of_source(document: Document, path: FieldPath, kind: str, source: dict[str, Any], field: str) -> Iterator[Use]:
    yield from _named(document, path, kind, source, field, "")
    for index, entry in listed(source.get("items")):
        where = (*path, "items", index)
        yield from _keyed(document, where, kind, entry, source.get(field), source.get("optional"), "")


def _named(
    document: Document, path: FieldPath, kind: str, reference: dict[str, Any], field: str, holder: str
) -> Iterator[Use]:
    optional = reference.get("optional") is True
    yield from _use(document, (*path, field), kind, reference.get(field), optional=optional, holder=holder)


def _keyed(
    document: Document, path: FieldPath, kind: str, entry: dict[str, Any], name: Any, optional: Any, holder: str
) -> Iterator[Use]:
    key = entry.get("key")
    if isinstance(key, str):
        may_lack = optional is True
        yield from _use(document, (*path, "key"), kind, name, key=key, optional=may_lack, holder=holder)


def _of_binding(document: Document) -> Iterator[Use]:
    role = mapping(document.get("roleRef"))
    kind, name = role.get("kind"), role.get("name")
    if kind in ("Role", "ClusterRole") and not (kind == "ClusterRole" and _OF_KUBERNETES.match(str(name))):
        namespace = document.namespace if kind == "Role" else ""
        yield from _use(document, ("roleRef", "name"), str(kind), name, group=RBAC, namespace=namespace)
    for index, subject in listed(document.get("subjects")):
        if subject.get("kind") == "ServiceAccount" and subject.get("name") != "default":
            namespace = str(subject.get("namespace") or document.namespace)
            path = ("subjects", index, "name")
            yield from _use(document, path, "ServiceAccount", subject.get("name"), namespace=namespace)
