"""A place as its network sees it: its objects and those that run beside it, who there is, and where a Service leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.deployed import Deployed
from policies.evidence import Place
from policies.model.configuration.services import directory, is_headless
from policies.model.configuration.serving import named
from policies.model.kept import kept
from policies.model.network.address_ranges import addresses, parse_network
from policies.model.network.intervals import Intervals
from policies.model.network.labels import Labels
from policies.model.network.parties import Party, labels_of, party
from policies.model.network.policies import Policy
from policies.model.network.policy_schema import PolicyError, read_policy
from policies.model.network.ports import PROTOCOLS
from policies.model.objects.inventory import inventory_of
from policies.model.workloads.pods import PodTemplate, listed, mapping
from policies.model.workloads.selection import equals
from policies.model.workloads.workload import own_documents, pod_spec_path
from policies.platform import Platform
from policies.read.documents import Document

_OUTRANKING = ("AdminNetworkPolicy", "ClusterNetworkPolicy")


@dataclass(frozen=True)
class Site:
    """The objects of a place and of those beside it. `stated` are labels of namespaces that are none of the platform's."""

    item: Deployed
    neighbours: tuple[Deployed, ...]
    stated: dict[str, Labels]

    @property
    def place(self) -> Place:
        """The place."""
        return self.item.place

    @property
    def incomplete(self) -> str | None:
        """What the place was rendered without: policies may be in that."""
        return inventory_of(self.item).incomplete

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The objects of all of them; what a controller among them made is not counted again."""
        return tuple(document for item in (self.item, *self.neighbours) for document in own_documents(item))

    @cached_property
    def own(self) -> tuple[Party, ...]:
        """The workloads of the place itself."""
        return tuple(self._parties(self.item))

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """The workloads of the place and of those beside it."""
        return (*self.own, *(one for item in self.neighbours for one in self._parties(item)))

    def _parties(self, item: Deployed) -> Iterator[Party]:
        for document in own_documents(item):
            path = pod_spec_path(document)
            # A pod that is over has no process, and its address is free again (`PodStatus.phase`).
            over = document.kind == "Pod" and document.get("status", "phase") in ("Succeeded", "Failed")
            if path is not None and not over:
                yield party(PodTemplate(item.place, document, path), self.pod_networks)

    @cached_property
    def pod_networks(self) -> Intervals | None:
        """The networks that pods have their addresses from, where they are stated."""
        stated = self.item.statement.pod_networks if self.item.statement is not None else None
        return addresses(map(parse_network, stated)) if stated else None

    @cached_property
    def _by_document(self) -> dict[int, Party]:
        return {id(one.template.document): one for one in self.parties if one.template is not None}

    def party_of(self, document: Document) -> Party | None:
        """Give the party that a workload's pods are."""
        return self._by_document.get(id(document))

    def party_named(self, name: str) -> Party | None:
        """Give the workload that owners call so: `NAME`, of the place's own first, or `NAMESPACE/NAME`."""
        namespace, _, plain = name.rpartition("/")
        for one in self.parties:
            document = one.template.document if one.template is not None else None
            if document is not None and named(document, plain) and namespace in ("", document.namespace):
                return one
        return None

    # Policies

    @cached_property
    def read(self) -> tuple[Policy | PolicyError, ...]:
        """The policies, or why the API server would refuse one."""
        return tuple(_read(document) for document in self.documents if is_policy(document))

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that are in force."""
        return tuple(one for one in self.read if isinstance(one, Policy))

    @cached_property
    def refused(self) -> tuple[PolicyError, ...]:
        """Why policies are not in force that the manifests have."""
        return tuple(one for one in self.read if isinstance(one, PolicyError))

    def outranked(self, direction: str) -> str | None:
        """Say which policy of the cluster's administrators may let in or out what no NetworkPolicy can refuse, or give None.

        An AdminNetworkPolicy, and a ClusterNetworkPolicy of the tier Admin, come before every NetworkPolicy (`policy.networking.k8s.io`).
        """
        for document in self.documents:
            if document.api_version.startswith("policy.networking.k8s.io/") and document.kind in _OUTRANKING:
                rules = listed(document.get("spec", direction.lower()))
                before = document.get("spec", "tier") in (None, "Admin")
                if before and any(rule.get("action") in ("Allow", "Accept") for _, rule in rules):
                    return f"{document}, which outranks network policies, is there, and is not judged"
        return None

    @cached_property
    def namespaces(self) -> dict[str, Labels]:
        """The labels of namespaces: those that the objects declare, and those that are stated."""
        declared = {
            document.name: labels_of(document.metadata.get("labels"))
            for document in self.documents
            if document.kind == "Namespace" and document.api_version == "v1"
        }
        return {**self.stated, **declared}

    # Services

    @cached_property
    def _in_namespace(self) -> dict[str, list[Party]]:
        found: dict[str, list[Party]] = {}
        for one in self.parties:
            if one.template is not None:
                found.setdefault(one.template.document.namespace, []).append(one)
        return found

    @cached_property
    def _behind(self) -> dict[int, tuple[Party, ...]]:
        return {}

    def behind(self, service: Document) -> tuple[Party, ...]:
        """Give the workloads whose pods a Service selects; one without a selector selects none."""
        if id(service) not in self._behind:
            selector = mapping(service.get("spec", "selector"))
            near = self._in_namespace.get(service.namespace, ()) if selector else ()
            found = (one for one in near if one.template is not None and equals(selector, one.template.labels))
            self._behind[id(service)] = tuple(found)
        return self._behind[id(service)]

    def reached(self, service: Document, port: int | str | None) -> Iterator[tuple[Party, str, int]]:
        """Yield the pods, protocol and port of theirs that a Service's port leads to, by number or name; None means every port of it.

        A headless Service's name leads to the pods themselves, and a number is then theirs (`ServiceSpec.clusterIP`).
        """
        for _, one in listed(service.get("spec", "ports")):
            protocol = str(one.get("protocol") or "TCP")
            target = one.get("targetPort") or one.get("port")
            asked = (one.get("port"), one.get("name"), *((target,) if is_headless(service) else ()))
            if protocol not in PROTOCOLS or (port is not None and port not in asked):
                continue
            for party_ in self.behind(service):
                for found in party_.numbers(protocol, target):
                    yield party_, protocol, found


def is_policy(document: Document) -> bool:
    """Whether it is a NetworkPolicy of Kubernetes itself: others have the kind's name too."""
    return document.kind == "NetworkPolicy" and document.api_version.startswith("networking.k8s.io/")


def _read(document: Document) -> Policy | PolicyError:
    try:
        return read_policy(document)
    except PolicyError as error:
        return error


@kept
def site_of(item: Deployed, platform: Platform) -> Site:
    """Give the site of a place."""
    stated = {name: frozenset(one.labels.items()) for name, one in platform.intent.namespaces.items()}
    return Site(item, directory(platform, item).neighbours, stated)
