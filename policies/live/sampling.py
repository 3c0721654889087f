"""Addresses outside to try: of all that no policy and no flow tells apart, one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from policies.model.network.address_ranges import IPV4, addresses, networks, parse_network
from policies.model.network.endpoints import Outside
from policies.model.network.flows import Intended
from policies.model.network.intervals import Intervals
from policies.model.network.parties import Party

MOST = 24
"""How many addresses are tried: each is tried from and to every pod, on every port."""

_LIKED = ("198.51.100.77", "203.0.113.77", "192.0.2.77", "100.99.7.7", "172.20.7.7", "10.77.7.7", "192.168.77.7")
"""Addresses of documentation and of private networks, taken first where one is of the range."""


def outside_parties(network: Intended, taken: Intervals) -> Iterator[Party]:
    """Yield an address of each range of IPv4 that is no pod's, as a party; `taken` are the networks of the cluster itself."""
    found = 0
    for outside in network.universe.outside:
        chosen = _choose((outside.addresses & IPV4) - taken - _UNUSABLE)
        if chosen is not None and found < MOST:
            found += 1
            yield Party(chosen, Outside(addresses([parse_network(chosen)])))


_UNUSABLE = addresses(
    parse_network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "100.127.255.0/24")
)
"""What no host has: this network, loopback, link-local, multicast and reserved (RFC 6890); and the local cluster's cable."""


def _choose(found: Intervals) -> str | None:
    for liked in _LIKED:
        if addresses([parse_network(liked)]).is_within(found):
            return liked
    for network in sorted(networks(found), key=lambda one: one.prefixlen):
        middle = int(network.network_address) + network.num_addresses // 2
        return str(ipaddress.IPv4Address(middle))
    return None
