"""Sets of ports of the protocols that a NetworkPolicy knows: `TCP 80`, `UDP 5000-5010`, everything."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model.network.intervals import Intervals

PROTOCOLS = ("TCP", "UDP", "SCTP")
"""The protocols of `NetworkPolicyPort.protocol`; of others (ICMP) Kubernetes says nothing."""

LAST = 65535

_SPAN = LAST + 1
"""How far the numbers of one protocol lie from those of the next: a set of ports is one set of whole numbers."""

ALL_PORTS = Intervals.of((index * _SPAN + 1, index * _SPAN + LAST) for index in range(len(PROTOCOLS)))


def ports(protocol: str, first: int = 1, last: int | None = None) -> Intervals:
    """Give the ports of a protocol from `first` to `last`; without `last` the one port. Raises ValueError for another protocol."""
    start = PROTOCOLS.index(protocol) * _SPAN
    return Intervals(((start + first, start + (first if last is None else last)),))


def every_port(protocol: str) -> Intervals:
    """Give all ports of a protocol."""
    return ports(protocol, 1, LAST)


def ranges(found: Intervals) -> Iterator[tuple[str, int, int]]:
    """Yield protocol, first and last port of each interval of a set."""
    for first, last in found.spans:
        yield PROTOCOLS[first // _SPAN], first % _SPAN, last % _SPAN


def spell_ports(found: Intervals) -> str:
    """Spell a set of ports: `TCP 80, 443; UDP 53`, `every port`, `no port`."""
    if not found:
        return "no port"
    if found == ALL_PORTS:
        return "every port"
    texts: dict[str, list[str]] = {}
    for protocol, first, last in ranges(found):
        span = str(first) if first == last else "every port" if (first, last) == (1, LAST) else f"{first}-{last}"
        texts.setdefault(protocol, []).append(span)
    return "; ".join(f"{protocol} {', '.join(spans)}" for protocol, spans in texts.items())
