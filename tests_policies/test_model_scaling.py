"""Autoscalers and budgets for drains: what they count, and as Kubernetes rounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, subjects, workload

from policies.model.workloads.disruption import DisruptionBudget, StatedCore
from policies.model.workloads.infrastructure import ReleasedInfrastructure
from policies.model.workloads.running import CountedWorkload
from policies.model.workloads.scaling import Autoscaler, StatedScaling


def scaler(spec: str, name: str = "web", version: str = "v2") -> str:
    """Write an autoscaler of a Deployment."""
    target = f"scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}"
    return f"---\napiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{target}, {spec}}}\n"


def budget(spec: str, name: str = "web", selector: str = "") -> str:
    """Write a budget of a workload."""
    chosen = selector or f"{{matchLabels: {{app: {name}}}}}"
    return f"---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {chosen}, {spec}}}\n"


CPU = "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]"


@pytest.mark.parametrize(
    ("resources", "metrics", "unset"),
    [
        ("requests: {cpu: 100m}", CPU, 0),
        ("limits: {cpu: 100m}", CPU, 0),
        ("requests: {memory: 1Gi}", CPU, 1),
        ("requests: {memory: 1Gi}", CPU.replace("type: Utilization", "type: AverageValue"), 0),
        ("requests: {cpu: 1}", CPU.replace("name: cpu", "name: memory"), 1),
        (
            "requests: {memory: 1Gi}",
            CPU.replace("Resource, resource: {", "ContainerResource, containerResource: {container: main, "),
            1,
        ),
        (
            "requests: {memory: 1Gi}",
            CPU.replace("Resource, resource: {", "ContainerResource, containerResource: {container: other, "),
            0,
        ),
        ("requests: {memory: 1Gi}", "metrics: [{type: Pods, pods: {metric: {name: x}}}]", 0),
        ("requests: {memory: 1Gi}", "targetCPUUtilizationPercentage: 60", 1),
        ("requests: {memory: 1Gi}", "metrics: 7", 0),
    ],
)
def test_requests_that_are_measured_against(tmp_path: Path, resources: str, metrics: str, unset: int) -> None:
    """A share of a request needs the request, in every container that counts."""
    manifests = workload("Deployment", "web", f"resources: {{{resources}}}") + scaler(f"maxReplicas: 3, {metrics}")
    [found] = subjects(Autoscaler, plain_platform(tmp_path, manifests))
    assert len(found.unset) == unset


@pytest.mark.parametrize(
    ("container", "annotation", "absent", "injected"),
    [
        ("main", "team: shop", (), False),
        ("app", "team: shop", ("app",), False),
        ("istio-proxy", 'sidecar.istio.io/inject: "true"', ("istio-proxy",), True),
    ],
)
def test_container_that_is_measured(
    tmp_path: Path, container: str, annotation: str, absent: tuple[str, ...], injected: bool
) -> None:
    """One that the pod has not is told, whichever target the metric has; one that an injector may put in is not known."""
    metrics = CPU.replace("Resource, resource: {", f"ContainerResource, containerResource: {{container: {container}, ")
    manifests = workload("Deployment", "web", "resources: {requests: {cpu: 1}}") + scaler(
        f"maxReplicas: 3, {metrics.replace('type: Utilization', 'type: AverageValue')}"
    )
    manifests = manifests.replace("labels: {app: web}", f"annotations: {{{annotation}}}, labels: {{app: web}}")
    [found] = subjects(Autoscaler, plain_platform(tmp_path, manifests))
    assert (found.absent, found.injected) == (absent, injected)


def test_two_autoscalers_of_one_workload(tmp_path: Path) -> None:
    """Two know each other, of Kubernetes or of KEDA; the one that KEDA keeps for a ScaledObject is no second one."""
    keda = "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{scaleTargetRef: {{name: {0}}}}}\n"
    manifests = workload("Deployment", "a") + scaler("maxReplicas: 3", "a")
    manifests += scaler("maxReplicas: 3", "a").replace("metadata: {name: a,", "metadata: {name: b,")
    manifests += workload("Deployment", "c") + scaler("maxReplicas: 3", "c") + keda.format("c")
    manifests += workload("Deployment", "d") + keda.format("d")
    manifests += scaler("maxReplicas: 3", "d").replace("metadata: {name: d,", "metadata: {name: keda-hpa-d,")
    found = subjects(Autoscaler, plain_platform(tmp_path, manifests))
    assert {one.document.name: tuple(map(str, one.others)) for one in found} == {
        "a": ("HorizontalPodAutoscaler/b",),
        "b": ("HorizontalPodAutoscaler/a",),
        "c": ("ScaledObject/c",),
        "keda-hpa-d": (),
    }


def test_bounds_and_defaults(tmp_path: Path) -> None:
    """The API's default of minReplicas is 1; what is no number is not known."""
    manifests = scaler("maxReplicas: 3", "a") + scaler("minReplicas: x, maxReplicas: true", "b")
    first, second = subjects(Autoscaler, plain_platform(tmp_path, manifests))
    assert (first.minimum, first.maximum, first.target, first.has_metrics) == (1, 3, None, False)
    assert (second.minimum, second.maximum) == (None, None)


def test_stated_workloads(tmp_path: Path) -> None:
    """One has an autoscaler of Kubernetes, one of KEDA, one has none, one is not there."""
    keda = "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: b, namespace: shop}\nspec: {scaleTargetRef: {name: b}}\n"
    manifests = (
        workload("Deployment", "a")
        + scaler("maxReplicas: 3", "a")
        + workload("Deployment", "b")
        + keda
        + workload("Deployment", "c")
    )
    found = subjects(StatedScaling, plain_platform(tmp_path, manifests, 'scales = ["a", "b", "c", "d"]\n'))
    assert [(one.workload is not None, one.scalers) for one in found] == [
        (True, ("HorizontalPodAutoscaler/a",)),
        (True, ("ScaledObject/b",)),
        (True, ()),
        (False, ()),
    ]


@pytest.mark.parametrize(
    ("spec", "replicas", "allowed"),
    [
        ("maxUnavailable: 1", 3, 1),
        ("maxUnavailable: 5", 3, 3),
        ("maxUnavailable: 10%", 3, 1),
        ("maxUnavailable: 34%", 3, 2),
        ("maxUnavailable: 0%", 3, 0),
        ("maxUnavailable: 100%", 3, 3),
        ("minAvailable: 2", 3, 1),
        ("minAvailable: 3", 3, 0),
        ("minAvailable: 9", 3, 0),
        ("minAvailable: 50%", 3, 1),
        ("minAvailable: 34%", 3, 1),
        ("minAvailable: 33%", 3, 2),
        ("minAvailable: 0", 3, 3),
        ("unhealthyPodEvictionPolicy: AlwaysAllow", 3, 0),
        ("maxUnavailable: 0, minAvailable: 0", 3, 0),
        ("maxUnavailable: some", 3, None),
        ("maxUnavailable: true", 3, None),
        ("maxUnavailable: 1", "some", None),
    ],
)
def test_how_many_may_go(tmp_path: Path, spec: str, replicas: object, allowed: int | None) -> None:
    """Percentages are rounded up, as the disruption controller rounds them; what is no number is not known."""
    manifests = workload("Deployment", "web", spec=f"replicas: {replicas}") + budget(spec)
    [found] = subjects(DisruptionBudget, plain_platform(tmp_path, manifests))
    assert found.allowed == allowed


def test_the_autoscaler_counts(tmp_path: Path) -> None:
    """Where there is one, the fewest pods are its minimum; a DaemonSet's are not known."""
    manifests = workload("Deployment", "web") + scaler("minReplicas: 4, maxReplicas: 9") + budget("maxUnavailable: 1")
    manifests += workload("DaemonSet", "log") + budget("maxUnavailable: 1", "log")
    first, second = subjects(DisruptionBudget, plain_platform(tmp_path, manifests))
    assert (first.pods, second.pods) == (4, None)


def test_budgets_that_meet(tmp_path: Path) -> None:
    """Two that select one pod know each other; one of another namespace's pods selects none."""
    wide = budget("maxUnavailable: 1", "wide", "{matchExpressions: [{key: app, operator: Exists}]}")
    other = budget("maxUnavailable: 1", "other", "{}").replace("namespace: shop", "namespace: back")
    manifests = workload("Deployment", "web") + budget("maxUnavailable: 1") + wide + other
    found = {
        one.document.name: (one.selected, one.others)
        for one in subjects(DisruptionBudget, plain_platform(tmp_path, manifests))
    }
    assert found == {
        "web": (("Deployment/web",), ("PodDisruptionBudget/wide",)),
        "wide": (("Deployment/web",), ("PodDisruptionBudget/web",)),
        "other": ((), ()),
    }


def test_core_workloads(tmp_path: Path) -> None:
    """One has a budget, one has none."""
    manifests = workload("Deployment", "a") + budget("maxUnavailable: 1", "a") + workload("Deployment", "b")
    found = subjects(StatedCore, plain_platform(tmp_path, manifests, 'core = ["a", "b"]\n'))
    assert [one.budgets for one in found] == [("PodDisruptionBudget/a",), ()]


@pytest.mark.parametrize(
    ("kind", "replicas", "beside", "none"),
    [
        ("Deployment", "replicas: 0", "", True),
        ("StatefulSet", "replicas: 0", "", True),
        ("Deployment", "replicas: 1", "", False),
        ("Deployment", "paused: false", "", False),
        ("Deployment", "replicas: 0", scaler("maxReplicas: 3"), False),
        ("StatefulSet", "replicas: 0", scaler("maxReplicas: 3"), True),
        ("Deployment", "replicas: 0", scaler("maxReplicas: 3", "other"), True),
        ("Deployment", "replicas: 0", "ScaledObject: scaleTargetRef: {name: web}", False),
        ("Deployment", "replicas: 0", "Rollout: workloadRef: {kind: Deployment, name: web}", False),
        ("Deployment", "replicas: 0", "VerticalPodAutoscaler: targetRef: {kind: Deployment, name: web}", True),
    ],
)
def test_workload_without_pods(tmp_path: Path, kind: str, replicas: str, beside: str, none: bool) -> None:
    """It states 0, and nothing that scales names it."""
    if beside and not beside.startswith("---"):
        made, spec = beside.split(": ", 1)
        beside = f"---\napiVersion: x/v1\nkind: {made}\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n"
    platform = plain_platform(tmp_path, workload(kind, "web", spec=replicas) + beside, 'infrastructure = ["web"]\n')
    assert [one.none for one in subjects(CountedWorkload, platform)] == [none]
    assert [one.none for one in subjects(ReleasedInfrastructure, platform)] == [none]
