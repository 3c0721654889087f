"""The other ends of a workload's connections: who they are, in words, and which rules of its own policies let them pass."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evidence import Location
from policies.model.network.address_ranges import IPV4, IPV6, addresses, networks, spell_addresses
from policies.model.network.bits import Bits, members
from policies.model.network.connected import Connected
from policies.model.network.connection import MOST_TOLD, Excess
from policies.model.network.endpoints import Outside
from policies.model.network.engine import Allowance
from policies.model.network.flows import Intended
from policies.model.network.intervals import NOTHING, Intervals
from policies.model.network.parties import DNS, STRANGER
from policies.model.network.policies import Direction


def blamed(subject: Connected, direction: Direction, others: Bits, left: Intervals) -> Excess:
    """Give connections of a workload with others, with the rules of its own policies that let them pass."""
    ingress = direction is Direction.INGRESS
    found = [
        one
        for one in subject.intended.possibly.allowances[direction]
        if one.ports & left
        and (one.targets if ingress else one.sources) & subject.bits
        and (one.sources if ingress else one.targets) & others
    ]
    lines = dict.fromkeys(line for one in found for line in _lines(subject.intended, one, others))
    return Excess(spell_ends(subject.intended, others, subject.bits), left, tuple(found), tuple(lines))


def _lines(intended: Intended, one: Allowance, others: Bits) -> Iterator[Location]:
    """Yield the lines of the peers that are those others; of a rule without peers or ports, which is too wide as a whole, its own."""
    rule = one.rule
    found = [index for index, peer in enumerate(rule.peers or ()) if intended.possibly.peer(one.policy, peer) & others]
    for index in found if rule.ports is not None else ():
        is_block = (rule.peers or ())[index].block is not None
        yield one.policy.locate((*rule.peer_path(index), *(("ipBlock", "cidr") if is_block else ())))
    if rule.ports is None or not found:
        yield one.policy.locate(rule.path)


def spell_ends(intended: Intended, bits: Bits, own: Bits) -> str:
    """Name who is in a set, seen from `own`: workloads by name, addresses as networks, everybody as everybody."""
    universe = intended.universe
    every_pod = universe.all_pods & ~own
    strange = bits & universe.bits(STRANGER.endpoint)
    names: list[str] = []
    if bits & every_pod == every_pod:
        names.append("every pod of the cluster")
    else:
        names += [
            party.name
            for party in intended.parties
            # Where any other pod is meant, the DNS's are among them.
            if party.pod is not None and universe.bits(party.pod) & bits and not (strange and party == DNS)
        ]
    found = NOTHING
    for index in members(bits & universe.every_outside):
        endpoint = universe.endpoints[index]
        found |= endpoint.addresses if isinstance(endpoint, Outside) else NOTHING
    if found:
        names.append(f"{spell_outside(found)} outside")
    return ", ".join(names[:MOST_TOLD]) + (f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else "")


def spell_outside(found: Intervals) -> str:
    """Spell addresses as networks, or as one network without a few where that is shorter: `0.0.0.0/0 except 10.0.0.0/8`."""
    parts = []
    for family in (IPV4, IPV6):
        part = found & family
        shown = list(networks(part)) if part and part != family else []
        whole = shown[0] if shown else None
        while whole is not None and not all(one.subnet_of(whole) for one in shown):  # type: ignore[arg-type]
            whole = whole.supernet()
        span = addresses((whole,)) if whole is not None else NOTHING
        missing = list(networks(span - part))
        if len(shown) > 2 and len(missing) < len(shown):
            parts.append(f"{whole} except {spell_addresses(span - part)}")
        elif part:
            parts.append(spell_addresses(part))
    return spell_addresses(found) if found == IPV4 | IPV6 else ", ".join(parts)
