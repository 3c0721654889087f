"""A twin put on a cluster and taken off again: its namespaces, its pods, and what an interrupted run left of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from policies.live.access import AccessError, Cluster
from policies.live.errors import LiveError
from policies.live.local_cluster import Progress
from policies.live.twin import OWNER, Twin
from policies.model.network.parties import Party

READY_SECONDS = 120
"""How long the twin's pods may take until they answer."""

ACCOUNT_SECONDS = 20
"""How long a new namespace may take until it has the account that every pod runs by."""


@contextmanager
def placed(cluster: Cluster, twin: Twin, progress: Progress) -> Iterator[None]:
    """Have the twin's namespaces and pods on a cluster for as long as the block runs. Raises AccessError."""
    try:
        for body in twin.namespace_objects():
            cluster.create(body)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda body: _create_pod(cluster, body), twin.pod_objects()))
        yield
    finally:
        progress("removing the twin")
        remove_twins(cluster, twin.run)


def _create_pod(cluster: Cluster, body: dict[str, Any]) -> None:
    ends = time.monotonic() + ACCOUNT_SECONDS
    while True:
        try:
            return cluster.create(body)
        except AccessError as error:
            if 'serviceaccount "default" not found' not in str(error) or time.monotonic() > ends:
                raise
        time.sleep(0.2)


def ready(cluster: Cluster, twin: Twin) -> dict[Party, str]:
    """Wait until every pod answers, and give their addresses. Raises LiveError with what a pod waits for."""
    addresses: dict[Party, str] = {}
    waiting = {name: party for party, name in twin.names.items()}
    ends = time.monotonic() + READY_SECONDS
    while waiting:
        for namespace in {namespace for namespace, _ in waiting}:
            for body in cluster.list("v1", "Pod", namespace):
                name = (namespace, body["metadata"]["name"])
                conditions = body["status"].get("conditions") or ()
                is_ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
                if is_ready and name in waiting:
                    addresses[waiting.pop(name)] = body["status"]["podIP"]
        if waiting and time.monotonic() > ends:
            namespace, pod = next(iter(waiting))
            raise LiveError(
                f"{len(waiting)} pods of the twin are not ready after {READY_SECONDS} s, {namespace}/{pod} for one; "
                f"'kubectl -n {namespace} describe pod {pod}' says why (is the probe's image there?)"
            )
        time.sleep(0.3)
    return addresses


def twins(cluster: Cluster, run: str | None = None) -> list[dict[str, Any]]:
    """Give the namespaces of a run, or of every run. Raises AccessError."""
    return cluster.list("v1", "Namespace", selector=OWNER if run is None else f"{OWNER}={run}")


def remove_twins(cluster: Cluster, run: str | None = None) -> list[str]:
    """Remove the namespaces of a run, or of every run, and give their names. Raises AccessError."""
    found = [str(body["metadata"]["name"]) for body in twins(cluster, run)]
    for name in found:
        cluster.delete("v1", "Namespace", name)
    return found
