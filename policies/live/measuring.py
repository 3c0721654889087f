"""Measuring a network: the twin is made, every connection is tried without policies, then with them, and the twin is removed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import testinfra

from policies.live.access import Cluster
from policies.live.errors import LiveError
from policies.live.probe import read, spelled
from policies.live.sampling import outside_parties
from policies.live.twin import OWNER, Twin, renamed
from policies.model.address_ranges import addresses, parse_network
from policies.model.network_policies import Policy
from policies.model.network_policy_schema import read_policy
from policies.model.observation import OPEN, Attempts, Observation, Port
from policies.model.parties import DNS, NODE, Party
from policies.read.documents import ApiOrigin, Document

READY_SECONDS = 120
"""How long the twin's pods may take until they answer."""

SETTLING_ROUNDS = 5
"""How often a network is looked at until it stays the same: an enforcer takes a moment."""

LONGEST_COMMAND = 60_000
"""How many characters of targets one command takes; the kernel's limit for one argument is 131,072."""

CLUSTER_NETWORKS = ("10.244.0.0/16", "10.96.0.0/16", "10.10.0.0/16")
"""The local cluster's own networks: no address of them is outside."""

Run = Callable[[Sequence[str]], str]
"""Runs the probe somewhere with these arguments, and gives what it printed."""


@dataclass(frozen=True, eq=False)
class Vantage:
    """Where connections come from that are no pod's; None where it cannot be had. `listen` makes everything outside answer while it is open."""

    node: Run | None = None
    outside: Run | None = None
    listen: Callable[[Sequence[str]], AbstractContextManager[None]] | None = None


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
        with self._made():
            self._wait()
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

    # The twin

    @contextmanager
    def _made(self) -> Iterator[None]:
        try:
            with self._timed("made"):
                for body in self.twin.namespace_objects():
                    self.cluster.create(body)
                with ThreadPoolExecutor(8) as pool:
                    list(pool.map(self.cluster.create, self.twin.pod_objects()))
            yield
        finally:
            self.progress("removing the twin")
            remove_twins(self.cluster, self.twin.run)

    def _wait(self) -> None:
        """Wait until every pod answers. Raises LiveError with what a pod waits for."""
        waiting = {name: party for party, name in self.twin.names.items()}
        ends = time.monotonic() + READY_SECONDS
        with self._timed("ready"):
            while waiting:
                for namespace in {namespace for namespace, _ in waiting}:
                    for body in self.cluster.list("v1", "Pod", namespace):
                        name = (namespace, body["metadata"]["name"])
                        ready = any(
                            one["type"] == "Ready" and one["status"] == "True"
                            for one in body["status"].get("conditions") or ()
                        )
                        if ready and name in waiting:
                            self.addresses[waiting.pop(name)] = body["status"]["podIP"]
                if waiting and time.monotonic() > ends:
                    namespace, pod = next(iter(waiting))
                    raise LiveError(
                        f"{len(waiting)} pods of the twin are not ready after {READY_SECONDS} s, {namespace}/{pod} for one; "
                        f"'kubectl -n {namespace} describe pod {pod}' says why (is the probe's image there?)"
                    )
                time.sleep(0.3)

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

    # Connections

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
        """Try every connection, all sources at once."""
        tasks: list[tuple[Party, Run, dict[Party, str]]] = []
        dns = self._dns()
        pods = dict(self.addresses)
        beyond = {party: party.name for party in outside}
        for party in pods:
            tasks.append(
                (
                    party,
                    self._in_pod(party),
                    {other: address for other, address in {**pods, **beyond}.items() if other != party},
                )
            )
            tasks += [(party, self._in_pod(party), {DNS: address}) for address in dns]
        if self.vantage.node is not None:
            tasks.append((NODE, self.vantage.node, pods))
        for party in outside:
            if self.vantage.outside is not None:
                tasks.append((party, self._from(party), pods))
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda task: self._from_source(*task), tasks))
        return tuple(one for attempts in found for one in attempts)

    def _dns(self) -> list[str]:
        """Give the address of one pod of the cluster's DNS, where there is one."""
        assert DNS.pod is not None  # noqa: S101 (it is pods)
        selector = ",".join(f"{key}={value}" for key, value in DNS.pod.labels)
        found = self.cluster.list("v1", "Pod", DNS.pod.namespace, selector)
        return [body["status"]["podIP"] for body in found if (body.get("status") or {}).get("podIP")][:1]

    def _from(self, party: Party) -> Run:
        outside = self.vantage.outside
        assert outside is not None  # noqa: S101 (asked before)
        return lambda arguments: outside(["-from", party.name, *arguments])

    def _in_pod(self, party: Party) -> Run:
        namespace, name = self.twin.names[party]
        host = testinfra.get_host(
            f"kubectl://{name}",
            namespace=namespace,
            kubeconfig=str(self.cluster.kubeconfig),
            context=self.cluster.context,
        )

        def run(arguments: Sequence[str]) -> str:
            done = host.run("probe connect " + " ".join(arguments))
            if done.rc != 0:
                raise LiveError(f"the probe did not run in {namespace}/{name}: {(done.stderr or done.stdout).strip()}")
            return str(done.stdout)

        return run

    def _from_source(self, source: Party, run: Run, targets: dict[Party, str]) -> Iterator[Attempts]:
        wanted = [(target, address, port) for target, address in targets.items() for port in self._ports(target)]
        said: dict[tuple[str, Port], str] = {}
        for part in _parts([(address, port) for _, address, port in wanted]):
            said.update(read(part, run([spelled(port[0], address, port[1]) for address, port in part])))
        return iter(
            [
                Attempts(source, target, {self._plain(port): said[address, port] for port in self._ports(target)})
                for target, address in targets.items()
            ]
        )

    def _ports(self, target: Party) -> tuple[Port, ...]:
        return (("TCP", 53), ("DNS", 53)) if target == DNS else self.twin.ports

    @staticmethod
    def _plain(port: Port) -> Port:
        return ("UDP", port[1]) if port[0] == "DNS" else port

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


def _parts(targets: list[tuple[str, Port]]) -> Iterator[list[tuple[str, Port]]]:
    """Part targets so that each part fits on a command line."""
    part: list[tuple[str, Port]] = []
    length = 0
    for address, port in targets:
        length += len(spelled(port[0], address, port[1])) + 1
        if length > LONGEST_COMMAND:
            yield part
            part, length = [], 0
        part.append((address, port))
    if part:
        yield part


def remove_twins(cluster: Cluster, run: str | None = None) -> list[str]:
    """Remove the namespaces of a run, or of every run, and give their names."""
    selector = OWNER if run is None else f"{OWNER}={run}"
    found = [body["metadata"]["name"] for body in cluster.list("v1", "Namespace", selector=selector)]
    for name in found:
        cluster.delete("v1", "Namespace", name)
    return found
