"""A cluster made by kind (https://kind.sigs.k8s.io) for a run and removed with it. Experimental: it has not been tried on a real kind yet.

Of the platform's own cluster file nothing is taken but port mappings: it could mount the machine's files or name an image.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from policies.deployed import Deployed
from policies.errors import UsageError
from policies.evidence import Gap
from policies.live.errors import LiveError
from policies.live.folders import is_alive, own_folder
from policies.live.local_cluster import Progress, archive
from policies.live.probe import IMAGE, built
from policies.model.configuration.kind_clusters import kind_cluster
from policies.model.workloads.pods import listed
from policies.platform import Platform

PREFIX = "turnstile-"
"""How the names of clusters begin that are ours; the number of the process that made it follows."""

SECONDS = 600
"""How long kind may take: it pulls an image of about a gigabyte."""


class KindError(LiveError):
    """Kind failed; with what it said."""


def unavailable() -> str | None:
    """Why kind cannot be used on this machine, and the way out; None where it can."""
    if shutil.which("kind") is None:
        return "kind is not installed: take it from kind.sigs.k8s.io, or choose --cluster local, which needs no Docker"
    if shutil.which("docker") is None:
        return "kind needs Docker, and there is no docker: install it, or choose --cluster local, which needs none"
    done = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)  # noqa: S607 (the user's own)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        return (
            f"kind needs Docker, and its daemon does not answer ({''.join(said)}): start it, or choose --cluster local"
        )
    return None


def configuration(platform: Platform, item: Deployed) -> dict[str, Any]:
    """Give kind's configuration for a place: each NodePort of its Services, on this machine's loopback, where the platform's own file maps it."""
    asked = _host_ports(platform, item)
    mappings = [
        # 0 lets Docker choose a free port.
        {
            "containerPort": port,
            "hostPort": asked.get((port, protocol), 0),
            "listenAddress": "127.0.0.1",
            "protocol": protocol,
        }
        for port, protocol in dict.fromkeys(_node_ports(item))
    ]
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [{"role": "control-plane", "extraPortMappings": mappings}],
    }


def _node_ports(item: Deployed) -> Iterator[tuple[int, str]]:
    for document in item.documents:
        for _, port in listed(document.get("spec", "ports")) if document.kind == "Service" else ():
            if isinstance(port.get("nodePort"), int):
                yield port["nodePort"], str(port.get("protocol") or "TCP")


def _host_ports(platform: Platform, item: Deployed) -> dict[tuple[int, str], int]:
    found = kind_cluster(platform, item)
    if found is None or isinstance(found, Gap):
        return {}
    ports = {}
    for path, number, protocol in found[1]:
        host = platform.plain.kind_clusters[found[0]].data
        for step in path[:-1]:
            host = host[step]
        if isinstance(number, int) and isinstance(host.get("hostPort"), int) and 0 < host["hostPort"] < 65536:
            ports[number, protocol] = host["hostPort"]
    return ports


@contextmanager
def made(name: str, platform: Platform, item: Deployed, progress: Progress) -> Iterator[Path]:
    """Give the kubeconfig of a cluster for as long as the block runs; it is removed however the block ends. Raises UsageError, KindError."""
    reason = unavailable()
    if reason is not None:
        raise UsageError(f"no cluster can be made by kind: {reason}")
    progress("--cluster kind is experimental: it has not been tried on a real kind yet")
    with own_folder() as folder:
        kubeconfig, config, image = (folder / file for file in ("kubeconfig", "kind.json", "probe.tar"))
        kubeconfig.touch(mode=0o600)
        config.write_text(json.dumps(configuration(platform, item)), encoding="utf-8")  # JSON is YAML.
        archive(IMAGE, built(), image)
        whole = f"{PREFIX}{os.getpid()}-{name}"
        try:
            progress(f"kind makes the cluster {whole}")
            _kind(
                "create",
                "cluster",
                "--name",
                whole,
                "--config",
                str(config),
                "--kubeconfig",
                str(kubeconfig),
                "--wait",
                "180s",
            )
            _kind("load", "image-archive", str(image), "--name", whole)
            yield kubeconfig
        finally:
            progress(f"kind removes the cluster {whole}")
            _kind("delete", "cluster", "--name", whole, "--kubeconfig", str(kubeconfig))


def leftovers() -> list[str]:
    """The names of our clusters of kind whose process is no more; none where there is no kind."""
    if unavailable() is not None:
        return []
    found = ((name, re.match(rf"{PREFIX}([0-9]+)-", name)) for name in _kind("get", "clusters").split())
    return [name for name, ours in found if ours is not None and not is_alive(int(ours[1]))]


def remove(name: str) -> None:
    """Remove a cluster of ours by its whole name. Raises KindError."""
    _kind("delete", "cluster", "--name", name)


def _kind(*words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 (the user's own)
            ["kind", *words],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise KindError(f"'kind {' '.join(words[:2])}' took longer than {SECONDS} s") from None
    if done.returncode != 0:
        raise KindError(f"'kind {' '.join(words[:2])}' failed: {(done.stderr.strip() or done.stdout.strip())[-2000:]}")
    return done.stdout
