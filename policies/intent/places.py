"""What `platform.toml` states of Kubernetes: services, the base, overlays and manifests, namespaces, hosts outside."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from policies.intent.values import Name, Port, Positive, RelativePath, StageName, Table


class Services(Table, frozen=True):
    """`[services]`: the workloads that the base must register, by the name that their manifests have there.

    `gateway` is the one through which the others are reached; `slow_start` are those that take long before they serve.
    """

    backend: tuple[Name, ...] = ()
    frontend: tuple[Name, ...] = ()
    gateway: Name | None = None
    slow_start: tuple[Name, ...] = ()


class Base(Table, frozen=True):
    """`[base]`: the kustomization that the overlays stand on."""

    path: RelativePath


class Kafka(Table, frozen=True):
    """`[overlays.NAME.kafka]`: the workload of the brokers, how many, and how often each message is kept."""

    workload: Name
    brokers: Positive
    replication_factor: Positive
    min_insync_replicas: Positive


class Redis(Table, frozen=True):
    """`[overlays.NAME.redis]`: the workload of a Redis cluster's nodes, how many, and how many replicas a master has."""

    workload: Name
    nodes: Positive
    cluster_replicas: Annotated[int, msgspec.Meta(ge=0)]


class StatedFlow(Table, frozen=True):
    """`[[overlays.NAME.flows]]`: a connection that is meant and that no configuration shows.

    `from` and `to` are a workload (`NAME`, or `NAMESPACE/NAME`), a network (`10.0.0.0/8`), or `outside` for any address; `ports` are those
    of the pods, not of a Service.
    """

    from_: Name = msgspec.field(name="from")
    to: Name
    ports: tuple[Port, ...]
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    why: str = ""


class PlaceIntent(Table, frozen=True):
    """`[overlays.NAME]`, a kustomization that is deployed, or `[manifests.NAME]`, a folder of plain manifests.

    `exposed` are the Services that may be reached from outside; `infrastructure` are workloads that the place brings beside the
    base; `gateway_reaches` are Services that the gateway's environment must lead to, beside every backend service;
    `configuration` are keys that its configuration files must define; `scales` are workloads with a HorizontalPodAutoscaler,
    `core` those with a PodDisruptionBudget. `ingress_from` are the networks, or the workloads of a controller (`NAMESPACE/NAME`), from which
    connections through an Ingress, a route or a load balancer come, in a table of each by its name; `flows` are connections that no configuration shows, and
    `pod_networks` are the networks that pods have their addresses from: without them a block of addresses holds pods only where it holds every address.
    `flows_complete` says that with these all are known: what passes beyond them then fails. A key that is not stated (None) is not judged.
    """

    path: RelativePath
    stage: StageName
    exposed: tuple[Name, ...] | None = None
    kind_cluster: RelativePath | None = None
    infrastructure: tuple[Name, ...] | None = None
    gateway_reaches: tuple[Name, ...] | None = None
    configuration: tuple[Name, ...] | None = None
    scales: tuple[Name, ...] | None = None
    core: tuple[Name, ...] | None = None
    kafka: Kafka | None = None
    redis: Redis | None = None
    ingress_from: tuple[Name, ...] | dict[Name, tuple[Name, ...]] | None = None
    pod_networks: tuple[Name, ...] | None = None
    flows: tuple[StatedFlow, ...] = ()
    flows_complete: bool = False


class External(Table, frozen=True):
    """`[[external]]`: a host outside the cluster that the platform calls, its networks, and the ports that it serves."""

    host: Name
    cidr: tuple[Name, ...] = ()
    ports: tuple[Port, ...] = ()


class Namespace(Table, frozen=True):
    """`[namespaces.NAME]`: the labels of a namespace that is none of the platform's, beside its name."""

    labels: dict[str, str] = {}
