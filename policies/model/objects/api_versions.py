"""APIs that Kubernetes no longer serves (https://kubernetes.io/docs/reference/using-api/deprecation-guide/)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Place
from policies.model.assumed import version_of
from policies.model.workloads.pods import not_looked_at
from policies.platform import Platform
from policies.read.documents import Document

UNSTATED = 'platform.toml does not state the version of Kubernetes: kubernetes = "1.35"'


@dataclass(frozen=True)
class Removal:
    """The minor version since which an API is not served, and what took its place."""

    since: int
    instead: str


_TABLE = """
1.16 apps/v1 extensions/v1beta1 DaemonSet Deployment ReplicaSet
1.16 apps/v1 apps/v1beta1 Deployment ReplicaSet StatefulSet
1.16 apps/v1 apps/v1beta2 DaemonSet Deployment ReplicaSet StatefulSet
1.16 networking.k8s.io/v1 extensions/v1beta1 NetworkPolicy
1.16 Pod-Security-Admission extensions/v1beta1 PodSecurityPolicy
1.22 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration ValidatingWebhookConfiguration
1.22 apiextensions.k8s.io/v1 apiextensions.k8s.io/v1beta1 CustomResourceDefinition
1.22 apiregistration.k8s.io/v1 apiregistration.k8s.io/v1beta1 APIService
1.22 authentication.k8s.io/v1 authentication.k8s.io/v1beta1 TokenReview
1.22 authorization.k8s.io/v1 authorization.k8s.io/v1beta1 LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview
1.22 certificates.k8s.io/v1 certificates.k8s.io/v1beta1 CertificateSigningRequest
1.22 coordination.k8s.io/v1 coordination.k8s.io/v1beta1 Lease
1.22 networking.k8s.io/v1 extensions/v1beta1 Ingress
1.22 networking.k8s.io/v1 networking.k8s.io/v1beta1 Ingress IngressClass
1.22 rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 ClusterRole ClusterRoleBinding Role RoleBinding
1.22 scheduling.k8s.io/v1 scheduling.k8s.io/v1beta1 PriorityClass
1.22 storage.k8s.io/v1 storage.k8s.io/v1beta1 CSIDriver CSINode StorageClass VolumeAttachment
1.25 batch/v1 batch/v1beta1 CronJob
1.25 discovery.k8s.io/v1 discovery.k8s.io/v1beta1 EndpointSlice
1.25 events.k8s.io/v1 events.k8s.io/v1beta1 Event
1.25 autoscaling/v2 autoscaling/v2beta1 HorizontalPodAutoscaler
1.25 policy/v1 policy/v1beta1 PodDisruptionBudget
1.25 Pod-Security-Admission policy/v1beta1 PodSecurityPolicy
1.25 node.k8s.io/v1 node.k8s.io/v1beta1 RuntimeClass
1.26 flowcontrol.apiserver.k8s.io/v1beta3 flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration
1.26 autoscaling/v2 autoscaling/v2beta2 HorizontalPodAutoscaler
1.27 storage.k8s.io/v1 storage.k8s.io/v1beta1 CSIStorageCapacity
1.29 flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema PriorityLevelConfiguration
1.32 flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema PriorityLevelConfiguration
1.33 authentication.k8s.io/v1 authentication.k8s.io/v1beta1 SelfSubjectReview
1.34 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
1.37 networking.k8s.io/v1 networking.k8s.io/v1beta1 IPAddress ServiceCIDR
1.37 storage.k8s.io/v1 storage.k8s.io/v1beta1 VolumeAttributesClass
"""
"""Since when, what instead, API, kinds. What the guide does not list yet is from the API's own published schemas."""


def _removals() -> dict[tuple[str, str], Removal]:
    found = {}
    for line in _TABLE.strip().splitlines():
        since, instead, api_version, *kinds = line.split()
        removal = Removal(int(since.partition(".")[2]), instead.replace("-", " ") if "/" not in instead else instead)
        found.update({(api_version, kind): removal for kind in kinds})
    return found


REMOVALS = _removals()


def removal(api_version: str, kind: str, version: str) -> Removal | None:
    """Give how an API was removed, where a version of Kubernetes no longer serves it, and what it does serve instead."""
    found = REMOVALS.get((api_version, kind))
    if found is None or int(version.partition(".")[2]) < found.since:
        return None
    later = removal(found.instead, kind, version)
    return Removal(found.since, later.instead) if later else found


@dataclass(frozen=True)
class UsedApi:
    """An API that objects of a place are written in, and those objects; how it was removed in the stated version, or None."""

    noun: ClassVar[str] = "API in use"
    only_in_files: ClassVar[bool] = False

    place: Place
    api_version: str
    kind: str
    version: str
    documents: tuple[Document, ...]

    @property
    def id(self) -> str:
        """Place, API and kind."""
        return f"{self.place.name}:{self.api_version}/{self.kind}"

    @property
    def removal(self) -> Removal | None:
        """How it was removed, where the stated version no longer serves it."""
        return removal(self.api_version, self.kind, self.version)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give each object's apiVersion as the place."""
        locations = dict.fromkeys(document.origin.locate(("apiVersion",)) for document in self.documents)
        return Evidence(message.format(*values), tuple(locations))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[UsedApi | Gap]:
        """Yield every API of every place."""
        known = version_of(platform)
        if known is None:
            if platform.deployed:
                yield Gap("no version", UNSTATED, PLATFORM)
            return
        version = known[0]
        for item in platform.deployed:
            yield from not_looked_at(item)
            by_api: dict[tuple[str, str], list[Document]] = {}
            for document in item.documents:
                by_api.setdefault((document.api_version, document.kind), []).append(document)
            for (api_version, kind), documents in by_api.items():
                yield cls(item.place, api_version, kind, version, tuple(documents))
