"""Measuring a network: the twin is made, every connection is tried without policies, then with them, and the twin is removed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from policies.live.access import Cluster
from policies.live.placing import placed, ready
from policies.live.sampling import outside_parties
from policies.live.trying import Run, Task, Vantage, all_attempts, in_pod
from policies.live.twin import Twin, renamed
from policies.model.network.address_ranges import addresses, parse_network
from policies.model.network.observation import OPEN, Attempts, Observation, Port
from policies.model.network.parties import DNS, NODE, Party
from policies.model.network.policies import Policy
from policies.model.network.policy_schema import read_policy
from policies.read.documents import ApiOrigin, Document

SETTLING_ROUNDS = 5
"""How often a network is looked at until it stays the same: an enforcer takes a moment."""

CLUSTER_NETWORKS = ("10.244.0.0/16", "10.96.0.0/16", "10.10.0.0/16")
"""The local cluster's own networks: no address of them is outside."""


@dataclass(eq=False)
class Measurement:
    """One measurement on a cluster."""

    cluster: Cluster
    twin: Twin
    vantage: Vantage
    progress: Callable[[str], None]
    addresses: dict[Party, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def observe(self) -> Observation:
        """Make the twin, try everything, and remove it, whatever happens. Raises LiveError."""
        twin = self.twin
        start = time.monotonic()
        with placed(self.cluster, twin, self.progress):
            self.addresses.update(ready(self.cluster, twin))
            self.seconds["made and ready"] = time.monotonic() - start
            outside = tuple(self._outside())
            with self._listening():
                self.progress(
                    f"{len(self.addresses)} pods and {len(outside)} addresses outside, {len(twin.ports)} ports: without policies"
                )
                with self._timed("without policies"):
                    before = self._attempts(outside)
                for body in twin.policy_objects():
                    self.cluster.create(body)
                self.progress(f"with {len(twin.intended.site.policies)} policies")
                with self._timed("with policies"):
                    after = self._settled(outside)
            effective = tuple(self._read_back())
        dead = {(one.source, one.target): _dead(one) for one in before}
        attempts = tuple(Attempts(one.source, one.target, one.outcomes, dead[one.source, one.target]) for one in after)
        opened = sum(outcome == OPEN for one in before for outcome in one.outcomes.values())
        return Observation(
            twin.intended,
            attempts,
            effective,
            tuple(self._untried()),
            (opened, sum(len(one.outcomes) for one in before)),
            self.seconds,
        )

    def _untried(self) -> Iterator[tuple[str, str]]:
        yield from (
            (party.name, "it is in its node's network, where no policy is in force") for party in self.twin.left_out
        )
        if self.vantage.outside is None:
            yield "outside", "connections from and to the outside can be tried on a local cluster alone"
        if self.vantage.node is None:
            yield "the node", "connections from the node can be tried on a local cluster alone"

    # Connections

    def _outside(self) -> Iterator[Party]:
        if self.vantage.outside is not None:
            taken = addresses(map(parse_network, CLUSTER_NETWORKS))
            yield from outside_parties(self.twin.intended, taken)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        if self.vantage.listen is None:
            yield
            return
        with self.vantage.listen([f"{protocol.lower()}/{number}" for protocol, number in self.twin.ports]):
            yield

    def _settled(self, outside: tuple[Party, ...]) -> tuple[Attempts, ...]:
        """Look at the network until two looks are the same."""
        found = self._attempts(outside)
        for _ in range(SETTLING_ROUNDS):
            again = self._attempts(outside)
            if [one.outcomes for one in again] == [one.outcomes for one in found]:
                return again
            found = again
        return found

    def _attempts(self, outside: tuple[Party, ...]) -> tuple[Attempts, ...]:
        """Try every connection."""
        tasks: list[Task] = []
        dns = self._dns()
        pods = dict(self.addresses)
        beyond = {party: party.name for party in outside}
        if dns is not None:
            beyond[DNS] = dns
        for party in pods:
            run = in_pod(self.cluster, *self.twin.names[party])
            others = {other: address for other, address in {**pods, **beyond}.items() if other != party}
            tasks.append(Task(party, run, others, self._ports))
        if self.vantage.node is not None:
            tasks.append(Task(NODE, self.vantage.node, pods, self._ports))
        if self.vantage.outside is not None:
            tasks += [Task(party, self._from(party), pods, self._ports) for party in outside]
        return all_attempts(tasks)

    def _dns(self) -> str | None:
        """Give the address of one pod of the cluster's DNS, where there is one."""
        assert DNS.pod is not None  # noqa: S101 (it is pods)
        selector = ",".join(f"{key}={value}" for key, value in DNS.pod.labels)
        found = self.cluster.list("v1", "Pod", DNS.pod.namespace, selector)
        return next((body["status"]["podIP"] for body in found if (body.get("status") or {}).get("podIP")), None)

    def _from(self, party: Party) -> Run:
        outside = self.vantage.outside
        assert outside is not None  # noqa: S101 (asked before)
        return lambda arguments: outside(["-from", party.name, *arguments])

    def _ports(self, target: Party) -> tuple[Port, ...]:
        return (("TCP", 53), ("DNS", 53)) if target == DNS else self.twin.ports

    # What is in force

    def _read_back(self) -> Iterator[Policy]:
        """Yield the policies as the cluster has them, under the platform's own names."""
        original = {twin: name for name, twin in self.twin.namespaces.items()}
        for namespace, name in original.items():
            for body in self.cluster.list("networking.k8s.io/v1", "NetworkPolicy", namespace):
                plain = {
                    **body,
                    "metadata": {"name": body["metadata"]["name"], "namespace": name},
                    "spec": renamed(body.get("spec") or {}, original),
                }
                yield read_policy(Document(plain, ApiOrigin("NetworkPolicy", namespace, body["metadata"]["name"])))

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self.seconds[what] = time.monotonic() - start


def _dead(attempts: Attempts) -> frozenset[Port]:
    return frozenset(port for port, outcome in attempts.outcomes.items() if outcome != OPEN)
