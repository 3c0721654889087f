"""Service-account tokens: which pods get one, and whether anything is granted to it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.objects.inventory import inventory_of
from policies.model.workloads.pods import PodTemplate, listed, mapping, not_looked_at, templates
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.yaml import FieldPath

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_FIELD = "automountServiceAccountToken"
_USUAL = "/var/run/secrets/kubernetes.io/serviceaccount/token"
"""Where the API server mounts the token, and clients of Kubernetes look for it."""


@dataclass(frozen=True)
class TokenMount:
    """A workload, its ServiceAccount where the place has it, and the bindings that grant that account something.

    `unknown` says why it is not known whether the token is mounted or used.
    """

    noun: ClassVar[str] = "workload with a ServiceAccount"
    only_in_files: ClassVar[bool] = False

    pod: PodTemplate
    account: str
    stated: Document | None
    grants: tuple[Document, ...]
    unknown: str | None

    @property
    def place(self) -> Place:
        """Where it is deployed."""
        return self.pod.place

    @property
    def id(self) -> str:
        """Place and workload."""
        return self.pod.id

    @property
    def of_pod(self) -> Any:
        """What the pod says, which goes before what its ServiceAccount says."""
        return self.pod.spec.get(_FIELD)

    @property
    def is_off(self) -> bool:
        """Whether no token is mounted; the API mounts one unless told otherwise, and a volume of the pod's own may be one."""
        of_account = self.stated.get(_FIELD) if self.stated else None
        return (of_account if self.of_pod is None else self.of_pod) is False and not self.by_hand

    @cached_property
    def by_hand(self) -> tuple[FieldPath, ...]:
        """The sources of projected volumes that mount the API server's token in its usual place (`ServiceAccountTokenProjection`).

        A token for another audience is none that the API server takes.
        """
        mounts = [mount for one in self.pod.containers for _, mount in listed(one.body.get("volumeMounts"))]
        found: list[FieldPath] = []
        for index, volume in listed(self.pod.spec.get("volumes")):
            folders = [str(one.get("mountPath")) for one in mounts if one.get("name") == volume.get("name")]
            for number, source in listed(mapping(volume.get("projected")).get("sources")):
                token = mapping(source.get("serviceAccountToken"))
                places = {posixpath.normpath(posixpath.join(folder, str(token.get("path")))) for folder in folders}
                if token and not token.get("audience") and _USUAL in places:
                    found.append((*self.pod.path, "volumes", index, "projected", "sources", number))
        return tuple(found)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the pod's field and its ServiceAccount as the place, or the volumes that mount the token."""
        if self.by_hand:
            return Evidence(message.format(*values), tuple(map(self.pod.document.origin.locate, self.by_hand)))
        locations: list[Location] = [self.pod.document.origin.locate((*self.pod.path, _FIELD))]
        if self.stated is not None and self.of_pod is None:
            locations.append(self.stated.origin.locate((_FIELD,)))
        return Evidence(message.format(*values), tuple(locations))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TokenMount | Gap]:
        """Yield every workload of every place."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            inventory = inventory_of(item)
            bindings = [document for document in item.documents if document.kind in _BINDINGS]
            for pod in templates(item):
                namespace = pod.document.namespace
                name = str(pod.spec.get("serviceAccountName") or pod.spec.get("serviceAccount") or "default")
                found = inventory.find("ServiceAccount", namespace, name)
                unknown = found if isinstance(found, str) and pod.spec.get(_FIELD) is None else None
                if pod.spec.get(_FIELD) is None and found is None and name != "default":
                    unknown = f"there is no ServiceAccount {name} (BUILD-03e)"
                for kind in _BINDINGS:
                    # A dump without bindings says nothing about them; a folder without them grants nothing.
                    reason = inventory.unknown(kind, namespace)
                    unknown = unknown or (reason if reason and reason.startswith("the dump") else None)
                grants = tuple(binding for binding in bindings if _grants(binding, namespace, name))
                yield cls(pod, name, found if isinstance(found, Document) else None, grants, unknown)


def _grants(binding: Document, namespace: str, name: str) -> bool:
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
    for _, subject in listed(binding.get("subjects")):
        if subject.get("kind") == "Group" and subject.get("name") in groups:
            return True
        own = str(subject.get("namespace") or binding.namespace)
        if subject.get("kind") == "ServiceAccount" and (own, subject.get("name")) == (namespace, name):
            return True
    return False
