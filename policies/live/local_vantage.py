"""What a local cluster lets be tried beyond its pods: from its node, and from and to an outside where every address answers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from policies.live.errors import LiveError
from policies.live.local_cluster import LocalCluster
from policies.live.probe import IMAGE, built
from policies.live.trying import Vantage


def prepared(cluster: LocalCluster) -> Vantage:
    """Give the cluster the probe's image, and its node and its outside as places to try from."""
    cluster.load(IMAGE, built())
    # The cluster's own folder is what its node sees of the machine.
    shutil.copy(built(), cluster.kubeconfig.parent / "probe")
    program = "/state/probe"

    def run(arguments: Sequence[str], *, outside: bool) -> str:
        command = cluster.enter([program, "connect", *arguments], outside=outside)
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own program)
        if done.returncode != 0:
            raise LiveError(f"the probe did not run {'outside' if outside else 'on the node'}: {done.stderr.strip()}")
        return done.stdout

    @contextmanager
    def listen(ports: Sequence[str]) -> Iterator[None]:
        command = cluster.enter([program, "serve", *ports], outside=True)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:  # noqa: S603 (our own program)
            try:
                if serving.stdout is None or serving.stdout.readline().strip() != "ready":
                    raise LiveError(f"nothing answers outside: {serving.stderr.read() if serving.stderr else ''}")
                yield
            finally:
                serving.terminate()

    return Vantage(
        lambda arguments: run(arguments, outside=False), lambda arguments: run(arguments, outside=True), listen
    )
