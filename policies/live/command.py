"""`turnstile live`: what an interrupted run left, and its removal; and the roles that a run needs on a cluster."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from policies.errors import UsageError
from policies.evidence import Stage
from policies.intent.environments import Environment
from policies.live import folders, kind_cluster, local_cluster
from policies.live.wanted import environment_of, kubeconfig_of, looks_like_production
from policies.platform import Platform

ROLES = Path(__file__).with_name("clusterrole.yaml")

REMOVES, YOUNG = "removes", "left alone"

MINUTES = 60
"""How young something may be that may belong to a run which is under way."""


@dataclass(frozen=True)
class Leftover:
    """Something that a run made and did not remove; `minutes` is how long ago, None where that is not known."""

    what: str
    minutes: int | None
    remove: Callable[[], None]


def add_parser(commands: Any) -> None:
    """Add the command's arguments."""
    live = commands.add_parser("live", help="clean up after live runs", description="What live runs need and leave.")
    actions = live.add_subparsers(required=True, metavar="ACTION")
    clean = actions.add_parser(
        "clean",
        help="remove what interrupted runs left",
        description="List what interrupted runs left, then remove it: local clusters, clusters of kind, and with a context or an "
        "environment the namespaces labelled as the suite's.",
    )
    clean.add_argument("--kube-context", metavar="NAME", help="look for namespaces of the suite on this cluster too")
    clean.add_argument("--kubeconfig", type=Path, metavar="FILE", help="default: KUBECONFIG, or ~/.kube/config")
    clean.add_argument("--environment", metavar="NAME", help="the same, by an environment of platform.toml")
    clean.add_argument(
        "--platform",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="whose platform.toml (default: the current directory)",
    )
    clean.add_argument(
        "--older-than", type=int, default=MINUTES, metavar="MINUTES",
        help=f"leave what is younger: a run may be under way (default: {MINUTES})",
    )  # fmt: skip
    clean.add_argument("--allow-production", action="store_true", help="touch what looks like production")
    clean.add_argument("--dry-run", action="store_true", help="list it, and remove nothing")
    clean.set_defaults(run=_clean)
    role = actions.add_parser(
        "role", help="print the roles that a run needs on a cluster", description="Print the least that a run needs."
    )
    role.set_defaults(run=_role)


def _role(options: argparse.Namespace, console: Console) -> int:
    del options
    console.file.write(ROLES.read_text(encoding="utf-8"))
    return 0


def _clean(options: argparse.Namespace, console: Console) -> int:
    with ExitStack() as stack:
        found = tuple(_leftovers(options, stack))
        for one in found:
            console.print(
                f"{_fate(one, options)}: {one.what}{'' if one.minutes is None else f', {one.minutes} minutes old'}"
            )
        for one in found:
            if _fate(one, options) == REMOVES:
                one.remove()
    if not found:
        console.print("Nothing is left of any run.")
    elif any(_fate(one, options) == YOUNG for one in found):
        console.print("What is young may belong to a run that is under way; --older-than 0 removes it all the same.")
    return 0


def _fate(one: Leftover, options: argparse.Namespace) -> str:
    if one.minutes is not None and one.minutes < options.older_than:
        return YOUNG
    return "would remove" if options.dry_run else REMOVES


def _leftovers(options: argparse.Namespace, stack: ExitStack) -> Iterator[Leftover]:
    yield from (
        Leftover(f"folder {folder}", None, partial(folders.remove, folder)) for folder in folders.left_folders()
    )
    yield from (
        Leftover(f"local cluster {name}", None, partial(local_cluster.remove, name))
        for name in local_cluster.leftovers_of_runs()
    )
    yield from (
        Leftover(f"cluster {name} of kind", None, partial(kind_cluster.remove, name))
        for name in kind_cluster.leftovers()
    )
    if options.kube_context or options.environment:
        yield from _namespaces(options, stack)


def _namespaces(options: argparse.Namespace, stack: ExitStack) -> Iterator[Leftover]:
    try:
        from policies.live.access import reached
        from policies.live.placing import twins
    except ImportError as error:
        raise UsageError(
            f"a cluster is reached with the extra 'live' (pip install 'turnstile-policies[live]'): {error}"
        ) from None
    context, kubeconfig, stated, stage = options.kube_context, options.kubeconfig, Environment(), Stage.DEVELOPMENT
    if options.environment:
        if context:
            raise UsageError(
                "--environment names a context by platform.toml, --kube-context names one itself; give one of the two"
            )
        platform = Platform.open(options.platform)
        stated = environment_of(platform, options.environment)
        context = stated.context
        if context is None:
            raise UsageError(f"[environments.{options.environment}] states no context, so it has no namespaces")
        kubeconfig = kubeconfig_of(kubeconfig, stated, platform)
        place = {**platform.intent.overlays, **platform.intent.manifests}.get(stated.overlay or "")
        stage = Stage(place.stage) if place is not None else Stage.RELEASE
    reason = looks_like_production(options.environment or "", stated, stage, (context, stated.namespace))
    if reason and not options.allow_production:
        raise UsageError(
            f"the cluster of context {context} looks like production: {reason}; if it is meant, add --allow-production"
        )
    cluster = stack.enter_context(reached(kubeconfig, context))
    for body in twins(cluster):
        name = str(body["metadata"]["name"])
        age = _minutes(str(body["metadata"].get("creationTimestamp") or ""))
        if (body.get("status") or {}).get("phase") != "Terminating":
            remove = partial(cluster.delete, "v1", "Namespace", name)
            yield Leftover(f"namespace {name} on {cluster.context}", age, remove)


def _minutes(created: str) -> int | None:
    try:
        age = datetime.datetime.now(tz=datetime.UTC) - datetime.datetime.fromisoformat(created)
    except ValueError:
        return None
    return max(0, int(age.total_seconds() // 60))
