"""Intended flows: the connections that a platform needs, as its configuration, its Services and its owners say.

A flow is demanded where somebody is meant to make it: a workload that names the key whose value leads there, a probe, an entrance. It is
possible where a workload merely gets the key with a ConfigMap that others take too (requirements: NET-04).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from policies.deployed import Deployed
from policies.evidence import Gap, Location
from policies.model.configuration.hosts import is_address
from policies.model.configuration.services import directory
from policies.model.kept import kept
from policies.model.network.api_server_flows import of_api_server
from policies.model.network.bits import Bits
from policies.model.network.configured_flows import configured
from policies.model.network.endpoints import Outside, Several
from policies.model.network.engine import Network
from policies.model.network.entrances import entering
from policies.model.network.flow import Flow
from policies.model.network.labelled_peers import labelled_peers
from policies.model.network.option_flows import named_by_options
from policies.model.network.parties import ANYWHERE, DNS, NODE, STRANGER, Party
from policies.model.network.peer_flows import among_brokers, among_nodes
from policies.model.network.policies import PeerClause, Policy, Rule, blocks
from policies.model.network.probe_flows import probed
from policies.model.network.scrapes import scraped
from policies.model.network.site import Site, site_of
from policies.model.network.stated_flows import stated
from policies.model.network.universe import Universe
from policies.model.network.unsettled import unsettled
from policies.platform import Platform


@dataclass(frozen=True)
class Intended:
    """The network of a place beside what is meant to pass in it. `gaps` are flows that cannot be said, and why."""

    site: Site
    flows: tuple[Flow, ...]
    gaps: tuple[Gap, ...]

    @cached_property
    def demanded(self) -> tuple[Flow, ...]:
        """The flows that must pass."""
        return tuple(flow for flow in self.flows if flow.demanded)

    @cached_property
    def _by_target(self) -> dict[Party, list[Flow]]:
        found: dict[Party, list[Flow]] = {}
        for flow in self.flows:
            found.setdefault(flow.target, []).append(flow)
        return found

    def into(self, party: Party) -> tuple[Flow, ...]:
        """Give the flows to a party."""
        return tuple(self._by_target.get(party, ()))

    @cached_property
    def _beyond_workloads(self) -> tuple[Flow, ...]:
        return tuple(flow for flow in self.flows if flow.target.template is None and flow.target != DNS)

    def out_of(self, party: Party) -> tuple[Flow, ...]:
        """Give the flows from a party to whoever is no workload, nor the DNS."""
        return tuple(flow for flow in self._beyond_workloads if flow.source == party or party.pods & flow.source.pods)

    def between(self, source: Party, target: Party) -> tuple[Flow, ...]:
        """Give the flows from one party to another."""
        return tuple(flow for flow in self.into(target) if flow.source == source or source.pods & flow.source.pods)

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """Everybody who has a name: workloads, who else takes part in a flow, and any other pod."""
        every = (end for flow in self.flows for end in (flow.source, flow.target))
        ends = (end for end in every if not isinstance(end.endpoint, Several))
        return tuple(dict.fromkeys((*self.site.parties, DNS, *ends, NODE, ANYWHERE, STRANGER)))

    @cached_property
    def universe(self) -> Universe:
        """Everybody who can stand at the end of a connection; addresses are parted by every policy's blocks and every flow's ends."""
        pods = dict.fromkeys(party.pod for party in self.parties if party.pod is not None)
        known = [party.endpoint.addresses for party in self.parties if isinstance(party.endpoint, Outside)]
        known += [block.addresses for block in blocks(self.site.policies)]
        return Universe(tuple(pods), self.site.namespaces, tuple(known))

    def undecided(self, ends: Bits) -> str | None:
        """Say why it is not known what policies do at some ends: they select by labels that a controller makes, or not all was rendered."""
        return self.site.incomplete or next((why for bits, why in self._unsettled if bits & ends), None)

    @cached_property
    def _unsettled(self) -> tuple[tuple[Bits, str], ...]:
        return tuple(unsettled(self.universe, self.site.policies))

    @cached_property
    def labelled_peers(self) -> tuple[tuple[Policy, Rule, PeerClause], ...]:
        """The peers that take pods of any namespace by labels."""
        return tuple(labelled_peers(self.universe, self.site.policies, next(iter(STRANGER.pods))))

    @cached_property
    def surely(self) -> Network:
        """The network in which what passes always does."""
        return Network(self.universe, self.site.policies)

    @cached_property
    def possibly(self) -> Network:
        """The network in which what does not pass never does."""
        return Network(self.universe, self.site.policies, doubtful=True)


@kept
def derived(item: Deployed, platform: Platform) -> tuple[tuple[Flow, ...], tuple[Gap, ...]]:
    """Give the flows that a place's own objects and statements say, and why some cannot be said."""
    site, names = site_of(item, platform), directory(platform, item)
    found = chain(
        configured(site, platform),
        named_by_options(site, names),
        stated(site, item),
        entering(site, item),
        among_brokers(site),
        among_nodes(site),
        scraped(site, names),
        of_api_server(site, names, platform),
        probed(site),
    )
    flows: list[Flow] = []
    gaps: list[Gap] = []
    for one in found:
        (flows if isinstance(one, Flow) else gaps).append(one)  # type: ignore[arg-type]
    return tuple(_joined((*flows, *_looked_up(flows)))), tuple(gaps)


@kept
def intended(item: Deployed, platform: Platform) -> Intended:
    """Give the network of a place and the flows that are meant in it: its own, and those that come from what runs beside it."""
    site = site_of(item, platform)
    flows, gaps = derived(item, platform)
    own = set(site.own)
    beside = chain.from_iterable(derived(neighbour, platform)[0] for neighbour in site.neighbours)
    return Intended(
        site, tuple(_joined((*flows, *(flow for flow in beside if flow.target in own), *_asking(site)))), gaps
    )


def _asking(site: Site) -> Iterator[Flow]:
    """Yield what any workload may do: ask the cluster's DNS."""
    for party in site.own:
        for protocol in ("UDP", "TCP"):
            yield Flow(party, DNS, protocol, 53, "any workload may look up a name", demanded=False)


def _looked_up(flows: Iterable[Flow]) -> Iterator[Flow]:
    """Yield the questions to the cluster's DNS of whoever calls a host by its name: over UDP, and over TCP where an answer is long (RFC 7766)."""
    for flow in flows:
        asks = flow.host and not is_address(flow.host) and flow.source.template is not None
        policy = flow.source.template.spec.get("dnsPolicy") if flow.source.template is not None else None
        if asks and policy not in ("None", "Default"):
            for protocol in ("UDP", "TCP"):
                why = f"it looks up {flow.host}"
                yield Flow(flow.source, DNS, protocol, 53, why, flow.demanded, flow.locations)


def _joined(flows: Iterable[Flow]) -> Iterator[Flow]:
    """Yield each connection once: demanded where any says so, with the first reason and the place of each."""
    found: dict[tuple[Party, Party, str, int], Flow] = {}
    for flow in flows:
        key = (flow.source, flow.target, flow.protocol, flow.port)
        known = found.get(key)
        if known is None:
            found[key] = flow
            continue
        first, second = (known, flow) if known.demanded or not flow.demanded else (flow, known)
        locations: tuple[Location, ...] = tuple(dict.fromkeys((*first.locations, *second.locations)))
        # One place is enough to see why; a key that fifty workloads get would fill a page.
        found[key] = replace(first, locations=locations[:3])
    yield from found.values()
