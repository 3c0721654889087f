"""NetworkPolicies and their rules, as subjects: what each selects, lists and names, and whether anything of it is dead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.network.bits import Bits
from policies.model.network.flows import Intended, intended
from policies.model.network.labels import Selector
from policies.model.network.policies import Direction, Policy, PortClause, Rule
from policies.model.network.unsettled import doubted, reason_of
from policies.model.objects.inventory import is_custom
from policies.model.workloads.pod_labels import Found
from policies.model.workloads.pods import not_looked_at
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.yaml import FieldPath


@dataclass(frozen=True)
class NetworkPolicy:
    """A NetworkPolicy of a place."""

    noun: ClassVar[str] = "NetworkPolicy"
    only_in_files: ClassVar[bool] = False

    intended: Intended
    policy: Policy

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.intended.site.place

    @property
    def id(self) -> str:
        """Place and policy."""
        return _identify(self.intended, self.policy)

    @property
    def selected(self) -> Bits:
        """The workloads of whose pods it selects any for sure."""
        return self.intended.universe.select(self.policy.pods, self.policy.namespace, Found.SOME)

    @property
    def idle(self) -> tuple[Direction, ...]:
        """The directions that it has rules of and does not isolate in: those rules are not in force (`NetworkPolicySpec.policyTypes`)."""
        written = {rule.direction for rule in self.policy.rules}
        return tuple(one for one in Direction if one in written and one not in self.policy.directions)

    @property
    def unknown(self) -> str | None:
        """Why it is not known whether it selects pods, or is told elsewhere."""
        name = self.policy.namespace
        on_host = self.on_host(self.policy.pods, lambda other: other == name)
        return on_host or self.unsettled(self.policy.pods, name) or self.unseen(name)

    def unsettled(self, pods: Selector, namespaces: Selector | str) -> str | None:
        """Say why it is not known whether a selector finds any pod: it asks for a label of which only a controller knows the value."""
        bits = doubted(self.intended.universe, pods, namespaces)
        return reason_of(self.intended.universe, self.policy, pods, bits) if bits else None

    def on_host(self, pods: Selector, is_in: Callable[[str], bool]) -> str | None:
        """Say which workload a selector is meant for that it cannot find: one of its node's network."""
        for party in self.intended.site.parties:
            pod = party.pod
            if pod is not None and pod.host_network and is_in(pod.namespace) and pods.selects(dict(pod.labels)):
                return f"{party} is in its node's network, where no selector finds it (NET-09a)"
        return None

    def unseen(self, namespace: str) -> str | None:
        """Say why pods may be there unseen in a namespace: a custom object's controller makes them, or not all was rendered."""
        for document in self.intended.site.documents:
            if document.namespace == namespace and is_custom(document):
                return f"{document} may make pods that only its controller knows"
        return self.intended.site.incomplete

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give its selector as the place."""
        return self.blame(("spec", "podSelector"), message, *values)

    def blame(self, path: FieldPath, message: str, *values: object) -> Evidence:
        """Give a field of it as the place."""
        return Evidence(message.format(*values), (self.policy.locate(path),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[NetworkPolicy | Gap]:
        """Yield every policy of every place that the API server takes."""
        for network in _networks(platform):
            if isinstance(network, Gap):
                yield network
                continue
            for policy in _own(network):
                yield from cls.of(network, policy)

    @classmethod
    def of(cls, network: Intended, policy: Policy) -> Iterator[NetworkPolicy]:
        """Yield the subjects of one policy."""
        yield cls(network, policy)


class WrittenPolicy(NetworkPolicy):
    """A NetworkPolicy as it is written: one that the API server would refuse is an error, and not in force."""

    noun: ClassVar[str] = "NetworkPolicy as it is written"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[NetworkPolicy | Gap]:
        """Yield every policy of every place, and an error for each that the API server would refuse."""
        yield from super().collect(platform)
        for item in platform.deployed:
            for error in intended(item, platform).site.refused if item.documents else ():
                name = identify(item.place, error.document)
                if any(document is error.document for document in item.documents):
                    yield Gap(name, str(error), item.place, (error.location,), unreadable=True)


@dataclass(frozen=True)
class PolicyRule(NetworkPolicy):
    """A rule of a policy."""

    noun: ClassVar[str] = "rule of a NetworkPolicy"
    direction: ClassVar[Direction | None] = None

    rule: Rule

    @property
    def id(self) -> str:
        """Policy, direction and position."""
        return f"{super().id}/{self.rule.direction.word}[{self.rule.index}]"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the rule as the place."""
        return self.blame(self.rule.path, message, *values)

    @classmethod
    def of(cls, network: Intended, policy: Policy) -> Iterator[NetworkPolicy]:
        """Yield the rules of one policy."""
        for rule in policy.rules:
            if rule.direction in policy.directions and cls.direction in (None, rule.direction):
                yield cls(network, policy, rule)


class IngressRule(PolicyRule):
    """A rule that lets in."""

    noun: ClassVar[str] = "ingress rule"
    direction: ClassVar[Direction | None] = Direction.INGRESS

    @property
    def lists_ports(self) -> bool:
        """Whether it names ports one by one, or in ranges."""
        return self.rule.ports is not None and all(clause.port is not None for clause in self.rule.ports)

    @property
    def opened(self) -> str:
        """What it opens without naming a port."""
        return ", ".join(f"every {one.protocol} port" for one in self._open) or "every port"

    @property
    def _open(self) -> tuple[PortClause, ...]:
        return tuple(one for one in self.rule.ports or () if one.port is None)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the first port that has no number as the place; where none is listed, the rule."""
        clauses = self.rule.ports or ()
        paths = [self.rule.port_path(clauses.index(one)) for one in self._open[:1]]
        return self.blame(paths[0] if paths else self.rule.path, message, *values)


def _networks(platform: Platform) -> Iterator[Intended | Gap]:
    for item in platform.deployed:
        yield from not_looked_at(item)
        if item.documents:
            yield intended(item, platform)


def _own(network: Intended) -> Iterator[Policy]:
    """Yield the policies of the place itself, not of those beside it."""
    own = {id(document) for document in network.site.item.documents}
    yield from (policy for policy in network.site.policies if id(policy.document) in own)


def _identify(network: Intended, policy: Policy) -> str:
    return identify(network.site.place, policy.document) if policy.document is not None else str(policy)
