"""Security contexts of pods and their containers: which value holds (`SecurityContext`, `PodSecurityContext`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.model.workloads.pods import Fault, PodTemplate, listed, mapping, show
from policies.model.workloads.workload import Container
from policies.read.yaml import FieldPath

CONTEXT = "securityContext"


def of(container: Container) -> str:
    """Name a container in a sentence."""
    return f"container {container.name}: "


def context_of(container: Container) -> tuple[dict[str, Any], FieldPath]:
    """Give a container's security context and its path."""
    return mapping(container.body.get(CONTEXT)), (*container.path, CONTEXT)


def contexts(pod: PodTemplate) -> Iterator[tuple[dict[str, Any], FieldPath, str]]:
    """Yield the security contexts of a pod and of its containers: the context, its path, and the container's name."""
    yield mapping(pod.spec.get(CONTEXT)), (*pod.path, CONTEXT), ""
    yield from ((*context_of(container), of(container)) for container in pod.containers)


def effective(pod: PodTemplate, container: Container, field: str) -> tuple[Any, FieldPath]:
    """Give a field of the security context that holds for a container, and its path: its own goes before its pod's."""
    context, path = context_of(container)
    of_pod = mapping(pod.spec.get(CONTEXT)).get(field)
    if context.get(field) is None and of_pod is not None:
        return of_pod, (*pod.path, CONTEXT, field)
    return context.get(field), (*path, field)


def unless_false(holder: dict[str, Any], path: FieldPath, field: str, name: str) -> Iterator[Fault]:
    """Yield a fault where a field is neither false nor left out."""
    value = holder.get(field)
    if value is not None and value is not False:
        yield Fault((*path, field), f"{name}{field} is {show(value)}")


def volumes_of(pod: PodTemplate) -> Iterator[tuple[FieldPath, dict[str, Any], str]]:
    """Yield each volume's path, its body and its type."""
    for index, volume in listed(pod.spec.get("volumes")):
        for kind in volume:
            if kind != "name" and volume[kind] is not None:
                yield (*pod.path, "volumes", index), volume, kind
