"""Flows from the node: the kubelet's probes of containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.model.network.flow import Flow
from policies.model.network.parties import NODE, Party
from policies.model.network.site import Site
from policies.model.workloads.pods import mapping

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
"""The fields of a container that are probes."""


def probed(site: Site) -> Iterator[Flow]:
    """Yield what the kubelet calls (`Probe.httpGet`, `.tcpSocket`, `.grpc`); a pod never refuses its own node."""
    for party in site.own:
        for container in party.template.containers if party.template is not None else ():
            for name in PROBES:
                for port in _ports(party, mapping(container.body.get(name))):
                    why = f"{name} of {container.name}"
                    yield Flow(NODE, party, "TCP", port, why, locations=(container.locate(name),))


def _ports(party: Party, probe: dict[str, Any]) -> tuple[int, ...]:
    for field in ("httpGet", "tcpSocket", "grpc"):
        if field in probe:
            return party.numbers("TCP", mapping(probe[field]).get("port"))
    return ()
