"""The controls of the Pod Security Standards' profile Baseline, one function each.

https://kubernetes.io/docs/concepts/security/pod-security-standards/ names the fields and the values that are allowed; a field
of a container goes before the same field of its pod, as in the API (`SecurityContext`: "takes precedence"). Each function
yields what is not allowed. What has the wrong type is not allowed either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.model.workloads.pods import Fault, PodTemplate, listed, mapping, show
from policies.model.workloads.security_contexts import CONTEXT, context_of, contexts, of, unless_false, volumes_of
from policies.read.yaml import FieldPath

SYSCTLS = frozenset(
    """kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies
    net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout
    net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes""".split()  # noqa: SIM905
)
SELINUX_TYPES = (None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
PROFILES = ("RuntimeDefault", "Localhost")
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def host_namespaces(pod: PodTemplate) -> Iterator[Fault]:
    """Host Namespaces: hostNetwork, hostPID and hostIPC are false or not set."""
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        yield from unless_false(pod.spec, pod.path, field, "")


def privileged(pod: PodTemplate) -> Iterator[Fault]:
    """Privileged Containers: false or not set."""
    for container in pod.containers:
        yield from unless_false(*context_of(container), "privileged", of(container))


def host_paths(pod: PodTemplate) -> Iterator[Fault]:
    """HostPath Volumes: none."""
    for path, volume, kind in volumes_of(pod):
        if kind == "hostPath":
            of_node = mapping(volume["hostPath"]).get("path")
            yield Fault((*path, kind), f"the volume {volume.get('name')} is {show(of_node)} of the node")


def host_ports(pod: PodTemplate) -> Iterator[Fault]:
    """Host Ports: 0 or not set."""
    for container in pod.containers:
        for index, port in listed(container.body.get("ports")):
            if port.get("hostPort") not in (None, 0):
                path = (*container.path, "ports", index, "hostPort")
                yield Fault(path, f"{of(container)}takes port {show(port['hostPort'])} of its node")


def host_probes(pod: PodTemplate) -> Iterator[Fault]:
    """Host Probes / Lifecycle Hooks (since 1.34): no probe and no hook names a host of its own."""
    for container in pod.containers:
        lifecycle = mapping(container.body.get("lifecycle"))
        handlers: list[tuple[FieldPath, Any]] = [((name,), container.body.get(name)) for name in PROBES]
        handlers += [(("lifecycle", name), lifecycle.get(name)) for name in ("postStart", "preStop")]
        for path, handler in handlers:
            for action in ("httpGet", "tcpSocket"):
                host = mapping(mapping(handler).get(action)).get("host")
                if host not in (None, ""):
                    where = (*container.path, *path, action, "host")
                    yield Fault(where, f"{of(container)}{path[-1]} asks the host {show(host)}, not the pod")


def apparmor(pod: PodTemplate) -> Iterator[Fault]:
    """AppArmor: RuntimeDefault, Localhost or not set, by field or by the annotation that came before it."""
    for context, path, name in contexts(pod):
        kind = mapping(context.get("appArmorProfile")).get("type")
        if kind not in (None, *PROFILES):
            yield Fault((*path, "appArmorProfile", "type"), f"{name}appArmorProfile is {show(kind)}")
    where = (*pod.metadata_path, "annotations")
    for key, value in mapping(pod.document.get(*where)).items():
        allowed = value in ("", "runtime/default") or str(value).startswith("localhost/")
        if key.startswith(_APPARMOR) and not allowed:
            yield Fault((*where, key), f"the annotation {key} is {show(value)}")


def selinux(pod: PodTemplate) -> Iterator[Fault]:
    """SELinux: a type of containers or none; no user and no role."""
    for context, path, name in contexts(pod):
        options = mapping(context.get("seLinuxOptions"))
        for field, allowed in (("type", SELINUX_TYPES), ("user", (None, "")), ("role", (None, ""))):
            if options.get(field) not in allowed:
                yield Fault((*path, "seLinuxOptions", field), f"{name}SELinux {field} is {show(options[field])}")


def proc_mounts(pod: PodTemplate) -> Iterator[Fault]:
    """/proc Mount Type: Default or not set."""
    for container in pod.containers:
        context, path = context_of(container)
        if context.get("procMount") not in (None, "Default"):
            yield Fault((*path, "procMount"), f"{of(container)}procMount is {show(context['procMount'])}")


def sysctls(pod: PodTemplate) -> Iterator[Fault]:
    """Sysctls: only those that reach no further than the pod."""
    for index, sysctl in listed(mapping(pod.spec.get(CONTEXT)).get("sysctls")):
        if str(sysctl.get("name")) not in SYSCTLS:
            yield Fault((*pod.path, CONTEXT, "sysctls", index, "name"), f"sets the sysctl {show(sysctl.get('name'))}")


def host_processes(pod: PodTemplate) -> Iterator[Fault]:
    """HostProcess: false or not set."""
    for context, path, name in contexts(pod):
        yield from unless_false(mapping(context.get("windowsOptions")), (*path, "windowsOptions"), "hostProcess", name)
