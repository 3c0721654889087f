"""The cluster of a run: an existing one, or one that is made for the run and removed with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from policies.errors import UsageError
from policies.live import kind_cluster
from policies.live.access import Cluster, reached
from policies.live.local_cluster import OF_RUNS, Progress, build, local_cluster, unavailable
from policies.live.local_vantage import prepared
from policies.live.probe import IMAGE
from policies.live.trying import Vantage
from policies.live.wanted import Wanted
from policies.platform import Platform


@dataclass(frozen=True, eq=False)
class Reached:
    """A cluster, and from where connections can be tried there. `is_own` says that the run made it; `image` is the probe's that it has, if any."""

    cluster: Cluster
    vantage: Vantage
    is_own: bool
    image: str | None
    pull: str = "Never"


@contextmanager
def opened(wish: Wanted, platform: Platform, probe_image: str | None, progress: Progress) -> Iterator[Reached]:
    """Give the cluster for as long as the block runs. Raises UsageError where it cannot be had, LiveError."""
    name = uuid.uuid4().hex[:6]
    if wish.made is None:
        with reached(wish.kubeconfig, wish.context) as cluster:
            yield Reached(cluster, Vantage(), False, probe_image, "IfNotPresent")
    elif wish.made == "kind":
        with (
            kind_cluster.made(name, platform, wish.item, progress) as kubeconfig,
            reached(kubeconfig, None) as cluster,
        ):
            yield Reached(cluster, Vantage(), True, IMAGE)
    else:
        reason = unavailable()
        if reason is not None:
            raise UsageError(
                f"no local cluster can be had here: {reason}; --cluster none looks at no cluster, --environment and --kube-context at one that exists"
            )
        build(progress)
        with local_cluster(f"{OF_RUNS}{name}", denied="reject") as local:
            progress(f"a local cluster is up ({local.timings})")
            vantage = prepared(local)
            with reached(local.kubeconfig, None) as cluster:
                yield Reached(cluster, vantage, True, IMAGE)
