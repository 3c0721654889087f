"""Workloads: Pod Security Standards, resources, probes, an orderly end. PYTEST_DONT_REWRITE: an assertion's message is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.workloads import baseline as pod_baseline
from policies.model.workloads import restricted as pod_restricted
from policies.model.workloads.operation import ProbedContainer, ResourcedContainer, ServingContainer
from policies.model.workloads.pods import PodContainer, PodTemplate
from policies.model.workloads.slow_starts import SlowWorkload
from policies.model.workloads.stops import StoppingPod
from policies.model.workloads.tokens import TokenMount

BASELINE, RESTRICTED = "Pod Security Standards Baseline: {}", "Pod Security Standards Restricted: {}"
CIS = "CIS Kubernetes Benchmark {}"


@requirement(
    "BASE-04a",
    PodTemplate,
    clause="+",
    severity=CRITICAL,
    in_development=LOW,
    remedy="Remove hostNetwork, hostPID and hostIPC.",
    maps=(
        BASELINE.format("Host Namespaces"),
        CIS.format("5.2.3 Minimize the admission of containers wishing to share the host process ID namespace"),
        CIS.format("5.2.4 Minimize the admission of containers wishing to share the host IPC namespace"),
        CIS.format("5.2.5 Minimize the admission of containers wishing to share the host network namespace"),
    ),
)
def test_pod_shares_no_namespace_of_its_node(pod):
    """A pod in a namespace of its node sees and reaches what every other pod there does, and no NetworkPolicy holds it."""
    _holds(pod, pod_baseline.host_namespaces(pod))


@requirement(
    "BASE-04b",
    PodTemplate,
    clause="+",
    severity=CRITICAL,
    in_development=LOW,
    remedy="Remove privileged; add the one capability that is needed.",
    maps=(
        BASELINE.format("Privileged Containers"),
        CIS.format("5.2.2 Minimize the admission of privileged containers"),
    ),
)
def test_pod_is_not_privileged(pod):
    """A privileged container is root on its node: whoever breaks into it has every pod there."""
    _holds(pod, pod_baseline.privileged(pod))


@requirement(
    "BASE-04c",
    PodTemplate,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="securityContext.capabilities.drop: [ALL] for each container, init containers too.",
    maps=(
        RESTRICTED.format("Capabilities"),
        CIS.format("5.2.8 Minimize the admission of containers with the NET_RAW capability"),
        CIS.format("5.2.10 Minimize the admission of containers with capabilities assigned"),
    ),
)
def test_pod_drops_all_capabilities(pod):
    """The capabilities that a runtime gives by default (NET_RAW among them) are used by attackers, and hardly ever by applications."""
    _holds(pod, pod_restricted.undropped_capabilities(pod))


@requirement(
    "BASE-04d",
    PodTemplate,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Remove it; listen on a port above 1023.",
    maps=(
        RESTRICTED.format("Capabilities"),
        CIS.format("5.2.9 Minimize the admission of containers with added capabilities"),
    ),
)
def test_pod_adds_no_capability(pod):
    """Some capabilities are as good as root (SYS_ADMIN, NET_ADMIN, SYS_PTRACE); only NET_BIND_SERVICE is harmless."""
    _holds(pod, pod_restricted.added_capabilities(pod))


@requirement(
    "BASE-04e",
    PodTemplate,
    clause="+",
    severity=CRITICAL,
    in_development=LOW,
    remedy="Use a PersistentVolumeClaim, an emptyDir or a CSI volume.",
    maps=(
        BASELINE.format("HostPath Volumes"),
        CIS.format("5.2.12 Minimize the admission of HostPath volumes"),
    ),
)
def test_pod_mounts_no_path_of_its_node(pod):
    """A path of the node holds other pods' data, their credentials, and often the means to take over the node."""
    _holds(pod, pod_baseline.host_paths(pod))


@requirement(
    "BASE-04f",
    PodTemplate,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Use a PersistentVolumeClaim.",
    maps=(RESTRICTED.format("Volume Types"),),
)
def test_pod_has_only_volumes_of_restricted_types(pod):
    """Volume types built into the kubelet reach storage with the node's rights and past the claims that say who may use it."""
    _holds(pod, pod_restricted.other_volumes(pod))


@requirement(
    "BASE-04g",
    PodTemplate,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Remove hostPort; use a Service.",
    maps=(
        BASELINE.format("Host Ports"),
        CIS.format("5.2.13 Minimize the admission of containers which use HostPorts"),
    ),
)
def test_pod_takes_no_port_of_its_node(pod):
    """A port of the node is reached from wherever the node is, past Services and most NetworkPolicies, and by one pod a node only."""
    _holds(pod, pod_baseline.host_ports(pod))


@requirement(
    "BASE-04h",
    PodTemplate,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Remove the host from the probe or hook: it then asks the pod.",
    maps=(BASELINE.format("Host Probes / Lifecycle Hooks"),),
)
def test_pod_probes_itself(pod):
    """A probe or hook that names a host makes the kubelet send requests from the node to wherever the manifest says."""
    _holds(pod, pod_baseline.host_probes(pod))


@requirement(
    "BASE-04i",
    PodTemplate,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Remove the profile, or make it RuntimeDefault.",
    maps=(BASELINE.format("AppArmor"),),
)
def test_pod_keeps_its_apparmor_profile(pod):
    """Unconfined takes away what the runtime's AppArmor profile forbids every container."""
    _holds(pod, pod_baseline.apparmor(pod))


@requirement(
    "BASE-04j",
    PodTemplate,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Remove seLinuxOptions.",
    maps=(BASELINE.format("SELinux"),),
)
def test_pod_keeps_its_selinux_label(pod):
    """A label of one's own choice can be that of the node's processes or of another pod's files."""
    _holds(pod, pod_baseline.selinux(pod))


@requirement(
    "BASE-04k",
    PodTemplate,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Remove procMount.",
    maps=(BASELINE.format("/proc Mount Type"),),
)
def test_pod_masks_proc(pod):
    """An unmasked /proc shows and lets change what belongs to the node's kernel."""
    _holds(pod, pod_baseline.proc_mounts(pod))


@requirement(
    "BASE-04l",
    PodTemplate,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="securityContext.seccompProfile.type: RuntimeDefault, for the pod.",
    maps=(RESTRICTED.format("Seccomp"),),
)
def test_pod_has_a_seccomp_profile(pod):
    """Without a profile a container may make every call that the kernel has, which is how it is left."""
    _holds(pod, pod_restricted.seccomp(pod))


@requirement(
    "BASE-04m",
    PodTemplate,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Remove it, or set it on the node.",
    maps=(BASELINE.format("Sysctls"),),
)
def test_pod_sets_only_safe_sysctls(pod):
    """A sysctl that is not the pod's own changes the kernel for every pod of the node."""
    _holds(pod, pod_baseline.sysctls(pod))


@requirement(
    "BASE-04n",
    PodTemplate,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="securityContext.allowPrivilegeEscalation: false for each container.",
    maps=(
        RESTRICTED.format("Privilege Escalation"),
        CIS.format("5.2.6 Minimize the admission of containers with allowPrivilegeEscalation"),
    ),
)
def test_pod_allows_no_privilege_escalation(pod):
    """With it a program with the setuid bit gives its caller root, whoever the container runs as."""
    _holds(pod, pod_restricted.escalation(pod))


@requirement(
    "BASE-04o",
    PodTemplate,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="securityContext.runAsNonRoot: true, for the pod.",
    maps=(
        RESTRICTED.format("Running as Non-root"),
        CIS.format("5.2.7 Minimize the admission of root containers"),
    ),
)
def test_pod_runs_as_non_root(pod):
    """Unless it says that it must not, a container runs as whom its image says, and that is root more often than not."""
    _holds(pod, pod_restricted.maybe_root(pod))


@requirement(
    "BASE-04p",
    PodTemplate,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Name a user other than 0.",
    maps=(
        RESTRICTED.format("Running as Non-root user"),
        CIS.format("5.2.7 Minimize the admission of root containers"),
    ),
)
def test_pod_names_no_root_user(pod):
    """User 0 in a container is user 0 for every file and every flaw of the kernel."""
    _holds(pod, pod_restricted.root_users(pod))


@requirement(
    "BASE-04q",
    PodTemplate,
    clause="+",
    severity=CRITICAL,
    in_development=LOW,
    remedy="Remove hostProcess.",
    maps=(
        BASELINE.format("HostProcess"),
        CIS.format("5.2.11 Minimize the admission of Windows HostProcess containers"),
    ),
)
def test_pod_is_no_process_of_its_windows_node(pod):
    """A HostProcess container is a process of its Windows node."""
    _holds(pod, pod_baseline.host_processes(pod))


@requirement(
    "BASE-04r",
    ResourcedContainer,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Set resources.requests.cpu.",
)
def test_cpu_is_requested(container):
    """Without a request the scheduler counts a pod as nothing, and gives it nothing when the node is busy."""
    fault = container.lacks("requests", "cpu")
    assert fault is None, container.blame([fault])


@requirement(
    "BASE-04s",
    ResourcedContainer,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Set resources.requests.memory.",
)
def test_memory_is_requested(container):
    """Without a request the scheduler packs pods onto a node until one of them is killed, and these first."""
    fault = container.lacks("requests", "memory")
    assert fault is None, container.blame([fault])


@requirement(
    "BASE-04t",
    ResourcedContainer,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Set resources.limits.memory.",
)
def test_memory_is_limited(container):
    """Without a limit one container that leaks memory takes the others of its node with it."""
    fault = container.lacks("limits", "memory")
    assert fault is None, container.blame([fault])


@requirement(
    "BASE-04u",
    PodContainer,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="securityContext.readOnlyRootFilesystem: true, and an emptyDir for each path that is written.",
    maps=("NSA/CISA Kubernetes Hardening Guidance: Immutable container file systems",),
)
def test_root_file_system_is_read_only(container):
    """What an attacker cannot write into the image's files, he cannot run from there, nor leave behind."""
    path = ("securityContext", "readOnlyRootFilesystem")
    value = container.get(*path)
    if container.pod.is_windows:
        not_judged("on Windows there is no read-only root file system")
    assert value is True, container.evidence_at(
        path, "container {}: readOnlyRootFilesystem is {}", container.name, "not set" if value is None else value
    )


@requirement(
    "BASE-04v",
    ServingContainer,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Add a readinessProbe that asks what clients ask.",
)
def test_container_has_a_readiness_probe(container):
    """Without it a pod gets requests before it can answer them, and a rollout goes on over pods that never will."""
    assert container.body.get("readinessProbe"), container.evidence(
        "container {} has no readinessProbe", container.name
    )


@requirement(
    "BASE-04w",
    ServingContainer,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Add a livenessProbe that asks nothing but the process itself.",
)
def test_container_has_a_liveness_probe(container):
    """Without it a process that hangs stays until somebody sees it."""
    assert container.body.get("livenessProbe"), container.evidence("container {} has no livenessProbe", container.name)


@requirement(
    "BASE-04x",
    ProbedContainer,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Ask a port that the container has, by its name.",
)
def test_probed_port_exists(container):
    """A probe of a port that is not there always fails: the pod never gets ready, or is restarted for ever."""
    faults = list(container.unserved)
    if not faults and not container.declares_ports:
        not_judged("no container of the pod declares a port: which it listens on is not known")
    assert not faults, container.blame(faults)


@requirement(
    "BASE-04y",
    TokenMount,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="automountServiceAccountToken: false, for the pod, and no projected volume in its place.",
    maps=(
        CIS.format("5.1.6 Ensure that Service Account Tokens are only mounted where necessary"),
        "NSA/CISA Kubernetes Hardening Guidance: Protecting Pod service account tokens",
    ),
)
def test_unused_token_is_not_mounted(workload):
    """A token that the pod does not need is a way to the API server for whoever breaks into it."""
    if workload.unknown and not workload.is_off:
        not_judged(workload.unknown)
    assert workload.is_off or workload.grants, workload.evidence(
        "the token of the ServiceAccount {} is mounted, and nothing is granted to it", workload.account
    )


@requirement(
    "BASE-04z",
    StoppingPod,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Make terminationGracePeriodSeconds longer than preStop and shutdown together.",
)
def test_grace_period_is_longer_than_pre_stop(workload):
    """The time for preStop is part of the grace period: when it is over the process is killed in the middle of its requests."""
    grace = workload.grace
    assert workload.is_long_enough, workload.evidence(
        "terminationGracePeriodSeconds is {}, and preStop sleeps {:g} s", grace, workload.longest
    )
    if workload.unknown:
        not_judged(f"how long preStop of {', '.join(workload.unknown)} takes cannot be read from it")


@requirement(
    "BASE-06",
    SlowWorkload,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Add a startupProbe whose failureThreshold times periodSeconds is longer than the slowest start.",
)
def test_slow_start_has_a_startup_probe(workload):
    """Without it the liveness probe kills what is still starting, again and again, and most of all when many start at once."""
    assert workload.has_startup_probe, workload.evidence("no container of {} has a startupProbe", workload.document)


def _holds(pod, faults):
    found = list(faults)
    assert not found, pod.blame(found)
