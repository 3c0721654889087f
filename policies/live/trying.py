"""Trying connections: from where (a pod, the node, outside), to which targets, all sources at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass

import testinfra

from policies.live.access import AccessError, Cluster
from policies.live.errors import LiveError
from policies.live.probe import read, spelled
from policies.model.network.observation import Attempts, Port
from policies.model.network.parties import Party

AT_ONCE = 16
"""From how many sources connections are tried at once: what they wait for is answers, or the time in which none came."""

LONGEST_COMMAND = 60_000
"""How many characters of targets one command takes; the kernel's limit for one argument is 131,072."""

Run = Callable[[Sequence[str]], str]
"""Runs the probe somewhere with these arguments, and gives what it printed."""


@dataclass(frozen=True, eq=False)
class Vantage:
    """Where connections come from that are no pod's; None where it cannot be had. `listen` makes everything outside answer while it is open."""

    node: Run | None = None
    outside: Run | None = None
    listen: Callable[[Sequence[str]], AbstractContextManager[None]] | None = None


@dataclass(frozen=True, eq=False)
class Task:
    """The connections from one source: to each target by its address, on the ports that are tried of it."""

    source: Party
    run: Run
    targets: Mapping[Party, str]
    ports: Callable[[Party], Sequence[Port]]

    def attempts(self) -> list[Attempts]:
        """Try them. Raises LiveError where the probe does not run."""
        said: dict[tuple[str, Port], str] = {}
        wanted = [(address, port) for target, address in self.targets.items() for port in self.ports(target)]
        for part in parts(wanted):
            said.update(read(part, self.run([spelled(port[0], address, port[1]) for address, port in part])))
        return [
            Attempts(self.source, target, {_plain(port): said[address, port] for port in self.ports(target)})
            for target, address in self.targets.items()
        ]


def _plain(port: Port) -> Port:
    return ("UDP", port[1]) if port[0] == "DNS" else port


def all_attempts(tasks: Sequence[Task]) -> tuple[Attempts, ...]:
    """Try every connection of every source. After an interrupt what is begun ends, and nothing more begins."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        found = list(pool.map(Task.attempts, tasks))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return tuple(one for attempts in found for one in attempts)


def in_pod(cluster: Cluster, namespace: str, name: str) -> Run:
    """Give what runs the probe in a pod."""
    host = testinfra.get_host(
        f"kubectl://{name}", namespace=namespace, kubeconfig=str(cluster.kubeconfig), context=cluster.context
    )

    def run(arguments: Sequence[str]) -> str:
        done = host.run("probe connect " + " ".join(arguments))
        if done.rc == 0:
            return str(done.stdout)
        told = (done.stderr or done.stdout).strip()
        if "orbidden" in told:
            raise AccessError(
                f"the cluster refuses to run the probe in {namespace}/{name}; grant the verb 'create' on pods/exec: {told}"
            )
        raise LiveError(f"the probe did not run in {namespace}/{name}: {told}")

    return run


def parts(targets: Sequence[tuple[str, Port]]) -> Iterator[list[tuple[str, Port]]]:
    """Part targets so that each part fits on a command line."""
    part: list[tuple[str, Port]] = []
    length = 0
    for address, port in targets:
        length += len(spelled(port[0], address, port[1])) + 1
        if length > LONGEST_COMMAND:
            yield part
            part, length = [], len(spelled(port[0], address, port[1])) + 1
        part.append((address, port))
    if part:
        yield part
