"""What objects refer to by name: ConfigMaps, Secrets and their keys, ServiceAccounts, claims, roles and volumes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.objects.inventory import Found, Inventory, Made, inventory_of
from policies.model.objects.uses import Use, uses
from policies.model.workloads.pods import listed, not_looked_at
from policies.model.workloads.workload import identify, own_documents
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.provenance import RenderedOrigin


@dataclass(frozen=True)
class Reference:
    """An object that another one names, with every field that does so, and what the name leads to."""

    noun: ClassVar[str] = "reference"
    only_in_files: ClassVar[bool] = False
    kinds: ClassVar[frozenset[str]] = frozenset()

    place: Place
    uses: tuple[Use, ...]
    found: Found

    @property
    def name(self) -> str:
        """Kind and name of the object."""
        return f"{self.uses[0].kind}/{self.uses[0].name}"

    @property
    def optional(self) -> bool:
        """Whether every field that names it says that it may be missing."""
        return all(use.optional for use in self.uses)

    @property
    def id(self) -> str:
        """Place, who names it, and its own name, without the hash that a generator puts behind it."""
        return f"{identify(self.place, self.uses[0].user)}:{own_name(self.uses[0], self.found)}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give every field that names it as the place."""
        locations = dict.fromkeys(use.user.origin.locate(use.path) for use in self.uses)
        return Evidence(message.format(*values), tuple(locations))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Reference | Gap]:
        """Yield each object of these kinds that another one names, once for each that names it."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            inventory = inventory_of(item)
            for document in own_documents(item):
                by_name: dict[tuple[str, str, str], list[Use]] = {}
                for use in uses(document):
                    if use.kind in cls.kinds and use.key is None:
                        by_name.setdefault((use.kind, use.namespace, use.name), []).append(use)
                for every in by_name.values():
                    yield cls(item.place, tuple(every), resolve(inventory, every))


class ConfigMapReference(Reference):
    """A ConfigMap that a workload names."""

    noun: ClassVar[str] = "ConfigMap that a workload names"
    kinds: ClassVar[frozenset[str]] = frozenset({"ConfigMap"})


class SecretReference(Reference):
    """A Secret that a workload or an Ingress names."""

    noun: ClassVar[str] = "Secret that something names"
    kinds: ClassVar[frozenset[str]] = frozenset({"Secret"})


class AccountReference(Reference):
    """A ServiceAccount that a workload or a binding names."""

    noun: ClassVar[str] = "ServiceAccount that something names"
    kinds: ClassVar[frozenset[str]] = frozenset({"ServiceAccount"})


class ClaimReference(Reference):
    """A PersistentVolumeClaim that a workload names."""

    noun: ClassVar[str] = "PersistentVolumeClaim that a workload names"
    kinds: ClassVar[frozenset[str]] = frozenset({"PersistentVolumeClaim"})


class RoleReference(Reference):
    """A Role or ClusterRole that a binding grants."""

    noun: ClassVar[str] = "role that a binding grants"
    kinds: ClassVar[frozenset[str]] = frozenset({"Role", "ClusterRole"})


def resolve(inventory: Inventory, every: list[Use]) -> Found:
    """Give what the uses of one object lead to; a reason where it may be made outside of the place."""
    use = every[0]
    if use.kind == "ClusterRole":
        found = inventory.find(use.kind, "", use.name, use.group)
        return found if isinstance(found, Document) else f"{use.kind}/{use.name} may be the cluster's own"
    found = inventory.find(use.kind, use.namespace, use.name, use.group)
    if found in (None, inventory.incomplete) and use.kind == "PersistentVolumeClaim":
        return _claimed(inventory, use) or found
    if found is None and use.kind == "Secret":
        if all(use.pulls for use in every):
            return f"nothing in {inventory.item.place.name} makes the Secret {use.name}; images are pulled with it, if it is there"
        if not inventory.makes_secrets:
            return f"nothing in {inventory.item.place.name} makes a Secret: they come from elsewhere"
    return found


def _claimed(inventory: Inventory, use: Use) -> Found:
    """Find the StatefulSet that makes a claim: `<template>-<set>-<ordinal>`."""
    for document in inventory.item.documents:
        if document.kind == "StatefulSet" and document.namespace == use.namespace:
            for index, _ in listed(document.get("spec", "volumeClaimTemplates")):
                template = document.get("spec", "volumeClaimTemplates", index, "metadata", "name")
                if re.fullmatch(rf"{re.escape(f'{template}-{document.name}')}-\d+", use.name):
                    return Made(document, None)
    return inventory.may_make(use.namespace, use.name, use.kind)


def own_name(use: Use, found: Found) -> str:
    """Give kind and name of an object, without the hash that a generator puts behind it."""
    generated = isinstance(found, Document) and isinstance(found.origin, RenderedOrigin) and found.origin.path is None
    return f"{use.kind}/{found.origin.source_name if generated and isinstance(found, Document) else use.name}"
