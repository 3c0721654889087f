"""`turnstile init`: a first `platform.toml`, from what can be found by looking; the guesses are marked for their owner."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from policies.deployed import Deployed
from policies.discovery import guess_stage, spell_table
from policies.edge.package import find_handlers
from policies.errors import UsageError
from policies.intent.intent import FILE
from policies.model.assumed import services_of, version_of
from policies.model.cloud.roots import DeployedRoot, roots
from policies.model.configuration.exposure import exposed_services
from policies.model.servers.brokers import Brokers, ReleasedBrokers
from policies.model.servers.caches import Nodes
from policies.platform import Platform

_TAKEN_ANYWAY = re.compile(r"(^terraform|\.auto)\.tfvars(\.json)?$")


def write_platform_file(root: Path) -> Path:
    """Write a platform's `platform.toml`. Raises UsageError where it has one, or holds nothing that is deployed."""
    file = root / FILE
    platform = Platform.open(root)
    if platform.stated:
        raise UsageError(f"{file} is there already; edit it, or delete it to start again")
    if not platform.deployed and not _roots(platform):
        raise UsageError(
            f"{root} holds neither a kustomization nor a manifest nor Terraform; give the platform's directory"
        )
    try:
        # Exclusive, so that a link of the platform's cannot lead the writing elsewhere.
        with file.open("x", encoding="utf-8") as stream:
            stream.write("\n".join(lines(platform)))
    except FileExistsError:
        raise UsageError(f"{file} is there already; edit it, or delete it to start again") from None
    return file


def lines(platform: Platform) -> Iterator[str]:
    """Yield the lines of the file."""
    yield "# What the owners of this platform intend, and what cannot be found by looking."
    yield "# Written by 'turnstile init' from what it found: correct what it guessed, and commit it.\n"
    version = version_of(platform)
    yield f"# The minor version of Kubernetes that the platform runs on.{f' Guessed: {version[1]}.' if version else ''}"
    yield f'kubernetes = "{version[0]}"\n' if version else '# kubernetes = "1.35"\n'
    yield from _services(platform)
    if platform.base is not None:
        yield "[base]"
        yield "# The kustomization that the overlays stand on."
        yield f"path = {json.dumps(platform.base)}\n"
    for item in platform.deployed:
        yield from _place(platform, item)
        yield from _clusters(platform, item)
    for deployed in _roots(platform):
        yield from _root(platform, deployed)
    yield from _edge(platform)


def _services(platform: Platform) -> Iterator[str]:
    services = services_of(platform)
    if services is None:
        return
    yield "[services]"
    yield "# Workloads that the base must register. Guessed: what is called like a frontend is one."
    yield f"backend = {_list(list(services.backend))}"
    yield f"frontend = {_list(list(services.frontend))}"
    if services.gateway is not None:
        yield "# The one through which the others are reached. Guessed by its name."
        yield f"gateway = {json.dumps(services.gateway)}"
    yield ""


def _place(platform: Platform, item: Deployed) -> Iterator[str]:
    yield f"[{item.key}]"
    yield f"path = {json.dumps(item.folder)}"
    yield f'# "release" where users are served, else "development". Guessed: {guess_stage(item.folder)[1]}.'
    yield f"stage = {json.dumps(item.place.stage.value)}"
    yield "# Services that may be reached from outside the cluster; no other may. These are today."
    yield f"exposed = {_list(exposed_services(item))}"
    clusters = sorted(platform.plain.kind_clusters)
    if item.is_overlay and not item.place.released and len(clusters) == 1:
        yield "# kind's cluster file, whose port mappings must equal the NodePorts."
        yield f"kind-cluster = {json.dumps(clusters[0])}"
    yield ""


def _clusters(platform: Platform, item: Deployed) -> Iterator[str]:
    for kind in (Brokers, ReleasedBrokers, Nodes):
        for one in kind.found(platform):
            if one.item is item:
                yield f"[{item.key}.{one.table}]"
                yield "# Its workload, by its image, and what the specification says of such a one."
                stated = one.stated
                for name in stated.__struct_fields__:
                    yield f"{name.replace('_', '-')} = {json.dumps(getattr(stated, name))}"
                yield ""


def _roots(platform: Platform) -> list[DeployedRoot]:
    return [one for one in roots(platform) if one.is_applied]


def _root(platform: Platform, deployed: DeployedRoot) -> Iterator[str]:
    folder = deployed.folder
    calls = [call.labels[0] for call in platform.configuration.declarations(folder, "module") if call.labels]
    beside = (path for path in platform.configuration.values if (posixpath.dirname(path) or ".") == folder)
    given = sorted(name for path in beside if not _TAKEN_ANYWAY.search(name := posixpath.basename(path)))
    yield f"[{spell_table('terraform', deployed.place.name)}]"
    yield "# A folder that Terraform is run in."
    yield f"path = {json.dumps(folder)}"
    yield f'# "release" where users are served, else "development". Guessed: {guess_stage(folder)[1]}.'
    yield f"stage = {json.dumps(deployed.place.stage.value)}"
    if given:
        yield "# The files of values that it is run with, beside those that Terraform takes by itself."
        # Of several each may be for another environment: the owners know.
        yield f"{'# ' if len(given) > 1 else ''}tfvars = {_list(given)}"
    if calls:
        yield "# What it must assemble, by the names of its module calls. These are today's."
        yield f"modules = {_list(calls)}"
    yield ""


def _edge(platform: Platform) -> Iterator[str]:
    handlers = list(find_handlers(platform.tree))
    if not handlers:
        return
    yield "[edge]"
    yield "# The function at viewer request that checks tokens. What it protects, and in what a token comes, is else found by asking it."
    yield f"handler = {json.dumps(handlers[0])}"
    yield from (f"# or: handler = {json.dumps(other)}" for other in handlers[1:])
    yield '# protected = ["/api/orders"]'
    yield '# bypass = ["/queue"]'
    yield '# cookie = "entry-token"\n'


def _list(names: list[str]) -> str:
    return "[" + ", ".join(json.dumps(name) for name in names) + "]"
