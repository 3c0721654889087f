"""The controls that the Pod Security Standards' profile Restricted adds to Baseline, one function each.

https://kubernetes.io/docs/concepts/security/pod-security-standards/ names the fields and the values that are allowed; a field
of a container goes before the same field of its pod, as in the API (`SecurityContext`: "takes precedence"). Each function
yields what is not allowed. What has the wrong type is not allowed either.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.model.workloads.baseline import PROFILES
from policies.model.workloads.pods import Fault, PodTemplate, mapping, show
from policies.model.workloads.security_contexts import context_of, contexts, effective, of, volumes_of

VOLUMES = frozenset(
    "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split()  # noqa: SIM905
)
"""Volume types that Restricted allows; `image` by what enforces it (kubernetes/kubernetes#130394) before its document."""


def undropped_capabilities(pod: PodTemplate) -> Iterator[Fault]:
    """Capabilities (Restricted): each container drops ALL; not asked on Windows."""
    for container in pod.containers if not pod.is_windows else ():
        context, path = context_of(container)
        dropped = mapping(context.get("capabilities")).get("drop")
        if not (isinstance(dropped, list) and "ALL" in dropped):
            said = "drops no capabilities" if not dropped else f"drops {show(dropped)}"
            yield Fault((*path, "capabilities", "drop"), f"container {container.name} {said}, not ALL")


def added_capabilities(pod: PodTemplate) -> Iterator[Fault]:
    """Capabilities (Restricted): none is added but NET_BIND_SERVICE."""
    for container in pod.containers if not pod.is_windows else ():
        context, path = context_of(container)
        added = mapping(context.get("capabilities")).get("add")
        for index, name in enumerate(added if isinstance(added, list) else [] if added is None else [added]):
            if name != "NET_BIND_SERVICE":
                yield Fault((*path, "capabilities", "add", index), f"{of(container)}adds the capability {name}")


def other_volumes(pod: PodTemplate) -> Iterator[Fault]:
    """Volume Types (Restricted): only those that it lists; hostPath has a control of its own."""
    for path, volume, kind in volumes_of(pod):
        if kind not in VOLUMES and kind != "hostPath":
            yield Fault((*path, kind), f"the volume {volume.get('name')} is of type {kind}")


def seccomp(pod: PodTemplate) -> Iterator[Fault]:
    """Seccomp (Restricted): RuntimeDefault or Localhost, stated by the container or else by its pod."""
    for container in pod.containers if not pod.is_windows else ():
        profile, path = effective(pod, container, "seccompProfile")
        kind = mapping(profile).get("type")
        if kind not in PROFILES:
            said = "has no seccomp profile" if profile is None else f"has the seccomp profile {show(kind)}"
            yield Fault(path if profile is None else (*path, "type"), f"container {container.name} {said}")


def escalation(pod: PodTemplate) -> Iterator[Fault]:
    """Privilege Escalation (Restricted): allowPrivilegeEscalation is false; not set means true."""
    for container in pod.containers if not pod.is_windows else ():
        context, path = context_of(container)
        value = context.get("allowPrivilegeEscalation")
        if value is not False:
            said = "not set, which means true" if value is None else show(value)
            yield Fault((*path, "allowPrivilegeEscalation"), f"{of(container)}allowPrivilegeEscalation is {said}")


def maybe_root(pod: PodTemplate) -> Iterator[Fault]:
    """Running as Non-root (Restricted): runAsNonRoot is true, for the container or else for its pod."""
    for container in pod.containers:
        value, path = effective(pod, container, "runAsNonRoot")
        if value is not True:
            said = "not set" if value is None else show(value)
            yield Fault(path, f"{of(container)}runAsNonRoot is {said}")


def root_users(pod: PodTemplate) -> Iterator[Fault]:
    """Running as Non-root user (Restricted): runAsUser is not 0."""
    for context, path, name in contexts(pod):
        if context.get("runAsUser") in (0, "0"):
            yield Fault((*path, "runAsUser"), f"{name}runAsUser is 0")
