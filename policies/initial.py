"""`turnstile init`: a first `platform.toml`, from what can be found by looking; the guesses are marked for their owner."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from policies.discovery import guess_stage
from policies.errors import UsageError
from policies.evidence import Gap
from policies.intent import FILE
from policies.model.base import registered
from policies.model.exposure import exposed_services
from policies.platform import Deployed, Platform

_FRONTEND = re.compile(r"(?i)(^|[-_.])(front|frontend|web|webapp|ui|spa|www|client|site|portal)($|[-_.])")


def write_platform_file(root: Path) -> Path:
    """Write a platform's `platform.toml`. Raises UsageError where it has one, or holds nothing that is deployed."""
    file = root / FILE
    platform = Platform.open(root)
    if platform.stated:
        raise UsageError(f"{file} is there already; edit it, or delete it to start again")
    if not platform.deployed:
        raise UsageError(f"{root} holds neither a kustomization nor a manifest; give the platform's directory")
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
    yield "# The minor version of Kubernetes that the platform runs on."
    yield '# kubernetes = "1.34"\n'
    yield from _services(platform)
    if platform.base is not None:
        yield "[base]"
        yield "# The kustomization that the overlays stand on."
        yield f"path = {json.dumps(platform.base)}\n"
    for item in platform.deployed:
        yield from _place(platform, item)


def _services(platform: Platform) -> Iterator[str]:
    base = registered(platform)
    if isinstance(base, Gap):
        return
    names = sorted(base.workloads)
    yield "[services]"
    yield "# Workloads that the base must register. Guessed: what is called like a frontend is one."
    yield f"backend = {_list([name for name in names if not _FRONTEND.search(name)])}"
    yield f"frontend = {_list([name for name in names if _FRONTEND.search(name)])}\n"


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


def _list(names: list[str]) -> str:
    return "[" + ", ".join(json.dumps(name) for name in names) + "]"
