"""Connections that somebody is meant to make, of which nobody states with whom: through an Ingress, to and from Kubernetes' API server.

What passes there may be just what is meant: it is not told as being in excess, but with the key that would state it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.deployed import Deployed
from policies.model.configuration.services import directory
from policies.model.kept import kept
from policies.model.network.api_server_flows import HOSTS, hooked
from policies.model.network.entrances import unstated
from policies.model.network.intervals import Intervals
from policies.model.network.parties import Party
from policies.model.network.policies import Direction
from policies.model.network.ports import ports
from policies.model.network.site import site_of
from policies.model.workloads.tokens import TokenMount
from policies.platform import Platform

_API_SERVER = ports("TCP", 443) | ports("TCP", 6443)
_STATE_IT = f'platform.toml does not state where the API server is: [[external]] host = "{HOSTS[0]}"'


@dataclass(frozen=True)
class Unsaid:
    """What a workload has with somebody outside, or of another namespace: on which of its ports, or of theirs, and why nobody knows with whom."""

    party: Party
    direction: Direction
    ports: Intervals
    why: str


@kept
def unsaid(item: Deployed, platform: Platform) -> tuple[Unsaid, ...]:
    """Give those of a place's workloads."""
    return (*_through_entrances(item, platform), *_with_api_server(item, platform))


def _through_entrances(item: Deployed, platform: Platform) -> Iterator[Unsaid]:
    site = site_of(item, platform)
    for _, service, port, reason in unstated(site, item):
        for party, protocol, number in site.reached(service, port):
            yield Unsaid(party, Direction.INGRESS, ports(protocol, number), reason)


def _with_api_server(item: Deployed, platform: Platform) -> Iterator[Unsaid]:
    if any(one.host in HOSTS for one in platform.intent.external):
        return
    site = site_of(item, platform)
    for mount in TokenMount.collect(platform):
        party = site.party_of(mount.pod.document) if isinstance(mount, TokenMount) and mount.grants else None
        if isinstance(mount, TokenMount) and party is not None and not mount.is_off:
            why = f"its account {mount.account} is granted something, and {_STATE_IT}"
            yield Unsaid(party, Direction.EGRESS, _API_SERVER, why)
    for document, _, party, protocol, number in hooked(site, directory(platform, item)):
        why = f"{document} names it, and {_STATE_IT}"
        yield Unsaid(party, Direction.INGRESS, ports(protocol, number), why)
