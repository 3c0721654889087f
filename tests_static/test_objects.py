"""Objects and what they refer to (beyond the clauses). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.cloud.routes import Backend, Entrance
from policies.model.configuration.key_references import ConfigMapKey, SecretKey
from policies.model.configuration.service_ports import NamedTargetPort, NumberedTargetPort
from policies.model.objects.api_versions import UsedApi
from policies.model.objects.consistency import BoundedContainer, MountingContainer, OwnPods
from policies.model.objects.duplicates import Declaration, Mounts, NamedPorts, Variables
from policies.model.objects.references import (
    AccountReference,
    ClaimReference,
    ConfigMapReference,
    RoleReference,
    SecretReference,
)
from policies.model.objects.validity import ValidatedObject
from policies.model.overlays.patches import Patch
from policies.model.workloads.targets import (
    Budget,
    GoverningService,
    GoverningServiceOfSeveral,
    ScaleTarget,
    ServiceSelector,
)


@requirement(
    "BUILD-02a",
    ValidatedObject,
    clause="+",
    severity=HIGH,
    remedy="Write the field as the API has it; 'kubectl explain KIND.FIELD' shows it.",
)
def test_object_is_valid(validated):
    """What the API server refuses is not deployed, and what it would drop does nothing, while the rest of the overlay goes ahead."""
    assert not validated.faults, validated.blame()


@requirement(
    "BUILD-02b",
    UsedApi,
    clause="+",
    severity=HIGH,
    remedy="Write the objects in the API that took its place.",
)
def test_api_is_served(api):
    """An API that the cluster no longer serves makes the whole apply fail, at the latest on the day of the upgrade."""
    gone = api.removal
    assert gone is None, api.evidence(
        "{} {} is not served since Kubernetes 1.{}; write it in {}",
        api.api_version,
        api.kind,
        gone and gone.since,
        gone and gone.instead,
    )


@requirement(
    "BUILD-02c",
    OwnPods,
    clause="+",
    severity=HIGH,
    remedy="Give the pods' template the labels that the selector asks for.",
)
def test_workload_selects_its_own_pods(workload):
    """The API server refuses a workload whose selector does not select the pods that its template makes."""
    assert workload.selected, workload.evidence("the selector does not select the pods of its own template")


@requirement(
    "BUILD-02d",
    BoundedContainer,
    clause="+",
    severity=HIGH,
    remedy="Request no more than the limit.",
)
def test_request_is_within_its_limit(container):
    """The API server refuses a pod that requests more than its limit allows it, so that the workload has no pods at all."""
    faults = list(container.exceeded)
    assert not faults, container.blame(faults)


@requirement(
    "BUILD-03a",
    ConfigMapReference,
    clause="+",
    severity=HIGH,
    remedy="Make the ConfigMap, or name the one that there is.",
)
def test_config_map_exists(reference):
    """A pod that names a ConfigMap which is not there does not start."""
    _there(reference)


@requirement(
    "BUILD-03b",
    ConfigMapKey,
    clause="+",
    severity=HIGH,
    remedy="Define the key, or take one that is there.",
)
def test_key_of_config_map_exists(reference):
    """A container that takes a key which its ConfigMap lacks does not start."""
    _has_key(reference, "BUILD-03a")


@requirement(
    "BUILD-03c",
    SecretReference,
    clause="+",
    severity=HIGH,
    remedy="Make the Secret, or name the one that there is.",
)
def test_secret_exists(reference):
    """A pod that names a Secret which is not there does not start, and an Ingress serves a certificate of its own instead."""
    _there(reference)


@requirement(
    "BUILD-03d",
    SecretKey,
    clause="+",
    severity=HIGH,
    remedy="Define the key in the Secret's file and its example.",
)
def test_key_of_secret_exists(reference):
    """A container that takes a key which its Secret lacks does not start."""
    _has_key(reference, "BUILD-03c")


@requirement(
    "BUILD-03e",
    AccountReference,
    clause="+",
    severity=HIGH,
    remedy="Make the ServiceAccount, or name the one that there is.",
)
def test_service_account_exists(reference):
    """No pod is made for a ServiceAccount that is not there, and a binding to one grants nobody anything."""
    _there(reference)


@requirement(
    "BUILD-03f",
    ClaimReference,
    clause="+",
    severity=HIGH,
    remedy="Make the PersistentVolumeClaim, or name the one that there is.",
)
def test_claim_exists(reference):
    """A pod that names a claim which is not there is never scheduled."""
    _there(reference)


@requirement(
    "BUILD-03g",
    ScaleTarget,
    clause="+",
    severity=HIGH,
    remedy="Name the workload's apiVersion, kind and name.",
)
def test_autoscaler_has_its_target(autoscaler):
    """An autoscaler without its workload scales nothing, and tells nobody but its own status."""
    _known(autoscaler.found)
    assert autoscaler.found, autoscaler.evidence("there is no {} to scale", autoscaler.target)


@requirement(
    "BUILD-03h",
    Budget,
    clause="+",
    severity=HIGH,
    remedy="Select the pods by labels that their template has.",
)
def test_budget_selects_pods(budget):
    """A budget that selects no pods protects none when a node is drained."""
    if not budget.selected:
        _known(budget.unknown)
    assert budget.selected, budget.evidence("it selects no workload of its namespace")


@requirement(
    "BUILD-03i",
    ServiceSelector,
    clause="+",
    severity=HIGH,
    remedy="Select the pods by labels that their template has.",
)
def test_service_selects_pods(service):
    """A Service that selects no pods refuses every connection."""
    if not service.selected:
        _known(service.unknown)
    assert service.selected, service.evidence("its selector {} selects no workload of its namespace", service.value)


@requirement(
    "BUILD-03j",
    NamedTargetPort,
    clause="+",
    severity=HIGH,
    remedy="Name a port that the container has, of the same protocol.",
)
def test_named_target_port_exists(port):
    """A Service has no endpoints for a port whose name none of its pods has."""
    _selected(port)
    assert port.is_offered, port.evidence(
        "no container of {} has a {} port called {!r}", _named(port.selected), _protocol(port), port.target
    )


@requirement(
    "BUILD-03k",
    NumberedTargetPort,
    clause="+",
    severity=MEDIUM,
    remedy="Lead to a port that the container listens on, and declare it.",
)
def test_numbered_target_port_is_declared(port):
    """Where pods declare their ports, one that they do not declare is most likely one on which nobody listens."""
    _selected(port)
    if not port.offered:
        not_judged(f"{_named(port.selected)} declares no port: which it listens on is not known")
    assert port.is_offered, port.evidence(
        "no container of {} declares {} port {}", _named(port.selected), _protocol(port), port.target
    )


@requirement(
    "BUILD-03l",
    GoverningService,
    clause="+",
    severity=HIGH,
    remedy="Make the Service that serviceName says.",
)
def test_service_of_stateful_set_exists(stateful_set):
    """Without it the pods of a StatefulSet have no names in DNS, by which they find each other."""
    _known(stateful_set.found)
    assert stateful_set.found, stateful_set.evidence("there is no Service {!r}", stateful_set.value)


@requirement(
    "BUILD-03m",
    GoverningServiceOfSeveral,
    clause="+",
    severity=MEDIUM,
    remedy="Set clusterIP: None, beside another Service for clients if need be.",
)
def test_service_of_stateful_set_is_headless(stateful_set):
    """Only a headless Service gives each pod of a StatefulSet a name of its own, by which several of them find each other."""
    _known(stateful_set.found)
    if stateful_set.found is None:
        not_judged(f"there is no Service {stateful_set.value!r} (BUILD-03l)")
    address = stateful_set.found.get("spec", "clusterIP")
    assert address == "None", stateful_set.evidence(
        "the Service {!r} is not headless: clusterIP is {}", stateful_set.value, address or "not set"
    )


@requirement(
    "BUILD-03n",
    Backend,
    clause="+",
    severity=HIGH,
    remedy="Name the Service as it is called in this overlay.",
)
def test_backend_exists(backend):
    """A route to a Service that is not there answers every request with an error."""
    _known(backend.found)
    assert backend.found, backend.evidence("there is no Service {!r}", backend.name)


@requirement(
    "BUILD-03o",
    Entrance,
    clause="+",
    severity=HIGH,
    remedy="Name a port of the Service, not one of its pods.",
)
def test_port_of_backend_exists(backend):
    """A route to a port that its Service does not have answers every request with an error."""
    _known(backend.found)
    if backend.found is None:
        not_judged(f"there is no Service {backend.name!r} (BUILD-03n)")
    assert backend.port in backend.ports, backend.evidence(
        "the Service {!r} has no port {}; it has {}",
        backend.name,
        backend.port,
        ", ".join(map(str, backend.ports)) or "none",
    )


@requirement(
    "BUILD-03p",
    Declaration,
    clause="+",
    severity=HIGH,
    remedy="Keep one of them.",
)
def test_object_is_declared_once(declaration):
    """Of two objects with one name the one that is applied last wins, which is whichever file sorts last."""
    count = len(declaration.documents)
    assert not count, declaration.evidence("it is declared {} times", count)


@requirement(
    "BUILD-03q",
    Variables,
    clause="+",
    severity=MEDIUM,
    remedy="Keep one declaration of the variable.",
)
def test_variable_is_declared_once(container):
    """A variable declared twice says two things, and the reader who finds the first believes the wrong one."""
    faults = list(container.again)
    assert not faults, container.blame(faults)


@requirement(
    "BUILD-03r",
    NamedPorts,
    clause="+",
    severity=HIGH,
    remedy="Give each port a name of its own.",
)
def test_port_name_is_declared_once(container):
    """The API server refuses a container with two ports of one name."""
    faults = list(container.again)
    assert not faults, container.blame(faults)


@requirement(
    "BUILD-03s",
    Mounts,
    clause="+",
    severity=HIGH,
    remedy="Mount one volume at each path.",
)
def test_mount_path_is_declared_once(container):
    """The API server refuses a container that mounts two volumes at one path."""
    faults = list(container.again)
    assert not faults, container.blame(faults)


@requirement(
    "BUILD-03t",
    Patch,
    clause="+",
    severity=HIGH,
    remedy="Write what identifies the entry of the list (a Service's port: its protocol too), and a target that is there.",
)
def test_patch_has_its_effect(patch):
    """What kustomize cannot merge it drops without a word: the patch is in the repository, and not in the cluster."""
    _has_objects(patch)
    if not patch.objects:
        _known(patch.incomplete)
    assert patch.objects, patch.evidence("it is for {}, and the overlay renders no such object", patch.target)
    assert not patch.lost, patch.blame()


@requirement(
    "BUILD-03w",
    Patch,
    clause="+",
    severity=LOW,
    remedy="Delete the patch, or the value of the base that it repeats.",
)
def test_patch_changes_something(patch):
    """A patch that repeats the base's value keeps it when the base changes, and nobody meant it to (kustomize `patches`)."""
    _has_objects(patch)
    if not patch.objects:
        not_judged("the overlay renders no object that it is for (BUILD-03t)")
    assert not patch.idle, patch.evidence(
        "every value that it sets is already so in {}", ", ".join(map(str, patch.objects))
    )


@requirement(
    "BUILD-03u",
    MountingContainer,
    clause="+",
    severity=HIGH,
    remedy="Add the volume to the pod, or mount the one that there is.",
)
def test_mounted_volume_exists(container):
    """The API server refuses a pod that mounts a volume which it does not have."""
    faults = list(container.dangling)
    assert not faults, container.blame(faults)


@requirement(
    "BUILD-03v",
    RoleReference,
    clause="+",
    severity=LOW,
    remedy="Make the Role, or name the one that there is.",
)
def test_role_exists(reference):
    """A binding to a role that is not there grants nothing, until somebody makes one of that name."""
    _there(reference)


def _known(found):
    if isinstance(found, str):
        not_judged(found)


def _there(reference):
    _known(reference.found)
    assert reference.found or reference.optional, reference.evidence("there is no {}", reference.name)


def _has_key(reference, existence):
    _known(reference.found)
    if reference.found is None and not reference.optional:
        not_judged(f"there is no {reference.name} ({existence})")
    if reference.found is not None and reference.keys is None:
        not_judged(f"which keys {reference.name} will have is not known: {reference.found} fills it")
    if reference.keys is not None and reference.key not in reference.keys:
        _known(reference.incomplete)
    assert reference.optional or reference.key in reference.keys, reference.evidence(
        "{} has no key {!r}; it has {}", reference.name, reference.key, reference.nearest
    )


def _selected(port):
    if not port.selected:
        not_judged("the Service selects no workload that is known (BUILD-03i)")


def _named(pods):
    return ", ".join(sorted({str(pod.document) for pod in pods}))


def _protocol(port):
    return port.port.get("protocol") or "TCP"


def _has_objects(patch):
    if patch.gone:
        not_judged(f"{patch.target} is deleted by another patch")
    if patch.shared and not patch.objects:
        not_judged(f"its component is for several overlays, and in this one nothing is {patch.target}")
