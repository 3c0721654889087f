"""The pytest plugin of `tox -e live` for Kubernetes: which cluster, what is measured on it, and that it is removed again.

Loaded beside `policies.plugin`. What is judged is what runs; the platform's files say what is expected of it.
"""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policies.deployed import Deployed
from policies.errors import TurnstileError, UsageError
from policies.evidence import Place
from policies.live.clusters import Reached, opened
from policies.live.folders import own_folder
from policies.live.interrupts import interrupted_by_sigterm
from policies.live.local_cluster import Progress
from policies.live.measuring import Measurement
from policies.live.pictures import observed_svg
from policies.live.running import apply, dump
from policies.live.twin import Twin
from policies.live.wanted import Wanted, chosen_environment, wanted
from policies.model.drift.comparison import NotCompared
from policies.model.network.flows import intended
from policies.model.network.observation import NotTried, Observation
from policies.platform import Platform
from policies.read.documents import Document
from policies.session.session import Session
from policies.verdict import printable

STAND_INS = "no environment was named: only embedded stand-ins are tried, and nothing here says what runs elsewhere"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a live run."""
    group = parser.getgroup("turnstile-live", "Turnstile, live: what is looked at")
    group.addoption("--environment", metavar="NAME", help="an environment of platform.toml ([environments.NAME])")
    group.addoption(
        "--allow-production", action="store_true", help="touch what looks like production; without it that ends the run"
    )
    group.addoption(
        "--cluster", choices=["local", "kind", "none"],
        help="a cluster that is made for the run and removed after it, or none (default: local, where nothing is named)",
    )  # fmt: skip
    group.addoption("--kube-context", metavar="NAME", help="an existing cluster, by a context of the kubeconfig")
    group.addoption("--namespace", metavar="NS", help="where objects run that state none (default: the context's own)")
    group.addoption("--kubeconfig", type=Path, metavar="FILE", help="default: KUBECONFIG, or ~/.kube/config")
    group.addoption("--place", metavar="NAME", help="the overlay that the cluster runs (default: the first release)")
    group.addoption(
        "--probe-image", metavar="IMAGE",
        help="try connections on an existing cluster too, in namespaces of its own: the image of cluster/probe that it can pull",
    )  # fmt: skip
    group.addoption("--read-secrets", action="store_true", help="read which keys Secrets have; never their values")
    group.addoption(
        "--picture", type=Path, metavar="FILE",
        help="where the picture of what was seen of the network goes (default: network-observed.svg beside the JUnit report)",
    )  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Measure, before anything is collected: every case is known then."""
    session = config.pluginmanager.get_plugin("turnstile-session")
    if not isinstance(session, Session) or config.option.collectonly or config.option.help:
        return
    if session.worker is not None or getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("a live run is one process, for it looks once at what runs; leave out -n")
    stack = ExitStack()
    config.add_cleanup(stack.close)
    try:
        with interrupted_by_sigterm():
            session.platform = _looked_at(config, session.platform, stack)
    except TurnstileError as error:
        stack.close()
        raise pytest.UsageError(printable(str(error))) from None


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say once more, as the last line, where only stand-ins were tried."""
    if _names_nothing(config.option):
        terminalreporter.write_line(f"turnstile: {STAND_INS}")


def _names_nothing(option: Any) -> bool:
    return not (option.environment or option.kube_context)


def _looked_at(config: pytest.Config, platform: Platform, stack: ExitStack) -> Platform:
    option = config.option
    reporter = config.pluginmanager.get_plugin("terminalreporter")

    def progress(text: str) -> None:
        if reporter is not None:
            reporter.write_line(f"turnstile: {printable(text)}")

    if _names_nothing(option):
        progress(STAND_INS)
    wish = wanted(option, platform)
    if wish is None:
        name, _ = chosen_environment(option, platform)
        reason = f"[environments.{name}] states no context" if name else "no cluster is looked at (--cluster none)"
        place = Place(name or "cluster")
        return replace(
            platform,
            only_clusters=True,
            observations=(*platform.observations, NotTried(place, reason), NotCompared(place, reason)),
        )
    with opened(wish, platform, option.probe_image, progress) as reached:
        tried = _tried(platform, wish.item, reached, progress)
        unserved = _applied(wish.item, reached, progress) if reached.is_own else ()
        objects, compared = _read(wish, reached, progress, unserved, read_secrets=option.read_secrets)
    if isinstance(tried, Observation):
        _draw(tried, option.picture or _reports(config) / "network-observed.svg", progress)
    file = stack.enter_context(own_folder()) / "objects.json"
    file.write_text(json.dumps(objects), encoding="utf-8")
    return replace(
        platform,
        # What runs of plain manifests is judged as a release: of them no overlay says for what they are.
        cluster_objects=((wish.item.place.name if wish.item.is_overlay else "", file),),
        only_clusters=True,
        observations=(*platform.observations, tried, compared),
    )


def _tried(platform: Platform, item: Deployed, reached: Reached, progress: Progress) -> Observation | NotTried:
    if reached.image is None:
        reason = "no connection was tried on this cluster; --probe-image names the image for it (cluster/probe/Dockerfile makes it)"
        return NotTried(item.place, reason)
    network = intended(item, platform)
    if network.site.refused:
        raise network.site.refused[0]
    if not network.site.own:
        return NotTried(item.place, f"{item.place.name} has no workload, so there is no network to try")
    twin = Twin(network, uuid.uuid4().hex[:6], reached.image, reached.pull)
    observation = Measurement(reached.cluster, twin, reached.vantage, progress).observe()
    told = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in observation.seconds.items())
    progress(f"{observation.open_before[1]} connections tried twice ({told})")
    return observation


def _applied(item: Deployed, reached: Reached, progress: Progress) -> tuple[Document, ...]:
    progress(f"applying {len(item.documents)} objects of {item.place.name}")
    unserved = apply(reached.cluster, item)
    if unserved:
        progress(f"not applied, for the cluster knows no such kind: {', '.join(map(str, unserved))}")
    return unserved


def _read(
    wish: Wanted, reached: Reached, progress: Progress, unserved: tuple[Document, ...], *, read_secrets: bool
) -> tuple[dict[str, Any], Any]:
    """Read what runs: as a list of objects, and held against what is declared, unless the run itself has just made it so."""
    progress(f"reading the objects of {wish.item.place.name}")
    snapshot = dump(
        reached.cluster, wish.item, read_secrets=read_secrets, beside=not reached.is_own, namespace=wish.namespace
    )
    if reached.is_own:
        reason = "the run itself made this cluster and applied what it reads, so nothing can have drifted; name an environment"
        if unserved:
            reason += f" (not applied, for the cluster knows no such kind: {', '.join(map(str, unserved))})"
        return snapshot.as_list(), NotCompared(wish.item.place, reason)
    if not snapshot.objects:
        names = ", ".join(sorted({one.namespace or snapshot.namespace for one in wish.item.documents}))
        raise UsageError(
            f"the cluster of context {reached.cluster.context!r} has no object of {wish.item.place.name} in {names}; is it the right one?"
        )
    return snapshot.as_list(), snapshot.compared_with(wish.item)


def _reports(config: pytest.Config) -> Path:
    return Path(config.option.junit).parent if config.option.junit else config.rootpath / "reports"


def _draw(observation: Observation, file: Path, progress: Progress) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(observed_svg(observation), encoding="utf-8")
    progress(f"what was seen of the network, beside what is predicted: {file}")
