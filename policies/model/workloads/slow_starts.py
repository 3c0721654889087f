"""Workloads that take long before they serve, as their owners state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Gap
from policies.model.configuration.serving import named
from policies.model.workloads.pods import PodTemplate, mapping, not_looked_at, templates
from policies.platform import Platform


@dataclass(frozen=True)
class SlowWorkload(PodTemplate):
    """A workload of which it is stated that it starts slowly, wherever it is deployed."""

    noun: ClassVar[str] = "workload that starts slowly"

    @property
    def has_startup_probe(self) -> bool:
        """Whether a container of it that keeps running has one: the kubelet asks no other probe until that one has succeeded."""
        every = (one for one in self.containers if one.path[-2] == "containers")
        return any(mapping(one.body.get("startupProbe")) for one in every)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[PodTemplate | Gap]:
        """Yield each of the stated workloads in each place; not judged where none is stated."""
        stated = platform.intent.services.slow_start if platform.intent.services is not None else ()
        if not stated:
            for item in platform.deployed[:1]:
                reason = "platform.toml does not state which workloads start slowly: [services] slow-start"
                yield Gap("slow starts", reason, item.place)
            return
        for item in platform.deployed:
            yield from not_looked_at(item)
            for pod in templates(item):
                if any(named(pod.document, name) for name in stated):
                    yield cls(pod.place, pod.document, pod.path)
