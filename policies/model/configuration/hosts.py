"""Hosts by their form: addresses, and what means the pod itself."""

from __future__ import annotations

import ipaddress


def is_local(host: str) -> bool:
    """Whether a host is the pod that asks: `localhost`, a loopback address, or the address that means every one of its own."""
    if is_address(host):
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(host)
        return address.is_loopback or address.is_unspecified
    return host in ("localhost", "") or host.endswith(".localhost")


def is_address(host: str) -> bool:
    """Whether a host is an address, of IPv4 or IPv6."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_within(host: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is in one of the networks; what is no network is none."""
    for network in networks:
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False):
                return True
        except ValueError:
            continue
    return False
