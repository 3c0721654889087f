"""Keys of ConfigMaps and Secrets that workloads take."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.objects.inventory import Found, Made, inventory_of, keys_of
from policies.model.objects.references import own_name, resolve
from policies.model.objects.uses import Use, uses
from policies.model.workloads.pods import not_looked_at
from policies.model.workloads.workload import identify, own_documents
from policies.platform import Platform
from policies.read.documents import Document


@dataclass(frozen=True)
class KeyReference:
    """A key of a ConfigMap or Secret that a workload takes, and what the object's name leads to.

    `incomplete` says what the place was rendered without, where that may hold the key.
    """

    noun: ClassVar[str] = "key that a workload takes"
    only_in_files: ClassVar[bool] = False
    kind: ClassVar[str] = ""

    place: Place
    use: Use
    found: Found
    incomplete: str | None = None

    @property
    def optional(self) -> bool:
        """Whether the field that names it says that it may be missing."""
        return self.use.optional

    @property
    def key(self) -> str:
        """The key."""
        return self.use.key or ""

    @property
    def name(self) -> str:
        """Kind and name of the object."""
        return f"{self.use.kind}/{self.use.name}"

    @property
    def keys(self) -> frozenset[str] | None:
        """The keys that there are; None where they are not known."""
        return keys_of(self.found) if isinstance(self.found, (Document, Made)) else None

    @property
    def nearest(self) -> str:
        """The keys that look most like it, or all where they are few, in words."""
        keys = sorted(self.keys or ())
        close = difflib.get_close_matches(self.key, keys, 3) or (keys if len(keys) < 6 else [])
        return ", ".join(close) or (f"{len(keys)} others" if keys else "no key at all")

    @property
    def id(self) -> str:
        """Place, container, object and key."""
        holder = f"/{self.use.holder}" if self.use.holder else ""
        return f"{identify(self.place, self.use.user)}{holder}:{own_name(self.use, self.found)}#{self.key}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the field that names the key as the place."""
        return Evidence(message.format(*values), (self.use.user.origin.locate(self.use.path),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[KeyReference | Gap]:
        """Yield every key of an object of this kind that a workload takes."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            inventory = inventory_of(item)
            for document in own_documents(item):
                taken = [use for use in uses(document) if use.kind == cls.kind and use.key is not None]
                # Where a container takes a key several times, the field that cannot do without it speaks for all.
                once: dict[tuple[str, ...], Use] = {}
                for use in sorted(taken, key=lambda use: use.optional):
                    once.setdefault((use.holder, use.namespace, use.name, use.key or ""), use)
                yield from (
                    cls(item.place, use, resolve(inventory, [use]), inventory.incomplete) for use in once.values()
                )


class ConfigMapKey(KeyReference):
    """A key of a ConfigMap that a workload takes."""

    noun: ClassVar[str] = "key of a ConfigMap that a workload takes"
    kind: ClassVar[str] = "ConfigMap"


class SecretKey(KeyReference):
    """A key of a Secret that a workload takes."""

    noun: ClassVar[str] = "key of a Secret that a workload takes"
    kind: ClassVar[str] = "Secret"
