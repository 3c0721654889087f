"""Sets of addresses of IPv4 and IPv6 as one set of whole numbers, from networks and back."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from policies.model.network.intervals import Intervals

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_BEHIND = 1 << 33
"""Where the numbers of IPv6 begin: behind all of IPv4, and not next to it, so that no interval crosses."""

IPV4 = Intervals(((0, (1 << 32) - 1),))
IPV6 = Intervals(((_BEHIND, _BEHIND + (1 << 128) - 1),))
EVERY_ADDRESS = IPV4 | IPV6


def parse_network(text: str) -> Network:
    """Give a network, or the one of a single address; bits behind the prefix are passed over, as the API server does. Raises ValueError."""
    return ipaddress.ip_network(text, strict=False)


def is_network(text: str) -> bool:
    """Whether a text is a network or an address."""
    try:
        parse_network(text)
    except ValueError:
        return False
    return True


def addresses(networks: Iterable[Network]) -> Intervals:
    """Give the addresses of networks."""
    return Intervals.of(_span(network) for network in networks)


def _span(network: Network) -> tuple[int, int]:
    start = 0 if network.version == 4 else _BEHIND
    return start + int(network.network_address), start + int(network.broadcast_address)


def parted(known: Iterable[Intervals]) -> Iterator[Intervals]:
    """Yield every address, in ranges so small that each set of `known` holds each of them whole or not at all."""
    cuts = {number for found in known for first, last in found.spans for number in (first, last + 1)}
    cuts |= {first for first, _ in EVERY_ADDRESS.spans}
    starts = sorted(cut for cut in cuts if cut in EVERY_ADDRESS)
    ends = [*(start - 1 for start in starts[1:]), EVERY_ADDRESS.spans[-1][1]]
    for start, end in zip(starts, ends, strict=True):
        yield Intervals(((start, min(end, (IPV4 if start in IPV4 else IPV6).spans[0][1])),))


def networks(found: Intervals) -> Iterator[Network]:
    """Yield the fewest networks that hold exactly these addresses."""
    for first, last in found.spans:
        if first < _BEHIND:
            yield from ipaddress.summarize_address_range(ipaddress.IPv4Address(first), ipaddress.IPv4Address(last))
        else:
            begin, end = ipaddress.IPv6Address(first - _BEHIND), ipaddress.IPv6Address(last - _BEHIND)
            yield from ipaddress.summarize_address_range(begin, end)


def spell_addresses(found: Intervals) -> str:
    """Spell a set of addresses as networks, shortened: `10.0.0.0/8, 192.168.0.0/16`, `every address`."""
    if found == EVERY_ADDRESS:
        return "every address"
    texts: list[str] = []
    for family, name in ((IPV4, "every IPv4 address"), (IPV6, "every IPv6 address")):
        part = found & family
        texts += [name] if part == family else [str(network) for network in networks(part)]
    return ", ".join(texts[:4]) + (f" and {len(texts) - 4} more networks" if len(texts) > 4 else "")
