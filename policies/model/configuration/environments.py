"""What containers take from ConfigMaps and Secrets, and the environment that they get of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.deployed import Deployed
from policies.evidence import Location
from policies.model.configuration.addresses import expand
from policies.model.configuration.services import pod_names
from policies.model.kept import kept
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.workload import Container, containers_of, pod_spec_path
from policies.read.documents import Document
from policies.read.yaml import FieldPath

_FROM = (("configMapRef", "ConfigMap"), ("secretRef", "Secret"))
_KEY_FROM = (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret"))
_VOLUMES = (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"))
_PROJECTED = (("configMap", "ConfigMap", "name"), ("secret", "Secret", "name"))


@dataclass(frozen=True)
class Taken:
    """A ConfigMap or a Secret that a container takes something of: one key, or, where `key` is None, all of it."""

    container: Container
    kind: str
    name: str
    key: str | None


@dataclass(frozen=True)
class Variable:
    """A variable of a container: its value as the program sees it, None where it is not known (a Secret's, a field's).

    `document` and `path` are where the value is written: in the container, or in a ConfigMap.
    """

    name: str
    value: str | None
    document: Document
    path: FieldPath

    @property
    def location(self) -> Location:
        """The line that decided it."""
        return self.document.origin.locate(self.path)


@dataclass(frozen=True)
class Environment:
    """The variables of a container by name, and the ConfigMaps and Secrets that it takes whole and that are not here."""

    variables: Mapping[str, Variable]
    missing: tuple[str, ...] = ()

    @cached_property
    def known(self) -> dict[str, str]:
        """The variables whose value is known."""
        return {name: variable.value for name, variable in self.variables.items() if variable.value is not None}


@kept
def taken_in(item: Deployed) -> tuple[Taken, ...]:
    """Give all that the containers of a place take."""
    return tuple(
        one for container in containers_of(item) for one in (*_in_environment(container), *_in_volumes(container))
    )


def _in_environment(container: Container) -> Iterator[Taken]:
    for _, source in listed(container.body.get("envFrom")):
        yield from (
            Taken(container, kind, str(source[field].get("name")), None)
            for field, kind in _FROM
            if mapping(source.get(field))
        )
    for _, variable in listed(container.body.get("env")):
        for field, kind in _KEY_FROM:
            reference = mapping(mapping(variable.get("valueFrom")).get(field))
            if reference:
                yield Taken(container, kind, str(reference.get("name")), str(reference.get("key")))


def _in_volumes(container: Container) -> Iterator[Taken]:
    mounted = {str(mount.get("name")) for _, mount in listed(container.body.get("volumeMounts"))}
    spec = pod_spec_path(container.document)
    for _, volume in listed(container.document.get(*spec, "volumes")) if spec is not None else ():
        if str(volume.get("name")) in mounted:
            yield from _in_source(container, volume, _VOLUMES)
            for _, source in listed(mapping(volume.get("projected")).get("sources")):
                yield from _in_source(container, source, _PROJECTED)


def _in_source(
    container: Container, source: dict[str, Any], fields: tuple[tuple[str, str, str], ...]
) -> Iterator[Taken]:
    for field, kind, key in fields:
        taken = mapping(source.get(field))
        if taken:
            items = listed(taken.get("items"))
            keys = [str(one.get("key")) for _, one in items] if items else [None]
            yield from (Taken(container, kind, str(taken.get(key)), name) for name in keys)


@kept
def _sources(item: Deployed) -> Mapping[tuple[str, str, str], Document]:
    return {(one.kind, one.namespace, one.name): one for one in item.documents if one.kind in ("ConfigMap", "Secret")}


@kept
def environments_of(item: Deployed) -> Mapping[str, Environment]:
    """Give the environment of every container of a place, by the container's id."""
    return {container.id: _environment(item, container) for container in containers_of(item)}


def _environment(item: Deployed, container: Container) -> Environment:
    """Work out a container's environment: `envFrom` first, then `env` in its order, where `$(NAME)` sees what stands above.

    Source: the kubelet (`pkg/kubelet/kubelet_pods.go`, `makeEnvironmentVariables`).
    """
    found: dict[str, Variable] = {}
    missing: list[str] = []
    for _, source in listed(container.body.get("envFrom")):
        for field, kind in _FROM:
            name = mapping(source.get(field)).get("name")
            document = _sources(item).get((kind, container.document.namespace, str(name)))
            if document is not None:
                found.update(_taken_whole(document, str(source.get("prefix") or "")))
            elif name is not None:
                missing.append(f"{kind} {name}")
    for index, variable in listed(container.body.get("env")):
        found[str(variable.get("name"))] = _variable(item, container, index, variable, found)
    return Environment(found, tuple(missing))


def _taken_whole(document: Document, prefix: str) -> Mapping[str, Variable]:
    by_prefix = _taken_whole_by_prefix(document)
    if prefix not in by_prefix:
        by_prefix[prefix] = {variable.name: variable for variable in _variables(document, prefix)}
    return by_prefix[prefix]


@kept
def _taken_whole_by_prefix(_: Document) -> dict[str, Mapping[str, Variable]]:
    return {}  # Most containers take the same ConfigMap.


def _variables(document: Document, prefix: str) -> Iterator[Variable]:
    for field in ("data", "stringData"):
        for key, value in mapping(document.get(field)).items():
            known = str(value if value is not None else "") if document.kind == "ConfigMap" else None
            yield Variable(f"{prefix}{key}", known, document, (field, key))


def _variable(
    item: Deployed, container: Container, index: int, variable: dict[str, Any], above: Mapping[str, Variable]
) -> Variable:
    name, path = str(variable.get("name")), (*container.path, "env", index)
    if variable.get("value") is not None or "valueFrom" not in variable:
        text = str(variable.get("value") or "")
        if "$" in text:
            text = expand_arguments(text, {key: one.value for key, one in above.items() if one.value is not None})
        return Variable(name, text, container.document, (*path, "value"))
    reference = mapping(mapping(variable.get("valueFrom")).get("configMapKeyRef"))
    document = _sources(item).get(("ConfigMap", container.document.namespace, str(reference.get("name"))))
    value = document.get("data", str(reference.get("key"))) if document is not None else None
    if document is not None and value is not None:
        return Variable(name, str(value), document, ("data", str(reference.get("key"))))
    field = mapping(mapping(variable.get("valueFrom")).get("fieldRef")).get("fieldPath")
    return Variable(name, _of_field(container.document, field), container.document, path)


def _of_field(document: Document, field: Any) -> str | None:
    """Give what the downward API says where that is written: a pod's name (of a StatefulSet's pods the first one's), and its namespace."""
    if field == "metadata.namespace":
        return document.namespace or None
    if field == "metadata.name" and document.kind == "StatefulSet":
        return next(iter(pod_names(document)), None)
    return document.name if field == "metadata.name" and document.kind == "Pod" else None


def expand_arguments(text: str, known: Mapping[str, str]) -> str:
    """Put values for `$(NAME)` alone: what the kubelet does with values and arguments."""
    return expand(text, known, braces=False)
