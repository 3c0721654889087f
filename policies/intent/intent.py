"""The whole of `platform.toml`."""

from __future__ import annotations

import ipaddress
import posixpath
from pathlib import Path
from typing import Any

from policies.errors import SourceError, StatementError
from policies.intent.cloud import Terraform, Vault, Vpc
from policies.intent.entry import Edge, GatewayIntent, Header
from policies.intent.environments import Environment
from policies.intent.places import Base, External, Namespace, PlaceIntent, Services
from policies.intent.statement import convert, line_of_key, read_statement
from policies.intent.values import Table, Version
from policies.intent.work import Worker
from policies.read.tree import Tree

FILE = "platform.toml"


class Intent(Table, frozen=True):
    """The whole file."""

    kubernetes: Version | None = None
    services: Services | None = None
    base: Base | None = None
    overlays: dict[str, PlaceIntent] = {}
    manifests: dict[str, PlaceIntent] = {}
    terraform: dict[str, Terraform] = {}
    vpc: Vpc | None = None
    vault: Vault | None = None
    edge: Edge | None = None
    worker: Worker | None = None
    header: Header | None = None
    gateway: GatewayIntent | None = None
    external: tuple[External, ...] = ()
    namespaces: dict[str, Namespace] = {}
    environments: dict[str, Environment] = {}


def read_intent(root: Path) -> Intent | None:
    """Read the platform's `platform.toml`; None where there is none. Raises StatementError, with key and line, where it does not fit."""
    text = read_statement(root, FILE)
    return None if text is None else convert(text, FILE, Intent)


def check_paths(root: Path, intent: Intent) -> None:
    """Raise StatementError, with key and line, for a stated path that leads out of the platform."""
    stated: list[tuple[list[str | int], str | None]] = [(["base", "path"], intent.base.path if intent.base else None)]
    tables: tuple[tuple[str, dict[str, Any]], ...] = (("overlays", intent.overlays), ("manifests", intent.manifests))
    for table, items in tables:
        for name, item in items.items():
            stated += [([table, name, "path"], item.path), ([table, name, "kind-cluster"], item.kind_cluster)]
    for name, terraform in intent.terraform.items():
        files = [posixpath.join(terraform.path, file) for file in terraform.tfvars]
        stated.append((["terraform", name, "path"], terraform.path))
        stated += [(["terraform", name, "tfvars", index], file) for index, file in enumerate(files)]
    stated += [(["header", "contract"], intent.header.contract)] if intent.header is not None else []
    stated += [(["gateway", "jar"], intent.gateway.jar)] if intent.gateway is not None else []
    for key, path in stated:
        try:
            Tree(root).resolve(path or ".")
        except SourceError as error:
            line = line_of_key(read_statement(root, FILE) or "", key)
            raise StatementError(FILE, line, ".".join(map(str, key)), f"{path!r} {error.problem}") from None


def check_networks(root: Path, intent: Intent) -> None:
    """Raise StatementError, with key and line, for a stated network that is none."""
    stated: list[tuple[list[str | int], tuple[str, ...]]] = [
        (["external", index, "cidr"], external.cidr) for index, external in enumerate(intent.external)
    ]
    tables: tuple[tuple[str, dict[str, PlaceIntent]], ...] = (
        ("overlays", intent.overlays),
        ("manifests", intent.manifests),
    )
    stated += [
        ([table, name, "pod-networks"], item.pod_networks or ())
        for table, items in tables
        for name, item in items.items()
    ]
    for key, networks in stated:
        for index, network in enumerate(networks):
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                line = line_of_key(read_statement(root, FILE) or "", [*key, index])
                problem = f"{network!r} is no network; write one as '10.0.0.0/8' or 'fd00::/8'"
                raise StatementError(FILE, line, ".".join(map(str, key)), problem) from None
