"""What runs, held against what is declared. PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, MEDIUM, not_judged, requirement
from policies.model.drift.contents import RunningConfigMap, RunningExposure, RunningPolicy, RunningSecret
from policies.model.drift.health import RunningAutoscaler, RunningBudget
from policies.model.drift.objects import DeclaredFields, DeclaredObject, PlatformObject
from policies.model.drift.workloads import (
    DeclaredContainer,
    DeclaredCount,
    PinnedContainer,
    RunningServers,
    RunningWorkload,
)

_DEPLOY = "Deploy the platform again, or put into its files what was changed by hand."


@requirement(
    "LIVE-K8Sa",
    DeclaredObject,
    clause="+",
    severity=HIGH,
    remedy="Deploy the platform again; where the kind is unknown, install its definition.",
)
def test_declared_object_runs(thing):
    """What was declared and never arrived, or was removed by hand, is missed first by users: a policy in silence."""
    assert thing.is_served, thing.evidence(
        "the cluster knows no kind {} of {}", thing.document.kind, thing.document.api_version
    )
    if thing.running is None and thing.removes_itself:
        not_judged("a Job with a time to live is gone when it is done, so whether it ran is not known")
    assert thing.running is not None, thing.evidence("{} is declared, and there is none in the cluster", thing.document)


@requirement("LIVE-K8Sb", DeclaredContainer, clause="+", severity=HIGH, remedy=_DEPLOY)
def test_container_has_the_declared_image(container):
    """Another image than the declared one is another program than the one that was reviewed."""
    assert container.running_image == container.image, container.evidence(
        "{} is declared, and {} runs", container.image, container.running_image or "no container of the name"
    )


@requirement(
    "LIVE-K8Sc",
    PinnedContainer,
    clause="+",
    severity=HIGH,
    remedy="Delete the pod, so that the node pulls the image again; find out where its image came from.",
)
def test_pods_run_the_digest_of_their_image(container):
    """A digest in a manifest proves nothing while a node runs something else under it."""
    if not container.pulled:
        not_judged("no pod says which image its node runs")
    wrong = [f"{pod} runs {image}" for pod, image in container.pulled if not image.endswith(container.digest)]
    assert not wrong, container.evidence("{} is wanted, and {}", container.digest, "; ".join(wrong))


@requirement("LIVE-K8Sd", DeclaredCount, clause="+", severity=HIGH, remedy=_DEPLOY)
def test_as_many_pods_are_wanted_as_declared(workload):
    """What was scaled by hand stays so until the next deployment, and then changes for no visible reason."""
    least, most = workload.least_and_most
    shown = least if least == most else f"{least} to {most}"
    assert workload.is_as_declared, workload.evidence("{} pods are declared, and {} are wanted", shown, workload.wanted)


@requirement(
    "LIVE-K8Se",
    RunningWorkload,
    clause="+",
    severity=HIGH,
    remedy="'kubectl describe' of its pods says what they wait for.",
)
def test_pods_are_ready(workload):
    """A workload short of pods serves on what was kept for failures."""
    assert workload.ready >= workload.wanted, workload.evidence(
        "{} of {} pods are ready", workload.ready, workload.wanted
    )


@requirement(
    "LIVE-K8Sf",
    RunningAutoscaler,
    clause="+",
    severity=HIGH,
    remedy="Its condition names the cause: most often metrics-server is missing, or a container requests no CPU.",
)
def test_autoscaler_can_scale(autoscaler):
    """An autoscaler that cannot read its metric looks well until the sale begins."""
    assert not autoscaler.hindrances, autoscaler.evidence("{}", "; ".join(autoscaler.hindrances))


@requirement(
    "LIVE-K8Sg",
    RunningBudget,
    clause="+",
    severity=MEDIUM,
    remedy="Give the workload another pod, or find out why one is not healthy.",
)
def test_budget_allows_a_disruption(budget):
    """A budget that lets no pod go blocks every drain, and so every upgrade of a node."""
    if budget.allowed is None:
        not_judged("its controller has not said yet how many pods may go")
    assert budget.allowed > 0, budget.evidence("no pod may go: {} are healthy, and {} must be", *budget.healthy)


@requirement(
    "LIVE-K8Sh",
    RunningServers,
    clause="+",
    severity=HIGH,
    remedy="'kubectl describe' of its pods says what they wait for.",
)
def test_stated_brokers_and_nodes_are_ready(servers):
    """Messages and sessions are kept as often as there are servers to keep them."""
    assert servers.ready == servers.stated, servers.evidence(
        "{} {} are stated, and {} are ready", servers.stated, servers.what, servers.ready
    )


@requirement("LIVE-K8Si", RunningExposure, clause="+", severity=HIGH, remedy=_DEPLOY)
def test_service_opens_what_is_declared(service):
    """A type or a NodePort that was changed by hand opens the cluster where nobody looks, or closes it to whom it serves."""
    assert not service.drift, service.blame(service.drift[0].path, "{}", "; ".join(map(str, service.drift)))


@requirement("LIVE-K8Sj", RunningConfigMap, clause="+", severity=HIGH, remedy=_DEPLOY)
def test_config_map_has_the_declared_contents(config_map):
    """Configuration that was changed in the cluster is lost with the next deployment, and until then nobody can reproduce what runs."""
    assert not config_map.drift, config_map.blame(config_map.drift[0].path, "{}", "; ".join(map(str, config_map.drift)))


@requirement("LIVE-K8Sk", RunningPolicy, clause="+", severity=HIGH, remedy=_DEPLOY)
def test_policy_is_as_declared(policy):
    """A policy that was widened to find a fault once, and left so, lets pass what every review thinks is stopped."""
    assert not policy.drift, policy.told()


@requirement(
    "LIVE-K8Sl",
    PlatformObject,
    clause="+",
    severity=MEDIUM,
    remedy="Remove it, or declare it; 'kubectl apply --prune' removes what was declared once.",
)
def test_object_that_runs_is_declared(thing):
    """What runs and is declared nowhere is never updated, and takes part in what selectors select."""
    assert thing.is_declared, thing.evidence("{} runs, and is declared nowhere", thing.document)


@requirement("LIVE-K8Sm", DeclaredFields, clause="+", severity=MEDIUM, remedy=_DEPLOY)
def test_fields_are_as_declared(thing):
    """What was changed in the cluster by hand is undone by the next deployment, when nobody expects it."""
    assert not thing.drift, thing.told()


@requirement(
    "LIVE-K8Sn",
    RunningSecret,
    clause="+",
    severity=HIGH,
    remedy="Put the key into the Secret, wherever its values are kept.",
)
def test_secret_has_the_declared_keys(secret):
    """A container whose Secret lacks a key does not start again."""
    assert not secret.missing, secret.evidence("it lacks {}", ", ".join(secret.missing))
