"""How pods end: what their preStop hooks take, and how long they may take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.workloads.pods import PodTemplate, mapping
from policies.platform import Platform
from policies.read.yaml import FieldPath

DEFAULT_GRACE = 30
"""`PodSpec.terminationGracePeriodSeconds`: "Defaults to 30 seconds"."""


@dataclass(frozen=True)
class StoppingPod:
    """A workload with a preStop hook: how long its pods may take to end, and how long their hooks sleep.

    `sleeps` are the least times in seconds; `unknown` names the hooks of which the time cannot be read.
    """

    noun: ClassVar[str] = "workload with a preStop hook"
    only_in_files: ClassVar[bool] = False

    pod: PodTemplate
    grace: Any
    sleeps: tuple[tuple[float, FieldPath], ...]
    unknown: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Where it is deployed."""
        return self.pod.place

    @property
    def id(self) -> str:
        """Place and workload."""
        return self.pod.id

    @property
    def longest(self) -> float:
        """The longest sleep."""
        return max((seconds for seconds, _ in self.sleeps), default=0)

    @property
    def is_long_enough(self) -> bool:
        """Whether the grace period is longer."""
        return isinstance(self.grace, (int, float)) and self.grace > self.longest

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the grace period and the longest sleep as the place."""
        paths = [
            (*self.pod.path, "terminationGracePeriodSeconds"),
            *(path for seconds, path in self.sleeps if seconds == self.longest),
        ]
        return Evidence(message.format(*values), tuple(self.pod.document.origin.locate(path) for path in paths))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[StoppingPod | Gap]:
        """Yield every workload with a preStop hook."""
        for pod in PodTemplate.collect(platform):
            if isinstance(pod, Gap):
                yield pod
                continue
            hooks = [
                (container, mapping(mapping(container.body.get("lifecycle")).get("preStop")))
                for container in pod.containers
            ]
            sleeps: list[tuple[float, FieldPath]] = []
            unknown: list[str] = []
            for container, hook in hooks:
                seconds, path, known = _duration(hook)
                if seconds is not None:
                    sleeps.append((seconds, (*container.path, "lifecycle", "preStop", *path)))
                if hook and not known:
                    unknown.append(container.name)
            if sleeps or unknown:
                grace = pod.spec.get("terminationGracePeriodSeconds")
                yield cls(pod, DEFAULT_GRACE if grace is None else grace, tuple(sleeps), tuple(unknown))


_SLEEP = re.compile(r"(?:^|[\s;&|(/])sleep\s+(?P<number>\d+(?:\.\d+)?)(?P<unit>[smh]?)(?=$|[\s;&|)])")
_ONLY_SLEEPS = re.compile(r"\s*(?:exec\s+)?(?:/\S*/)?sleep\s+\d+(?:\.\d+)?[smh]?\s*;?\s*\Z")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _duration(hook: dict[str, Any]) -> tuple[float | None, FieldPath, bool]:
    """Give the least time that a hook takes (None where it is not known at all), its path, and whether it takes no more."""
    native = mapping(hook.get("sleep")).get("seconds")
    if isinstance(native, int):
        return native, ("sleep", "seconds"), True
    command = mapping(hook.get("exec")).get("command")
    if not isinstance(command, list):
        return None, (), False
    text = " ".join(str(part) for part in command)
    if re.search(r"\b(while|until|for|if|case)\b|\|\||sleep\s+[\"'$]", text):
        return None, ("exec", "command"), False
    found = [float(match["number"]) * _SECONDS[match["unit"]] for match in _SLEEP.finditer(text)]
    script = str(command[-1]) if len(command) > 1 and str(command[-2]).startswith("-") else text
    return (sum(found) if found else None), ("exec", "command"), bool(_ONLY_SLEEPS.match(script))
