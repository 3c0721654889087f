"""The objects of a place by their names: whether what one refers to is there, is made there, or is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.deployed import Deployed
from policies.model.configuration.serving import named
from policies.model.kept import kept
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.workload import is_from_api
from policies.read.documents import Document

_OF_KUBERNETES = re.compile(r"(apps|batch|policy|autoscaling|extensions|[a-z.]+\.k8s\.io)?\Z")
"""API groups of Kubernetes itself; those of its sub-projects end in `.x-k8s.io`, or are the Gateway API's."""

TLS_KEYS = frozenset({"tls.crt", "tls.key", "ca.crt"})


@dataclass(frozen=True)
class Made:
    """A Secret or ConfigMap that an object of the place makes when it is there; `keys` is None where they are not known."""

    maker: Document
    keys: frozenset[str] | None


Found = Document | Made | str | None
"""What a name leads to: an object, what makes it, why that is not known (in words), or nothing."""


def group_of(document: Document) -> str:
    """Give the API group of an object; empty for the core."""
    return document.api_version.rpartition("/")[0]


def is_custom(document: Document) -> bool:
    """Whether the object is of no API of Kubernetes itself: what its controller makes of it cannot be seen."""
    group = group_of(document)
    return not _OF_KUBERNETES.match(group) or group == "gateway.networking.k8s.io"


def maker_named(item: Deployed, name: str) -> Document | None:
    """Give the custom object of a place that owners call so, where there is one: an operator makes the pods of it."""
    return next((one for one in item.documents if named(one, name) and is_custom(one)), None)


@dataclass(frozen=True)
class Inventory:
    """The objects of one place."""

    item: Deployed

    @cached_property
    def _objects(self) -> dict[tuple[str, str, str, str], Document]:
        found: dict[tuple[str, str, str, str], Document] = {}
        for document in self.item.documents:
            found.setdefault((group_of(document), document.kind, document.namespace, document.name), document)
        return found

    @cached_property
    def incomplete(self) -> str | None:
        """Say what the place was rendered without, or give None: what is not there may be in that (BUILD-01 fails for it)."""
        for defect in self.item.build.defects if self.item.build else ():
            if defect.repair.startswith(("the entry", "an empty file")):
                return f"{self.item.place.name} was rendered without what {defect.file}:{defect.line} names (BUILD-01a)"
        return None

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that objects of the place state."""
        return frozenset(document.namespace for document in self.item.documents)

    @cached_property
    def custom(self) -> tuple[Document, ...]:
        """The custom objects of the place."""
        return tuple(document for document in self.item.documents if is_custom(document))

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(document.kind for document in self.item.documents)

    @cached_property
    def _secrets_made(self) -> tuple[tuple[Document, Any, frozenset[str] | None], ...]:
        return tuple((document, *made) for document in self.item.documents for made in _makes(document))

    @cached_property
    def _config_maps_made(self) -> tuple[tuple[Document, Any, frozenset[str] | None], ...]:
        return tuple((document, *made) for document in self.custom for made in _makes_config_map(document))

    def find(self, kind: str, namespace: str, name: str, group: str = "") -> Found:
        """Give the object of a name, or why it is not known whether there is one, or None."""
        found = self._objects.get((group, kind, namespace, name))
        if found is not None:
            return found
        if kind in ("Secret", "ConfigMap"):
            made = self._made(kind, namespace, name)
            if made is not None:
                return made
        return self.unknown(kind, namespace) or self._elsewhere(kind, namespace, name, group) or self.incomplete

    def unknown(self, kind: str, namespace: str) -> str | None:
        """Say why nothing is known about the objects of a kind in a namespace, or give None."""
        if is_from_api(self.item) and kind not in self._kinds:
            return f"the dump holds no {kind}"
        if namespace not in self.namespaces:
            return f"the namespace {namespace!r} is not part of {self.item.place.name}"
        return None

    def _elsewhere(self, kind: str, namespace: str, name: str, group: str) -> str | None:
        """Where only one of two objects states its namespace, whether they meet is decided when they are applied."""
        for other in self.namespaces - {namespace}:
            if "" in (other, namespace) and (group, kind, other, name) in self._objects:
                return f"{kind}/{name} is there, and only one of the two states its namespace ({other or namespace})"
        return None

    def _made(self, kind: str, namespace: str, name: str) -> Made | str | None:
        for document, made, keys in self._secrets_made if kind == "Secret" else self._config_maps_made:
            if made == name and (document.namespace == namespace or not document.namespace):
                return Made(document, keys)
        if kind == "ConfigMap" and name == "kube-root-ca.crt":
            return "kube-controller-manager makes it in every namespace"
        return self.may_make(namespace, name, kind)

    def may_make(self, namespace: str, name: str, kind: str) -> str | None:
        """Name the custom object of the namespace that, as operators name things, may make an object of this name; or None."""
        for document in self.custom:
            near = document.namespace == namespace and document.name
            if near and (name == document.name or name.startswith(f"{document.name}-")):
                return f"whether {document} makes the {kind} {name} is its controller's affair"
        return None

    @cached_property
    def makes_secrets(self) -> bool:
        """Whether anything in the place is a Secret or makes one."""
        return "Secret" in self._kinds or bool(self._secrets_made)


@kept
def inventory_of(item: Deployed) -> Inventory:
    """Give the inventory of a place."""
    return Inventory(item)


_NAMED_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "ExternalSecret": (("spec", "target", "name"), ("metadata", "name")),
    "SealedSecret": (("spec", "template", "metadata", "name"), ("metadata", "name")),
    "Certificate": (("spec", "secretName"),),
    "VaultStaticSecret": (("spec", "destination", "name"),),
    "VaultDynamicSecret": (("spec", "destination", "name"),),
    "VaultPKISecret": (("spec", "destination", "name"),),
    "OnePasswordItem": (("metadata", "name"),),
    "InfisicalSecret": (("spec", "managedSecretReference", "secretName"),),
    "KafkaUser": (("metadata", "name"),),
}
"""Custom kinds that make one Secret, and the fields that name it, the first that is set."""


def _makes(document: Document) -> Iterator[tuple[Any, frozenset[str] | None]]:
    """Yield the Secrets that an object makes: their names and keys."""
    if document.kind in _NAMED_BY and is_custom(document):
        yield next(filter(None, (document.get(*path) for path in _NAMED_BY[document.kind])), None), _keys(document)
    elif document.kind == "SecretProviderClass":
        for _, secret in listed(document.get("spec", "secretObjects")):
            yield secret.get("secretName"), frozenset(str(entry.get("key")) for _, entry in listed(secret.get("data")))
    elif document.kind == "Ingress" and any(
        "cert-manager.io/" in key for key in mapping(document.metadata.get("annotations"))
    ):
        yield from ((tls.get("secretName"), TLS_KEYS) for _, tls in listed(document.get("spec", "tls")))


def _keys(document: Document) -> frozenset[str] | None:
    spec = mapping(document.get("spec"))
    if document.kind == "Certificate":
        return None if "keystores" in spec or "additionalOutputFormats" in spec else TLS_KEYS
    if document.kind == "SealedSecret":
        return frozenset((*mapping(spec.get("encryptedData")), *mapping(document.get("spec", "template", "data"))))
    if document.kind != "ExternalSecret" or "dataFrom" in spec:
        return None
    template = mapping(document.get("spec", "target", "template"))
    if "templateFrom" in template:
        return None
    fetched = frozenset(str(entry.get("secretKey")) for _, entry in listed(spec.get("data")))
    given = frozenset(mapping(template.get("data")))
    return given | fetched if template.get("mergePolicy") == "Merge" else given or fetched


def _makes_config_map(document: Document) -> Iterator[tuple[str, frozenset[str] | None]]:
    if document.kind == "Bundle" and group_of(document) == "trust.cert-manager.io":
        yield document.name, None


def keys_of(found: Document | Made) -> frozenset[str] | None:
    """Give the keys of a ConfigMap or Secret; None where they are not known."""
    if isinstance(found, Made):
        return found.keys
    if found.get("type") == "kubernetes.io/service-account-token":
        return None  # Its controller fills it.
    return frozenset(key for field in ("data", "stringData", "binaryData") for key in mapping(found.get(field)))
