"""A platform of plain manifests for a test: no kustomize, one place."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from policies.evidence import Gap
from policies.platform import Platform
from policies.requirement import Subject

Kind = TypeVar("Kind", bound=Subject)


def plain_platform(root: Path, manifests: str, statement: str = "", stage: str = "release") -> Platform:
    """Write manifests and what is stated of them, and open the platform."""
    (root / "shop").mkdir()
    (root / "shop" / "all.yaml").write_text(manifests, encoding="utf-8")
    stated = f'[manifests.shop]\npath = "shop"\nstage = "{stage}"\n{statement}'
    (root / "platform.toml").write_text(stated, encoding="utf-8")
    return Platform.open(root)


def subjects(kind: type[Kind], platform: Platform) -> list[Kind]:
    """Give the subjects of a type, without gaps."""
    return [one for one in kind.collect(platform) if isinstance(one, kind) and not isinstance(one, Gap)]


def workload(kind: str, name: str, container: str = "", spec: str = "", pod: str = "") -> str:
    """Write a workload of one container, whose pods carry the label `app`; each text is a mapping's inside in flow style."""
    return (
        f"---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec: {{{spec or 'paused: false'}, selector: {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}}}}}, "
        f"spec: {{{pod or 'hostIPC: false'}, containers: [{{name: main, image: a:1{', ' + container if container else ''}}}]}}}}}}\n"
    )


def service(name: str, ports: str = "", more: str = "") -> str:
    """Write a Service of the workload of the same name."""
    return (
        f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec: {{selector: {{app: {name}}}, ports: [{ports}]{', ' + more if more else ''}}}\n"
    )
