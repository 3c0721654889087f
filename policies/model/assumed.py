"""What is assumed where owners have not stated it: from what the platform holds, and from the specification. Each is said in every report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.discovery import Assumption
from policies.evidence import Gap
from policies.intent.places import Services
from policies.model.assumed_places import found_places
from policies.model.cloud.eks_clusters import EksCluster
from policies.model.cloud.eks_support import ENDS, minor_of
from policies.model.kept import kept
from policies.model.overlays.base import registered
from policies.model.servers.brokers import Brokers, ReleasedBrokers
from policies.model.servers.caches import Nodes
from policies.platform import Platform
from policies.read.yaml import fields
from policies.requirement import NotJudged

_FRONTEND = re.compile(r"(?i)(^|[-_.])(front|frontend|web|webapp|ui|spa|www|client|site|portal)($|[-_.])")
_GATEWAY = re.compile(r"(?i)(^|[-_.])(api-?)?gateway($|[-_.])")
_NODE = re.compile(r"kindest/node:v(1\.\d+)\.")


@kept
def services_of(platform: Platform) -> Services | None:
    """Give the services that owners state, or those that the base's workloads are by their names; None where there is no base."""
    if platform.intent.services is not None:
        return platform.intent.services
    base = registered(platform)
    if isinstance(base, Gap) or not base.workloads:
        return None
    names = sorted(base.workloads)
    gateways = [name for name in names if is_called_gateway(name)]
    return Services(
        backend=tuple(name for name in names if not _FRONTEND.search(name)),
        frontend=tuple(name for name in names if _FRONTEND.search(name)),
        gateway=gateways[0] if len(gateways) == 1 else None,
    )


def is_called_gateway(name: str) -> bool:
    """Whether a workload of this name is taken for the gateway."""
    return _GATEWAY.search(name) is not None


@kept
def version_of(platform: Platform) -> tuple[str, str] | None:
    """Give the version of Kubernetes and where it was seen: stated, of an EKS cluster, of kind's nodes; None where nobody says any."""
    if platform.intent.kubernetes is not None:
        return platform.intent.kubernetes, ""
    for cluster in EksCluster.collect(platform):
        if isinstance(cluster, EksCluster) and cluster.deployed.is_applied:
            try:
                version = cluster.version
            except NotJudged:
                continue
            if version is not None and minor_of(version) in ENDS:
                return version, f"{cluster.block.address} runs it"
    for file, document in platform.plain.kind_clusters.items():
        for _, value in fields(document.data):
            found = _NODE.search(value) if isinstance(value, str) else None
            if found is not None:
                return found[1], f"{file} runs it"
    return None


def assumptions(platform: Platform) -> tuple[Assumption, ...]:
    """Give all that is assumed of a platform."""
    return (*found_places(platform), *_services(platform), *_version(platform), *_clusters(platform))


def _services(platform: Platform) -> Iterator[Assumption]:
    services = services_of(platform)
    if platform.intent.services is None and services is not None:
        said = f"the base's workloads are backend services, but for {', '.join(services.frontend) or 'none'}"
        yield Assumption(said, "[services] backend, frontend")
        if services.gateway is not None:
            yield Assumption(f"{services.gateway} is the gateway: it is called so", "[services] gateway")


def _version(platform: Platform) -> Iterator[Assumption]:
    found = version_of(platform)
    if platform.intent.kubernetes is None and found is not None:
        yield Assumption(f"the manifests are for Kubernetes {found[0]}: {found[1]}", "kubernetes")


def _clusters(platform: Platform) -> Iterator[Assumption]:
    for kind in (Brokers, ReleasedBrokers):
        for one in kind.found(platform):
            kafka = one.stated
            said = (
                f"{one.workload} of {one.place.name} is its Kafka, of {kafka.brokers} brokers that keep each message"
                f" {kafka.replication_factor} times, {kafka.min_insync_replicas} in sync"
            )
            yield Assumption(said, f"[{one.item.key}.kafka]")
    for nodes in Nodes.found(platform):
        redis = nodes.stated
        said = f"{nodes.workload} of {nodes.place.name} is a Redis cluster of {redis.nodes} nodes, {redis.cluster_replicas} for each master"
        yield Assumption(said, f"[{nodes.item.key}.redis]")
