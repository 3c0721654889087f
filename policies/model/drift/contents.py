"""What must run exactly as declared, as subjects: the contents of ConfigMaps, the keys of Secrets, NetworkPolicies, and what a Service opens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap
from policies.model.drift.comparison import Compared, comparisons
from policies.model.drift.differences import MISSING, Difference
from policies.model.drift.objects import SECRET
from policies.model.workloads.pods import listed, mapping
from policies.platform import Platform


class _OfKind(Compared):
    kind: ClassVar[str]

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the object as the place."""
        return self.blame((), message, *values)

    @classmethod
    def pairs_of_kind(cls, platform: Platform) -> Iterator[Compared | Gap]:
        """Yield each declared object of the kind that runs."""
        for one in comparisons(platform, cls.kind):
            if isinstance(one, Gap):
                yield one
            else:
                yield from (pair for pair in one.pairs if pair.declared.kind == cls.kind)


class RunningConfigMap(_OfKind):
    """A declared ConfigMap that runs, and the keys that are not as declared."""

    noun: ClassVar[str] = "ConfigMap that runs"
    only_in_files: ClassVar[bool] = False
    kind: ClassVar[str] = "ConfigMap"

    @cached_property
    def drift(self) -> tuple[Difference, ...]:
        """Keys whose values differ, that are missing, or that nobody declared."""
        found = []
        for field in ("data", "binaryData"):
            declared, running = mapping(self.declared.get(field)), mapping(self.running.get(field))
            for key in dict.fromkeys((*declared, *running)):
                one, other = declared.get(key, MISSING), running.get(key, MISSING)
                if one != other:
                    found.append(Difference((field, str(key)), one, other))
        return tuple(found)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RunningConfigMap | Gap]:
        """Yield each."""
        for pair in cls.pairs_of_kind(platform):
            yield pair if isinstance(pair, Gap) else cls(pair.comparison, pair.declared, pair.running)


class RunningSecret(_OfKind):
    """A declared Secret that runs, and which keys it has; what they hold is never read."""

    noun: ClassVar[str] = "Secret that runs"
    only_in_files: ClassVar[bool] = False
    kind: ClassVar[str] = SECRET

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys that are declared and that it lacks."""
        declared = {**mapping(self.declared.get("data")), **mapping(self.declared.get("stringData"))}
        return tuple(key for key in declared if key not in mapping(self.running.get("data")))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RunningSecret | Gap]:
        """Yield each, where Secrets were read."""
        for pair in cls.pairs_of_kind(platform):
            yield pair if isinstance(pair, Gap) else cls(pair.comparison, pair.declared, pair.running)


class RunningPolicy(_OfKind):
    """A declared NetworkPolicy that runs, and what of its spec is not as declared, once the API's defaults are filled in on both sides."""

    noun: ClassVar[str] = "NetworkPolicy that runs"
    only_in_files: ClassVar[bool] = False
    kind: ClassVar[str] = "NetworkPolicy"

    @cached_property
    def drift(self) -> tuple[str, ...]:
        """What is declared and does not run, and what runs undeclared, in words."""
        declared, running = policy_parts(self.declared.get("spec")), policy_parts(self.running.get("spec"))
        gone = [
            f"{what} {text} is declared, and does not run" for what, text in declared if (what, text) not in running
        ]
        return (
            *gone,
            *(f"{what} {text} runs, and is not declared" for what, text in running if (what, text) not in declared),
        )

    def told(self) -> Evidence:
        """Tell each difference, with the spec as the place."""
        return self.blame(("spec",), "{}", "; ".join(self.drift))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RunningPolicy | Gap]:
        """Yield each."""
        for pair in cls.pairs_of_kind(platform):
            yield pair if isinstance(pair, Gap) else cls(pair.comparison, pair.declared, pair.running)


def policy_parts(data: Any) -> tuple[tuple[str, str], ...]:
    """Give selector, directions and rules of a policy's spec, each as one text that is the same for what means the same to the API.

    An empty list of peers or ports says the same as none (`k8s.io/api/networking/v1`).
    """
    spec = mapping(data)
    directions = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    parts = [
        ("the selector", _text(spec.get("podSelector") or {})),
        ("policyTypes", _text(sorted(map(str, directions)))),
    ]
    for field, peers in (("ingress", "from"), ("egress", "to")):
        for _, rule in listed(spec.get(field)):
            ports = [{"protocol": "TCP", **port} for _, port in listed(rule.get("ports"))]
            shape = {
                peers: sorted((_plain(peer) for _, peer in listed(rule.get(peers))), key=_text),
                "ports": sorted(ports, key=_text),
            }
            parts.append((f"the {field} rule", _text(shape)))
    return tuple(parts)


def _plain(value: Any) -> Any:
    """Leave out what is null, and of a selector what is empty."""
    if not isinstance(value, dict):
        return value
    return {
        key: _plain(one)
        for key, one in value.items()
        if one is not None and not (key in ("matchLabels", "matchExpressions", "except") and not one)
    }


def _text(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True, default=str)


class RunningExposure(_OfKind):
    """A declared Service that runs, and whether it opens what is declared: its type, its NodePorts, its external addresses."""

    noun: ClassVar[str] = "Service that runs"
    only_in_files: ClassVar[bool] = False
    kind: ClassVar[str] = "Service"

    @cached_property
    def drift(self) -> tuple[Difference, ...]:
        """What it opens otherwise."""
        found = []
        defaults: tuple[tuple[str, Any], ...] = (("type", "ClusterIP"), ("externalIPs", []))
        for field, default in defaults:
            one, other = (side.get("spec", field) or default for side in (self.declared, self.running))
            if one != other:
                found.append(Difference(("spec", field), one, other))
        running = {_port(port): port.get("nodePort") for _, port in listed(self.running.get("spec", "ports"))}
        for index, port in listed(self.declared.get("spec", "ports")):
            stated = port.get("nodePort")  # One that is not stated the API server chooses.
            other = running.get(_port(port))
            if stated and _port(port) in running and stated != other:
                found.append(
                    Difference(("spec", "ports", index, "nodePort"), stated, MISSING if other is None else other)
                )
        return tuple(found)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[RunningExposure | Gap]:
        """Yield each."""
        for pair in cls.pairs_of_kind(platform):
            yield pair if isinstance(pair, Gap) else cls(pair.comparison, pair.declared, pair.running)


def _port(port: dict[str, Any]) -> tuple[str, str]:
    return str(port.get("port")), str(port.get("protocol") or "TCP")
