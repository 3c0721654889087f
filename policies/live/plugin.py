"""The pytest plugin of `tox -e live`: which cluster, what is measured on it, and that it is removed again.

Loaded beside `policies.plugin`. What is judged is what runs; the platform's files say what is expected of it.
"""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from policies.errors import TurnstileError, UsageError
from policies.live.access import Cluster, reached
from policies.live.local_cluster import build, local_cluster, unavailable
from policies.live.local_vantage import prepared
from policies.live.measuring import Measurement, Vantage
from policies.live.probe import IMAGE
from policies.live.running import apply, dump
from policies.live.twin import Twin
from policies.model.flows import intended
from policies.model.observation import Observation
from policies.platform import Deployed, Platform
from policies.session import Session
from policies.verdict import printable


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a live run."""
    group = parser.getgroup("turnstile-live", "Turnstile, live: which cluster is looked at")
    group.addoption("--cluster", choices=["local"], help="a cluster that is made for the run and removed after it")
    group.addoption("--kube-context", metavar="NAME", help="an existing cluster, by a context of the kubeconfig")
    group.addoption("--kubeconfig", type=Path, metavar="FILE", help="default: KUBECONFIG, or ~/.kube/config")
    group.addoption(
        "--place", metavar="NAME", help="the overlay that the cluster runs (default: the first of each platform)"
    )
    group.addoption(
        "--probe-image",
        metavar="IMAGE",
        help="the image of cluster/probe that an existing cluster can pull (a local one has it)",
    )
    group.addoption("--read-secrets", action="store_true", help="read which keys Secrets have; never their values")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Measure, before anything is collected: every worker of a run must find the same cases."""
    session = config.pluginmanager.get_plugin("turnstile-session")
    if not isinstance(session, Session) or config.option.collectonly or config.option.help:
        return
    stack = ExitStack()
    config.add_cleanup(stack.close)
    try:
        session.platform = _measured(config, session.platform, stack)
    except TurnstileError as error:
        stack.close()
        raise pytest.UsageError(printable(str(error))) from None


def _measured(config: pytest.Config, platform: Platform, stack: ExitStack) -> Platform:
    option = config.option
    reporter = config.pluginmanager.get_plugin("terminalreporter")

    def progress(text: str) -> None:
        if reporter is not None:
            reporter.write_line(f"turnstile: {printable(text)}")

    item = _place(platform, option.place)
    with _cluster(config, progress) as (cluster, vantage, own):
        observation = _observe(platform, item, cluster, vantage, option.probe_image, progress)
        if own:
            progress(f"applying {len(item.documents)} objects of {item.place.name}")
            apply(cluster, item)
        file = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="turnstile-"))) / "objects.json"
        file.write_text(json.dumps(dump(cluster, item, read_secrets=option.read_secrets)), encoding="utf-8")
    return replace(
        platform, cluster_objects=((item.place.name, file),), only_clusters=True, observations=(observation,)
    )


def _place(platform: Platform, name: str | None) -> Deployed:
    """Give the place that the cluster runs: the stated one, or the only release, or the first."""
    known = [item for item in platform.deployed if item.documents]
    if name is not None:
        known = [item for item in known if item.place.name == name]
        if not known:
            raise UsageError(f"--place {name}: {platform.root} has no such place with objects")
    if not known:
        raise UsageError(f"{platform.root} renders no object, so there is nothing to look for on a cluster")
    return next((item for item in known if item.place.released), known[0])


@contextmanager
def _cluster(config: pytest.Config, progress: object) -> Iterator[tuple[Cluster, Vantage, bool]]:
    option = config.option
    if option.cluster and option.kube_context:
        raise UsageError("--cluster makes a cluster and --kube-context names one; give one of the two")
    if option.kube_context:
        if option.probe_image is None:
            raise UsageError(
                "an existing cluster pulls the probe's image: give it by --probe-image (cluster/probe/Dockerfile makes it)"
            )
        with reached(option.kubeconfig, option.kube_context) as cluster:
            yield cluster, Vantage(), False
        return
    reason = unavailable()
    if reason is not None:
        raise UsageError(f"no local cluster can be had here: {reason}")
    assert callable(progress)  # noqa: S101 (it is given so)
    progress("no environment was named: only an embedded stand-in, a local cluster, is tried")
    build(progress)
    with local_cluster(f"live-{uuid.uuid4().hex[:6]}", denied="reject") as local:
        progress(f"a local cluster is up ({local.timings})")
        vantage = prepared(local)
        with reached(local.kubeconfig, None) as cluster:
            yield cluster, vantage, True


def _observe(
    platform: Platform, item: Deployed, cluster: Cluster, vantage: Vantage, image: str | None, progress: object
) -> Observation:
    assert callable(progress)  # noqa: S101 (it is given so)
    twin = Twin(
        intended(item, platform), uuid.uuid4().hex[:6], image or IMAGE, "Never" if image is None else "IfNotPresent"
    )
    return Measurement(cluster, twin, vantage, progress).observe()
