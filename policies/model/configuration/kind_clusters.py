"""kind's cluster file, and the ports that it brings from the machine to a node (https://kind.sigs.k8s.io/docs/user/configuration)."""

from __future__ import annotations

from typing import Any

from policies.deployed import Deployed
from policies.evidence import Gap, Location
from policies.intent.intent import FILE
from policies.platform import Platform
from policies.read.yaml import FieldPath


def kind_cluster(platform: Platform, item: Deployed) -> tuple[str, tuple[tuple[FieldPath, Any, str], ...]] | Gap | None:
    """Give kind's cluster file of a development overlay with its mappings (path, number, protocol): the stated one, or the only one."""
    clusters = platform.plain.kind_clusters
    stated = item.statement.kind_cluster if item.statement else None
    if stated is not None and stated not in clusters:
        reason = f"platform.toml states {stated} as kind's cluster file ([{item.key}] kind-cluster), and it is none"
        return Gap(f"{item.place.name}:{stated}", reason, item.place, (Location(FILE),), promised=True)
    file = stated or (next(iter(clusters)) if len(clusters) == 1 and item.is_overlay else None)
    if file is None:
        return None
    document = clusters[file]
    found: list[tuple[FieldPath, Any, str]] = []
    nodes = document.data.get("nodes")
    for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
        mappings = node.get("extraPortMappings") if isinstance(node, dict) else None
        for position, mapping in enumerate(mappings if isinstance(mappings, list) else ()):
            if isinstance(mapping, dict):
                path: FieldPath = ("nodes", index, "extraPortMappings", position, "containerPort")
                found.append(
                    (path, stated_number(mapping.get("containerPort")), str(mapping.get("protocol") or "TCP").upper())
                )
    return file, tuple(found)


def stated_number(value: Any) -> Any:
    """Give what a manifest has where a number should be: it may be anything."""
    return str(value) if isinstance(value, (list, dict)) else value
